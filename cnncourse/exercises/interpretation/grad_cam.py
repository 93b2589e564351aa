"""Exercise: Grad-CAM from activations and their gradients."""

import torch

from .. import drawing
from ..record import Exercise, Misconception, case


def grad_cam(activations, gradients):
    """Weigh the channels by their mean gradient, add them up, keep what is positive, and scale each map to 1.

    Parameters
    ----------
    activations, gradients : torch.Tensor, shape (N, C, H, W)
        A layer's output, and the gradient of the target logits by it.

    Returns
    -------
    torch.Tensor, shape (N, H, W)
        From 0 to 1; each map is divided by its own maximum, and a map of zeros stays one.
    """
    weights = gradients.mean(dim=(2, 3), keepdim=True)
    maps = (weights * activations).sum(dim=1).clamp(min=0)
    largest = maps.amax(dim=(1, 2), keepdim=True)
    return maps / torch.where(largest > 0, largest, 1.0)


def _largest(maps):
    largest = maps.amax(dim=(1, 2), keepdim=True)
    return torch.where(largest > 0, largest, 1.0)


def _cam(
    *,
    weigh=lambda a, g: g.mean(dim=(2, 3), keepdim=True),
    combine=lambda w, a: (w * a).sum(dim=1),
    rectify=lambda maps: maps.clamp(min=0),
    scale=lambda maps: maps / _largest(maps),
):
    """Make a wrong answer: Grad-CAM with a part that can be another."""
    return lambda activations, gradients: scale(rectify(combine(weigh(activations, gradients), activations)))


def _min_max(maps):
    least = maps.amin(dim=(1, 2), keepdim=True)
    return (maps - least) / _largest(maps - least)


CLOSE = 1e-4  # "a tiny eps is fine": it may stand beside a maximum


def _fresh(generator):
    for count, dtype in ((2, torch.float32), (3, torch.float64), (1, torch.float32)):
        activations = drawing.tensor(generator, count, 4, 3, 5, dtype=dtype) * 5
        yield case(
            f"{count} images, numbers drawn at random",
            tolerance=CLOSE,
            activations=activations if count == 3 else activations.abs(),  # behind a ReLU there are no negative ones
            gradients=drawing.tensor(generator, count, 4, 3, 5, dtype=dtype) + 0.5,
        )


_MAPS = torch.tensor([[[[1.0, 2.0, 0.0], [4.0, 0.0, 3.0]], [[5.0, 0.0, 1.0], [0.0, 2.0, 6.0]]]])
_SLOPES = torch.tensor([[[[1.0, 0.0, 3.0], [2.0, 0.0, 0.0]], [[-1.0, 0.0, 0.0], [-2.0, 1.0, -1.0]]]])

