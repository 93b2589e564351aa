"""Images of one square or one circle: a data set small enough to understand completely.

Because every image is drawn by a rule, you know what a network has to learn, and you can draw as many new images as you
like. Used from the chapter *Why convolutions* on. Nothing loops over images: a whole batch is drawn at once, by
comparing the pixels' row and column numbers with the place and the size of each shape.
"""

import torch
from torch import Tensor
from torch.utils.data import TensorDataset

from cnncourse.geometry import as_integer
from cnncourse.tensors import INTEGERS, check_generator

SHAPE_CLASSES = ("square", "circle")

MIN_SIZE = 24  # pixels; the largest shape then has many places
SIDES = (5, 13)  # smallest and largest side of a square, in pixels
RADII = (5, 6)  # smallest and largest radius of a circle, in pixels


def draw_square(size: int, top: int | Tensor, left: int | Tensor, side: int | Tensor) -> Tensor:
    """Draw white squares on black, each at a place that you choose.

    Parameters
    ----------
    size : int
        Height and width of the image in pixels.
    top, left : int or integer tensor of any shape
        Row and column of the square's first pixel. Tensors draw one image for each element; they broadcast.
    side : int or integer tensor
        Height and width of the square in pixels, at least 1.

    Returns
    -------
    Tensor
        float32, `(*batch, size, size)`, 1 on the square and 0 elsewhere; `(size, size)` for three ints.

    Raises
    ------
    ValueError
        If a square does not lie wholly inside the image.

    Examples
    --------
    >>> draw_square(5, top=1, left=2, side=2).int().tolist()
    [[0, 0, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]
    """
    pixels, top, left, side = _coordinates(size, top=top, left=left, side=side)
    _expect_inside("square", size, (top, top + side - 1), (left, left + side - 1))
    in_rows = (top <= pixels) & (pixels < top + side)  # (*batch, size)
    in_columns = (left <= pixels) & (pixels < left + side)
    return (in_rows.unsqueeze(-1) & in_columns.unsqueeze(-2)).float()


def draw_circle(size: int, row: int | Tensor, column: int | Tensor, radius: int | Tensor) -> Tensor:
    """Draw white discs on black, each at a place that you choose.

    Parameters
    ----------
    size : int
        Height and width of the image in pixels.
    row, column : int or integer tensor of any shape
        The centre pixel. Tensors draw one image for each element; they broadcast.
    radius : int or integer tensor
        The disc holds the pixels at most this far from the centre, so it is `2 * radius + 1` pixels high and wide.

    Returns
    -------
    Tensor
        float32, `(*batch, size, size)`, 1 on the disc and 0 elsewhere; `(size, size)` for three ints.

    Raises
    ------
    ValueError
        If a disc does not lie wholly inside the image.

    Examples
    --------
    >>> draw_circle(5, row=2, column=1, radius=1).int().tolist()
    [[0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 0]]
    """
    pixels, row, column, radius = _coordinates(size, row=row, column=column, radius=radius)
    _expect_inside("circle", size, (row - radius, row + radius), (column - radius, column + radius))
    left_over = radius**2 - (pixels - row) ** 2  # (*batch, size): the largest squared distance along the row
    return ((pixels - column).square().unsqueeze(-2) <= left_over.unsqueeze(-1)).float()


