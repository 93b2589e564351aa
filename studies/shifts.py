"""What does a shift by a few pixels do to a network, and how much of that is due to the way it halves its maps?

For each seed three networks that differ in nothing else (`halving_net`: by stride, by max pooling, by max pooling with
a blur) start from the same weights and are trained on 2000 small garments, 14x14 pixels in the middle of a black 28x28
image. Then 1000 others move to the right, and none of them leaves the image.

- ``stride_0`` to ``stride_6``: accuracy after a shift by so many pixels; likewise ``max_`` and ``blur_``;
- ``stride_same``: how often one pixel more leaves the answer as it was, right or wrong, over all those shifts.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from cnncourse import models
from cnncourse.data import load_fashion_mnist
from cnncourse.pooling import avg_pool2d
from cnncourse.training import fit, one_cycle, ordered_batches, predict

SEEDS = range(20)
SHIFTS = range(7)
COLUMNS = (*map(str, SHIFTS), "same")


def run(seed: int) -> dict[str, float]:
    """Train the three networks from one seed and move the test images."""
    train, (images, labels) = small_garments("train", 2000), small_garments("test", 1000)
    figures = {}
    for halving in models.HALVINGS:
        generator = torch.Generator().manual_seed(seed)
        model = models.build(f"{halving}_halving", generator)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
        fit(
            model,
            train,
            epochs=4,
            optimizer=optimizer,
            schedule=one_cycle,
            generator=generator,
            progress=False,
        )
        moved = (ordered_batches(images.roll(shift, 3), labels) for shift in SHIFTS)
        answers = torch.stack([predict(model, batches)[0].argmax(1) for batches in moved])  # (shifts, N)
        for shift, answer in zip(SHIFTS, answers, strict=True):
            figures[f"{halving}_{shift}"] = share(answer == labels)
        figures[f"{halving}_same"] = share(answers[1:] == answers[:-1])
    return figures


def small_garments(split: str, count: int) -> tuple[Tensor, Tensor]:
    """Return garments of half the size, (count, 1, 28, 28), with seven black pixels on each side."""
    images, labels = load_fashion_mnist(split)
    return F.pad(avg_pool2d(images[:count], 2), (7, 7, 7, 7)), labels[:count]


def share(hits: Tensor) -> float:
    """Return how many of `hits` are true."""
    return round(hits.double().mean().item(), 4)
