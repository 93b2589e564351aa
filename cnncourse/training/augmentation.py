"""Change images at random, so that a network sees another version of each in every epoch.

An augmentation helps where the changed image still belongs to its class and could occur among new images: a mirrored
garment is still that garment, a mirrored 2 is no digit. Every function takes a batch and decides anew for each image;
none changes its argument. Chapter `better_training`.

References
----------
Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (2012), section 4.1:
shifts and mirror images. DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout"
(2017): erased squares.
"""

import torch
from torch import Tensor

from cnncourse.geometry import IntOrPair, as_integer, as_pair
from cnncourse.models.augmentation import cut_windows
from cnncourse.tensors import as_number, check_generator, check_tensor


def random_shift(images: Tensor, max_shift: int, generator: torch.Generator | None = None) -> Tensor:
    """Move each image by its own random number of rows and columns; zeros come in at the border.

    The same as a random crop of the image with a border of `max_shift` zeros.

    Parameters
    ----------
    images : Tensor
        ``(N, C, H, W)``, any number type.
    max_shift : int
        Each of the two shifts is drawn evenly from ``-max_shift .. max_shift``; less than the height and the width.
    generator : torch.Generator, optional
        Where the shifts come from; torch's global generator without one.

    Returns
    -------
    Tensor
        Shape and dtype of `images`, new memory.

    Raises
    ------
    ValueError
        If `images` has other axes, or `max_shift` is negative or could move an image out of sight.

    Examples
    --------
    >>> images = torch.tensor([1, 2, 3]).expand(3, 1, 3, 3)
    >>> random_shift(images, 1, torch.Generator().manual_seed(5))[:, 0, 1]  # the middle row of each
    tensor([[0, 1, 2],
            [2, 3, 0],
            [1, 2, 3]])
    """
    _check_images(images)
    check_generator(generator)
    max_shift = as_integer(max_shift, "max_shift", minimum=0)
    if max_shift >= min(images.shape[2:]):
        raise ValueError(f"`max_shift` must be less than the images' size {tuple(images.shape[2:])}, not {max_shift}")
    return cut_windows(images, max_shift, _integers(2 * max_shift + 1, (2, len(images)), images, generator))


def random_flip(images: Tensor, generator: torch.Generator | None = None, probability: float = 0.5) -> Tensor:
    """Mirror some of the images: left becomes right.

    Parameters
    ----------
    images : Tensor
        ``(N, C, H, W)``, any number type.
    generator : torch.Generator, optional
        Decides which; torch's global generator without one.
    probability : float, default 0.5
        Of each image to be mirrored, in [0, 1].

    Returns
    -------
    Tensor
        Shape and dtype of `images`, new memory.

    Raises
    ------
    ValueError
        If `images` has other axes, or `probability` is outside [0, 1].

    Examples
    --------
    >>> images = torch.tensor([1, 2, 3]).expand(3, 1, 1, 3)
    >>> random_flip(images, torch.Generator().manual_seed(0))[:, 0, 0]
    tensor([[3, 2, 1],
            [1, 2, 3],
            [3, 2, 1]])
    """
    _check_images(images)
    check_generator(generator)
    probability = as_number(probability, "probability", low=0, high=1)
    drawn = torch.rand(len(images), 1, 1, 1, generator=generator, device=_where(images, generator))
    return torch.where(drawn.to(images.device) < probability, images.flip(3), images)


def random_erase(images: Tensor, size: IntOrPair, generator: torch.Generator | None = None) -> Tensor:
    """Set a rectangle of each image to 0, at a random place, in all channels.

    Parameters
    ----------
    images : Tensor
        ``(N, C, H, W)``, any number type.
    size : int or (int, int)
        Height and width of the rectangle. It is always entirely inside the image.
    generator : torch.Generator, optional
        Where the places come from; torch's global generator without one.

    Returns
    -------
    Tensor
        Shape and dtype of `images`, new memory.

    Raises
    ------
    ValueError
        If `images` has other axes, or the rectangle is larger than an image.

    Examples
    --------
    >>> random_erase(torch.ones(2, 1, 3, 4).int(), (2, 3), torch.Generator().manual_seed(2))[:, 0]
    tensor([[[1, 0, 0, 0],
             [1, 0, 0, 0],
             [1, 1, 1, 1]],
    <BLANKLINE>
            [[1, 1, 1, 1],
             [0, 0, 0, 1],
             [0, 0, 0, 1]]], dtype=torch.int32)
    """
    _check_images(images)
    check_generator(generator)
    height, width = images.shape[2:]
    rows, columns = as_pair(size, "size")
    if rows > height or columns > width:
        raise ValueError(f"`size` must be at most the images' size {(height, width)}, not {(rows, columns)}")
    top = _integers(height - rows + 1, (len(images), 1), images, generator)
    left = _integers(width - columns + 1, (len(images), 1), images, generator)
    erased_rows = _between(torch.arange(height, device=images.device), top, rows)  # (N, H)
    erased_columns = _between(torch.arange(width, device=images.device), left, columns)  # (N, W)
    erased = erased_rows[:, None, :, None] & erased_columns[:, None, None, :]  # (N, 1, H, W)
    return images.masked_fill(erased, 0)


def _between(places: Tensor, first: Tensor, count: int) -> Tensor:
    return (places >= first) & (places < first + count)


def _integers(number: int, shape: tuple[int, ...], images: Tensor, generator: torch.Generator | None) -> Tensor:
    """Draw integers from 0 to ``number - 1`` on the generator's device; return them on that of `images`."""
    return torch.randint(number, shape, generator=generator, device=_where(images, generator)).to(images.device)


def _where(images: Tensor, generator: torch.Generator | None) -> torch.device:
    return images.device if generator is None else generator.device


def _check_images(images: Tensor) -> None:
    """Refuse what is no batch of images with at least one pixel each; the batch may be empty."""
    check_tensor(images, "images", "(N, C, H, W)")
    if 0 in images.shape[1:]:
        raise ValueError(f"`images` must have at least one channel and one pixel, not the shape {tuple(images.shape)}")
