"""Exercise: a 1x1 convolution is a matrix product over channels."""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=4, minutes=10, after="conv2d", refuses="convolution")
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


def _reshaped_back(input, weight):
    n, _, h, w = input.shape
    return (input.permute(0, 2, 3, 1) @ weight.T).reshape(n, len(weight), h, w)


def _transposed_weight(input, weight):
    turned = weight.T.reshape(weight.shape)
    return torch.einsum("oc,nchw->nohw", turned, input)


def _image_turned(input, weight):
    return torch.einsum("oc,nchw->nowh", weight, input)


pointwise_conv.add_visible(
    case(
        "yellow is red plus green",
        varies="basic",
        input=torch.tensor([1.0, 1.0, 0.0]).reshape(1, 3, 1, 1),
        weight=torch.tensor([[0.5, 0.5, -1.0]]),
    ),
    case(
        "two channels to three, with bias",
        varies="bias channels",
        input=torch.tensor([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 1, 2),
        weight=torch.tensor([[1.0, 0.0], [0.0, 10.0], [1.0, -1.0]]),
        bias=torch.tensor([0.0, 1.0, 100.0]),
    ),
    case(
        "a picture that is not square",
        varies="axis bias",
        input=torch.arange(12.0).reshape(1, 2, 2, 3),
        weight=torch.tensor([[1.0, 2.0], [0.0, -1.0]]),
    ),
)


@pointwise_conv.random_cases
def _fresh(generator):
    for dtype in (torch.float32, torch.float64):
        height, width = integer(generator, 2, 3), integer(generator, 5, 6)
        yield case(
            f"two images, three channels to four, {str(dtype).removeprefix('torch.')}",
            varies="batch channels bias dtype",
            input=tensor(generator, 2, 3, height, width, dtype=dtype),
            weight=tensor(generator, 4, 3, dtype=dtype),
            bias=tensor(generator, 4, dtype=dtype),
        )
    yield case(
        "as wide as there are output channels",
        varies="axis",
        input=tensor(generator, 2, 5, 2, 3),
        weight=tensor(generator, 3, 5),
        bias=tensor(generator, 3),
    )
    yield case(
        "as many channels out as in, no bias",
        varies="channels default",
        input=tensor(generator, 1, 3, 4, 2),
        weight=tensor(generator, 3, 3),
    )


@pointwise_conv.variant(
    "Input and output have their channels last: (N, H, W, C) and (N, H, W, O).", adapt=_channels_last
)
def channels_last(input, weight, bias=None):
    """Mix the channels of every pixel, channels last: a 1x1 convolution.

    Parameters
    ----------
    input : torch.Tensor, shape (N, H, W, C)

    Returns
    -------
    torch.Tensor, shape (N, H, W, O)
    """
    output = input @ weight.T
    return output if bias is None else output + bias


pointwise_conv.mistake(
    "The input is reshaped to rows of C numbers, which mixes pixels and channels: move the channel axis to "
    "the end first (permute).",
    "reshaped",
)(_with(_reshaped))
pointwise_conv.mistake(
    "The product (N, H, W, O) is reshaped to (N, O, H, W), which scrambles it: permute it back.", "reshaped-back"
)(_with(_reshaped_back))


@pointwise_conv.mistake("The channels are left at the end: the output is (N, O, H, W).")
def channels_left_last(input, weight, bias=None):
    output = input.permute(0, 2, 3, 1) @ weight.T
    return output if bias is None else output + bias


pointwise_conv.mistake(
    "The weight is transposed and reshaped back, which mixes the filters: row o holds output channel o's weights.",
    "weight-reshaped",
)(_with(_transposed_weight))
pointwise_conv.mistake(
    "The bias is not added: each output channel's number goes onto all of its pixels.", "bias-ignored"
)(lambda input, weight, bias=None: pointwise_conv(input, weight))


@pointwise_conv.mistake(
    "The bias is added along the width: it belongs to the output channel, so give it the shape (O, 1, 1)."
)
def bias_along_the_width(input, weight, bias=None):
    return pointwise_conv(input, weight) if bias is None else pointwise_conv(input, weight) + bias


@pointwise_conv.mistake("The bias is added once for every input channel: it is added once for each output.")
def bias_per_channel(input, weight, bias=None):
    return pointwise_conv(input, weight, None if bias is None else bias * input.shape[1])


pointwise_conv.mistake("The weighted channels are averaged: they are summed.", "channels-averaged")(
    _with(lambda input, weight: pointwise_conv(input, weight / input.shape[1]))
)
pointwise_conv.mistake("Only the first channel is used: every output mixes all input channels.", "first-channel-only")(
    _with(lambda input, weight: pointwise_conv(input[:, :1], weight[:, :1]))
)
pointwise_conv.mistake("Height and width are swapped: pixels stay where they are.", "image-turned")(
    _with(_image_turned)
)


@pointwise_conv.mistake("Every image of the batch gets the first one's output.")
def first_image_for_all(input, weight, bias=None):
    return pointwise_conv(input[:1], weight, bias).expand(len(input), -1, -1, -1)
