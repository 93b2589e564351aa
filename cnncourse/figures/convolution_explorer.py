"""Convolution explorer: one kernel over one small input, every output cell as the sum of its products."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure as Picture

from cnncourse.convolution import conv2d
from cnncourse.plotting import ring, show_image, show_kernel

from .base import CellFigure
from .kernels import square_kernel
from .settings import Matrix, Whole

_CORNER = [[0] * 8] * 2 + [[0] * 3 + [9] * 5] * 6


class ConvolutionExplorer(CellFigure):
    """Move a kernel over an input and watch each output cell become a sum of products.

    Parameters
    ----------
    name : str, optional
        The figure's id on the page.
    kernel_size : int, optional
        Side of the kernel, 1 to 5; without `kernel` it chooses the vertical edge kernel of that size.
    stride, padding, dilation : int, optional
        1 to 4, 0 to 2 and 1 to 3.
    row, column : int, optional
        The output cell whose sum is shown.
    kernel : list of lists of numbers, optional
        Square, -99 to 99.
    input : list of lists of numbers, optional
        At most 8 x 8, 0 (black) to 9 (white).

    Examples
    --------
    >>> explorer = ConvolutionExplorer(kernel=[[1, 0, -1]] * 3, stride=2)
    >>> explorer.kernel_size, explorer.query()
    (3, 's=2&w=1,0,-1_1,0,-1_1,0,-1')
    >>> explorer.output().tolist()
    [[0.0, -9.0, 0.0], [0.0, -27.0, 0.0], [0.0, -27.0, 0.0]]
    """

    title = "Convolution explorer"
    kernel_size = Whole(3, "k", 1, 5)
    stride = Whole(1, "s", 1, 4)
    padding = Whole(0, "p", 0, 2)
    dilation = Whole(1, "d", 1, 3)
    row = Whole(2, "r", 0, 11)
    column = Whole(1, "c", 0, 11)
    kernel = Matrix([[-1, 0, 1]] * 3, "w", -99, 99, 5)
    input = Matrix(_CORNER, "x", 0, 9, 8)

    def __init__(
        self, *, kernel_size: int | None = None, kernel: list[list[float]] | None = None, **settings: Any
    ) -> None:
        super().__init__(**square_kernel(kernel, kernel_size), **settings)
        self._keep_inside(settings, self.output().shape)

    def output(self) -> torch.Tensor:
        """Return the output, shape (H_out, W_out), float64: what the page shows."""
        image, kernel = (torch.tensor(values, dtype=torch.float64)[None, None] for values in (self.input, self.kernel))
        return conv2d(image, kernel, stride=self.stride, padding=self.padding, dilation=self.dilation)[0, 0]

    def describe(self) -> str:
        rows, columns = self.output().shape
        size = self.kernel_size
        return (
            f"An input of {len(self.input)} by {len(self.input[0])}, a {size} by {size} kernel and their {rows} by "
            f"{columns} output with stride {self.stride}, padding {self.padding} and dilation {self.dilation}. "
            f"The output cell in row {self.row}, column {self.column} is {self.output()[self.row, self.column]:g}."
        )

    def draw(self, picture: Picture) -> None:
        image = np.pad(np.array(self.input), self.padding)
        columns = self.output().shape[1]
        picture.set_size_inches(9, 3.8)
        shares = [image.shape[1], self.kernel_size, columns]
        left, middle, right = picture.subplots(1, 3, width_ratios=shares)
        show_image(image, ax=left, title="Input", values=True, limits=(0, 9), role="input")
        reach = self.dilation * (self.kernel_size - 1) + 1
        ring(left, self.row * self.stride, self.column * self.stride, reach, reach, role="kernel")
        show_kernel(np.array(self.kernel), ax=middle, title="Kernel")
        show_kernel(self.output(), ax=right, title="Output", role="output")
        ring(right, self.row, self.column, role="output")
