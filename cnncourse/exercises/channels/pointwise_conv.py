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


def mix(note, varies, input, weight, **bias):
    return case(note, varies=varies, input=input, weight=weight, **bias)


YELLOW, TO_ONE = torch.tensor([1.0, 1, 0]).reshape(1, 3, 1, 1), torch.tensor([[0.5, 0.5, -1]])
ROW, TO_THREE = torch.tensor([[1.0, 2], [3, 4]]).reshape(1, 2, 1, 2), torch.tensor([[1.0, 0], [0, 10], [1, -1]])
WIDE, TO_TWO = torch.arange(12.0).reshape(1, 2, 2, 3), torch.tensor([[1.0, 2], [0, -1]])

pointwise_conv.add_visible(
    mix("yellow is red plus green", "channels", YELLOW, TO_ONE),
    mix("two channels to three, with bias", "bias channels axis", ROW, TO_THREE, bias=torch.tensor([0.0, 1, 100])),
    mix("an image that is not square", "axis channels", WIDE, TO_TWO),
)


@pointwise_conv.random_cases
def fresh(generator):
    def drawn(note, varies, images, weight, dtype=torch.float32, bias=False):
        given = {"bias": 1 + tensor(generator, weight[0], dtype=dtype).abs()} if bias else {}
        images, weight = tensor(generator, *images, dtype=dtype), tensor(generator, *weight, dtype=dtype)
        return mix(note, varies, images, weight, **given)

    yield drawn("one channel to one", "basic", (1, 1, 3, 3), (1, 1))
    yield drawn("a bias for each of two outputs", "bias", (1, 1, 3, 3), (2, 1), bias=True)
    yield drawn("as many channels out as in", "channels", (1, 3, 3, 3), (3, 3))
    yield drawn("three channels to two", "channels", (1, 3, 4, 4), (2, 3))
    yield drawn("an image that is not square", "axis", (1, 1, 2, integer(generator, 4, 6)), (1, 1))
    yield drawn("two images", "batch", (2, 1, 3, 3), (1, 1))
    yield drawn("float64", "dtype", (1, 1, 3, 3), (1, 1), torch.float64)
    tags = "batch channels axis bias"
    yield drawn("as wide as there are outputs", tags, (2, 5, 2, 3), (3, 5), bias=True)
    yield drawn("two images, three channels to four", tags, (2, 3, 2, 5), (4, 3), bias=True)
    yield drawn("two images, float64", f"{tags} dtype", (2, 3, 3, 6), (4, 3), torch.float64, bias=True)


def moved(case):
    return case.with_inputs(input=case.inputs["input"].permute(0, 2, 3, 1).contiguous())


@pointwise_conv.variant("Input and output have their channels last: (N, H, W, C) and (N, H, W, O).", adapt=moved)
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


def product(rows):
    """Make a wrong answer that multiplies these rows by the weight, then reshapes the result."""
    return pointwise_conv.edited(
        'torch.einsum("oc,nchw->nohw", weight, input)',
        f"({rows} @ weight.T).reshape(len(input), -1, *input.shape[2:])",
    )


pointwise_conv.mistake(
    "`reshape` mixes pixels and channels of the input: move its channel axis to the end (permute).", "reshaped"
)(product("input.reshape(-1, input.shape[1])"))
pointwise_conv.mistake(
    "`reshape` mixes pixels and channels of the product (N, H, W, O): use permute.", "reshaped-back"
)(product("input.permute(0, 2, 3, 1)"))
pointwise_conv.mistake("The channels are the last axis of the output: return (N, O, H, W).", "channels-left-last")(
    pointwise_conv.edited("->nohw", "->nhwo", "bias[:, None, None]", "bias")
)
pointwise_conv.mistake(
    "The weight is transposed and reshaped back: row o holds output channel o's weights.", "weight-reshaped"
)(pointwise_conv.edited("weight, input)", "weight.T.reshape(weight.shape), input)"))
pointwise_conv.mistake("The bias is not added: add each output channel's to all of its pixels.", "bias-ignored")(
    pointwise_conv.edited(" + bias[:, None, None]", "")
)
pointwise_conv.mistake(
    "The bias is added along the width: give it the shape (O, 1, 1), for the output channels.", "bias-along-the-width"
)(pointwise_conv.edited("bias[:, None, None]", "bias"))
pointwise_conv.mistake("The bias is added once per input channel: add it once per output.", "bias-per-channel")(
    pointwise_conv.edited("+ bias", "+ input.shape[1] * bias")
)
pointwise_conv.mistake("The weighted channels are averaged: sum them.", "channels-averaged")(
    pointwise_conv.edited("weight, input)", "weight / input.shape[1], input)")
)
pointwise_conv.mistake("Only the first channel is used: every output mixes all input channels.", "first-channel-only")(
    pointwise_conv.edited("weight, input)", "weight[:, :1], input[:, :1])")
)
pointwise_conv.mistake("Height and width are swapped: every pixel keeps its place.", "image-turned")(
    pointwise_conv.edited("->nohw", "->nowh")
)
pointwise_conv.mistake("Every image gets the first one's output: compute each image's own.", "first-image-for-all")(
    pointwise_conv.edited("weight, input)", "weight, input[:1].expand_as(input))")
)
