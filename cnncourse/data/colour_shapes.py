"""Coloured squares and circles: a task in which colour alone, or shape alone, is not enough.

The colour alone gives the class of a red object; a yellow one needs its outline. Used in the chapters *Channels* and
*Interpretation*.
"""

import torch
from torch import Tensor
from torch.utils.data import TensorDataset

from cnncourse.data.shapes import SHAPE_CLASSES, expect_classes, random_shapes
from cnncourse.geometry import as_integer
from cnncourse.tensors import check_choice, check_generator, check_tensor

COLOURS = {"red": (1, 0, 0), "yellow": (1, 1, 0)}  # red, green, blue: yellow is red and green together
COLOUR_KINDS = ("yellow square", "yellow circle", "red square")  # there is no red circle


def paint(shapes: Tensor, colour: str) -> Tensor:
    """Give white shapes a colour.

    Parameters
    ----------
    shapes : Tensor
        float, `(*batch, H, W)`, values in [0, 1], as `draw_square` and `draw_circle` return them.
    colour : str
        A name from `COLOURS`: "red" or "yellow".

    Returns
    -------
    Tensor
        `(*batch, 3, H, W)`: red, green and blue, in [0, 1].

    Raises
    ------
    ValueError
        If `COLOURS` has no such colour.

    Examples
    --------
    >>> from cnncourse.data import draw_square
    >>> paint(draw_square(28, top=4, left=6, side=9), "yellow").sum((1, 2))
    tensor([81., 81.,  0.])
    """
    check_choice(colour, "colour", COLOURS)
    check_tensor(shapes, "shapes", floating=True, finite=True)
    if shapes.ndim < 2:
        raise ValueError(f"`shapes` must have the shape (*batch, H, W), not {tuple(shapes.shape)}")
    if shapes.numel() and not (shapes.min() >= 0 and shapes.max() <= 1):
        raise ValueError(f"`shapes` must hold values from 0 to 1, not from {shapes.min():g} to {shapes.max():g}")
    return shapes.unsqueeze(-3) * shapes.new_tensor(COLOURS[colour]).view(3, 1, 1)


def make_colour_objects(kinds: Tensor, size: int = 28, generator: torch.Generator | None = None) -> Tensor:
    """Draw one coloured object per image, of the kinds that you ask for, at random places.

    Parameters
    ----------
    kinds : Tensor
        int64, `(N,)`, positions in `COLOUR_KINDS`: 0 yellow square, 1 yellow circle, 2 red square.
    size : int
        Height and width in pixels, at least 24.
    generator : torch.Generator, optional
        As in `make_shapes`; `kinds` must be on its device.

    Returns
    -------
    Tensor
        float32, `(N, 3, size, size)`, values 0 and 1; blue is 0 everywhere.

    Raises
    ------
    ValueError
        If `size` is less than 24, or `kinds` is not a row of at least one 0, 1 or 2.

    Examples
    --------
    One of each:

    >>> images = make_colour_objects(torch.arange(3), generator=torch.Generator().manual_seed(0))
    >>> (images.amax((2, 3)) > 0).int().tolist()
    [[1, 1, 0], [1, 1, 0], [1, 0, 0]]
    """
    expect_classes(kinds, "kinds", COLOUR_KINDS)
    kinds = kinds.long()  # bytes would be taken for a mask
    colours, shapes = zip(*(kind.split() for kind in COLOUR_KINDS), strict=True)
    labels = torch.tensor([SHAPE_CLASSES.index(shape) for shape in shapes], device=kinds.device)[kinds]
    images = random_shapes(labels, size, generator).unsqueeze(1)  # (N, 1, size, size)
    return images * images.new_tensor([COLOURS[colour] for colour in colours])[kinds, :, None, None]


def make_colour_shapes(
    num_images: int, size: int = 28, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Draw the colour task: class 0 is yellow squares, class 1 is yellow circles and red squares.

    On average half the images are yellow squares, a quarter yellow circles and a quarter red squares. There are no red
    circles, so colour alone gives the class of every red object, and shape that of every yellow one.

    Parameters
    ----------
    num_images : int
        How many images to draw.
    size : int
        Height and width in pixels, at least 24.
    generator : torch.Generator, optional
        As in `make_shapes`.

    Returns
    -------
    images : Tensor
        float32, `(num_images, 3, size, size)`, values 0 and 1; yellow is red and green, blue is 0 everywhere.
    labels : Tensor
        int64, `(num_images,)`: 0 for yellow squares, 1 for yellow circles and red squares. To know the kinds too,
        draw them yourself and call `make_colour_objects`.

    Raises
    ------
    TypeError
        If `num_images` or `size` is not an integer.
    ValueError
        If `num_images` is less than 1 or `size` less than 24.

    Examples
    --------
    >>> images, labels = make_colour_shapes(200, generator=torch.Generator().manual_seed(0))
    >>> images.shape, images[:, 2].max()
    (torch.Size([200, 3, 28, 28]), tensor(0.))
    """
    num_images = as_integer(num_images, "num_images")
    check_generator(generator)
    device = None if generator is None else generator.device
    kinds = torch.randint(4, (num_images,), generator=generator, device=device)
    kinds = (kinds - 1).clamp(min=0)  # kind 0 twice as often as kinds 1 and 2
    return make_colour_objects(kinds, size, generator), (kinds > 0).long()


class ColourShapesDataset(TensorDataset):
    """The images and labels of `make_colour_shapes` as a `torch.utils.data.Dataset` of pairs.

    Examples
    --------
    >>> ColourShapesDataset(200, generator=torch.Generator().manual_seed(0))[0][0].shape
    torch.Size([3, 28, 28])
    """

    def __init__(self, num_images: int, size: int = 28, generator: torch.Generator | None = None):
        super().__init__(*make_colour_shapes(num_images, size, generator))
