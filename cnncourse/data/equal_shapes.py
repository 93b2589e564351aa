"""Squares and circles that agree in area and in place, so that only the outline gives the class.

A square of `make_shapes` has 25 to 169 white pixels and a circle 81 or 113: counting them gives most of the classes
away. Here both have 49 or 81 white pixels, and both are drawn at the same places. There are few different images (1,296
of 28x28 pixels), so nothing is drawn at random: who divides the places into training and test places has no image in
both. Used in the chapter *Why convolutions*.
"""

import torch
from torch import Tensor

from cnncourse.data.shapes import draw_circle, draw_square
from cnncourse.geometry import as_integer
from cnncourse.tensors import INTEGERS

SIDES, RADII = (7, 9), (4, 5)  # a disc of radius 4 has 49 = 7 * 7 pixels, one of radius 5 has 81 = 9 * 9
MARGIN = RADII[-1]  # every shape lies inside when its centre is this far from each border


def make_equal_shapes(centres: Tensor, size: int = 28) -> tuple[Tensor, Tensor]:
    """Draw two white squares and two white circles of the same two areas at each place, one in each image.

    Squares have sides of 7 and 9 pixels, circles radii of 4 and 5: one of each class has 49 white pixels, the other 81.
    So neither the area nor the place says anything about the class.

    Parameters
    ----------
    centres : Tensor
        Integers, `(P, 2)`: row and column of the shapes' centres, each from 5 to ``size - 6``.
    size : int
        Height and width of the images in pixels, at least 11.

    Returns
    -------
    images : Tensor
        float32, `(4 * P, 1, size, size)`, values 0 and 1. Images ``4 * p`` to ``4 * p + 3`` are drawn at place
        `p`: the small square, the large square, the small circle and the large circle.
    labels : Tensor
        int64, `(4 * P,)`: 0 for a square, 1 for a circle, as in `SHAPE_CLASSES`.

    Raises
    ------
    TypeError
        If `centres` are not integers or `size` is not an integer.
    ValueError
        If `centres` have another shape, hold no place, or one too near the border; if `size` is less than 11.

    Examples
    --------
    >>> images, labels = make_equal_shapes(torch.tensor([[5, 5], [5, 6]]))
    >>> labels.tolist()
    [0, 0, 1, 1, 0, 0, 1, 1]
    >>> images.sum((1, 2, 3)).tolist()
    [49.0, 81.0, 49.0, 81.0, 49.0, 81.0, 49.0, 81.0]
    """
    size = as_integer(size, "size", minimum=2 * MARGIN + 1)
    if not isinstance(centres, Tensor) or centres.dtype not in INTEGERS:
        given = centres.dtype if isinstance(centres, Tensor) else type(centres).__name__
        raise TypeError(f"`centres` must be a tensor of integers, not {given}")
    if centres.ndim != 2 or centres.shape[1] != 2 or len(centres) == 0:
        raise ValueError(f"`centres` must have shape (P, 2) with P at least 1, not {tuple(centres.shape)}")
    if centres.min() < MARGIN or centres.max() > size - 1 - MARGIN:
        raise ValueError(
            f"`centres` must be from {MARGIN} to {size - 1 - MARGIN}, not from {centres.min()} to {centres.max()}"
        )
    row, column = centres.long().unbind(1)
    squares = [draw_square(size, row - side // 2, column - side // 2, side) for side in SIDES]
    circles = [draw_circle(size, row, column, radius) for radius in RADII]
    images = torch.stack([*squares, *circles], dim=1)  # (P, 4, size, size)
    labels = torch.tensor([0, 0, 1, 1], device=centres.device).repeat(len(centres))
    return images.reshape(-1, 1, size, size), labels
