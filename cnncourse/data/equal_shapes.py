"""Squares and circles that agree in area and in place, so that only the outline gives the class.

A square of `make_shapes` has 25 to 169 white pixels and a circle 81 or 113: counting them gives most of the classes
away. Here both have 49 or 81 white pixels, and both have their centres at the same places. Used in the chapter *Why
convolutions*.
"""

import torch
from torch import Tensor

from cnncourse.data.shapes import SHAPE_CLASSES, draw_circle, draw_square
from cnncourse.geometry import as_integer, as_pair
from cnncourse.tensors import check_generator

SIDES, RADII = (7, 9), (4, 5)  # a disc of radius 4 has 49 = 7 * 7 pixels, one of radius 5 has 81 = 9 * 9
MARGIN = RADII[-1]  # every shape lies inside when its centre is this far from each border


def make_equal_shapes(
    num_images: int,
    size: int = 28,
    generator: torch.Generator | None = None,
    centres: tuple[int, int] | None = None,
) -> tuple[Tensor, Tensor]:
    """Draw images of one white square or one white circle each, whose area and place say nothing about the class.

    Squares have sides of 7 or 9 pixels, circles radii of 4 or 5: in both classes half the shapes have 49 white pixels
    and half 81, on average.

    Parameters
    ----------
    num_images : int
        How many images to draw.
    size : int
        Height and width in pixels, at least 11.
    generator : torch.Generator, optional
        As in `make_shapes`.
    centres : (int, int), optional
        First and last row, and first and last column, of the shapes' centres. By default every place at which both
        shapes lie wholly inside the image: from 5 to ``size - 6``.

    Returns
    -------
    images : Tensor
        float32, `(num_images, 1, size, size)`, values 0 and 1.
    labels : Tensor
        int64, `(num_images,)`: 0 for a square, 1 for a circle, as in `SHAPE_CLASSES`.

    Raises
    ------
    TypeError
        If `num_images` or `size` is not an integer.
    ValueError
        If `num_images` is less than 1, `size` less than 11, or `centres` too near the border.

    Examples
    --------
    >>> images, labels = make_equal_shapes(100, generator=torch.Generator().manual_seed(0))
    >>> area = images.sum((1, 2, 3))
    >>> area[labels == 0].unique().tolist(), area[labels == 1].unique().tolist()
    ([49.0, 81.0], [49.0, 81.0])
    """
    num_images = as_integer(num_images, "num_images")
    size = as_integer(size, "size", minimum=2 * MARGIN + 1)
    check_generator(generator)
    first, last = (MARGIN, size - 1 - MARGIN) if centres is None else as_pair(centres, "centres", minimum=0)
    if not MARGIN <= first <= last <= size - 1 - MARGIN:
        raise ValueError(f"`centres` must lie in {MARGIN} to {size - 1 - MARGIN}, not in {first} to {last}")

    def integers(low: int, high: int) -> Tensor:
        device = None if generator is None else generator.device
        return torch.randint(low, high + 1, (num_images,), generator=generator, device=device)

    labels, larger = integers(0, len(SHAPE_CLASSES) - 1), integers(0, 1)
    row, column = integers(first, last), integers(first, last)
    half = SIDES[0] // 2 + larger  # from the centre of a square to its border
    squares = draw_square(size, row - half, column - half, SIDES[0] + 2 * larger)
    circles = draw_circle(size, row, column, RADII[0] + larger)
    return torch.where(labels.view(-1, 1, 1) == 0, squares, circles).unsqueeze(1), labels
