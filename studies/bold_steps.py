"""Which part of the bold steps frees a network that gets stuck: the rate, the batches or the schedule?

The two smallest networks are trained as in ``logits`` of `unlucky_starts` (Adam 0.001, batches of 10, 30 epochs for the
one-kernel net and 20 for the colour net), but for one thing: ``batch``, batches of 50; ``schedule``, the rate follows
`one_cycle` up to 0.001; ``rate``, Adam 0.05. The figures are test accuracies on 2000 images.
"""

import torch

from cnncourse import models
from cnncourse.training import evaluate, fit, one_cycle, ordered_batches
from cnncourse.training.restarts import LEARNING_RATE
from cnncourse.training.tasks import TASKS

from .unlucky_starts import NETS

SEEDS = range(8)
COLUMNS = ("batch", "schedule", "rate")
WAYS = {"batch": (50, 0.001, None), "schedule": (10, 0.001, one_cycle), "rate": (10, LEARNING_RATE, None)}


def run(seed: int) -> dict[str, float]:
    """Train both networks in each way from one seed."""
    return {f"{net}_{way}": accuracy(net, seed, *WAYS[way]) for net in NETS for way in WAYS}


def accuracy(net: str, seed: int, batch_size: int, rate: float, schedule) -> float:
    """Train one network and return its accuracy on new images."""
    name, epochs = NETS[net]
    generator = torch.Generator().manual_seed(seed)
    model = models.build(net, generator)
    fit(
        model,
        TASKS[name].load("train", seed),
        epochs=epochs,
        batch_size=batch_size,
        optimizer=torch.optim.Adam(model.parameters(), lr=rate),
        schedule=schedule,
        generator=generator,
        progress=False,
    )
    return evaluate(model, ordered_batches(*TASKS[name].load("test", seed)))
