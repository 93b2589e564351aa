"""Receptive field: a stack of layers, and the pixels of the image that one unit of its last layer sees."""

from __future__ import annotations

from typing import Any

import torch
from matplotlib.figure import Figure as Picture
from matplotlib.patches import Rectangle

from cnncourse.geometry import output_size, receptive_field
from cnncourse.palette import INPUT, KERNEL, OUTPUT

from .base import Figure
from .settings import Matrix, Whole

STACKS = {  # by the word in the chooser; each layer is kernel, stride, dilation
    "Convolutions and poolings": [[3, 1, 1], [2, 2, 1], [3, 1, 1], [2, 2, 1], [3, 1, 1]],
    "One 5 × 5": [[5, 1, 1]],
    "Two 3 × 3": [[3, 1, 1]] * 2,
    "Three 3 × 3": [[3, 1, 1]] * 3,
    "The shapes network": [[3, 1, 1], [3, 3, 1]] * 2,
    "LeNet-5": [[5, 1, 1], [2, 2, 1], [5, 1, 1], [2, 2, 1], [5, 1, 1]],
    "Dilations 1, 2, 4, 8": [[3, 1, dilation] for dilation in (1, 2, 4, 8)],
    "Dilations 2, 2, 2: holes": [[3, 1, 2]] * 3,
}


class ReceptiveField(Figure):
    """Stack layers, choose a unit, and follow it down to the pixels that it sees.

    The picture is a cut along one axis of the image, without padding; the other axis is the same.

    Parameters
    ----------
    name : str, optional
        The figure's id on the page.
    layers : list of [kernel, stride, dilation], optional
        1 to 8 layers, the first one first; each number from 1 to 8.
    size : int, optional
        Pixels of the image along the axis, 8 to 64; at least as many as the stack sees.
    shift : int, optional
        Which unit of the last layer is followed, counted from the middle one.

    Examples
    --------
    >>> figure = ReceptiveField(layers=[[3, 1, 1], [2, 2, 1], [3, 1, 1]])
    >>> figure.fields(), figure.pixels()
    ([3, 4, 8], (10, 17))
    """

    title = "Receptive field"
    layers = Matrix(STACKS["Convolutions and poolings"], "l", 1, 8, 8)
    size = Whole(28, "n", 8, 64)
    shift = Whole(0, "u", -32, 32)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for layer in self.layers:
            if len(layer) != 3 or not all(isinstance(number, int) for number in layer):
                raise ValueError(f"`layers` must hold kernel, stride and dilation as whole numbers, not {layer}")
        if self.fields()[-1] > self.size:
            raise ValueError(
                f"`size` must be at least the {self.fields()[-1]} pixels that the stack sees, not {self.size}"
            )
        count = self.counts()[-1]
        if not 0 <= self.unit() < count:
            lowest, highest = -((count - 1) // 2), count // 2
            raise ValueError(
                f"`shift` must be from {lowest} to {highest} for the last layer's {count} units, not {self.shift}"
            )

    @classmethod
    def constants(cls) -> dict[str, Any]:
        return {"stacks": STACKS}

    def _stack(self) -> list[tuple[int, int, int]]:
        return [(int(kernel), int(stride), int(dilation)) for kernel, stride, dilation in self.layers]

    def fields(self) -> list[int]:
        """Return how many pixels a unit of each layer sees along the axis."""
        return [receptive_field(self._stack()[: depth + 1]) for depth in range(len(self.layers))]

    def counts(self) -> list[int]:
        """Return the number of units of each layer along the axis, the image's pixels first."""
        counts = [self.size]
        for kernel, stride, dilation in self._stack():
            counts.append(output_size(counts[-1], kernel, stride, dilation=dilation))
        return counts

    def unit(self) -> int:
        """Return the place of the unit that is followed, from 0, in the last layer."""
        return (self.counts()[-1] - 1) // 2 + self.shift

    def ways(self) -> list[torch.Tensor]:
        """Return, for the image and every layer, by how many ways each unit leads to the one that is followed.

        Returns
        -------
        list of int64 tensors
            The image's first, shape (size,); the last one is 1 at `unit()` and 0 elsewhere.
        """
        counts = self.counts()
        ways = [torch.zeros(counts[-1], dtype=torch.int64)]
        ways[0][self.unit()] = 1
        for (kernel, stride, dilation), count in zip(self._stack()[::-1], counts[-2::-1], strict=True):
            below = torch.zeros(count, dtype=torch.int64)
            for tap in range(kernel):
                below[tap * dilation :][: stride * len(ways[0]) : stride][: len(ways[0])] += ways[0]
            ways.insert(0, below)
        return ways

    def pixels(self) -> tuple[int, int]:
        """Return the first and the last pixel that the unit sees."""
        seen = self.ways()[0].nonzero()
        return int(seen.min()), int(seen.max())

    def describe(self) -> str:
        first, last = self.pixels()
        seen, field = int((self.ways()[0] > 0).sum()), self.fields()[-1]
        holes = f", {field - seen} of them skipped" if seen < field else ""
        return (
            f"A cut through {len(self.layers)} layers over an image of {self.size} pixels. A unit of the last layer "
            f"sees {field} by {field} pixels{holes}: here rows and columns {first} to {last}. Layer by layer "
            f"the field grows: {', '.join(map(str, [1, *self.fields()]))}."
        )

    def draw(self, picture: Picture) -> None:
        picture.set_size_inches(9, 1 + 0.6 * len(self.layers))
        ax, ways = picture.subplots(), self.ways()
        offsets, jumps = [0.0], [1]
        for kernel, stride, dilation in self._stack():
            offsets.append(offsets[-1] + jumps[-1] * dilation * (kernel - 1) / 2)
            jumps.append(jumps[-1] * stride)
        places = [
            [offset + jump * unit for unit in range(len(way))]
            for offset, jump, way in zip(offsets, jumps, ways, strict=True)
        ]
        for depth, (kernel, stride, dilation) in enumerate(self._stack()):
            for unit in ways[depth + 1].nonzero().flatten().tolist():
                for tap in range(kernel):
                    ends = places[depth + 1][unit], places[depth][unit * stride + tap * dilation]
                    ax.plot(ends, (depth + 1, depth), color=KERNEL, linewidth=0.8, linestyle="-", zorder=0)
        for depth, way in enumerate(ways):
            role = INPUT if depth == 0 else OUTPUT if depth == len(self.layers) else KERNEL
            for place, number in zip(places[depth], way.tolist(), strict=True):
                face = role if number else "none"
                ax.add_patch(Rectangle((place - 0.4, depth - 0.13), 0.8, 0.26, facecolor=face, edgecolor=role))
        ax.set(xlim=(-1, self.size), ylim=(-0.5, len(self.layers) + 0.5), xlabel="Pixel of the image")
        names = ["image", *(f"layer {depth}: sees {field}" for depth, field in enumerate(self.fields(), 1))]
        ax.set_yticks(range(len(ways)), names)
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
