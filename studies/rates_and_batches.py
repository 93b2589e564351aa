"""How do learning rate and batch size decide whether a network learns?

For each seed `pocket_net` is trained on 1000 garments for two epochs of plain gradient descent, once for each pair of
rate and batch size, always from the same weights. ``rate_0.01_batch_10`` to ``rate_1_batch_250`` are the accuracies on
1000 other garments; a training whose loss stopped being a number counts as guessing, 0.1.
"""

import torch
import torch.nn.functional as F

from cnncourse import models
from cnncourse.data import load_fashion_mnist
from cnncourse.training import evaluate, minibatches, ordered_batches, train_one_epoch

SEEDS = range(10)
RATES = ("0.01", "0.1", "1")
BATCHES = (10, 50, 250)
COLUMNS = tuple(f"batch_{size}" for size in BATCHES)
GUESSING = 0.1


def run(seed: int) -> dict[str, float]:
    """Train with each pair from one seed."""
    return {f"rate_{rate}_batch_{size}": accuracy(seed, float(rate), size) for rate in RATES for size in BATCHES}


def accuracy(seed: int, rate: float, size: int) -> float:
    """Return the accuracy that two epochs reach."""
    (images, labels), test = load_fashion_mnist("train"), load_fashion_mnist("test")
    generator = torch.Generator().manual_seed(seed)
    model = models.build("pocket", generator)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    try:
        for _ in range(2):
            batches = minibatches(images[:1000], labels[:1000], size, generator)
            train_one_epoch(model, batches, F.cross_entropy, optimizer)
    except FloatingPointError:
        return GUESSING
    return round(evaluate(model, ordered_batches(*test)), 4)
