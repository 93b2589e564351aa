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
        A layer's output, and the gradient of the target logits with respect to it.

    Returns
    -------
    torch.Tensor, shape (N, H, W)
        From 0 to 1; each map is divided by its own maximum, and a map of zeros stays one.
    """
    weights = gradients.mean(dim=(2, 3), keepdim=True)
    maps = (weights * activations).sum(dim=1).clamp(min=0)
    largest = maps.amax(dim=(1, 2), keepdim=True)
    return maps / torch.where(largest > 0, largest, 1.0)


def cam(note, varies, activations, gradients):
    # the tolerance: a tiny eps beside the maximum is fine
    return case(note, varies=varies, tolerance=1e-4, activations=activations, gradients=gradients)


ONE_MAP, ONE_SLOPE = torch.tensor([[[[1.0, 2], [0, 4]]]]), torch.tensor([[[[1.0, 0], [3, 0]]]])
MAPS = torch.tensor([[[[1.0, 2, 0], [4, 0, 3]], [[5, 0, 1], [0, 2, 6]]]])
SLOPES = torch.tensor([[[[1.0, 0, 3], [2, 0, 0]], [[-1, 0, 0], [-2, 1, -1]]]])
TWO_MAPS, TWO_SLOPES = torch.cat([MAPS, 3 * MAPS.flip(3)]), torch.cat([SLOPES, SLOPES.flip(1)])

grad_cam.add_visible(
    cam("one channel", "basic", ONE_MAP, ONE_SLOPE),
    cam("two channels", "channels negative", MAPS, SLOPES),
    cam("nothing speaks for the class", "zero channels negative", MAPS, -SLOPES.abs()),
    cam("two images of unlike strength", "batch channels negative", TWO_MAPS, TWO_SLOPES),
    cam("a weak map", "extreme channels negative", MAPS / 10, SLOPES),
)


@grad_cam.random_cases
def fresh(generator):
    def drawn(images=1, channels=1, dtype=torch.float32):
        """Draw activations and gradients that are all positive and differ from channel to channel."""
        shape = images, channels, 3, 5
        activations, gradients = (0.5 + tensor(generator, *shape, dtype=dtype).abs() for _ in range(2))
        return activations, gradients * torch.tensor([1.0, 5, 2, 3])[:channels, None, None]

    yield cam("one channel", "basic", *drawn())
    yield cam("four channels", "channels", *drawn(channels=4))
    activations, gradients = drawn(images=2)
    yield cam(
        "two images of unlike strength", "batch", activations * torch.tensor([1.0, 3]).reshape(2, 1, 1, 1), gradients
    )
    activations, gradients = drawn()
    yield cam("nothing speaks for the class", "zero", activations, -gradients)
    yield cam("no activation", "zero", 0 * activations, gradients)
    yield cam("a weak map", "extreme", activations / 30, gradients)
    yield cam("float64", "dtype", *drawn(dtype=torch.float64))
    activations, gradients = drawn(channels=2)
    activations[0, 0, 0, 0] = activations[0, 1, 2, 4] = 0
    yield cam(
        "one channel speaks against the class",
        "negative",
        activations,
        gradients * torch.tensor([5.0, -1]).reshape(2, 1, 1),
    )
    activations, gradients = drawn(3, 4, torch.float64)
    signs = torch.tensor([1.0, -1, 1, -1]).reshape(4, 1, 1)
    yield cam("three images, float64", "batch channels negative dtype", activations - 1.5, gradients * signs)


grad_cam.mistake("A map of zeros is divided by its maximum, 0: leave it as it is.", "zero-by-zero")(
    grad_cam.edited("torch.where(largest > 0, largest, 1.0)", "largest")
)
grad_cam.mistake("All maps are divided by one maximum: divide each image's map by its own.", "one-maximum-for-all")(
    grad_cam.edited("maps.amax(dim=(1, 2), keepdim=True)", "maps.max()")
)
grad_cam.mistake("The maps are not scaled: divide each by its maximum.", "not-scaled")(
    grad_cam.edited(" / torch.where(largest > 0, largest, 1.0)", "")
)
grad_cam.mistake("Negative numbers are left in the maps: keep only what speaks for the class, with a ReLU.", "no-relu")(
    grad_cam.edited(".clamp(min=0)", "")
)
grad_cam.mistake("What speaks against the class counts as if it spoke for it: set it to 0 by a ReLU.", "absolute")(
    grad_cam.edited(".clamp(min=0)", ".abs()")
)
grad_cam.mistake("The ReLU comes before the channels are added, so they cannot cancel: add first.", "relu-too-early")(
    grad_cam.edited(".sum(dim=1).clamp(min=0)", ".clamp(min=0).sum(dim=1)")
)
grad_cam.mistake(
    "Channels that speak against the class are dropped: apply the ReLU after the sum.", "negative-weights-dropped"
)(grad_cam.edited("dim=(2, 3), keepdim=True)", "dim=(2, 3), keepdim=True).clamp(min=0)"))
grad_cam.mistake(
    "Each position has a weight of its own: a channel's weight is the mean over all positions.", "weights-not-averaged"
)(grad_cam.edited(".mean(dim=(2, 3), keepdim=True)", ""))
grad_cam.mistake("The weights are means of the activations: take the gradients' means.", "weights-from-activations")(
    grad_cam.edited("gradients.mean", "activations.mean")
)
grad_cam.mistake(
    "Gradients and activations are swapped: the means of the gradients weight the activations.", "arguments-swapped"
)(lambda activations, gradients: grad_cam(gradients, activations))
grad_cam.mistake("All images share their weights: average each image's gradients alone.", "weights-over-the-batch")(
    grad_cam.edited("mean(dim=(2, 3)", "mean(dim=(0, 2, 3)")
)
grad_cam.mistake(
    "All channels share one weight: average over the positions, dims 2 and 3, only.", "weights-over-channels"
)(grad_cam.edited("mean(dim=(2, 3)", "mean(dim=(1, 2, 3)"))
grad_cam.mistake("The weight is a channel's largest gradient: take the mean.", "largest-gradient")(
    grad_cam.edited("gradients.mean", "gradients.amax")
)
grad_cam.mistake("The channels are added up without weights: multiply each by its mean gradient.", "no-weights")(
    grad_cam.edited("weights * activations", "activations")
)

FROM_LEAST = ("    largest =", "    maps = maps - maps.amin(dim=(1, 2), keepdim=True)\n    largest =")
grad_cam.mistake("The least number is subtracted before dividing: divide by the maximum only.", "shifted-to-zero")(
    grad_cam.edited(*FROM_LEAST)
)
grad_cam.mistake(
    "The least number is subtracted instead of a ReLU: set negative numbers to 0 with a ReLU.",
    "shifted-instead-of-relu",
)(grad_cam.edited(".clamp(min=0)", "", *FROM_LEAST))
grad_cam.mistake("Each map is divided by its sum: divide by its maximum.", "sums-to-1")(
    grad_cam.edited("maps.amax", "maps.sum")
)
grad_cam.mistake("The channels are not added up: return one map for each image.", "channels-kept")(
    grad_cam.edited(".sum(dim=1)", "", "dim=(1, 2)", "dim=(2, 3)")
)
