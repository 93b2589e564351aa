"""Training replay: scrub through recorded trainings of the smallest network, two of which fail."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from torch import nn
from torch.nn.utils import vector_to_parameters

from cnncourse import models
from cnncourse.data import SHAPE_CLASSES, make_shapes
from cnncourse.palette import OUTPUT, SERIES
from cnncourse.plotting import show_kernel

from .base import Figure
from .networks import layer_rules
from .settings import Flag, Whole

FILE = Path(__file__).parent / "recordings" / "training_replay.json"
RECORDING = json.loads(FILE.read_text(encoding="utf-8"))  # tools/record_training.py writes it
RUNS = {run["seed"]: run for run in RECORDING["runs"]}
QUANTITIES = ("train_loss", "validation_loss", "validation_accuracy")
NUM_EXAMPLES = 12  # images of each class whose decisions are drawn
KERNEL_LIMIT = 1.0  # full colour: no weight of a kernel is larger, in any run
REACH = 7  # where the line of decisions ends: none is farther out, in any run


class TrainingReplay(Figure):
    """Scrub through a recorded training: the loss, both kernels, their maps of an image, and every decision.

    The network is `cnncourse.models.one_kernel_net`, trained as in the chapter *Training*: 1000 squares and circles,
    15 epochs of `cnncourse.training.fit`. Everything shown for an epoch is computed from its 40 parameters.

    Parameters
    ----------
    name : str, optional
        The figure's id on the page.
    seed : {0, 1, 4, 7, 8, 13}, optional
        Which training. Most of them learn the task; 1 and 13 do not.
    epoch : int, optional
        0, before training, to 15.
    reveal : bool, optional
        Show the whole curve at once; else only up to the epochs that the reader has seen.

    Examples
    --------
    >>> figure = TrainingReplay(seed=13, epoch=15)
    >>> figure.query(), figure.moment()["validation_accuracy"]
    ('s=13&e=15', 0.531)
    >>> int((figure.decisions() > 0).sum())  # of 24 images, these are called circles
    22
    """

    title = "Training replay"
    seed = Whole(7, "s", min(RUNS), max(RUNS))
    epoch = Whole(0, "e", 0, RECORDING["epochs"])
    reveal = Flag(False, "a")

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        if self.seed not in RUNS:
            raise ValueError(f"`seed` must be one of the recorded {', '.join(map(str, RUNS))}, not {self.seed}")

    @classmethod
    def constants(cls) -> dict[str, Any]:
        return {
            "seeds": list(RUNS),
            "quantities": QUANTITIES,
            "examples": 2 * NUM_EXAMPLES,
            "held": RECORDING["validation"]["images"],
            "classes": SHAPE_CLASSES,
            "layers": layer_rules(models.one_kernel_net()),
            "limit": KERNEL_LIMIT,
            "reach": REACH,
            "series": SERIES,
        }

    @classmethod
    def files(cls) -> dict[str, bytes]:
        moments = [
            [*(run[quantity][epoch] for quantity in QUANTITIES), *parameters]
            for run in RUNS.values()
            for epoch, parameters in enumerate(run["parameters"])
        ]
        images = np.packbits(examples()[0].bool().numpy())
        return {"recording": np.array(moments, "<f4").tobytes() + images.tobytes()}

    def moment(self) -> dict[str, float]:
        """Return the losses and the validation accuracy of the epoch."""
        return {quantity: RUNS[self.seed][quantity][self.epoch] for quantity in QUANTITIES}

    def network(self) -> nn.Sequential:
        """Return the network as it was after the epoch, in eval mode."""
        model = models.one_kernel_net().requires_grad_(False).eval()
        vector_to_parameters(torch.tensor(RUNS[self.seed]["parameters"][self.epoch]), model.parameters())
        return model

    def decisions(self) -> torch.Tensor:
        """Return the logit of circle minus the logit of square for `examples()`, shape (24,): above 0 says circle."""
        logits = self.network()(examples()[0])
        return logits[:, 1] - logits[:, 0]

    def right(self) -> torch.Tensor:
        """Return which of the examples are recognised, shape (24,), bool."""
        return (self.decisions() > 0) == examples()[1].bool()

    def describe(self) -> str:
        when = f"after epoch {self.epoch} of {RECORDING['epochs']}" if self.epoch else "before the first epoch"
        train, held, accuracy = self.moment().values()
        decisions, weight = self.decisions(), self.network().get_parameter("conv1.weight")
        return (
            f"A network of 40 parameters from seed {self.seed}, {when}: training loss {train:.3f}, validation loss "
            f"{held:.3f}, {accuracy:.1%} of {RECORDING['validation']['images']:,} validation images right. Of 24 "
            f"images, {int(self.right().sum())} are right; logit differences run from {decisions.min():.2f} to "
            f"{decisions.max():.2f}. The weights of the first kernel sum to {weight.sum():.2f}."
        ).replace(" -", " −")

    def draw(self, picture: Picture) -> None:
        picture.set_size_inches(9, 3.4)
        axes = picture.subplot_mosaic(
            [["loss", "conv1", "says"], ["loss", "conv2", "says"]], width_ratios=[4, 1.5, 3.5]
        )
        run, epochs = RUNS[self.seed], range(RECORDING["epochs"] + 1)
        lines = {"training": run["train_loss"], "validation": run["validation_loss"]}
        for (label, values), colour, style in zip(lines.items(), SERIES, ("-", "--"), strict=False):
            axes["loss"].plot(epochs, values, color=colour, linestyle=style, label=label)
        axes["loss"].legend(loc="lower left")
        axes["loss"].axhline(math.log(2), color="gray", linewidth=1, linestyle=":")
        axes["loss"].axvline(self.epoch, color="gray", linewidth=1, linestyle="-")
        axes["loss"].set(xticks=range(0, len(epochs), 5), ylim=(0, 0.8), xlabel="Epoch", ylabel="Loss")
        axes["loss"].set_title(f"Seed {self.seed}, epoch {self.epoch}")
        model = self.network()
        for layer, title in {"conv1": "First kernel", "conv2": "Second kernel"}.items():
            kernel = model.get_parameter(f"{layer}.weight")[0, 0]
            show_kernel(kernel, ax=axes[layer], title=title, limit=KERNEL_LIMIT)
        self._draw_decisions(axes["says"])

    def _draw_decisions(self, ax: Axes) -> None:
        decisions, labels, right = self.decisions(), examples()[1], self.right()
        rows = torch.arange(len(labels))
        for label, marker in enumerate("so"):
            for is_right, face in ((True, OUTPUT), (False, "none")):
                chosen = (labels == label) & (right == is_right)
                ax.scatter(decisions[chosen], rows[chosen], marker=marker, facecolor=face, edgecolor=OUTPUT)
        ax.axvline(0, color="gray", linewidth=1, linestyle="-")
        ax.set(xlim=(-REACH, REACH), xlabel="Logit of circle − logit of square", title="Says square | says circle")
        ax.set_yticks(
            [NUM_EXAMPLES / 2 - 0.5, 1.5 * NUM_EXAMPLES - 0.5], ["squares", "circles"], rotation=90, va="center"
        )
        ax.tick_params(axis="y", length=0)


@functools.cache
def examples() -> tuple[torch.Tensor, torch.Tensor]:
    """Return the images whose decisions are drawn, and their labels: the first 12 squares and circles of validation.

    Returns
    -------
    images : Tensor
        float32, (24, 1, 28, 28), the squares first.
    labels : Tensor
        int64, (24,).
    """
    held = RECORDING["validation"]
    images, labels = make_shapes(held["images"], generator=torch.Generator().manual_seed(held["seed"]))
    found = torch.cat([(labels == label).nonzero()[:NUM_EXAMPLES, 0] for label in range(len(SHAPE_CLASSES))])
    return images[found], labels[found]
