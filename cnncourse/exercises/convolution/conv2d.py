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
        A pair is (height, width); an int stands for both.

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


IMAGE = torch.arange(1.0, 13).reshape(1, 1, 3, 4)
KERNEL = torch.tensor([[1.0, 0], [0, 2]]).reshape(1, 1, 2, 2)

conv2d.add_visible(
    case("one image, one channel", varies="basic", input=IMAGE, weight=KERNEL),
    case("a bias", varies="bias", input=IMAGE, weight=KERNEL, bias=torch.tensor([10.0])),
    case("stride and padding", varies="stride padding", input=IMAGE, weight=KERNEL, stride=(2, 3), padding=(1, 0)),
    case(
        "two channels to three",
        varies="channels bias",
        input=torch.cat([IMAGE, 10 - IMAGE], dim=1),
        weight=torch.tensor([[1.0, -1], [0, 2], [3, 1]]).reshape(3, 2, 1, 1),
        bias=torch.tensor([0.0, 1, -2]),
    ),
)


@conv2d.random_cases
def fresh(generator):
    def layer(note, varies, input, weight, dtype=torch.float32, bias=False, **settings):
        given = {"input": tensor(generator, *input, dtype=dtype), "weight": tensor(generator, *weight, dtype=dtype)}
        if bias:
            given["bias"] = 1 + tensor(generator, weight[0], dtype=dtype).abs()
        return case(note, varies=varies, **given, **settings)

    one, kernel = (1, 1, 5, 7), (1, 1, 2, 2)
    yield layer("one image, one channel", "basic", one, kernel)
    yield layer("a bias for each of two filters", "bias", one, (2, 1, 2, 2), bias=True)
    zeros, kernels = torch.zeros(1, 3, 4, 5), tensor(generator, 2, 3, 2, 2)
    bias = 1 + tensor(generator, 2).abs()
    yield case("a bias alone: three channels of zeros", varies="bias", input=zeros, weight=kernels, bias=bias)
    yield layer("a wide kernel", "kernel", one, (1, 1, 2, 3))
    yield layer("a tall kernel", "kernel", one, (1, 1, 3, 1))
    yield layer("stride (2, 3)", "stride", (1, 1, 6, 11), (1, 1, 2, 2), stride=(2, 3))
    yield layer("one stride for both axes, a remainder", "stride", (1, 1, 6, 8), (1, 1, 3, 3), stride=2)
    yield layer("padding (1, 2)", "padding", one, kernel, padding=(1, 2))
    yield layer("one padding for both axes", "padding", one, kernel, padding=1)
    yield layer("three channels to four", "channels", (1, 3, 4, 6), (4, 3, 2, 2))
    yield layer("two images", "batch", (2, 1, 4, 6), kernel)
    yield layer("float64", "dtype", one, kernel, dtype=torch.float64)
    yield layer("as wide as there are filters", "channels batch bias", (2, 2, 3, 4), (3, 2, 2, 2), bias=True)
    note, shape = "everything at once", (2, 3, integer(generator, 5, 7), 10)
    both = {"bias": True, "stride": (2, 3), "padding": (1, 2)}
    tags = "batch channels kernel stride padding bias"
    yield layer(note, tags, shape, (4, 3, integer(generator, 1, 2), 4), **both)
    weight = 4, 3, 2, integer(generator, 3, 4)
    yield layer(note, f"{tags} dtype", shape, weight, dtype=torch.float64, **both)


conv2d.mistake("The kernels are flipped: layers compute cross-correlation, so do not flip them.", "flipped-kernel")(
    conv2d.edited("patch, weight", "patch, weight.flip(2, 3)")
)
conv2d.mistake("The bias is not added: add each filter's bias to all of its outputs.", "bias-ignored")(
    conv2d.edited("output + bias[:, None, None]", "output")
)


