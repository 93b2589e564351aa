"""Look inside a CNN: draw a shape or pick a garment, and see the output of every layer of a trained network."""

from __future__ import annotations

import functools
import re
from itertools import chain
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from torch import nn

from cnncourse import models
from cnncourse.data import draw_circle, draw_square, load_fashion_mnist
from cnncourse.palette import SERIES
from cnncourse.plotting import ring, show_image, show_kernel

from .base import CellFigure
from .networks import CLASSES, NETWORKS, layer_rules, record, trained, weights
from .settings import Choice, Ink, Whole

SIDE = 28
RULES = {name: layer_rules(models.build(model, device="meta")) for name, model in NETWORKS.items()}
LAYERS = {name: [rule["name"] for rule in rules] for name, rules in RULES.items()}


class InsideNetwork(CellFigure):
    """Draw a shape or pick a garment; the page runs a network that this course trained, and shows all its layers.

    "shapes" is `cnncourse.models.shapes_net`, "fashion" `cnncourse.models.pocket_net`. Their weights are rounded to 16
    bits, and PyTorch here and the page compute with the same ones.

    Parameters
    ----------
    name : str, optional
        The figure's id on the page.
    network : {"shapes", "fashion"}, optional
    image : int, optional
        0 for an empty pad, 1 to 10 for the shapes and 1 to 20 for the garments to pick.
    drawing : str, optional
        What is drawn over the image, in reading order: "k90w8b3" keeps 90 pixels, makes 8 white and 3 black.
    layer : str, optional
        "conv1", "tanh1" (of shapes) or "relu1" (of garments), "pool1" and so on; "linear" is the last one.
    map : int, optional
        Which of the layer's maps is explained; for "linear", which class.
    row, column : int, optional
        The cell of that map whose sum is shown.

    Examples
    --------
    >>> figure = InsideNetwork(network="fashion", image=10, layer="conv2", map=3)
    >>> figure.query(), figure.answer()
    ('n=fashion&i=10&l=conv2&m=3', 'Ankle boot')
    >>> figure.outputs()["pool2"].shape
    torch.Size([16, 7, 7])
    """

    title = "Look inside a CNN"
    network = Choice("shapes", "n", list(NETWORKS))
    image = Whole(1, "i", 0, 20)
    drawing = Ink("d", SIDE * SIDE)
    layer = Choice("conv1", "l", list(dict.fromkeys(chain(*LAYERS.values()))))
    map = Whole(7, "m", 0, 15)
    row = Whole(12, "r", 0, SIDE - 1)
    column = Whole(8, "c", 0, SIDE - 1)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        count = len(pictures(self.network))
        if self.image > count:
            raise ValueError(f"`image` must be from 0 to {count} for {self.network}, not {self.image}")
        if self.layer not in LAYERS[self.network]:
            raise ValueError(
                f"`layer` must be one of {', '.join(LAYERS[self.network])} for {self.network}, not {self.layer!r}"
            )
        shape = self.outputs()[self.layer].shape
        if self.map >= shape[0]:
            if "map" in settings:
                raise ValueError(f"`map` must be from 0 to {shape[0] - 1} for {self.layer}, not {self.map}")
            self.map = shape[0] - 1
        self._keep_inside(settings, (1, 1) if len(shape) == 1 else shape[1:])

    @classmethod
    def constants(cls) -> dict[str, Any]:
        networks = {}
        for name in NETWORKS:
            kept = ("parameters", "test_images", "test_accuracy")
            facts = {key: record()["networks"][name][key] for key in kept}
            networks[name] = {"layers": RULES[name], "classes": CLASSES[name], "pictures": _words(name), **facts}
        return {"networks": networks}

    @classmethod
    def files(cls) -> dict[str, bytes]:
        grey = {f"{name}-pictures": (pictures(name) * 255).round().byte().numpy().tobytes() for name in NETWORKS}
        return {name: weights(name) for name in NETWORKS} | grey

    def pixels(self) -> torch.Tensor:
        """Return what the network looks at, shape (28, 28), float32 in [0, 1]."""
        base = pictures(self.network)[self.image - 1] if self.image else torch.zeros(SIDE, SIDE)
        return _draw_over(base, self.drawing)

    def outputs(self) -> dict[str, torch.Tensor]:
        """Return what every layer gives, by name: (C, H, W), and (K,) for the logits of "linear"."""
        values, outputs = self.pixels()[None, None], {}
        for name, layer in trained(self.network).named_children():
            values = layer(values)
            if not isinstance(layer, nn.Flatten):
                outputs[name] = values[0]
        return outputs

    def probabilities(self) -> torch.Tensor:
        """Return the softmax of the logits, shape (K,)."""
        return self.outputs()["linear"].softmax(dim=0)

    def answer(self) -> str:
        """Return the class with the largest logit."""
        return CLASSES[self.network][self.probabilities().argmax()]

    def describe(self) -> str:
        facts = record()["networks"][self.network]
        values = self.outputs()[self.layer][self.map]
        where = f"{self.layer}, " + ("class" if values.ndim == 0 else "map")
        return (
            f"A network of {facts['parameters']:,} numbers, right on {facts['test_accuracy']:.1%} of "
            f"{facts['test_images']:,} test images, looks at {self._looked_at()} and answers {self.answer()} with "
            f"probability {self.probabilities().max():.0%}. Shown is {where} {self.map}, with values from "
            f"{values.min():.2f} to {values.max():.2f}."
        )

    def _looked_at(self) -> str:
        if self.drawing:
            return "a drawing"
        if not self.image:
            return "an empty image"
        words = _words(self.network)[self.image - 1]
        return words if self.network == "shapes" else f"a test image with the label {words}"

    def draw(self, picture: Picture) -> None:
        maps = self.outputs()["pool2" if self.layer == "linear" else self.layer]
        rows = len(maps) // 8
        picture.set_size_inches(9, 3.4 + 1.1 * rows)
        top, bottom = picture.subfigures(2, 1, squeeze=False, height_ratios=[2.6, 1.1 * rows + 0.3]).ravel()
        left, right = top.subplots(1, 2, width_ratios=[1, 2])
        show_image(self.pixels(), ax=left, title="Input", role="input")
        self._draw_answer(right)
        limit = float(maps.abs().max()) or 1.0
        bottom.suptitle(f"{self.layer if self.layer != 'linear' else 'pool2'}: {len(maps)} maps, up to {limit:.2f}")
        for index, ax in enumerate(bottom.subplots(rows, 8, squeeze=False).ravel()):
            if maps.min() < 0:
                show_kernel(maps[index], ax=ax, values=False, limit=limit, role=None)
            else:
                show_image(maps[index], ax=ax, limits=(0, limit))
            if index == self.map and self.layer != "linear":
                ring(ax, 0, 0, maps.shape[1], maps.shape[2], role="output")

    def _draw_answer(self, ax: Axes) -> None:
        classes, shares = CLASSES[self.network], self.probabilities().tolist()
        places = range(len(classes))
        ax.barh(places, shares, color=SERIES[0])
        ax.set_yticks(places, classes)
        ax.set(xlim=(0, 1.15), xlabel="Softmax", title=f"Answer: {self.answer()}")
        ax.invert_yaxis()
        for place, share, logit in zip(places, shares, self.outputs()["linear"].tolist(), strict=True):
            words = f"{share:.1%} (logit {logit:.1f})".replace("-", "\N{MINUS SIGN}")
            ax.text(share + 0.01, place, words, va="center", fontsize=8)