EXERCISE = Exercise(
    solved=grad_cam,
    chapter="interpretation",
    prompt="""
Which places of a picture speak for a class? Grad-CAM asks the last convolutional layer: a channel matters as much as
the target logit rises with it on average. So each channel's weight is the mean of its gradient over all positions; the
weighted channels are added up; a ReLU keeps what speaks *for* the class; and each image's map is divided by its own
maximum, so that it runs from 0 to 1. A map of zeros has no maximum to divide by and stays zero (a tiny number beside
the maximum is fine).
""",
    objectives=("turn a formula with many axes into code", "avoid 0 / 0"),
    out_of_scope=("fetching activations and gradients from a model", "enlarging the map to the image"),
    visible=(
        case(
            "one channel",
            tolerance=CLOSE,
            activations=torch.tensor([[[[1.0, 2.0], [0.0, 4.0]]]]),
            gradients=torch.tensor([[[[1.0, 0.0], [3.0, 0.0]]]]),
        ),
        case("two channels", tolerance=CLOSE, activations=_MAPS, gradients=_SLOPES),
        case("nothing speaks for the class", tolerance=CLOSE, activations=_MAPS, gradients=-_SLOPES.abs()),
        case(
            "two images of unlike strength",
            tolerance=CLOSE,
            activations=torch.cat([_MAPS, 3 * _MAPS.flip(3)]),
            gradients=torch.cat([_SLOPES, _SLOPES.flip(1)]),
        ),
        case("a weak map", tolerance=CLOSE, activations=_MAPS / 10, gradients=_SLOPES),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "zero-by-zero",
            "A map of zeros is divided by its maximum, 0: leave it as it is.",
            _cam(scale=lambda maps: maps / maps.amax(dim=(1, 2), keepdim=True)),
        ),
        Misconception(
            "one-maximum-for-all",
            "All maps are divided by one maximum: each image's map has its own.",
            _cam(scale=lambda maps: maps / (maps.max() if maps.max() > 0 else 1.0)),
        ),
        Misconception(
            "not-scaled",
            "The maps are not scaled: divide each by its maximum.",
            _cam(scale=lambda maps: maps),
        ),
        Misconception(
            "no-relu",
            "Negative numbers are left in the maps: keep only what speaks for the class, with a ReLU.",
            _cam(rectify=lambda maps: maps),
        ),
        Misconception(
            "absolute",
            "What speaks against the class counts as if it spoke for it: a ReLU makes it 0.",
            _cam(rectify=torch.abs),
        ),
        Misconception(
            "relu-too-early",
            "The ReLU comes before the channels are added, so they cannot cancel: add first.",
            _cam(combine=lambda w, a: (w * a).clamp(min=0).sum(dim=1)),
        ),
        Misconception(
            "negative-weights-dropped",
            "Channels that speak against the class are dropped: the ReLU comes after the sum.",
            _cam(weigh=lambda a, g: g.mean(dim=(2, 3), keepdim=True).clamp(min=0)),
        ),
        Misconception(
            "weights-not-averaged",
            "Each position is weighed by its own gradient: a channel's weight is the mean over all positions.",
            _cam(weigh=lambda a, g: g),
        ),
        Misconception(
            "weights-from-activations",
            "The weights are means of the activations: take the gradients' means.",
            _cam(weigh=lambda a, g: a.mean(dim=(2, 3), keepdim=True)),
        ),
        Misconception(
            "arguments-swapped",
            "Gradients and activations are swapped: the activations are added up, the gradients weigh them.",
            lambda activations, gradients: grad_cam(gradients, activations),
        ),
        Misconception(
            "weights-over-the-batch",
            "All images share their weights: average each image's gradients alone.",
            _cam(weigh=lambda a, g: g.mean(dim=(0, 2, 3), keepdim=True)),
        ),
        Misconception(
            "weights-over-channels",
            "All channels share one weight: average over the positions, dims 2 and 3, only.",
            _cam(weigh=lambda a, g: g.mean(dim=(1, 2, 3), keepdim=True)),
        ),
        Misconception(
            "largest-gradient",
            "The weight is a channel's largest gradient: take the mean.",
            _cam(weigh=lambda a, g: g.amax(dim=(2, 3), keepdim=True)),
        ),
        Misconception(
            "no-weights",
            "The channels are added up without weights: multiply each by its mean gradient.",
            _cam(weigh=lambda a, g: torch.ones_like(g[:, :, :1, :1])),
        ),
        Misconception(
            "shifted-to-zero",
            "The least number is subtracted before dividing: divide by the maximum only, the ReLU has set the zero.",
            _cam(scale=_min_max),
        ),
        Misconception(
            "shifted-instead-of-relu",
            "The map is stretched from its least number to its largest: negative numbers become 0 by a ReLU instead.",
            _cam(rectify=lambda maps: maps, scale=_min_max),
        ),
        Misconception(
            "sums-to-1",
            "Each map is divided by its sum: divide by its maximum.",
            _cam(scale=lambda maps: maps / maps.sum(dim=(1, 2), keepdim=True).clamp(min=1e-12)),
        ),
        Misconception(
            "channels-kept",
            "The channels are not added up: one map for each image remains.",
            lambda activations, gradients: torch.stack(
                [grad_cam(activations[:, [c]], gradients[:, [c]]) for c in range(activations.shape[1])], dim=1
            ),
        ),
    ),
    hints=(
        "Which shape do the weights have, so that they can be multiplied with the activations?",
        "`gradients.mean(dim=(2, 3), keepdim=True)` is (N, C, 1, 1); after the sum over channels comes the ReLU.",
        "`maps / maps.amax(dim=(1, 2), keepdim=True).clamp(min=1e-12)` never divides by 0.",
    ),
    points=5,
    minutes=15,
    prerequisites=("activation_maps",),
)