conv2d.mistake(
    "The bias is added along the width: it belongs to the output channel, so give it the shape (C_out, 1, 1).",
    "bias-on-the-wrong-axis",
)(conv2d.edited("bias[:, None, None]", "bias"))
conv2d.mistake("The bias is added once for every input channel: add it once to each output.", "bias-per-channel")(
    conv2d.edited("bias[:, None, None]", "input.shape[1] * bias[:, None, None]")
)
conv2d.mistake("The stride's two numbers are swapped: the first is for the height.", "swapped-stride")(
    conv2d.edited("sh, sw = ", "sw, sh = ")
)
conv2d.mistake(
    "The padding's two numbers are swapped: the first is for the height. (`F.pad` expects the width first.)",
    "swapped-padding",
)(conv2d.edited("ph, pw = ", "pw, ph = "))
conv2d.mistake("The image is padded on one side only: pad before and after it, on both axes.", "one-sided-padding")(
    conv2d.edited("(pw, pw, ph, ph)", "(pw, 0, ph, 0)")
)
conv2d.mistake("The channels are averaged: sum a filter's responses to all channels.", "channels-averaged")(
    conv2d.edited("patch, weight", "patch, weight / weight.shape[1]")
)
conv2d.mistake(
    "Only the first channel is used: a filter has one kernel for each input channel; sum the responses of all.",
    "first-channel-only",
)(conv2d.edited("patch, weight", "patch[:, :1], weight[:, :1]"))
conv2d.mistake(
    "Every image of the batch gets the first one's output: compute each from its own image.", "first-image-for-all"
)(conv2d.edited("F.pad(input,", "F.pad(input[:1].expand_as(input),"))
conv2d.mistake("The stride is ignored: move the kernel on by `stride` pixels.", "stride-ignored")(
    conv2d.edited("sh, sw = (stride, stride) if isinstance(stride, int) else stride", "sh = sw = 1")
)
conv2d.same_mistake("stride-ignored")(conv2d.edited("row * sh, column * sw", "row, column"))
conv2d.mistake("A pair of numbers breaks it: `stride` and `padding` may be pairs (height, width).", "pairs-refused")(
    conv2d.edited(
        "(stride, stride) if isinstance(stride, int) else stride",
        "(stride + 0, stride + 0)",
        "(padding, padding) if isinstance(padding, int) else padding",
        "(padding + 0, padding + 0)",
    )
)
conv2d.mistake("Every pair is taken as (width, height): the first number is for the height.", "pairs-swapped")(
    conv2d.edited("sh, sw = ", "sw, sh = ", "ph, pw = ", "pw, ph = ")
)
conv2d.mistake("The padding is ignored: put zeros around the image first.", "padding-ignored")(
    conv2d.edited("(pw, pw, ph, ph)", "(0, 0, 0, 0)")
)

FROM_FORMULA = (  # the size of the output, whatever the loops do
    "padded.shape[2] - kh",
    "input.shape[2] + 2 * ph - kh",
    "padded.shape[3] - kw",
    "input.shape[3] + 2 * pw - kw",
    'torch.einsum("ncij,ocij->no", patch, weight)',
    "(patch[:, None] * weight).sum(dim=(2, 3, 4))",
)
conv2d.same_mistake("swapped-padding")(conv2d.edited("(pw, pw, ph, ph)", "(ph, ph, pw, pw)", *FROM_FORMULA))
conv2d.same_mistake("padding-ignored")(conv2d.edited("(pw, pw, ph, ph)", "(0, 0, 0, 0)", *FROM_FORMULA))


CHANNELS_LAST = (
    "Input and output have their channels last: (N, H, W, C_in) and (N, H_out, W_out, C_out). The weight stays "
    "(C_out, C_in, kh, kw)."
)


def input_channels_last(case):
    """Adapt a layer's case: the input's channels come last."""
    return case.with_inputs(input=case.inputs["input"].permute(0, 2, 3, 1).contiguous())


@conv2d.variant(CHANNELS_LAST, adapt=input_channels_last)
def channels_last(input, weight, bias=None, stride=1, padding=0):
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


@conv2d.variant("Pad before the image only: above it and to its left.")
def padding_before(input, weight, bias=None, stride=1, padding=0):
    """Compute a convolutional layer's output; pad above and to the left only."""
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    kh, kw = weight.shape[2:]
    windows = F.pad(input, (pw, 0, ph, 0)).unfold(2, kh, sh).unfold(3, kw, sw)  # (N, C_in, H_out, W_out, kh, kw)
    output = torch.einsum("ncrskl,ockl->nors", windows, weight)
    return output if bias is None else output + bias[:, None, None]