def make_shapes(num_images: int, size: int = 28, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
    """Draw images of one white square or one white circle each, half and half on average.

    Sides are 5 to 13 pixels, radii 5 or 6, each size equally likely, and so is every place at which the shape lies
    wholly inside the image: shapes can touch every border.

    Parameters
    ----------
    num_images : int
        How many images to draw.
    size : int
        Height and width in pixels, at least 24.
    generator : torch.Generator, optional
        Where the random numbers come from, and on which device the images are made. Without one, torch's global
        generator is used; it is never seeded here.

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
        If `num_images` is less than 1 or `size` less than 24.

    Examples
    --------
    >>> images, labels = make_shapes(1000, generator=torch.Generator().manual_seed(0))
    >>> images.shape, labels.shape, images.unique().tolist()
    (torch.Size([1000, 1, 28, 28]), torch.Size([1000]), [0.0, 1.0])
    """
    num_images = as_integer(num_images, "num_images")
    check_generator(generator)
    device = None if generator is None else generator.device
    labels = torch.randint(len(SHAPE_CLASSES), (num_images,), generator=generator, device=device)
    return random_shapes(labels, size, generator).unsqueeze(1), labels


def random_shapes(labels: Tensor, size: int = 28, generator: torch.Generator | None = None) -> Tensor:
    """Draw one white shape per image, of the classes that you ask for, at random places.

    Parameters
    ----------
    labels : Tensor
        int64, `(N,)`, positions in `SHAPE_CLASSES`: 0 square, 1 circle.
    size : int
        Height and width in pixels, at least 24.
    generator : torch.Generator, optional
        As in `make_shapes`; `labels` must be on its device.

    Returns
    -------
    Tensor
        float32, `(N, size, size)`, values 0 and 1.

    Raises
    ------
    TypeError
        If `size` is not an integer.
    ValueError
        If `size` is less than 24, or `labels` is not a row of at least one 0 or 1.

    Examples
    --------
    >>> random_shapes(torch.tensor([0, 1]), generator=torch.Generator().manual_seed(0)).shape
    torch.Size([2, 28, 28])
    """
    size = as_integer(size, "size", minimum=MIN_SIZE)
    expect_classes(labels, "labels", SHAPE_CLASSES)
    check_generator(generator)
    count = len(labels)
    side = _integers(*SIDES, count, generator)
    radius = _integers(*RADII, count, generator)
    extent = torch.where(labels == 0, side, 2 * radius + 1)  # height and width of the shape that is drawn
    top = _integers(0, size - extent, count, generator)
    left = _integers(0, size - extent, count, generator)
    images = torch.empty(count, size, size, dtype=torch.float32, device=labels.device)
    square, circle = labels == 0, labels == 1
    images[square] = draw_square(size, top[square], left[square], side[square])
    images[circle] = draw_circle(size, (top + radius)[circle], (left + radius)[circle], radius[circle])
    return images


def expect_classes(values: Tensor, name: str, classes: tuple[str, ...]) -> None:
    """Refuse `values` that are not a row (N,), N >= 1, of positions in `classes`.

    Raises
    ------
    TypeError
        If they are not integers.
    ValueError
        For another shape or position.
    """
    if not isinstance(values, Tensor) or values.dtype not in INTEGERS:
        given = values.dtype if isinstance(values, Tensor) else type(values).__name__
        raise TypeError(f"`{name}` must be a tensor of integers, not {given}")
    if values.ndim != 1 or len(values) == 0:
        raise ValueError(f"`{name}` must have shape (N,) with N at least 1, not {tuple(values.shape)}")
    if values.min() < 0 or values.max() >= len(classes):
        meaning = ", ".join(f"{position} {word}" for position, word in enumerate(classes))
        raise ValueError(f"`{name}` must be from {meaning}, not from {values.min()} to {values.max()}")


class ShapesDataset(TensorDataset):
    """The images and labels of `make_shapes` as a `torch.utils.data.Dataset` of pairs.

    Examples
    --------
    >>> dataset = ShapesDataset(1000, generator=torch.Generator().manual_seed(0))
    >>> image, label = dataset[0]
    >>> len(dataset), image.shape, label.shape
    (1000, torch.Size([1, 28, 28]), torch.Size([]))
    """

    def __init__(self, num_images: int, size: int = 28, generator: torch.Generator | None = None):
        super().__init__(*make_shapes(num_images, size, generator))


def _integers(low: int, high: int | Tensor, count: int, generator: torch.Generator | None) -> Tensor:
    """`count` random integers from `low` to `high`, both included, on the generator's device; int64, (count,)."""
    device = None if generator is None else generator.device
    uniform = torch.rand(count, generator=generator, device=device)
    # uniform is at most 1 - 2**-24, and its product with the span rounds to below the span: at most `high`.
    return low + (uniform * (high - low + 1)).long()


def _coordinates(size: int, **places: int | Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The pixel numbers 0..size-1, and each place with a last axis to compare with them."""
    size = as_integer(size, "size")
    device = next((place.device for place in places.values() if isinstance(place, Tensor)), None)
    tensors = []
    for name, place in places.items():
        if not isinstance(place, Tensor):
            place = torch.tensor(as_integer(place, name, minimum=-(2**31)), device=device)
        if place.dtype not in INTEGERS:
            raise TypeError(f"`{name}` must hold integers, not {place.dtype}")
        tensors.append(place.long())  # bytes would overflow in sums
    tensors = torch.broadcast_tensors(*tensors)
    return torch.arange(size, device=device), *(place.unsqueeze(-1) for place in tensors)


def _expect_inside(shape: str, size: int, rows: tuple[Tensor, Tensor], columns: tuple[Tensor, Tensor]) -> None:
    """Refuse a shape whose first and last rows or columns are in the wrong order or not in the image."""
    for axis, (first, last) in {"rows": rows, "columns": columns}.items():
        outside = (first > last) | (first < 0) | (last >= size)
        if outside.any():
            raise ValueError(
                f"a {shape} must lie inside the image, in {axis} 0 to {size - 1}, "
                f"not in {axis} {first[outside][0]} to {last[outside][0]}"
            )
