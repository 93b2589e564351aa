"""Whether a transform keeps its rounding errors small on the data at hand.

The definition rounds each output relative to the pixels under the kernel. A Fourier transform mixes all pixels of an
image and Winograd's transform those of a tile: their errors are relative to the largest pixel anywhere, and one NaN or
infinity reaches outputs whose window does not contain it. `transforms_are_safe` finds such data in one pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch

from cnncourse.geometry import Pair

# Measured: a transform's error is below 5 eps of (largest pixel) * (sum of the kernel's magnitudes). A window may be
# darker than the image by 2**-17 / eps, which is 64 in float32: the error stays below 2**-14 of what the window holds.
LARGEST_ERROR = 2**-17


def transforms_are_safe(
    images: torch.Tensor, kernel: torch.Tensor, kernel_size: Pair, padding: Pair, dilation: Pair, groups: int
) -> bool:
    """Tell whether every window of `images` holds a pixel that is not much smaller than the largest of its image.

    Parameters
    ----------
    images : torch.Tensor
        (N, C, H, W), what the kernel slides over.
    kernel : torch.Tensor
        What the images are multiplied with, of any shape.
    kernel_size, padding, dilation : pair of ints
        Of the windows. Only the bounds of `padding` matter, not its zeros: a window at the border has fewer pixels.
    groups : int
        A window sees the channels of one group.

    Returns
    -------
    bool
        False also for data that are not finite, or so large that a sum over the image could overflow.

    Examples
    --------
    >>> image, kernel = torch.ones(1, 1, 20, 20), torch.ones(1, 1, 5, 5)
    >>> transforms_are_safe(image, kernel, (5, 5), (0, 0), (1, 1), 1)
    True
    >>> image[0, 0, 0, 0] = 1e8
    >>> transforms_are_safe(image, kernel, (5, 5), (0, 0), (1, 1), 1)
    False
    """
    if images.device.type == "meta":  # shapes without data
        return True
    reach = [  # kernel pixels that lie in the image, wherever the window is
        length - math.ceil(border / spacing)
        for length, border, spacing in zip(kernel_size, padding, dilation, strict=True)
    ]
    if min(reach) < 1:
        return False
    exact = torch.promote_types(images.dtype, torch.float32)
    tile = [(length + 1) // 2 for length in reach]  # a window holds at least one such tile
    grouped = images.unflatten(1, (groups, -1))  # (N, G, C, H, W)
    in_tiles = largest_in_tiles(grouped, tile, dilation).to(torch.float64)
    largest = in_tiles.amax((2, 3), keepdim=True)  # (N, G, 1, 1)
    allowed = LARGEST_ERROR / torch.finfo(exact).eps
    even = bool((in_tiles * allowed >= largest).all())  # no NaN is larger than a number
    sums = largest.amax().item() * images[0].numel() * kernel.abs().sum(dtype=exact).item()
    return even and sums < torch.finfo(exact).max


def largest_in_tiles(images: torch.Tensor, tile: Pair, dilation: Pair) -> torch.Tensor:
    """Find the largest magnitude in each tile, where tiles take every `dilation`-th pixel.

    Every pixel lies in a tile; the last tile along an axis overlaps the one before it where the size demands it. No
    copy of the images is made: large temporary memory would cost more than the arithmetic.

    Parameters
    ----------
    images : torch.Tensor
        (N, G, C, H, W); the channels of a group are taken together.
    tile, dilation : pair of ints

    Returns
    -------
    torch.Tensor
        (N, G, rows, columns).

    Examples
    --------
    >>> largest_in_tiles(torch.arange(-2.0, 13.0).view(1, 1, 1, 3, 5), (2, 2), (1, 2))
    tensor([[[[ 5.,  6.,  6.,  7.],
              [10., 11., 11., 12.]]]])
    """
    rows = []
    for extreme in (torch.amax, torch.amin):
        channel = images[:, :, 0] if images.shape[2] == 1 else extreme(images, 2)
        rows.append(_along(channel, 2, tile[0], dilation[0], extreme))
    return _along(torch.maximum(rows[0], -rows[1]), 3, tile[1], dilation[1], torch.amax)


def _along(images: torch.Tensor, axis: int, length: int, spacing: int, extreme: Callable) -> torch.Tensor:
    """Reduce every tile along one axis to one number."""
    size = images.shape[axis]
    if length * spacing > size:
        length = spacing = 1
    if length == spacing == 1:
        return images
    whole = size - size % (length * spacing)
    parts = [images.narrow(axis, 0, whole)]
    if whole < size:
        parts.append(images.narrow(axis, size - length * spacing, length * spacing))
    tiles = [extreme(part.unflatten(axis, (-1, length, spacing)), axis + 1) for part in parts]
    return torch.cat([tile.flatten(axis, axis + 1) for tile in tiles], axis)
