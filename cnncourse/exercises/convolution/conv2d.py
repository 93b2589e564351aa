"""Exercise: a convolutional layer's forward pass."""

import torch
import torch.nn.functional as F

from .. import drawing
from ..record import Exercise, Misconception, Variant, case


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


def conv2d_channels_last(input, weight, bias=None, stride=1, padding=0):
    """Compute a convolutional layer's output, channels last.

    Parameters
    ----------
    input : torch.Tensor, shape (N, H, W, C_in)
    weight : torch.Tensor, shape (C_out, C_in, kh, kw)
    bias : torch.Tensor, shape (C_out,), optional
    stride, padding : int or (int, int)
        An int stands for both axes; a pair is (height, width).

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


def conv2d_padding_before(input, weight, bias=None, stride=1, padding=0):
    """Compute a convolutional layer's output; the padding goes above and to the left only.

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
    windows = F.pad(input, (pw, 0, ph, 0)).unfold(2, kh, sh).unfold(3, kw, sw)  # (N, C_in, H_out, W_out, kh, kw)
    output = torch.einsum("ncrskl,ockl->nors", windows, weight)
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


def _first_image_for_all(input, weight, bias=None, stride=1, padding=0):
    return conv2d(input[:1], weight, bias, stride, padding).expand(len(input), -1, -1, -1)


def _one_sided(input, weight, bias, stride, padding):
    return F.pad(input, (padding[1], 0, padding[0], 0)), weight, bias, stride, 0


def _bias_per_row(input, weight, bias=None, stride=1, padding=0):
    output = conv2d(input, weight, None, stride, padding)
    return output if bias is None else output + bias


_IMAGE = torch.arange(1.0, 13).reshape(1, 1, 3, 4)
_KERNEL = torch.tensor([[[[1.0, 0.0], [0.0, 2.0]]]])


def layer_cases(generator, dtypes=(torch.float32, torch.float64, torch.float32)):
    """Yield calls of a convolutional layer in which no two axes are alike."""
    for dtype in dtypes:
        kh, kw = drawing.integer(generator, 1, 2), drawing.integer(generator, 3, 4)
        yield case(
            f"two images, three channels to four, stride (2, 3), padding (1, 2), {str(dtype).removeprefix('torch.')}",
            input=drawing.tensor(generator, 2, 3, drawing.integer(generator, 5, 7), 10, dtype=dtype),
            weight=drawing.tensor(generator, 4, 3, kh, kw, dtype=dtype),
            bias=drawing.tensor(generator, 4, dtype=dtype),
            stride=(2, 3),
            padding=(1, 2),
        )


def _fresh_layer(generator):
    yield from layer_cases(generator)
    yield case(
        "one number for both axes, no bias",
        input=drawing.tensor(generator, 1, 2, 6, 7),
        weight=drawing.tensor(generator, 3, 2, 3, 3),
        stride=2,
        padding=1,
    )
    yield case(
        "padding that differs between the axes",
        input=drawing.tensor(generator, 1, 1, 4, 5),
        weight=drawing.tensor(generator, 2, 1, 3, 2),
        padding=(0, 2),
    )
    yield case(
        "an output as wide as it has channels",
        input=drawing.tensor(generator, 2, 2, 3, 5),
        weight=drawing.tensor(generator, 3, 2, 2, 3),
        bias=drawing.tensor(generator, 3),
    )


