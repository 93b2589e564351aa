"""Callbacks of `fit`: it calls them at the start, after each batch and epoch, and at the end."""

import copy
import math
import time
from dataclasses import dataclass, field

import torch
from torch import nn

from cnncourse.geometry import as_integer

from . import distributed
from .history import History

COLUMNS = ("epoch", "train_loss", "learning_rate")
VALIDATION_COLUMNS = ("validation_loss", "validation_accuracy")


@dataclass
class Run:
    """The state of one call of `fit`, as callbacks see it.

    Attributes
    ----------
    model, optimizer, generator, history
        What `fit` works with. `model` is the network itself, also when several processes train it.
    epochs : int
        How many were asked for.
    settings : dict
        What must be the same when a run is resumed: ``batch_size``, and what ``train`` and, if given, ``validation``
        hold.
    epoch : int
        How many are finished.
    progress : float
        Share of the training that is done, 0..1; the schedule is a function of it.
    stop : str
        Why to stop; empty to go on. A callback that writes a reason here ends the training.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    generator: torch.Generator
    epochs: int
    settings: dict = field(default_factory=dict)
    history: History = field(default_factory=History)
    callbacks: tuple["Callback", ...] = ()
    epoch: int = 0
    progress: float = 0.0
    stop: str = ""

    @property
    def columns(self) -> list[str]:
        """Names of the figures in each row of the history."""
        return [*COLUMNS, *(VALIDATION_COLUMNS if "validation" in self.settings else ())]


class Callback:
    """Base class: every method does nothing; override the ones you need."""

    def start(self, run: Run) -> None:
        """Before the first epoch."""

    def batch_end(self, run: Run) -> None:
        """After each optimiser step."""

    def epoch_end(self, run: Run) -> None:
        """After each finished epoch; its row is ``run.history[-1]``."""

    def end(self, run: Run) -> None:
        """After the last epoch, also when training stops early."""

    def state_dict(self) -> dict:
        """What a checkpoint must keep of this callback."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Restore what `state_dict` returned."""

    def resumed(self, run: Run) -> None:
        """After a checkpoint has restored the run and all callbacks; a run that had ended is stopped here."""


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
        self.patience = as_integer(patience, "patience")
        self.monitor = monitor
        self._forget()

    def _forget(self) -> None:
        self.best_epoch, self.best_value = 0, float("inf")
        self.best_weights: dict | None = None

    def start(self, run: Run) -> None:
        if self.monitor not in run.columns:
            raise ValueError(
                f"`monitor` must be a column of the history, one of {', '.join(run.columns)}, not {self.monitor!r} "
                "(columns of the validation need validation data)"
            )
        self._forget()

    def epoch_end(self, run: Run) -> None:
        value = run.history.records[-1][self.monitor]
        value = -value if self.monitor.endswith("accuracy") else value
        if value < self.best_value:
            self.best_epoch, self.best_value = run.epoch, value
            self.best_weights = copy.deepcopy(run.model.state_dict())
        self._stop_if_stale(run)

    def resumed(self, run: Run) -> None:
        self._stop_if_stale(run)

    def _stop_if_stale(self, run: Run) -> None:
        if run.epoch - self.best_epoch < self.patience:
            return
        best = f"was best in epoch {self.best_epoch}, whose weights were kept"
        if self.best_weights is None:
            best = "was never a finite number; the weights are those of the last epoch"
        run.stop = f"stopped early after epoch {run.epoch}: {self.monitor} {best}"

    def end(self, run: Run) -> None:
        if self.best_weights is not None:
            run.model.load_state_dict(self.best_weights)

    def state_dict(self) -> dict:
        return {"epoch": self.best_epoch, "value": self.best_value, "weights": self.best_weights}

    def load_state_dict(self, state: dict) -> None:
        self.best_epoch, self.best_value, self.best_weights = state["epoch"], state["value"], state["weights"]


class Stopwatch(Callback):
    """Measures processor and wall time, over all the pieces of a training that was resumed."""

    def __init__(self) -> None:
        self._began = time.process_time(), time.monotonic()

    def read(self) -> tuple[float, float]:
        """Return the processor and wall seconds so far."""
        return time.process_time() - self._began[0], time.monotonic() - self._began[1]

    def state_dict(self) -> dict:
        return dict(zip(("cpu", "wall"), self.read(), strict=True))

    def load_state_dict(self, state: dict) -> None:
        self._began = self._began[0] - state["cpu"], self._began[1] - state["wall"]


class Budget(Callback):
    """Train for a wall-clock time instead of a number of epochs: give `fit` more epochs than can be reached.

    The schedule then runs over the time, so that the learning rate has reached its end when the budget is spent. The
    time that the last evaluation took is reserved for the final one. Such a run depends on the clock: neither a second
    run nor a resumed one gives exactly the same numbers.

    Parameters
    ----------
    seconds : float
        Wall time from the moment when this object is made, above 0.
    spent : float, default 0
        Seconds of it that were used before, for instance to prepare the data.

    Raises
    ------
    ValueError
        If `seconds` is not a finite number above 0.
    """

    def __init__(self, seconds: float, spent: float = 0.0):
        if not seconds > 0:
            raise ValueError(f"`seconds` must be above 0, not {seconds}")
        if seconds == math.inf:
            raise ValueError("`seconds` must be finite, not inf")
        self.seconds = seconds
        self.began = self.last_step = time.monotonic() - spent
        self.kept_back = 0.0

    def batch_end(self, run: Run) -> None:
        self.last_step = time.monotonic()
        run.progress = distributed.from_main(self._share())
        if run.progress == 1.0:
            run.stop = f"stopped in epoch {run.epoch + 1}: the budget of {self.seconds:g} s is spent"

    def _share(self) -> float:
        return min((self.last_step - self.began) / (self.seconds - self.kept_back), 1.0)

    def epoch_end(self, run: Run) -> None:
        if not run.stop:  # the share at the last step must stay what stopped the run
            self.kept_back = min(time.monotonic() - self.last_step, self.seconds / 2)

    def state_dict(self) -> dict:
        return {"spent": self.last_step - self.began, "kept_back": self.kept_back}

    def load_state_dict(self, state: dict) -> None:
        self.last_step = time.monotonic()
        self.began = self.last_step - state["spent"]
        self.kept_back = min(state["kept_back"], self.seconds / 2)

    def resumed(self, run: Run) -> None:
        if distributed.from_main(self._share()) == 1.0:
            run.stop = f"stopped in epoch {run.epoch}: the budget of {self.seconds:g} s is spent"
