"""How do the learning rate and the batch size, each by itself, decide what Adam reaches?

For each seed `pocket_net` is trained on 2000 garments for five epochs of Adam at a constant rate, once for each pair of
rate and batch size, always from the same weights. ``rate_0.0001_batch_10_loss`` and so on are the losses on the
training images after the training; ``_test`` are accuracies on 1000 other garments. A training whose loss stopped being
a number counts as guessing: log 10 and 0.1.

``equal_steps_batch_10`` and so on: rate 0.003 and 200 steps for every batch size, so 1, 5 and 25 epochs.
"""

import math

import torch

from cnncourse import models
from cnncourse.training import fit

from .depth import garments
from .pocket import loss_and_test

SEEDS = range(10)  # a seed takes more than a minute
RATES = ("0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1")
BATCHES = (10, 50, 250)
COLUMNS = tuple(f"batch_{size}_{what}" for size in BATCHES for what in ("loss", "test"))


def run(seed: int) -> dict[str, float]:
    """Train with each pair from one seed."""
    figures = {}
    for rate in RATES:
        for size in BATCHES:
            loss, test = trained(seed, float(rate), size, epochs=5)
            figures |= {f"rate_{rate}_batch_{size}_loss": loss, f"rate_{rate}_batch_{size}_test": test}
    for size in BATCHES:
        loss, test = trained(seed, 0.003, size, epochs=size // 10)
        figures |= {f"equal_steps_batch_{size}_loss": loss, f"equal_steps_batch_{size}_test": test}
    return figures


def trained(seed: int, rate: float, size: int, epochs: int) -> tuple[float, float]:
    """Return the training loss and the test accuracy that Adam reaches."""
    train = garments("train", 2000)
    generator = torch.Generator().manual_seed(seed)
    model = models.build("pocket", generator)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    try:
        fit(model, train, epochs=epochs, batch_size=size, optimizer=optimizer, generator=generator, progress=False)
    except FloatingPointError:
        return round(math.log(10), 4), 0.1
    return loss_and_test(model, train)
