"""What do weight decay, dropout, label smoothing, early stopping, a schedule and averaged weights add, each by itself?

For each seed `pocket_net` is trained on 2000 garments for 20 epochs of Adam (0.005, batches of 50). ``base`` has a
constant rate and nothing else. Each other training changes one thing: ``decay``, AdamW with a weight decay of 0.1;
``dropout``, half of the numbers before the linear layer dropped; ``smoothing``, 0.1 of label smoothing; ``stopping``,
the weights of the epoch with the lowest loss on 500 validation images that no training uses; ``one_cycle``, that
schedule; ``average``, an exponential moving average of the weights (decay 0.99 a step), which is what is judged;
``shift``, images moved by up to one pixel; ``cycle_average``, one cycle and averaged weights; ``all``, the same and
shifts. `fit` has no other loss than cross-entropy, so ``smoothing`` has a loop of its own, and its batches come in
another order than those of the others.

- ``_train``: the accuracy on the training images as they are; ``_test``: on 1000 other garments;
- ``_loss``: the cross-entropy on the test images; ``_ece``: the expected calibration error there, in 15 bins.
"""

import copy
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import models
from cnncourse.data import load_fashion_mnist
from cnncourse.training import (
    Callback,
    EarlyStopping,
    ema_update,
    expected_calibration_error,
    fit,
    label_smoothing_loss,
    minibatches,
    one_cycle,
    ordered_batches,
    predict,
    random_shift,
    train_one_epoch,
)
from cnncourse.training.callbacks import Run

from .depth import garments

SEEDS = range(10)  # a seed takes more than a minute
WAYS = ("base", "decay", "dropout", "smoothing", "stopping", "one_cycle", "average", "cycle_average", "shift", "all")
COLUMNS = ("train", "test", "loss", "ece")
AVERAGED = ("average", "cycle_average", "all")
EPOCHS, RATE, BATCH = 20, 0.005, 50


class Average(Callback):
    """Average the weights of all steps, and leave the average in the network at the end."""

    def start(self, run: Run) -> None:
        self.weights = copy.deepcopy(run.model.state_dict())

    def batch_end(self, run: Run) -> None:
        self.weights = ema_update(self.weights, run.model.state_dict(), 0.99)

    def end(self, run: Run) -> None:
        run.model.load_state_dict(self.weights)


def run(seed: int) -> dict[str, float]:
    """Train in each way from one seed."""
    return {f"{way}_{name}": value for way in WAYS for name, value in trained(way, seed).items()}


def trained(way: str, seed: int) -> dict[str, float]:
    """Train in one way, and return what the network then does."""
    images, labels = load_fashion_mnist("train")
    train, validation = (images[:2000], labels[:2000]), (images[2000:2500], labels[2000:2500])
    generator = torch.Generator().manual_seed(seed)
    network = models.build("pocket", generator)
    if way == "dropout":
        network.linear = nn.Sequential(nn.Dropout(0.5), network.linear)
    model = models.Augmented(network, lambda batch: random_shift(batch, 1)) if way in ("shift", "all") else network
    make = {"decay": lambda weights, lr: torch.optim.AdamW(weights, lr=lr, weight_decay=0.1)}.get(way, torch.optim.Adam)
    optimizer = make(model.parameters(), lr=RATE)
    callbacks = {"stopping": [EarlyStopping(EPOCHS)]}.get(way, [Average()] if way in AVERAGED else [])
    if way == "smoothing":
        for _ in range(EPOCHS):
            batches = minibatches(*train, BATCH, generator)
            train_one_epoch(model, batches, partial(label_smoothing_loss, smoothing=0.1), optimizer)
    else:
        fit(
            model,
            train,
            validation if way == "stopping" else None,
            epochs=EPOCHS,
            batch_size=BATCH,
            optimizer=optimizer,
            schedule=one_cycle if way in ("one_cycle", "cycle_average", "all") else None,
            generator=generator,
            progress=False,
            callbacks=callbacks,
        )
    return judged(model)


def judged(model: nn.Module) -> dict[str, float]:
    """Return two accuracies, the test loss and the calibration error."""
    logits, targets = predict(model, ordered_batches(*garments("train", 2000)))
    figures = {"train": (logits.argmax(1) == targets).double().mean().item()}
    logits, targets = predict(model, ordered_batches(*load_fashion_mnist("test")))
    figures["test"] = (logits.argmax(1) == targets).double().mean().item()
    figures["loss"] = F.cross_entropy(logits, targets).item()
    figures["ece"] = expected_calibration_error(logits.softmax(1), targets)
    return {name: round(value, 4) for name, value in figures.items()}