EXERCISE = Exercise(
    solved=conv2d,
    chapter="convolution",
    prompt="""
Now the whole layer: a batch of images with several channels, several filters, a bias for each filter, stride and
padding. Every filter has one kernel per input channel; the responses of a filter's kernels are added up, and the
filter's bias is added once. Stride and padding are one number or a pair (height, width). Build it yourself: torch's
own convolution and `F.unfold` are refused here.
""",
    objectives=("handle batch and channels", "apply stride and padding on the right axis"),
    out_of_scope=("dilation and groups", "the backward pass", "speed"),
    visible=(
        case("one image, one channel", input=_IMAGE, weight=_KERNEL),
        case("a bias", input=_IMAGE, weight=_KERNEL, bias=torch.tensor([10.0])),
        case("stride and padding", input=_IMAGE, weight=_KERNEL, stride=(2, 3), padding=(1, 0)),
        case(
            "two channels to three",
            input=torch.stack([_IMAGE[0], 10 - _IMAGE[0]], dim=1),
            weight=torch.tensor([[1.0, -1.0], [0.0, 2.0], [3.0, 1.0]]).reshape(3, 2, 1, 1),
            bias=torch.tensor([0.0, 1.0, -2.0]),
        ),
    ),
    fresh=_fresh_layer,
    misconceptions=(
        Misconception(
            "flipped-kernel",
            "The kernels are flipped: layers compute cross-correlation, which lays them down as they are.",
            _layer(lambda x, w, b, s, p: (x, w.flip(2, 3), b, s, p)),
        ),
        Misconception(
            "bias-ignored",
            "The bias is not added: each filter's number goes onto all of its outputs.",
            _layer(lambda x, w, b, s, p: (x, w, None, s, p)),
        ),
        Misconception(
            "bias-on-the-wrong-axis",
            "The bias is added along the width: it belongs to the output channel, so give it the shape (C_out, 1, 1).",
            _bias_per_row,
        ),
        Misconception(
            "bias-per-channel",
            "The bias is added once for every input channel: it is added once for each output.",
            _layer(lambda x, w, b, s, p: (x, w, None if b is None else b * x.shape[1], s, p)),
        ),
        Misconception(
            "swapped-stride",
            "The stride's two numbers are swapped: the first is for the height.",
            _layer(lambda x, w, b, s, p: (x, w, b, s[::-1], p)),
        ),
        Misconception(
            "swapped-padding",
            "The padding's two numbers are swapped: the first is for the height. (`F.pad` wants the width first.)",
            _layer(lambda x, w, b, s, p: (x, w, b, s, p[::-1])),
        ),
        Misconception(
            "one-sided-padding",
            "Padding is put on one side only: it goes before and after, on both axes.",
            _layer(_one_sided),
        ),
        Misconception(
            "channels-averaged",
            "The channels are averaged: a filter's responses to all channels are summed.",
            _layer(lambda x, w, b, s, p: (x, w / x.shape[1], b, s, p)),
        ),
        Misconception(
            "first-channel-only",
            "Only the first channel is used: a filter has one kernel for each input channel, and all of them add up.",
            _layer(lambda x, w, b, s, p: (x[:, :1], w[:, :1], b, s, p)),
        ),
        Misconception(
            "first-image-for-all",
            "Every image of the batch gets the first one's output.",
            _first_image_for_all,
        ),
        Misconception(
            "stride-ignored",
            "The stride is ignored: the kernel moves on by `stride` pixels.",
            _layer(lambda x, w, b, s, p: (x, w, b, 1, p)),
        ),
        Misconception(
            "padding-ignored",
            "The padding is ignored: zeros go around the image first.",
            _layer(lambda x, w, b, s, p: (x, w, b, s, 0)),
        ),
    ),
    hints=(
        "Pad first, then forget the padding. Which shape does the output have?",
        "At one position the patch is (N, C_in, kh, kw) and the weight (C_out, C_in, kh, kw): which axes are summed?",
        '`torch.einsum("ncij,ocij->no", patch, weight)` gives every image and filter at one position; add '
        "`bias[:, None, None]` at the end.",
    ),
    points=8,
    minutes=25,
    prerequisites=("calculate_output_shape", "corr2d"),
    refuses=("convolution", "unfold"),
    variants=(
        Variant(
            "channels-last",
            "Input and output have their channels last: (N, H, W, C_in) and (N, H_out, W_out, C_out). The weight stays "
            "(C_out, C_in, kh, kw).",
            conv2d_channels_last,
            adapt=channels_last,
        ),
        Variant(
            "padding-before",
            "The padding goes before the image only: above it and to its left.",
            conv2d_padding_before,
        ),
    ),
)