@functools.cache
def pictures(network: str) -> torch.Tensor:
    """Return the images to pick from, (N, 28, 28), float32: drawn shapes, or two test garments of each class."""
    if network == "shapes":
        return torch.stack(list(_shapes().values()))
    images, labels = load_fashion_mnist("test")
    found = [(labels == number).nonzero().flatten()[:2] for number in range(len(CLASSES[network]))]
    return images[torch.stack(found).T.flatten(), 0]  # the first of each class, then the second


def _words(network: str) -> list[str]:
    """Return what each of the pictures shows, in words."""
    return list(_shapes()) if network == "shapes" else list(CLASSES[network]) * 2


@functools.cache
def _shapes() -> dict[str, torch.Tensor]:
    """Return shapes by what they are: six of the kinds in the training images, four of other kinds."""
    outline = draw_square(SIDE, 7, 7, 13) - draw_square(SIDE, 9, 9, 9)
    return {
        "a square": draw_square(SIDE, 7, 8, 12),
        "a circle": draw_circle(SIDE, 14, 14, 6),
        "a small square": draw_square(SIDE, 4, 17, 5),
        "a small circle": draw_circle(SIDE, 8, 9, 5),
        "a square in a corner": draw_square(SIDE, 19, 0, 9),
        "a circle in a corner": draw_circle(SIDE, 21, 21, 6),
        "the outline of a square": outline,
        "the outline of a circle": draw_circle(SIDE, 14, 14, 6) - draw_circle(SIDE, 14, 14, 4),
        "a cross": _cross(),
        "a square and a circle": draw_square(SIDE, 2, 2, 10) + draw_circle(SIDE, 19, 19, 6),
    }


def _cross() -> torch.Tensor:
    image = torch.zeros(SIDE, SIDE)
    image[12:16, 6:22] = image[6:22, 12:16] = 1
    return image


def _draw_over(base: torch.Tensor, drawing: str) -> torch.Tensor:
    """Return the image with ink on it; see `cnncourse.figures.settings.Ink`."""
    pixels, at = base.flatten().clone(), 0
    for letter, count in re.findall("([kbw])([0-9]+)", drawing):
        if letter != "k":
            pixels[at : at + int(count)] = float(letter == "w")
        at += int(count)
    return pixels.view(SIDE, SIDE)
