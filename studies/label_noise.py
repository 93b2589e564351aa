"""What do wrong labels in the training images do, and can the network find them?

For each seed `pocket_net` is trained on 2000 garments for 20 epochs of Adam (0.005, constant, batches of 50), with 0,
20 or 40 % of the labels replaced by another class, drawn evenly. 500 validation images and 1000 test images have their
right labels.

- ``share_0_test`` and so on: the accuracy on the test images after all epochs; ``_best_test``: with the weights of the
  epoch whose loss on the validation images was lowest, and ``_best_epoch``, which one that was;
- ``_learned``: of the images with a wrong label, the share that the network at the end classifies as that label;
  ``_best_learned``: with the weights of the best epoch;
- ``_found``: among as many images with the largest loss in the best epoch as there are wrong labels, the share whose
  label is wrong. Guessing would find 0.2 or 0.4.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse import models
from cnncourse.data import load_fashion_mnist
from cnncourse.training import Callback, EarlyStopping, evaluate, fit, ordered_batches, predict
from cnncourse.training.callbacks import Run

SEEDS = range(20)
SHARES = ("0", "20", "40")
COLUMNS = ("best_test", "test", "best_learned", "learned", "best_epoch", "found")
EPOCHS = 20


class Last(Callback):
    """Keep the weights of the last epoch, before early stopping goes back to the best."""

    def end(self, run: Run) -> None:
        self.weights = {name: values.clone() for name, values in run.model.state_dict().items()}


def run(seed: int) -> dict[str, float]:
    """Train with each share from one seed."""
    return {f"share_{share}_{name}": value for share in SHARES for name, value in trained(share, seed).items()}


def trained(share: str, seed: int) -> dict[str, float]:
    """Train with a share of wrong labels, and return what the network has learned."""
    images, labels = load_fashion_mnist("train")
    train, validation = images[:2000], (images[2000:2500], labels[2000:2500])
    generator = torch.Generator().manual_seed(seed)
    model = models.build("pocket", generator)
    noisy = with_wrong(labels[:2000], int(share) / 100, generator)
    last, stopping = Last(), EarlyStopping(EPOCHS)
    fit(
        model,
        (train, noisy),
        validation,
        epochs=EPOCHS,
        batch_size=50,
        optimizer=torch.optim.Adam(model.parameters(), lr=0.005),
        generator=generator,
        progress=False,
        callbacks=[last, stopping],
    )
    wrong = noisy != labels[:2000]
    figures = {"best_epoch": stopping.best_epoch, **after("best_", model, train, noisy, wrong)}
    if wrong.any():
        logits, _ = predict(model, ordered_batches(train, noisy))
        suspects = F.cross_entropy(logits, noisy, reduction="none").topk(int(wrong.sum())).indices
        figures["found"] = round(wrong[suspects].double().mean().item(), 4)
    model.load_state_dict(last.weights)
    return figures | after("", model, train, noisy, wrong)


def with_wrong(labels: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Replace a share of the labels by one of the nine other classes."""
    chosen = torch.randperm(len(labels), generator=generator)[: round(share * len(labels))]
    noisy = labels.clone()
    noisy[chosen] = (labels[chosen] + torch.randint(1, 10, (len(chosen),), generator=generator)) % 10
    return noisy


def after(prefix: str, model: nn.Module, train: Tensor, noisy: Tensor, wrong: Tensor) -> dict[str, float]:
    """Return the test accuracy, and how many wrong labels the network repeats."""
    figures = {f"{prefix}test": evaluate(model, ordered_batches(*load_fashion_mnist("test")))}
    if wrong.any():
        figures[f"{prefix}learned"] = evaluate(model, ordered_batches(train[wrong], noisy[wrong]))
    return {name: round(value, 4) for name, value in figures.items()}
