"""Do occlusion, saliency and Grad-CAM point at evidence that was planted, and at nothing when the weights are shuffled?

For each seed `planted_net` is trained on 1000 images (8 epochs) and explained on 20 others, each for its true class:

- ``occlusion``: patches of 4 pixels in steps of 2, spread over the image;
- ``saliency``: the size of the gradient;
- ``grad_cam``: at the last convolution; ``grad_cam_early``: at the first one;
- ``picture``: no explanation at all, the image itself;
- ``activations``: the mean over the channels of the last convolution, for whatever class;
- ``patches``: for each of its channels the piece of the image that excites it most, as bright as the response.

The figures of each are ``_mark`` and ``_distractor``, the share of the claimed evidence that lies there, ``_shuffled``,
the correlation with the maps of networks with shuffled weights, and the cost of one map: ``_forward``, images sent
through the network, and ``_backward``, gradients sent back. ``accuracy`` is that on 500 images.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse.interpretation import (
    Planted,
    activation_maps,
    counted_passes,
    grad_cam_map,
    localisation_score,
    make_planted,
    occlusion_map,
    saliency_map,
    spread_patches,
    weight_randomisation,
    window_of,
)
from cnncourse.models import planted_net
from cnncourse.training import evaluate, fit, ordered_batches

SEEDS = range(20)
COLUMNS = ("mark", "distractor", "shuffled", "forward", "backward")
PATCH, STEP = 4, 2


def run(seed: int) -> dict[str, float]:
    """Train from one seed, and judge each method."""
    generator = torch.Generator().manual_seed(seed)
    train, test = make_planted(1000, generator=generator), make_planted(500, generator=generator)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = planted_net()
    fit(model, (train.images, train.labels), epochs=8, generator=generator, progress=False)
    figures = {"accuracy": evaluate(model, ordered_batches(test.images, test.labels))}
    some = Planted(*(part[:20] for part in test))
    for name, method in METHODS.items():
        with counted_passes(model) as passes:
            maps = method(model, some)
        figures[f"{name}_forward"] = passes.forward / len(maps)
        figures[f"{name}_backward"] = passes.backward / len(maps)
        figures[f"{name}_mark"] = localisation_score(maps, some.marks)
        figures[f"{name}_distractor"] = localisation_score(maps, some.distractors)
        figures[f"{name}_shuffled"] = weight_randomisation(explain(method, some), model, generator=generator)
    return {name: round(value, 4) for name, value in figures.items()}


def explain(method: Callable, some: Planted) -> Callable[[nn.Module], Tensor]:
    """Turn a method for a network and images into one for a network."""
    return lambda model: method(model, some)


def occlusion(model: nn.Module, some: Planted) -> Tensor:
    """Explain each image by occlusion."""
    size = some.images.shape[2:]
    drops = [
        occlusion_map(model, image, int(label), PATCH, STEP)
        for image, label in zip(some.images, some.labels, strict=True)
    ]
    return torch.stack([spread_patches(each, tuple(size), PATCH, STEP) for each in drops])


def activations(model: nn.Module, some: Planted) -> Tensor:
    """Show where the last convolution is active."""
    maps = activation_maps(model, some.images, "relu2").mean(1, keepdim=True)
    return F.interpolate(maps, some.images.shape[2:], mode="bilinear", align_corners=False)[:, 0]


def patches(model: nn.Module, some: Planted) -> Tensor:
    """Add up, over the channels of the last convolution, the piece of each image that excites the channel most."""
    window, size = window_of(model, "relu2"), some.images.shape[2:]
    responses = activation_maps(model, some.images, "relu2")
    maps = torch.zeros(len(responses), *size)
    for pieces, channels in zip(maps, responses, strict=True):
        for response in channels:
            row, column = divmod(response.argmax().item(), response.shape[1])
            seen = (
                slice(max(0, start), start + length)
                for start, length in zip(window.at(row, column), window.size, strict=True)
            )
            pieces[tuple(seen)] += response.max()
    return maps


METHODS = {
    "occlusion": occlusion,
    "saliency": lambda model, some: saliency_map(model, some.images, some.labels),
    "grad_cam": lambda model, some: grad_cam_map(model, some.images, some.labels, "relu2"),
    "grad_cam_early": lambda model, some: grad_cam_map(model, some.images, some.labels, "relu1"),
    "picture": lambda model, some: some.images[:, 0],
    "activations": activations,
    "patches": patches,
}
