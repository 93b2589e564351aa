"""Checkpoints: training runs that continue where they stopped."""

import io
import os
from pathlib import Path

import torch

from cnncourse.files import atomic_write

from . import distributed
from .callbacks import Callback, Run


class Checkpoint(Callback):
    """Save the whole state of training after each epoch, and continue from it.

    The continued run computes the same numbers as one that was never interrupted, provided `fit` is called with
    the same data and arguments: the file holds the weights, the optimiser, the generator, the history and what
    the other callbacks remember. Name it last among them, so that they have seen the epoch when it is saved.

    Parameters
    ----------
    path : path
        The file; its folder is made if need be.
    every : int, default 1
        Save after every so many epochs, at least 1.
    resume : bool, default False
        Continue from `path` if it is there. Without `resume`, a file that is there is an error: nothing is
        overwritten unasked.

    Raises
    ------
    ValueError
        If `every` is below 1.
    FileExistsError
        When training starts, if `path` exists and `resume` is false.
    """

    def __init__(self, path: str | os.PathLike, every: int = 1, resume: bool = False):
        if every < 1:
            raise ValueError(f"`every` must be at least 1, not {every}")
        self.path = Path(path)
        self.every = every
        self.resume = resume

    def start(self, run: Run) -> None:
        if not self.path.exists():
            return
        if not self.resume:
            raise FileExistsError(f"{self.path} exists: continue from it with resume=True, or choose another path")
        state = torch.load(self.path, map_location="cpu", weights_only=True)
        run.model.load_state_dict(state["model"])
        run.optimizer.load_state_dict(state["optimizer"])
        run.generator.set_state(state["generator"])
        run.history.records.extend(state["history"])
        run.epoch = state["epoch"]
        for callback, remembered in zip(run.callbacks, state["callbacks"], strict=True):
            callback.load_state_dict(remembered)

    def epoch_end(self, run: Run) -> None:
        if run.epoch % self.every and run.epoch < run.epochs and not run.stop:
            return
        if distributed.is_main():
            state = {
                "model": run.model.state_dict(),
                "optimizer": run.optimizer.state_dict(),
                "generator": run.generator.get_state(),
                "history": run.history.records,
                "epoch": run.epoch,
                "callbacks": [callback.state_dict() for callback in run.callbacks],
            }
            atomic_write(self.path, saved_bytes(state))


def saved_bytes(state: dict) -> bytes:
    """Return what `torch.save` writes, so that the file can be written whole."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()
