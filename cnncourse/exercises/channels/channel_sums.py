"""Exercise: which colours does a layer respond to?"""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor


@exercise(points=2, minutes=5, after="pointwise_conv")
def channel_sums(weight):
    """Sum each kernel: how strongly each output channel responds to a flat patch of each input colour.

    Parameters
    ----------
    weight : torch.Tensor, shape (O, C, kh, kw)

    Returns
    -------
    torch.Tensor, shape (O, C)
    """
    return weight.sum(dim=(2, 3))


FILTER = torch.tensor([[[[1.0, 2], [0, -1]], [[0, -1], [0, 0]]]])

channel_sums.add_visible(
    case("one filter, two channels", varies="channels negative", weight=FILTER),
    case("two filters", varies="channels negative", weight=torch.cat([FILTER, 10 * FILTER.flip(1)])),
    case("kernels that are not square", varies="kernel channels", weight=torch.arange(12.0).reshape(1, 2, 2, 3)),
)


@channel_sums.random_cases
def fresh(generator):
    yield case("one filter, one channel", varies="basic", weight=2 + tensor(generator, 1, 1, 3, 3).abs())
    yield case("one filter, three channels", varies="channels", weight=2 + tensor(generator, 1, 3, 3, 3).abs())
    yield case("as many filters as channels", varies="channels", weight=2 + tensor(generator, 3, 3, 3, 3).abs())
    yield case("a kernel that is not square", varies="kernel", weight=2 + tensor(generator, 1, 1, 2, 5).abs())
    yield case("float64", varies="dtype", weight=2 + tensor(generator, 1, 1, 3, 3, dtype=torch.float64).abs())
    yield case("all weights negative", varies="negative", weight=-0.5 - tensor(generator, 1, 1, 3, 4).abs())
    weight = tensor(generator, 4, 3, 2, 5, dtype=torch.float64)
    yield case("four filters on colour", varies="channels kernel dtype negative", weight=weight)


@channel_sums.mistake("The magnitudes are summed: negative weights cancel positive ones, so keep the signs.")
@channel_sums.variant("Sum the magnitudes of each kernel's weights instead.")
def magnitudes(weight):
    """Sum each kernel's magnitudes: how strongly each output channel can respond to each input colour at all."""
    return weight.abs().sum(dim=(2, 3))


channel_sums.mistake("The kernels are averaged: sum them.", "mean")(lambda weight: weight.mean(dim=(2, 3)))
channel_sums.mistake("The input channels are summed too: keep one sum per input colour.", "over-input-channels")(
    lambda weight: weight.sum(dim=(1, 2, 3))
)
channel_sums.mistake("The output channels are summed too: keep one sum per filter.", "over-output-channels")(
    lambda weight: weight.sum(dim=(0, 2, 3))
)
channel_sums.mistake(
    "The sum runs over the channels: it runs over the kernel's height and width, the last two axes.",
    "channels-instead-of-pixels",
)(lambda weight: weight.sum(dim=(0, 1)))
channel_sums.mistake("All axes are summed: sum only the last two.", "everything")(lambda weight: weight.sum())
channel_sums.mistake("The result is (C, O): return (O, C).", "transposed")(lambda weight: weight.sum(dim=(2, 3)).T)
channel_sums.mistake("Each row is summed: sum the whole kernel.", "one-axis-left")(lambda weight: weight.sum(dim=3))
channel_sums.mistake("The summed axes are kept with length 1: the result is (O, C).", "axes-kept")(
    lambda weight: weight.sum(dim=(2, 3), keepdim=True)
)
channel_sums.mistake("Only the largest weight is kept: sum all.", "largest")(lambda weight: weight.amax(dim=(2, 3)))
channel_sums.mistake("The squares are summed: sum the weights.", "squares")(lambda weight: (weight**2).sum(dim=(2, 3)))
