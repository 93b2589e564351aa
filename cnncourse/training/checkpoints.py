"""Checkpoints: training runs that continue where they stopped."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from cnncourse.files import atomic_write, expect_writable
from cnncourse.geometry import as_integer

from . import distributed
from .callbacks import Callback, Run

KEYS = ("settings", "model", "optimizer", "generator", "history", "epoch", "callbacks")


class Checkpoint(Callback):
    """Save the whole state of training after each epoch, and continue from it.

    The continued run computes the same numbers as one that was never interrupted, provided `fit` is called with the
    same data and arguments: the file holds the weights, the optimiser, the generator, the history and the state of the
    other callbacks. Name it last among them, so that they have seen the epoch when it is saved. A run that had ended
    is not trained further, unless `fit` is given more epochs.

    Parameters
    ----------
    path : path
        The file; its folder is made if need be.
    every : int, default 1
        Save after every so many epochs, at least 1.
    resume : bool, default False
        Continue from `path` if it is there. Without `resume`, a file that is there is an error.
    settings : dict, optional
        Anything else that decides the result, by name: plain values, for instance the seed of the data. A run is
        resumed only with the same.

    Raises
    ------
    ValueError
        If `every` is below 1. When training starts: if `path` holds no checkpoint, or one that was written with another
        model, optimiser, callbacks, data or settings; nothing is changed then.
    FileExistsError
        When training starts, if `path` exists and `resume` is false.
    OSError
        When training starts, if `path` cannot be written; later, if the disk is full.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        every: int = 1,
        resume: bool = False,
        settings: Mapping[str, Any] | None = None,
    ):
        self.path = Path(path)
        self.every = as_integer(every, "every")
        self.resume = resume
        self.settings = dict(settings or {})

    def start(self, run: Run) -> None:
        if self.path.exists() and not self.resume:
            raise FileExistsError(f"{self.path} exists: continue from it with resume=True, or choose another path")
        expect_writable(self.path)
        if self.path.exists():
            self._restore(run, load_file(self.path, "checkpoint", KEYS))

    def _restore(self, run: Run, state: dict) -> None:
        """Put a run where it was; refuse what does not fit before anything is changed."""
        now = self._settings(run)
        for name, then in state["settings"].items():
            if name in now and then != now[name]:
                raise ValueError(
                    f"{self.path} was written with {name} {then}, not {now[name]}: resume with the same arguments, or "
                    "choose another path"
                )
        names, own = [each["name"] for each in state["callbacks"]], [type(each).__name__ for each in run.callbacks]
        if names != own:
            raise ValueError(f"{self.path} was written with the callbacks {', '.join(names)}, not {', '.join(own)}")
        expect_weights(self.path, run.model, state["model"])
        try:
            run.optimizer.load_state_dict(state["optimizer"])
            run.generator.set_state(state["generator"])
        except (KeyError, RuntimeError, TypeError, ValueError) as error:
            raise ValueError(f"{self.path} was written with another optimizer or generator: {error}") from error
        run.model.load_state_dict(state["model"])
        run.history.records.extend(state["history"])
        run.epoch = state["epoch"]
        for callback, remembered in zip(run.callbacks, state["callbacks"], strict=True):
            callback.load_state_dict(remembered["state"])
        for callback in run.callbacks:
            callback.resumed(run)

    def _settings(self, run: Run) -> dict:
        return self.settings | {"optimizer": type(run.optimizer).__name__} | run.settings

    def epoch_end(self, run: Run) -> None:
        if run.epoch % self.every and run.epoch < run.epochs and not run.stop:
            return
        if distributed.is_main():
            state = {
                "settings": self._settings(run),
                "model": run.model.state_dict(),
                "optimizer": run.optimizer.state_dict(),
                "generator": run.generator.get_state(),
                "history": run.history.records,
                "epoch": run.epoch,
                "callbacks": [{"name": type(each).__name__, "state": each.state_dict()} for each in run.callbacks],
            }
            atomic_write(self.path, saved_bytes(state))


def saved_bytes(state: dict) -> bytes:
    """Return what `torch.save` writes, so that the file can be written whole."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def load_file(path: Path, kind: str, keys: tuple[str, ...]) -> dict:
    """Read a file that holds what `saved_bytes` returned.

    Parameters
    ----------
    path : pathlib.Path
    kind : str
        What the file should be, for the message: "checkpoint".
    keys : tuple of str
        What its dict must have.

    Returns
    -------
    dict

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it was cut short, damaged, or written by something else.
    """
    content = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            damaged = archive.testzip()  # torch does not compare the checksums
        if damaged is None:
            state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
            if isinstance(state, dict) and all(key in state for key in keys):
                return state
        reason = "it is damaged" if damaged else "it holds something else"
    except zipfile.BadZipFile:
        reason = "it is cut short or something else" if content else "it is empty"
    except Exception as error:  # a foreign archive can make torch raise anything
        raise ValueError(f"{path} is no {kind} of this course: {type(error).__name__} while reading it") from error
    raise ValueError(f"{path} is no {kind} of this course: {reason}")


def expect_weights(path: Path, model: nn.Module, weights: Any) -> None:
    """Refuse weights from a file that are not those of the same model, before anything is changed.

    Raises
    ------
    ValueError
        If a name is missing or too many, or a shape differs.
    """
    own = {name: tuple(value.shape) for name, value in model.state_dict().items() if isinstance(value, Tensor)}
    read = {name: tuple(value.shape) for name, value in dict(weights).items() if isinstance(value, Tensor)}
    differing = sorted(name for name in own.keys() | read.keys() if own.get(name) != read.get(name))
    if differing:
        name = differing[0]
        shapes = [str(shapes.get(name, "missing")) for shapes in (read, own)]
        raise ValueError(f"{path} was written with another model: the shape of {name} is {shapes[0]}, not {shapes[1]}")
