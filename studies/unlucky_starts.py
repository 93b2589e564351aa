"""How often do the two smallest networks end up stuck, and what helps?

For each seed the one-kernel shapes net and the colour net are trained on 1000 images in four ways and judged by 2000
others:

- ``softmax``: the seed notebooks' recipe, with a softmax in front of the cross-entropy: Adam 0.001, batches of 10, 30
  epochs for the one-kernel net and 20 for the colour net;
- ``logits``: the same without that softmax;
- ``one_cycle``: logits, Adam 0.05 with `one_cycle`, batches of 50, 20 epochs;
- ``best_of_8``: eight such starts trained side by side, the one with the smallest loss on 200 held-out images kept.

The names of the figures are those words after ``one_kernel_`` and ``colour_``; each is a test accuracy.
"""

import torch
from torch import nn

from cnncourse import models
from cnncourse.data import hold_out
from cnncourse.training import evaluate, fit, one_cycle, ordered_batches
from cnncourse.training.restarts import LEARNING_RATE
from cnncourse.training.tasks import TASKS

SEEDS = range(20)
COLUMNS = ("softmax", "logits", "one_cycle", "best_of_8")
NETS = {"one_kernel": ("shapes", 30), "colour": ("colour-shapes", 20)}  # task, epochs of the seed notebook


def run(seed: int) -> dict[str, float]:
    """Train both networks in all four ways from one seed."""
    return {f"{net}_{way}": accuracy for net in NETS for way, accuracy in ways(net, seed).items()}


def ways(net: str, seed: int) -> dict[str, float]:
    """Return the test accuracy of each way for one network."""
    task, epochs = TASKS[NETS[net][0]], NETS[net][1]
    train, test = task.load("train", seed), task.load("test", seed)

    def single(epochs: int, batch_size: int, rate: float, schedule=None, softmax: bool = False) -> float:
        generator = torch.Generator().manual_seed(seed)
        model = models.build(net, generator)
        trained = nn.Sequential(model, nn.Softmax(dim=1)) if softmax else model
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        fit(
            trained,
            train,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            schedule=schedule,
            generator=generator,
        )
        return evaluate(model, ordered_batches(*test))

    generator = torch.Generator().manual_seed(seed)
    images, labels, *validation = hold_out(*train, task.held_out, generator)
    best, _ = task.fit(
        (images, labels),
        validation,
        generator=generator,
        epochs=task.epochs,
        callbacks=(),
        progress=False,
    )
    return {
        "softmax": single(epochs, 10, 0.001, softmax=True),
        "logits": single(epochs, 10, 0.001),
        "one_cycle": single(20, 50, LEARNING_RATE, one_cycle),
        "best_of_8": evaluate(best, ordered_batches(*test)),
    }
