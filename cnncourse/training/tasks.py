"""The course's three trainings as the command line runs them: from a name and a seed to a folder with the result.

A folder holds ``model.pt`` (the weights), ``history.png`` (the learning curves), ``report.json`` (what was reached, at
what cost, with which versions) and ``checkpoint.pt`` (where an interrupted training continues).
"""

from __future__ import annotations

import io
import json
import math
import platform
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import cnncourse
from cnncourse import models
from cnncourse.data import FASHION_CLASSES, hold_out, load_fashion_mnist, make_colour_shapes, make_shapes
from cnncourse.files import atomic_write
from cnncourse.models import FashionClassifier, TestTimeAugmentation, evaluation_mode

from . import distributed
from .batches import ordered_batches
from .callbacks import Budget, Callback, Stopwatch
from .checkpoints import Checkpoint, expect_weights, load_file, saved_bytes
from .fashion import fit_fashion
from .history import History
from .images import read_image
from .metrics import evaluate
from .restarts import fit_with_restarts

NUM_RESTARTS = 8
MAX_SEED = 2**63
CHECKPOINT = "checkpoint.pt"
Data = tuple[Tensor, Tensor]  # images and labels


@dataclass(frozen=True)
class Task:
    """A training of the command line: its data, its network and its recipe.

    Attributes
    ----------
    classes : tuple of str
        Names of the classes, by number.
    mode : str
        Pillow's name for the images: "L" is grey, "RGB" colour.
    epochs : int
        How many are trained by default.
    held_out : int
        Validation images, taken out of the training set.
    load : callable
        ``load(split, seed)`` returns images and labels; "train" or "test".
    build : callable
        ``build()`` makes the network.
    fit : callable
        ``fit(train, validation, generator=..., epochs=..., callbacks=..., progress=...)`` returns model and history.
    """

    classes: tuple[str, ...]
    mode: str
    epochs: int
    held_out: int
    load: Callable[[str, int], tuple[Tensor, Tensor]]
    build: Callable[[], nn.Module]
    fit: Callable[..., tuple[nn.Module, History]]


def _drawn(make: Callable) -> Callable[[str, int], tuple[Tensor, Tensor]]:
    """Turn a maker of images into a loader of 1000 training and 2000 test images."""

    def load(split: str, seed: int) -> tuple[Tensor, Tensor]:
        if split == "train":
            return make(1000, generator=torch.Generator().manual_seed(seed))
        return make(2000, generator=torch.Generator().manual_seed(2**32 + seed))

    return load


def _best_of_restarts(name: str) -> Callable[..., tuple[nn.Module, History]]:
    def fit(
        train: Data, validation: Data, *, generator: torch.Generator, **arguments: Any
    ) -> tuple[nn.Module, History]:
        networks = [models.build(name, generator) for _ in range(NUM_RESTARTS)]
        restarts = fit_with_restarts(networks, train, validation, generator=generator, **arguments)
        return restarts.model, restarts.history

    return fit


def _fit_augmented(train: Data, validation: Data, **arguments: Any) -> tuple[nn.Module, History]:
    model, history = fit_fashion(train, validation, **arguments)
    return TestTimeAugmentation(model).eval(), history


TASKS: dict[str, Task] = {
    "shapes": Task(
        classes=("square", "circle"),
        mode="L",
        epochs=20,
        held_out=200,
        load=_drawn(make_shapes),
        build=models.one_kernel_net,
        fit=_best_of_restarts("one_kernel"),
    ),
    "colour-shapes": Task(
        classes=("yellow square", "yellow circle or red square"),
        mode="RGB",
        epochs=20,
        held_out=200,
        load=_drawn(make_colour_shapes),
        build=models.colour_net,
        fit=_best_of_restarts("colour"),
    ),
    "fashion": Task(
        classes=FASHION_CLASSES,
        mode="L",
        epochs=10,
        held_out=1000,
        load=lambda split, seed: load_fashion_mnist(split, full=True),
        build=lambda: TestTimeAugmentation(FashionClassifier()),
        fit=_fit_augmented,
    ),
}


