"""Exercise: a convolutional layer's forward pass."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=8, minutes=25, after="calculate_output_shape corr2d", refuses="convolution unfold")
def conv2d(input, weight, bias=None, stride=1, padding=0):
    """Compute a convolutional layer's output, as `torch.nn.functional.conv2d` does.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C_in, H, W)
    weight : torch.Tensor, shape (C_out, C_in, kh, kw)
    bias : torch.Tensor, shape (C_out,), optional
    stride, padding : int or (int, int)
        An int stands for both axes; a pair is (height, width).

    Returns
    -------
    torch.Tensor, shape (N, C_out, H_out, W_out)
    """
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    kh, kw = weight.shape[2:]
    padded = F.pad(input, (pw, pw, ph, ph))
    rows = (padded.shape[2] - kh) // sh + 1
    columns = (padded.shape[3] - kw) // sw + 1
    output = padded.new_zeros(len(input), len(weight), rows, columns)
    for row in range(rows):
        for column in range(columns):
            top, left = row * sh, column * sw
            patch = padded[:, :, top : top + kh, left : left + kw]  # (N, C_in, kh, kw)
            output[:, :, row, column] = torch.einsum("ncij,ocij->no", patch, weight)
    return output if bias is None else output + bias[:, None, None]


def channels_last(case):
    """Adapt a layer's case: the input's channels come last."""
    return case.with_inputs(input=case.inputs["input"].permute(0, 2, 3, 1).contiguous())


def _pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def _layer(change):
    """Make a wrong answer out of the right one: `change` alters the arguments that it gets."""

    def answer(input, weight, bias=None, stride=1, padding=0):
        return conv2d(*change(input, weight, bias, _pair(stride), _pair(padding)))

    return answer


def _one_sided(input, weight, bias, stride, padding):
    return F.pad(input, (padding[1], 0, padding[0], 0)), weight, bias, stride, 0


_IMAGE = torch.arange(1.0, 13).reshape(1, 1, 3, 4)
_KERNEL = torch.tensor([[[[1.0, 0.0], [0.0, 2.0]]]])


def layer_cases(generator, dtypes=(torch.float32, torch.float64, torch.float32)):
    """Yield calls of a convolutional layer in which no two axes are alike."""
    for dtype in dtypes:
        kh, kw = integer(generator, 1, 2), integer(generator, 3, 4)
        yield case(
            f"two images, three channels to four, stride (2, 3), padding (1, 2), {str(dtype).removeprefix('torch.')}",
            varies="batch channels stride padding remainder bias dtype",
            input=tensor(generator, 2, 3, integer(generator, 5, 7), 10, dtype=dtype),
            weight=tensor(generator, 4, 3, kh, kw, dtype=dtype),
            bias=tensor(generator, 4, dtype=dtype),
            stride=(2, 3),
            padding=(1, 2),
        )


conv2d.add_visible(
    case("one image, one channel", varies="basic", input=_IMAGE, weight=_KERNEL),
    case("a bias", varies="bias", input=_IMAGE, weight=_KERNEL, bias=torch.tensor([10.0])),
    case("stride and padding", varies="stride padding", input=_IMAGE, weight=_KERNEL, stride=(2, 3), padding=(1, 0)),
    case(
        "two channels to three",
        varies="channels",
        input=torch.stack([_IMAGE[0], 10 - _IMAGE[0]], dim=1),
        weight=torch.tensor([[1.0, -1.0], [0.0, 2.0], [3.0, 1.0]]).reshape(3, 2, 1, 1),
        bias=torch.tensor([0.0, 1.0, -2.0]),
    ),
)


@conv2d.random_cases
def _fresh_layer(generator):
    yield from layer_cases(generator)
    yield case(
        "one number for both axes, no bias",
        varies="default",
        input=tensor(generator, 1, 2, 6, 7),
        weight=tensor(generator, 3, 2, 3, 3),
        stride=2,
        padding=1,
    )
    yield case(
        "padding that differs between the axes",
        varies="padding axis",
        input=tensor(generator, 1, 1, 4, 5),
        weight=tensor(generator, 2, 1, 3, 2),
        padding=(0, 2),
    )
    yield case(
        "an output as wide as it has channels",
        varies="axis channels",
        input=tensor(generator, 2, 2, 3, 5),
        weight=tensor(generator, 3, 2, 2, 3),
        bias=tensor(generator, 3),
    )


@conv2d.variant(
    "Input and output have their channels last: (N, H, W, C_in) and (N, H_out, W_out, C_out). The weight stays "
    "(C_out, C_in, kh, kw).",
    "channels-last",
    adapt=channels_last,
)
def conv2d_channels_last(input, weight, bias=None, stride=1, padding=0):
    """Compute a convolutional layer's output, channels last.

    Parameters
    ----------
    input : torch.Tensor, shape (N, H, W, C_in)

    Returns
    -------
    torch.Tensor, shape (N, H_out, W_out, C_out)
    """
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    kh, kw = weight.shape[2:]
    padded = F.pad(input, (0, 0, pw, pw, ph, ph))
    windows = padded.unfold(1, kh, sh).unfold(2, kw, sw)  # (N, H_out, W_out, C_in, kh, kw)
    output = torch.einsum("nrsckl,ockl->nrso", windows, weight)
    return output if bias is None else output + bias


@conv2d.variant("The padding goes before the image only: above it and to its left.")
def padding_before(input, weight, bias=None, stride=1, padding=0):
    """Compute a convolutional layer's output; the padding goes above and to the left only."""
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    kh, kw = weight.shape[2:]
    windows = F.pad(input, (pw, 0, ph, 0)).unfold(2, kh, sh).unfold(3, kw, sw)  # (N, C_in, H_out, W_out, kh, kw)
    output = torch.einsum("ncrskl,ockl->nors", windows, weight)
    return output if bias is None else output + bias[:, None, None]


