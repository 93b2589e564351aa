"""im2col unfolded: every window a column, the kernel a row, the convolution one matrix product."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure as Picture

from cnncourse.convolution import im2col
from cnncourse.geometry import output_shape
from cnncourse.plotting import ring, show_image, show_kernel

from .base import CellFigure
from .kernels import square_kernel
from .settings import Matrix, Whole

_PICTURE = [[1, 2, 7, 8, 9], [0, 3, 8, 9, 7], [2, 1, 6, 9, 8], [1, 0, 7, 7, 9], [3, 2, 8, 6, 9]]


class Im2colUnfolded(CellFigure):
    """See each window of the input become a column, and the convolution one product of a row with a matrix.

    Parameters
    ----------
    name : str, optional
        The figure's id on the page.
    kernel_size, stride, padding : int, optional
        1 to 3, 1 to 3 and 0 to 1; without `kernel`, the vertical edge kernel of that size.
    row, column : int, optional
        The window that is marked, by its output cell.
    term : int, optional
        How many products the step by step sum has so far, 1 to 9; 0 for all of every column.
    kernel : list of lists of numbers, optional
        Square, at most 3 x 3, -99 to 99.
    input : list of lists of numbers, optional
        At most 6 x 6, 0 (black) to 9 (white).

    Examples
    --------
    >>> Im2colUnfolded(kernel_size=2).columns().shape
    torch.Size([4, 16])
    >>> Im2colUnfolded().output().tolist()
    [[18.0, 20.0, 3.0], [18.0, 21.0, 3.0], [15.0, 19.0, 5.0]]
    """

    title = "im2col unfolded"
    kernel_size = Whole(3, "k", 1, 3)
    stride = Whole(1, "s", 1, 3)
    padding = Whole(0, "p", 0, 1)
    row = Whole(0, "r", 0, 7)
    column = Whole(1, "c", 0, 7)
    term = Whole(0, "t", 0, 9)
    kernel = Matrix([[-1, 0, 1]] * 3, "w", -99, 99, 3)
    input = Matrix(_PICTURE, "x", 0, 9, 6)

    def __init__(
        self, *, kernel_size: int | None = None, kernel: list[list[float]] | None = None, **settings: Any
    ) -> None:
        super().__init__(**square_kernel(kernel, kernel_size), **settings)
        self._keep_inside(settings, self._output_shape())
        self.term = min(self.term, self.kernel_size**2)

    def _output_shape(self) -> tuple[int, int]:
        return output_shape((len(self.input), len(self.input[0])), self.kernel_size, self.stride, self.padding)

    def columns(self) -> torch.Tensor:
        """Return the unfolded input, shape (kernel_size**2, windows), float64: what the page shows."""
        image = torch.tensor(self.input, dtype=torch.float64)[None, None]
        return im2col(image, self.kernel_size, self.stride, self.padding)[0]

    def output(self) -> torch.Tensor:
        """Return the product, folded, shape (H_out, W_out), float64."""
        row = torch.tensor(self.kernel, dtype=torch.float64).reshape(1, -1)
        return (row @ self.columns()).reshape(self._output_shape())

    def describe(self) -> str:
        terms, windows = self.columns().shape
        rows, columns = self._output_shape()
        return (
            f"An input of {len(self.input)} by {len(self.input[0])} unfolded into a matrix of {terms} by {windows}: "
            f"one column for each of {windows} windows. The kernel, as a row of {terms} numbers, times the matrix "
            f"gives {windows} numbers, which fold into the {rows} by {columns} output."
        )

    def draw(self, picture: Picture) -> None:
        columns, output = self.columns(), self.output()
        window = self.row * output.shape[1] + self.column
        limit = max(1.0, output.abs().max().item())
        image = np.pad(np.array(self.input), self.padding)
        picture.set_size_inches(9, 6)
        axes = picture.subplots(2, 2, width_ratios=[9, max(9, columns.shape[1])], height_ratios=[len(columns) + 1, 2])
        show_image(image, ax=axes[0, 0], title="Input", values=True, limits=(0, 9), role="input")
        ring(
            axes[0, 0], self.row * self.stride, self.column * self.stride, self.kernel_size, self.kernel_size, "kernel"
        )
        show_image(columns, ax=axes[0, 1], title="Unfolded", values=True, limits=(0, 9), role="input")
        ring(axes[0, 1], 0, window, height=len(columns), role="kernel")
        show_kernel(np.reshape(self.kernel, (1, -1)), ax=axes[1, 0], title="Kernel, as a row")
        show_kernel(output.reshape(1, -1), ax=axes[1, 1], title="Product", role="output", limit=limit)
        ring(axes[1, 1], 0, window, role="output")
