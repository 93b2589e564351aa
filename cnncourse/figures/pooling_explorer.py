"""Pooling explorer: the maximum or the average of each window, what padding is, and what a shift changes."""

from __future__ import annotations

from typing import Any

import torch
from matplotlib.figure import Figure as Picture
from torch.nn import functional as F

from cnncourse.plotting import ring, show_kernel
from cnncourse.pooling import avg_pool2d, max_pool2d

from .base import CellFigure
from .settings import Choice, Matrix, Whole

_PEAKS = [
    [-2, -2, -2, -2, -2, -2, -2, -2],
    [-2, -2, 7, -2, -2, -2, -2, -2],
    [-2, -2, -2, -2, 9, -2, -2, -2],
    [-2, -2, -2, -2, 6, -2, -2, -2],
    [-2, -2, 5, -2, -2, -2, -2, -2],
    [-2, -2, 8, -2, -2, -2, -2, -2],
    [-2, -2, -2, -2, -2, 3, -2, -2],
    [-2, -2, -2, -2, -2, -2, -2, -2],
]


class PoolingExplorer(CellFigure):
    """Pool a small map, choose what lies outside it, and shift it by a pixel to see how much of the output changes.

    Parameters
    ----------
    name : str, optional
        The figure's id on the page.
    kind : {"max", "average"}, optional
        What is kept of a window.
    kernel_size, stride, padding : int, optional
        1 to 4, 1 to 4, and 0 to half the window.
    fill : {"nothing", "zero"}, optional
        What padding is: left out (minus infinity for the maximum, not counted in the average) or the number 0.
    shift : int, optional
        Pixels by which the input is moved to the right, 0 to 4; its first column is repeated.
    row, column : int, optional
        The output cell that is spelled out.
    input : list of lists of numbers, optional
        At most 8 x 8, -9 to 9.

    Examples
    --------
    >>> PoolingExplorer(kind="max").output().tolist()[1]
    [-2.0, -2.0, 9.0, -2.0]
    >>> PoolingExplorer(shift=1).describe()[-67:]
    'Moved right by 1: 12 of 64 inputs changed, 2 of 16 outputs changed.'
    """

    title = "Pooling explorer"
    kind = Choice("max", "o", ["max", "average"])
    kernel_size = Whole(2, "k", 1, 4)
    stride = Whole(2, "s", 1, 4)
    padding = Whole(0, "p", 0, 2)
    fill = Choice("nothing", "f", ["nothing", "zero"])
    shift = Whole(0, "m", 0, 4)
    row = Whole(1, "r", 0, 11)
    column = Whole(2, "c", 0, 11)
    input = Matrix(_PEAKS, "x", -9, 9, 8)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        if self.padding > self.kernel_size // 2:
            raise ValueError(f"`padding` must be at most half the window of {self.kernel_size}, not {self.padding}")
        if self.kernel_size > min(len(self.input), len(self.input[0])):
            size = f"{len(self.input)} x {len(self.input[0])}"
            raise ValueError(f"`kernel_size` must be no larger than the {size} input, not {self.kernel_size}")
        self._keep_inside(settings, self.output().shape)

    def shifted(self, shift: int | None = None) -> torch.Tensor:
        """Return the input moved to the right by `shift`, or by the figure's own, shape (H, W), float64."""
        image = torch.tensor(self.input, dtype=torch.float64)
        shift = self.shift if shift is None else shift
        return image[:, (torch.arange(image.shape[1]) - shift).clamp(min=0)]

    def output(self, shift: int | None = None) -> torch.Tensor:
        """Return the pooled map, shape (H_out, W_out), float64: what the page shows."""
        image, padding = self.shifted(shift)[None, None], self.padding
        if self.kind == "average":
            include = self.fill == "zero"
            return avg_pool2d(image, self.kernel_size, self.stride, padding, count_include_pad=include)[0, 0]
        if self.fill == "zero":
            image, padding = F.pad(image, [padding] * 4), 0
        return max_pool2d(image, self.kernel_size, self.stride, padding)[0, 0]

    def describe(self) -> str:
        rows, columns = self.output().shape
        text = (
            f"An input of {len(self.input)} by {len(self.input[0])} and its {rows} by {columns} {self.kind} pooling, "
            f"window {self.kernel_size}, stride {self.stride}, padding {self.padding}. "
            f"The output cell in row {self.row}, column {self.column} is {self.output()[self.row, self.column]:g}."
        )
        if self.shift:
            inputs, outputs = ((draw(0) != draw(self.shift)).sum() for draw in (self.shifted, self.output))
            text += (
                f" Moved right by {self.shift}: {inputs} of {self.shifted().numel()} inputs changed, "
                f"{outputs} of {self.output().numel()} outputs changed."
            )
        return text

    def draw(self, picture: Picture) -> None:
        picture.set_size_inches(8, 4)
        image, pooled = F.pad(self.shifted(), [self.padding] * 4), self.output()
        limit = max(1.0, image.abs().max().item())
        left, right = picture.subplots(1, 2, width_ratios=[image.shape[1], pooled.shape[1] * 1.2])
        show_kernel(image, ax=left, title="Input", role="input", limit=limit)
        ring(left, self.row * self.stride, self.column * self.stride, self.kernel_size, self.kernel_size, role="kernel")
        show_kernel(pooled, ax=right, title=f"{self.kind.capitalize()} pooling", role="output", limit=limit)
        ring(right, self.row, self.column, role="output")
