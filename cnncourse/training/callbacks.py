"""What can be hung into `fit`: a callback hears of the start, of each batch and epoch, and of the end."""

import copy
import time
from dataclasses import dataclass, field

import torch
from torch import nn

from . import distributed
from .history import History


@dataclass
class Run:
    """The state of one call of `fit`, as callbacks see it.

    Attributes
    ----------
    model, optimizer, generator, history
        What `fit` works with. `model` is the network itself, also when several processes train it.
    epochs : int
        How many were asked for.
    epoch : int
        How many are finished.
    progress : float
        Share of the training that is done, 0..1; the schedule is a function of it.
    stop : str
        Empty to go on. A callback that writes a reason here ends the training.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
    epochs: int
    history: History = field(default_factory=History)
    callbacks: tuple["Callback", ...] = ()
    epoch: int = 0
    progress: float = 0.0
    stop: str = ""


class Callback:
    """Does nothing at each occasion: override the ones you need."""

    def start(self, run: Run) -> None:
        """Before the first epoch."""

    def batch_end(self, run: Run) -> None:
        """After each optimiser step."""

    def epoch_end(self, run: Run) -> None:
        """After each finished epoch; its row is ``run.history[-1]``."""

    def end(self, run: Run) -> None:
        """After the last epoch, whatever made it the last."""

    def state_dict(self) -> dict:
        """What a checkpoint must keep of this callback."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Take back what `state_dict` gave."""


class EarlyStopping(Callback):
    """Stop when a validation figure has not improved for a while, and go back to the best epoch's weights.

    Parameters
    ----------
    patience : int, default 5
        Epochs without improvement before training stops, at least 1.
    monitor : str, default "validation_loss"
        A column of the history. One whose name ends in ``accuracy`` should grow, any other should fall.

    Raises
    ------
    ValueError
        If `patience` is below 1, or (in `fit`) the history has no column `monitor`.
    """

    def __init__(self, patience: int = 5, monitor: str = "validation_loss"):
        if patience < 1:
            raise ValueError(f"`patience` must be at least 1, not {patience}")
        self.patience = patience
        self.monitor = monitor
        self.start(None)

    def start(self, run: Run | None) -> None:
        self.best_epoch, self.best_value = 0, float("inf")
        self.best_weights: dict | None = None

    def epoch_end(self, run: Run) -> None:
        row = run.history.records[-1]
        if self.monitor not in row:
            raise ValueError(
                f"`monitor` must be a column of the history, one of {', '.join(row)}, not {self.monitor!r} "
                "(columns of the validation need validation data)"
            )
        value = -row[self.monitor] if self.monitor.endswith("accuracy") else row[self.monitor]
        if value < self.best_value:
            self.best_epoch, self.best_value = run.epoch, value
            self.best_weights = copy.deepcopy(run.model.state_dict())
        elif run.epoch - self.best_epoch >= self.patience:
            run.stop = (
                f"stopped early after epoch {run.epoch}: {self.monitor} was best in epoch {self.best_epoch}, "
                "whose weights were kept"
            )

    def end(self, run: Run) -> None:
        if self.best_weights is not None:
            run.model.load_state_dict(self.best_weights)

    def state_dict(self) -> dict:
        return {"epoch": self.best_epoch, "value": self.best_value, "weights": self.best_weights}

    def load_state_dict(self, state: dict) -> None:
        self.best_epoch, self.best_value, self.best_weights = state["epoch"], state["value"], state["weights"]


class Budget(Callback):
    """Train for a wall-clock time instead of a number of epochs: give `fit` more epochs than can be reached.

    The schedule then runs over the time, so that the learning rate has come down when the budget is spent. What the
    last look at the validation data took is kept back for the final one. The clock makes such a run unrepeatable to
    the digit; resuming to the same numbers is promised for epochs only.

    Parameters
    ----------
    seconds : float
        Wall time from the moment when this object is made, above 0.
    spent : float, default 0
        How much of it was gone by then, for instance on preparing the data.

    Raises
    ------
    ValueError
        If `seconds` is not above 0.
    """

    def __init__(self, seconds: float, spent: float = 0.0):
        if not seconds > 0:
            raise ValueError(f"`seconds` must be above 0, not {seconds}")
        self.seconds = seconds
        self.began = self.last_step = time.monotonic() - spent
        self.kept_back = 0.0

    def batch_end(self, run: Run) -> None:
        self.last_step = time.monotonic()
        share = (self.last_step - self.began) / (self.seconds - self.kept_back)
        run.progress = distributed.from_main(min(share, 1.0))
        if run.progress == 1.0:
            run.stop = f"stopped in epoch {run.epoch + 1}: the budget of {self.seconds:g} s is spent"

    def epoch_end(self, run: Run) -> None:
        self.kept_back = min(time.monotonic() - self.last_step, self.seconds / 2)
