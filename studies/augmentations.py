"""Which changed copies of the training images make a network better, and which make it worse?

For each seed `pocket_net` is trained on 2000 garments for 15 epochs of Adam (0.005, `one_cycle`, batches of 50), each
time with one change to the training images, drawn anew in every epoch: ``none``; ``shift_1``, ``shift_2`` and
``shift_4``, moved by up to so many pixels; ``mirror``, every second one mirrored; ``upside_down``, every second one
turned over; ``erase``, a square of 8x8 set to 0; ``both``, shifted by up to one pixel and mirrored. The digits, 1442 of
them enlarged to 28x28, are trained in the same way with ``none``, ``shift_2`` and ``mirror``. ``long_none`` and the
others are trainings on the garments for 60 epochs.

- ``garments_none_train`` and so on: the accuracy on the training images as they are;
- ``_test``: the accuracy on 1000 other garments, or 355 other digits;
- ``_moved``: the accuracy on the same test images, each moved by up to two pixels.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from cnncourse import models
from cnncourse.data import load_fashion_mnist
from cnncourse.training import evaluate, fit, one_cycle, ordered_batches, random_erase, random_flip, random_shift

from .depth import garments
from .pocket import large_digits

SEEDS = range(10)  # a seed takes more than a minute
CHANGES: dict[str, Callable[[Tensor], Tensor]] = {
    "none": lambda images: images,
    "shift_1": lambda images: random_shift(images, 1),
    "shift_2": lambda images: random_shift(images, 2),
    "shift_4": lambda images: random_shift(images, 4),
    "mirror": random_flip,
    "upside_down": lambda images: random_flip(images.transpose(2, 3)).transpose(2, 3),
    "erase": lambda images: random_erase(images, 8),
    "both": lambda images: random_flip(random_shift(images, 1)),
}
FOR_DIGITS = ("none", "shift_2", "mirror")
FOR_LONG = ("none", "shift_1", "mirror", "both")
COLUMNS = ("train", "test", "moved")


def run(seed: int) -> dict[str, float]:
    """Train with each change from one seed."""
    figures = {}
    for change in CHANGES:
        figures |= accuracies(f"garments_{change}", change, garments("train", 2000), load_fashion_mnist("test"), seed)
    for change in FOR_DIGITS:
        figures |= accuracies(f"digits_{change}", change, large_digits("train"), large_digits("test"), seed)
    for change in FOR_LONG:
        data = garments("train", 2000), load_fashion_mnist("test")
        figures |= accuracies(f"long_{change}", change, *data, seed, epochs=60)
    return figures


def accuracies(
    name: str, change: str, train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], seed: int, epochs: int = 15
) -> dict[str, float]:
    """Train with one change, and return three accuracies."""
    generator = torch.Generator().manual_seed(seed)
    model = models.Augmented(models.build("pocket", generator), CHANGES[change])
    fit(
        model,
        train,
        epochs=epochs,
        batch_size=50,
        optimizer=torch.optim.Adam(model.parameters(), lr=0.005),
        schedule=one_cycle,
        generator=generator,
        progress=False,
    )
    images, labels = test
    moved = random_shift(images, 2, torch.Generator().manual_seed(seed))
    parts = {"train": train, "test": test, "moved": (moved, labels)}
    return {f"{name}_{part}": round(evaluate(model, ordered_batches(*data)), 4) for part, data in parts.items()}
