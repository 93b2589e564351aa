"""Exercise: which colours does a layer answer to?"""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor


@exercise(points=2, minutes=5, after="pointwise_conv")
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


_TWO = torch.tensor([[[[1.0, 2.0], [0.0, -1.0]], [[0.0, -1.0], [0.0, 0.0]]]])


channel_sums.add_visible(
    case("one filter, two channels", varies="basic", weight=_TWO),
    case("two filters", varies="channels", weight=torch.cat([_TWO, 10 * _TWO.flip(1)])),
    case("kernels that are not square", varies="kernel axis", weight=torch.arange(12.0).reshape(1, 2, 2, 3)),
)


@channel_sums.random_cases
def _fresh(generator):
    yield case("four filters on colour", varies="channels kernel", weight=tensor(generator, 4, 3, 2, 5))
    yield case("float64", varies="dtype", weight=tensor(generator, 3, 4, 5, 2, dtype=torch.float64))
    yield case("as many filters as channels", varies="channels", weight=tensor(generator, 3, 3, 3, 3))
    yield case("all weights negative", varies="negative", weight=-0.5 - tensor(generator, 2, 3, 3, 4).abs())
    yield case("one filter", varies="channels", weight=tensor(generator, 1, 3, 4, 3))


@channel_sums.variant("Sum the magnitudes of each kernel's weights instead.")
def magnitudes(weight):
    """Sum each kernel's magnitudes: how strongly each output channel can answer to each input colour at all."""
    return weight.abs().sum(dim=(2, 3))


channel_sums.mistake(
    "The magnitudes are summed: on a flat patch negative weights cancel positive ones, so keep the signs.", "magnitudes"
)(magnitudes)
channel_sums.mistake("The kernels are averaged: every pixel of the patch adds its own part, so sum them.", "mean")(
    lambda weight: weight.mean(dim=(2, 3))
)
channel_sums.mistake(
    "The input channels are added up as well: keep one sum for each input colour, (O, C).", "over-input-channels"
)(lambda weight: weight.sum(dim=(1, 2, 3)))
channel_sums.mistake(
    "The output channels are added up as well: keep one sum for each filter, (O, C).", "over-output-channels"
)(lambda weight: weight.sum(dim=(0, 2, 3)))
channel_sums.mistake(
    "The sum runs over the channels: it runs over the kernel's height and width, the last two axes.",
    "channels-instead-of-pixels",
)(lambda weight: weight.sum(dim=(0, 1)))
channel_sums.mistake("Everything is summed to one number: sum over the last two axes only.", "everything")(
    lambda weight: weight.sum()
)
channel_sums.mistake("The result is (C, O): rows are output channels, (O, C).", "transposed")(
    lambda weight: weight.sum(dim=(2, 3)).T
)
channel_sums.mistake(
    "The sum runs along the rows only: sum over both the kernel's height and its width.", "one-axis-left"
)(lambda weight: weight.sum(dim=3))
channel_sums.mistake("The summed axes are still there with length 1: the result is (O, C).", "axes-kept")(
    lambda weight: weight.sum(dim=(2, 3), keepdim=True)
)
channel_sums.mistake("It takes the largest weight of each kernel: sum them.", "largest")(
    lambda weight: weight.amax(dim=(2, 3))
)
channel_sums.mistake(
    "The squares are summed: that measures size, but the answer to a flat patch is the plain sum.", "squares"
)(lambda weight: (weight**2).sum(dim=(2, 3)))
