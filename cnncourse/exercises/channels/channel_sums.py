"""Exercise: which colours does a layer answer to?"""

import torch

from .. import drawing
from ..record import Exercise, Misconception, Variant, case


def channel_sums(weight):
    """Sum each kernel: how strongly each output channel answers to a flat patch of each input colour.

    Parameters
    ----------
    weight : torch.Tensor, shape (O, C, kh, kw)

    Returns
    -------
    torch.Tensor, shape (O, C)
    """
    return weight.sum(dim=(2, 3))


def channel_sums_absolute(weight):
    """Sum each kernel's magnitudes: how strongly each output channel can answer to each input colour at all.

    Parameters
    ----------
    weight : torch.Tensor, shape (O, C, kh, kw)

    Returns
    -------
    torch.Tensor, shape (O, C)
    """
    return weight.abs().sum(dim=(2, 3))


def _fresh(generator):
    yield case("four filters on colour", weight=drawing.tensor(generator, 4, 3, 2, 5))
    yield case("float64", weight=drawing.tensor(generator, 3, 4, 5, 2, dtype=torch.float64))
    yield case("as many filters as channels", weight=drawing.tensor(generator, 3, 3, 3, 3))
    yield case("all weights negative", weight=-0.5 - drawing.tensor(generator, 2, 3, 3, 4).abs())
    yield case("one filter", weight=drawing.tensor(generator, 1, 3, 4, 3))


_TWO = torch.tensor([[[[1.0, 2.0], [0.0, -1.0]], [[0.0, -1.0], [0.0, 0.0]]]])

EXERCISE = Exercise(
    solved=channel_sums,
    chapter="channels",
    prompt="""
What does a trained colour layer look at? Show it a flat patch, 1 in a single colour and 0 in the others: every number
of that colour's kernel meets a 1, so the answer is the kernel's sum. Return the sums for all output channels and all
input channels. A sum of 0 means that the channel ignores flat patches of that colour, though not its edges.
""",
    objectives=("read a weight's axes", "say what a kernel's sum means"),
    visible=(
        case("one filter, two channels", weight=_TWO),
        case("two filters", weight=torch.cat([_TWO, 10 * _TWO.flip(1)])),
        case("kernels that are not square", weight=torch.arange(12.0).reshape(1, 2, 2, 3)),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "magnitudes",
            "The magnitudes are summed: on a flat patch negative weights cancel positive ones, so keep the signs.",
            channel_sums_absolute,
        ),
        Misconception(
            "mean",
            "The kernels are averaged: every pixel of the patch adds its own part, so sum them.",
            lambda weight: weight.mean(dim=(2, 3)),
        ),
        Misconception(
            "over-input-channels",
            "The input channels are added up as well: keep one sum for each input colour, (O, C).",
            lambda weight: weight.sum(dim=(1, 2, 3)),
        ),
        Misconception(
            "over-output-channels",
            "The output channels are added up as well: keep one sum for each filter, (O, C).",
            lambda weight: weight.sum(dim=(0, 2, 3)),
        ),
        Misconception(
            "channels-instead-of-pixels",
            "The sum runs over the channels: it runs over the kernel's height and width, the last two axes.",
            lambda weight: weight.sum(dim=(0, 1)),
        ),
        Misconception(
            "everything",
            "Everything is summed to one number: sum over the last two axes only.",
            lambda weight: weight.sum(),
        ),
        Misconception(
            "transposed",
            "The result is (C, O): rows are output channels, (O, C).",
            lambda weight: weight.sum(dim=(2, 3)).T,
        ),
        Misconception(
            "one-axis-left",
            "The sum runs along the rows only: sum over both the kernel's height and its width.",
            lambda weight: weight.sum(dim=3),
        ),
        Misconception(
            "axes-kept",
            "The summed axes are still there with length 1: the result is (O, C).",
            lambda weight: weight.sum(dim=(2, 3), keepdim=True),
        ),
        Misconception(
            "largest",
            "It takes the largest weight of each kernel: sum them.",
            lambda weight: weight.amax(dim=(2, 3)),
        ),
        Misconception(
            "squares",
            "The squares are summed: that measures size, but the answer to a flat patch is the plain sum.",
            lambda weight: (weight**2).sum(dim=(2, 3)),
        ),
    ),
    hints=(
        "Which of the four axes are the kernel's own?",
        "Sum over axes 2 and 3 and keep the signs.",
        "`weight.sum(dim=(2, 3))`.",
    ),
    points=2,
    minutes=5,
    prerequisites=("pointwise_conv",),
    variants=(Variant("magnitudes", "Sum the magnitudes of each kernel's weights instead.", channel_sums_absolute),),
)
