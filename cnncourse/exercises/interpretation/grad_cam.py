"""Exercise: Grad-CAM from activations and their gradients."""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor


@exercise(points=5, minutes=15, after="activation_maps")
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
_MAPS = torch.tensor([[[[1.0, 2.0, 0.0], [4.0, 0.0, 3.0]], [[5.0, 0.0, 1.0], [0.0, 2.0, 6.0]]]])
_SLOPES = torch.tensor([[[[1.0, 0.0, 3.0], [2.0, 0.0, 0.0]], [[-1.0, 0.0, 0.0], [-2.0, 1.0, -1.0]]]])


grad_cam.add_visible(
    case(
        "one channel",
        varies="basic",
        tolerance=CLOSE,
        activations=torch.tensor([[[[1.0, 2.0], [0.0, 4.0]]]]),
        gradients=torch.tensor([[[[1.0, 0.0], [3.0, 0.0]]]]),
    ),
    case("two channels", varies="channels", tolerance=CLOSE, activations=_MAPS, gradients=_SLOPES),
    case(
        "nothing speaks for the class",
        varies="zero negative",
        tolerance=CLOSE,
        activations=_MAPS,
        gradients=-_SLOPES.abs(),
    ),
    case(
        "two images of unlike strength",
        varies="batch",
        tolerance=CLOSE,
        activations=torch.cat([_MAPS, 3 * _MAPS.flip(3)]),
        gradients=torch.cat([_SLOPES, _SLOPES.flip(1)]),
    ),
    case("a weak map", varies="extreme", tolerance=CLOSE, activations=_MAPS / 10, gradients=_SLOPES),
)


@grad_cam.random_cases
def _fresh(generator):
    for count, dtype in ((2, torch.float32), (3, torch.float64), (1, torch.float32)):
        activations = tensor(generator, count, 4, 3, 5, dtype=dtype) * 5
        yield case(
            f"{count} images, numbers drawn at random",
            varies="batch channels negative",
            tolerance=CLOSE,
            activations=activations if count == 3 else activations.abs(),  # behind a ReLU there are no negative ones
            gradients=tensor(generator, count, 4, 3, 5, dtype=dtype) + 0.5,
        )


grad_cam.mistake("A map of zeros is divided by its maximum, 0: leave it as it is.", "zero-by-zero")(
    _cam(scale=lambda maps: maps / maps.amax(dim=(1, 2), keepdim=True))
)
grad_cam.mistake("All maps are divided by one maximum: each image's map has its own.", "one-maximum-for-all")(
    _cam(scale=lambda maps: maps / (maps.max() if maps.max() > 0 else 1.0))
)
grad_cam.mistake("The maps are not scaled: divide each by its maximum.", "not-scaled")(_cam(scale=lambda maps: maps))
grad_cam.mistake("Negative numbers are left in the maps: keep only what speaks for the class, with a ReLU.", "no-relu")(
    _cam(rectify=lambda maps: maps)
)
grad_cam.mistake("What speaks against the class counts as if it spoke for it: a ReLU makes it 0.", "absolute")(
    _cam(rectify=torch.abs)
)
grad_cam.mistake("The ReLU comes before the channels are added, so they cannot cancel: add first.", "relu-too-early")(
    _cam(combine=lambda w, a: (w * a).clamp(min=0).sum(dim=1))
)
grad_cam.mistake(
    "Channels that speak against the class are dropped: the ReLU comes after the sum.", "negative-weights-dropped"
)(_cam(weigh=lambda a, g: g.mean(dim=(2, 3), keepdim=True).clamp(min=0)))
grad_cam.mistake(
    "Each position is weighed by its own gradient: a channel's weight is the mean over all positions.",
    "weights-not-averaged",
)(_cam(weigh=lambda a, g: g))
grad_cam.mistake("The weights are means of the activations: take the gradients' means.", "weights-from-activations")(
    _cam(weigh=lambda a, g: a.mean(dim=(2, 3), keepdim=True))
)
grad_cam.mistake(
    "Gradients and activations are swapped: the activations are added up, the gradients weigh them.",
    "arguments-swapped",
)(lambda activations, gradients: grad_cam(gradients, activations))
grad_cam.mistake("All images share their weights: average each image's gradients alone.", "weights-over-the-batch")(
    _cam(weigh=lambda a, g: g.mean(dim=(0, 2, 3), keepdim=True))
)
grad_cam.mistake(
    "All channels share one weight: average over the positions, dims 2 and 3, only.", "weights-over-channels"
)(_cam(weigh=lambda a, g: g.mean(dim=(1, 2, 3), keepdim=True)))
grad_cam.mistake("The weight is a channel's largest gradient: take the mean.", "largest-gradient")(
    _cam(weigh=lambda a, g: g.amax(dim=(2, 3), keepdim=True))
)
grad_cam.mistake("The channels are added up without weights: multiply each by its mean gradient.", "no-weights")(
    _cam(weigh=lambda a, g: torch.ones_like(g[:, :, :1, :1]))
)
grad_cam.mistake(
    "The least number is subtracted before dividing: divide by the maximum only, the ReLU has set the zero.",
    "shifted-to-zero",
)(_cam(scale=_min_max))
grad_cam.mistake(
    "The map is stretched from its least number to its largest: negative numbers become 0 by a ReLU instead.",
    "shifted-instead-of-relu",
)(_cam(rectify=lambda maps: maps, scale=_min_max))
grad_cam.mistake("Each map is divided by its sum: divide by its maximum.", "sums-to-1")(
    _cam(scale=lambda maps: maps / maps.sum(dim=(1, 2), keepdim=True).clamp(min=1e-12))
)
grad_cam.mistake("The channels are not added up: one map for each image remains.", "channels-kept")(
    lambda activations, gradients: torch.stack(
        [grad_cam(activations[:, [c]], gradients[:, [c]]) for c in range(activations.shape[1])], dim=1
    )
)