def train(
    task: str,
    out: str | PathLike,
    *,
    seed: int = 0,
    epochs: int | None = None,
    budget: float | None = None,
    resume: bool = False,
    progress: bool = True,
) -> dict:
    """Train for a task, test the result once, and write everything to a folder.

    Parameters
    ----------
    task : str
        A key of `TASKS`: "shapes", "colour-shapes" or "fashion".
    out : path
        A folder that is empty or not there yet.
    seed : int, default 0
        Decides images, weights and the order of samples.
    epochs : int, optional
        Passes over the data; the task's own number if not given.
    budget : float, optional
        Wall seconds instead of epochs, from the first image to the last optimiser step.
    resume : bool, default False
        Continue an interrupted training in `out`, with the same other arguments. The result is that of an uninterrupted
        training, except with a budget.
    progress : bool, default True
        Show a bar while training, if somebody is watching.

    Returns
    -------
    dict
        The content of ``report.json``: ``task``, ``seed``, ``test_accuracy``, ``validation_accuracy``, ``parameters``,
        ``cpu_seconds`` and ``wall_seconds`` (of the training with its data preparation, without imports and the final
        test), ``epochs`` finished, ``note`` (why it ended early, or empty), ``threads`` and ``versions``.

    Raises
    ------
    ValueError
        If there is no such task, a number is out of range, or both `epochs` and `budget` are given; with `resume`, if
        the checkpoint is damaged, or was written with another task, another seed, or epochs instead of a budget.
    FileExistsError
        If `out` holds anything and `resume` is false.
    FileNotFoundError
        If `out` holds other files than a checkpoint and `resume` is true.
    OSError
        If a file cannot be written; those that are there stay as they are.
    """
    if task not in TASKS:
        raise ValueError(f"`task` must be one of {', '.join(TASKS)}, not {task!r}")
    if epochs is not None and budget is not None:
        raise ValueError("`epochs` or `budget` must be given, not both")
    if budget is not None and not 0 < budget < math.inf:
        raise ValueError(f"`budget` must be above 0 seconds{' and finite' if budget == math.inf else ''}, not {budget}")
    if not 0 <= seed < MAX_SEED:
        raise ValueError(f"`seed` must be {'at least 0' if seed < 0 else f'below {MAX_SEED}'}, not {seed}")
    out, recipe = Path(out), TASKS[task]
    _expect_folder(out, resume)
    out.mkdir(parents=True, exist_ok=True)

    stopwatch = Stopwatch()
    images, labels = recipe.load("train", seed)
    generator = torch.Generator().manual_seed(seed)
    *learn, held_images, held_labels = hold_out(images, labels, recipe.held_out, generator)
    settings = {"task": task, "seed": seed, "mode": "epochs" if budget is None else "a budget"}
    callbacks: list[Callback] = [stopwatch]
    if budget is not None:
        callbacks.append(Budget(budget, spent=stopwatch.read()[1]))
        epochs = 10**6
    callbacks.append(Checkpoint(out / CHECKPOINT, resume=resume, settings=settings))
    model, history = recipe.fit(
        tuple(learn),
        (held_images, held_labels),
        generator=generator,
        epochs=recipe.epochs if epochs is None else epochs,
        callbacks=callbacks,
        progress=progress,
    )
    cpu_seconds, wall_seconds = stopwatch.read()
    report = {
        "task": task,
        "seed": seed,
        "test_accuracy": evaluate(model, ordered_batches(*recipe.load("test", seed))),
        "validation_accuracy": evaluate(model, ordered_batches(held_images, held_labels)),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "cpu_seconds": round(cpu_seconds, 3),
        "wall_seconds": round(wall_seconds, 3),
        "epochs": len(history),
        "note": history.note,
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }
    if distributed.is_main():
        _write(out, task, model, history, report)
    return report


def _expect_folder(out: Path, resume: bool) -> None:
    """Refuse a folder in which files would be overwritten."""
    if not out.exists() or not any(out.iterdir()):
        return
    if not resume:
        raise FileExistsError(f"{out} is not empty: choose another folder, or continue what is in it with resume")
    if not (out / CHECKPOINT).exists():
        raise FileNotFoundError(f"{out} holds no {CHECKPOINT} to continue from, but other files: choose another folder")


def versions() -> dict[str, str]:
    """Return what a measured number depends on besides its seed."""
    return {"python": platform.python_version(), "torch": torch.__version__, "cnncourse": cnncourse.__version__}


def _write(out: Path, task: str, model: nn.Module, history: History, report: dict) -> None:
    import matplotlib.pyplot as plt  # a training without a report needs no drawing

    atomic_write(out / "model.pt", saved_bytes({"task": task, "weights": model.state_dict()}))
    if len(history):
        axes = history.plot()
        picture = io.BytesIO()
        axes[0].figure.savefig(picture, dpi=150)
        atomic_write(out / "history.png", picture.getvalue())
        plt.close(axes[0].figure)
    atomic_write(out / "report.json", json.dumps(report, indent=2) + "\n")


@dataclass(frozen=True)
class Prediction:
    """What a trained network says about one image.

    Attributes
    ----------
    label : str
        The class with the highest probability.
    probabilities : dict
        Class name to probability, the likeliest first.
    """

    label: str
    probabilities: dict[str, float]


def predict(folder: str | PathLike, image: str | PathLike) -> Prediction:
    """Classify an image file with the network in a folder of `train`.

    Parameters
    ----------
    folder : path
        Where `train` wrote.
    image : path
        Any format that Pillow reads, see `read_image`; the objects of all three tasks are bright on black.

    Returns
    -------
    Prediction

    Raises
    ------
    FileNotFoundError
        If there is no trained model in `folder`, or no such image.
    ValueError
        If the model's file is damaged or something else, or `image` is not an image.
    """
    path = Path(folder) / "model.pt"
    if not path.exists():
        raise FileNotFoundError(f"{folder} holds no model.pt: train one there first")
    state = load_file(path, "model", ("task", "weights"))
    if state["task"] not in TASKS:
        raise ValueError(f"{path} is no model of this course: its task must be one of {', '.join(TASKS)}")
    task = TASKS[state["task"]]
    model = task.build()
    expect_weights(path, model, state["weights"])
    model.load_state_dict(state["weights"])
    pixels = read_image(image, task.mode, (28, 28))
    with torch.no_grad(), evaluation_mode(model):
        probabilities = model(pixels[None]).softmax(dim=1)[0]
    ranked = [(task.classes[index], probabilities[index].item()) for index in probabilities.argsort(descending=True)]
    return Prediction(ranked[0][0], dict(ranked))
