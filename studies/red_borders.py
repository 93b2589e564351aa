"""Does the colour net draw the border of red objects less than that of yellow ones?

A seed notebook looked at one trained network and read off its maps that red objects get no border, since their class is
settled by colour. For each seed the colour net is trained (the best of eight starts on 1000 images) and its first
layer is shown 200 squares, each once in red and once in yellow.

- ``border_red``, ``border_yellow``: how far the maps (after tanh, from -1 to 1) stand out along the border: the mean
  distance of the border's responses from the range between background and inside, in the filter where it is
  larger. A map that only tells inside from outside has 0.
- ``inside_red``, ``inside_yellow``: how far the inside stands off the background, in the filter where it is larger.
- ``accuracy``: on 2000 other images.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse.data import hold_out, paint, random_shapes
from cnncourse.training import evaluate, ordered_batches
from cnncourse.training.tasks import TASKS

SEEDS = range(20)
COLUMNS = ("red", "yellow")


def run(seed: int) -> dict[str, float]:
    """Train the colour net from one seed and measure its first layer."""
    task = TASKS["colour-shapes"]
    generator = torch.Generator().manual_seed(seed)
    images, labels, *validation = hold_out(*task.load("train", seed), task.held_out, generator)
    model, _ = task.fit(
        (images, labels),
        validation,
        generator=generator,
        epochs=task.epochs,
        callbacks=(),
        progress=False,
    )
    squares = random_shapes(torch.zeros(200, dtype=torch.long), generator=torch.Generator().manual_seed(seed))
    figures = {"accuracy": evaluate(model, ordered_batches(*task.load("test", seed)))}
    for colour in ("red", "yellow"):
        border, inside = first_layer(model, squares, colour)
        figures |= {f"border_{colour}": round(border, 4), f"inside_{colour}": round(inside, 4)}
    return figures


@torch.no_grad()
def first_layer(model: nn.Module, shapes: Tensor, colour: str) -> tuple[float, float]:
    """Return how far border and inside of painted `shapes` (N, H, W) stand out in the first layer of `model`."""
    maps = model.tanh1(model.conv1(paint(shapes, colour)))  # (N, 2, H, W)
    neighbours = F.pad(shapes, (1, 1, 1, 1)).unfold(1, 3, 1).unfold(2, 3, 1)  # (N, H, W, 3, 3)
    inside, outside = neighbours.amin((3, 4)) == 1, neighbours.amax((3, 4)) == 0
    borders, insides = [], []
    for response in maps.unbind(1):
        flat = torch.stack([response[inside].mean(), response[outside].mean()])
        border = response[~inside & ~outside]
        borders.append(((border - flat.max()).relu() + (flat.min() - border).relu()).mean().item())
        insides.append((flat[0] - flat[1]).abs().item())
    return max(borders), max(insides)