conv2d.mistake(
    "The kernels are flipped: layers compute cross-correlation, which lays them down as they are.", "flipped-kernel"
)(_layer(lambda x, w, b, s, p: (x, w.flip(2, 3), b, s, p)))
conv2d.mistake("The bias is not added: each filter's number goes onto all of its outputs.", "bias-ignored")(
    _layer(lambda x, w, b, s, p: (x, w, None, s, p))
)


@conv2d.mistake(
    "The bias is added along the width: it belongs to the output channel, so give it the shape (C_out, 1, 1)."
)
def bias_on_the_wrong_axis(input, weight, bias=None, stride=1, padding=0):
    output = conv2d(input, weight, None, stride, padding)
    return output if bias is None else output + bias


conv2d.mistake("The bias is added once for every input channel: it is added once for each output.", "bias-per-channel")(
    _layer(lambda x, w, b, s, p: (x, w, None if b is None else b * x.shape[1], s, p))
)
conv2d.mistake("The stride's two numbers are swapped: the first is for the height.", "swapped-stride")(
    _layer(lambda x, w, b, s, p: (x, w, b, s[::-1], p))
)
conv2d.mistake(
    "The padding's two numbers are swapped: the first is for the height. (`F.pad` wants the width first.)",
    "swapped-padding",
)(_layer(lambda x, w, b, s, p: (x, w, b, s, p[::-1])))
conv2d.mistake("Padding is put on one side only: it goes before and after, on both axes.", "one-sided-padding")(
    _layer(_one_sided)
)
conv2d.mistake("The channels are averaged: a filter's responses to all channels are summed.", "channels-averaged")(
    _layer(lambda x, w, b, s, p: (x, w / x.shape[1], b, s, p))
)
conv2d.mistake(
    "Only the first channel is used: a filter has one kernel for each input channel, and all of them add up.",
    "first-channel-only",
)(_layer(lambda x, w, b, s, p: (x[:, :1], w[:, :1], b, s, p)))


@conv2d.mistake("Every image of the batch gets the first one's output.")
def first_image_for_all(input, weight, bias=None, stride=1, padding=0):
    return conv2d(input[:1], weight, bias, stride, padding).expand(len(input), -1, -1, -1)


conv2d.mistake("The stride is ignored: the kernel moves on by `stride` pixels.", "stride-ignored")(
    _layer(lambda x, w, b, s, p: (x, w, b, 1, p))
)
conv2d.mistake("The padding is ignored: zeros go around the image first.", "padding-ignored")(
    _layer(lambda x, w, b, s, p: (x, w, b, s, 0))
)
