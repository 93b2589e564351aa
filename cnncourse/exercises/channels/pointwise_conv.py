"""Exercise: a 1x1 convolution is a matrix product over channels."""

import torch

from .. import drawing
from ..record import Exercise, Misconception, Variant, case


def pointwise_conv(input, weight, bias=None):
    """Mix the channels of every pixel: a 1x1 convolution.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C, H, W)
    weight : torch.Tensor, shape (O, C)
    bias : torch.Tensor, shape (O,), optional

    Returns
    -------
    torch.Tensor, shape (N, O, H, W)
    """
    output = torch.einsum("oc,nchw->nohw", weight, input)
    return output if bias is None else output + bias[:, None, None]


def pointwise_conv_channels_last(input, weight, bias=None):
    """Mix the channels of every pixel, channels last: a 1x1 convolution.

    Parameters
    ----------
    input : torch.Tensor, shape (N, H, W, C)
    weight : torch.Tensor, shape (O, C)
    bias : torch.Tensor, shape (O,), optional

    Returns
    -------
    torch.Tensor, shape (N, H, W, O)
    """
    output = input @ weight.T
    return output if bias is None else output + bias


def _channels_last(case):
    return case.with_inputs(input=case.inputs["input"].permute(0, 2, 3, 1).contiguous())


def _with(mix):
    """Make a wrong answer out of `mix`, which gets input and weight; the bias is added right."""

    def answer(input, weight, bias=None):
        output = mix(input, weight)
        return output if bias is None else output + bias[:, None, None]

    return answer


def _reshaped(input, weight):
    n, c, h, w = input.shape
    return (input.reshape(-1, c) @ weight.T).reshape(n, len(weight), h, w)


def _not_turned_back(input, weight, bias=None):
    output = input.permute(0, 2, 3, 1) @ weight.T
    return output if bias is None else output + bias


def _reshaped_back(input, weight):
    n, _, h, w = input.shape
    return (input.permute(0, 2, 3, 1) @ weight.T).reshape(n, len(weight), h, w)


def _transposed_weight(input, weight):
    turned = weight.T.reshape(weight.shape)
    return torch.einsum("oc,nchw->nohw", turned, input)


def _bias_along_width(input, weight, bias=None):
    return pointwise_conv(input, weight) if bias is None else pointwise_conv(input, weight) + bias


def _bias_per_channel(input, weight, bias=None):
    return pointwise_conv(input, weight, None if bias is None else bias * input.shape[1])


def _image_turned(input, weight):
    return torch.einsum("oc,nchw->nowh", weight, input)


def _first_image_for_all(input, weight, bias=None):
    return pointwise_conv(input[:1], weight, bias).expand(len(input), -1, -1, -1)


def _fresh(generator):
    for dtype in (torch.float32, torch.float64):
        height, width = drawing.integer(generator, 2, 3), drawing.integer(generator, 5, 6)
        yield case(
            f"two images, three channels to four, {str(dtype).removeprefix('torch.')}",
            input=drawing.tensor(generator, 2, 3, height, width, dtype=dtype),
            weight=drawing.tensor(generator, 4, 3, dtype=dtype),
            bias=drawing.tensor(generator, 4, dtype=dtype),
        )
    yield case(
        "as wide as there are output channels",
        input=drawing.tensor(generator, 2, 5, 2, 3),
        weight=drawing.tensor(generator, 3, 5),
        bias=drawing.tensor(generator, 3),
    )
    yield case(
        "as many channels out as in, no bias",
        input=drawing.tensor(generator, 1, 3, 4, 2),
        weight=drawing.tensor(generator, 3, 3),
    )


EXERCISE = Exercise(
    solved=pointwise_conv,
    chapter="channels",
    prompt="""
A 1x1 kernel sees no neighbours, only the channels of one pixel: it mixes colours. At every pixel the output's channels
are a matrix times the input's channels, the same matrix everywhere. Such layers make thick stacks of maps thin (and
cheap) again. Write it as a matrix product or sum; torch's own convolution is refused.
""",
    objectives=("see a 1x1 convolution as a matrix product", "multiply along the right axis"),
    out_of_scope=("stride and padding",),
    visible=(
        case(
            "yellow is red plus green",
            input=torch.tensor([1.0, 1.0, 0.0]).reshape(1, 3, 1, 1),
            weight=torch.tensor([[0.5, 0.5, -1.0]]),
        ),
        case(
            "two channels to three, with bias",
            input=torch.tensor([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 1, 2),
            weight=torch.tensor([[1.0, 0.0], [0.0, 10.0], [1.0, -1.0]]),
            bias=torch.tensor([0.0, 1.0, 100.0]),
        ),
        case(
            "a picture that is not square",
            input=torch.arange(12.0).reshape(1, 2, 2, 3),
            weight=torch.tensor([[1.0, 2.0], [0.0, -1.0]]),
        ),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "reshaped",
            "The input is reshaped to rows of C numbers, which mixes pixels and channels: move the channel axis to "
            "the end first (permute).",
            _with(_reshaped),
        ),
        Misconception(
            "reshaped-back",
            "The product (N, H, W, O) is reshaped to (N, O, H, W), which scrambles it: permute it back.",
            _with(_reshaped_back),
        ),
        Misconception(
            "channels-left-last",
            "The channels are left at the end: the output is (N, O, H, W).",
            _not_turned_back,
        ),
        Misconception(
            "weight-reshaped",
            "The weight is transposed and reshaped back, which mixes the filters: row o holds output channel o's "
            "weights.",
            _with(_transposed_weight),
        ),
        Misconception(
            "bias-ignored",
            "The bias is not added: each output channel's number goes onto all of its pixels.",
            lambda input, weight, bias=None: pointwise_conv(input, weight),
        ),
        Misconception(
            "bias-along-the-width",
            "The bias is added along the width: it belongs to the output channel, so give it the shape (O, 1, 1).",
            _bias_along_width,
        ),
        Misconception(
            "bias-per-channel",
            "The bias is added once for every input channel: it is added once for each output.",
            _bias_per_channel,
        ),
        Misconception(
            "channels-averaged",
            "The weighted channels are averaged: they are summed.",
            _with(lambda input, weight: pointwise_conv(input, weight / input.shape[1])),
        ),
        Misconception(
            "first-channel-only",
            "Only the first channel is used: every output mixes all input channels.",
            _with(lambda input, weight: pointwise_conv(input[:, :1], weight[:, :1])),
        ),
        Misconception(
            "image-turned",
            "Height and width are swapped: pixels stay where they are.",
            _with(_image_turned),
        ),
        Misconception(
            "first-image-for-all",
            "Every image of the batch gets the first one's output.",
            _first_image_for_all,
        ),
    ),
    hints=(
        "Take one pixel: C numbers go in, O numbers come out. What shape has the matrix between them?",
        "Flatten the picture: (O, C) @ (N, C, H * W) multiplies along the channels for all pixels at once.",
        '`torch.einsum("oc,nchw->nohw", weight, input)`, plus `bias[:, None, None]`.',
    ),
    points=4,
    minutes=10,
    prerequisites=("conv2d",),
    refuses=("convolution",),
    variants=(
        Variant(
            "channels-last",
            "Input and output have their channels last: (N, H, W, C) and (N, H, W, O).",
            pointwise_conv_channels_last,
            adapt=_channels_last,
        ),
    ),
)
