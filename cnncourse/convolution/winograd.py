"""Convolution with fewer multiplications: Winograd's F(4, 3) for 3x3 kernels.

Four outputs of a kernel of three need 12 multiplications by definition and 6 by Winograd's algorithm; on both axes 36
instead of 144. Cut the image into overlapping 6x6 tiles, transform tiles and kernels, multiply number by number (over
channels: a matrix product for each of the 36), transform back to 4x4 outputs. The transforms are small fixed matrices:
their large entries increase the rounding error. Taught in the chapter *How libraries compute it*.

References
----------
A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, https://arxiv.org/abs/1509.09308
"""

from __future__ import annotations

import torch

from cnncourse.convolution.direct import pad
from cnncourse.convolution.im2col import in_steps, window_view
from cnncourse.convolution.matmul import matmul_into
from cnncourse.geometry import Pair, output_shape

TILES_AT_ONCE = 128  # enough of them that reading all 36 sets of filters pays

# On one axis, output = OUTPUT @ ((KERNEL @ kernel) * (TILE @ tile)): 4 = (4, 6), (6, 3), (6, 6).
TILE = torch.tensor(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
    dtype=torch.float64,
)
KERNEL = torch.tensor(
    [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]],
    dtype=torch.float64,
) / torch.tensor([[24.0]], dtype=torch.float64)
OUTPUT = torch.tensor(
    [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]],
    dtype=torch.float64,
)


def both_axes(transform: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Write a transform of rows and then columns as one matrix on flattened tiles."""
    return torch.kron(transform, transform).to(like)


def winograd_filters(weight: torch.Tensor, groups: int = 1) -> torch.Tensor:
    """Transform the filters, once for all images: (O, C, 3, 3) -> (36, G, O, C)."""
    return (both_axes(KERNEL, weight) @ weight.flatten(2).flatten(0, 1).T).view(36, groups, -1, weight.shape[1])


def winograd_product(input: torch.Tensor, filters: torch.Tensor, padding: Pair) -> torch.Tensor:
    """Convolve with transformed filters; arguments as `conv2d`, already checked.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W).
    filters : torch.Tensor
        (36, G, O, C), from `winograd_filters`.
    padding : pair of ints

    Returns
    -------
    torch.Tensor
        (N, O, H_out, W_out).
    """
    groups, filters_per_group = filters.shape[1:3]
    rows, columns = output_shape(input.shape[2:], 3, 1, padding)
    below, right = -rows % 4, -columns % 4  # whole tiles
    tiles = window_view(pad(input, padding, below, right), (6, 6), (4, 4), (1, 1))  # (N, C, 6, 6, down, across)
    down, across = tiles.shape[4:]
    transform, back = both_axes(TILE, filters), both_axes(OUTPUT, filters)
    output = input.new_empty(len(input), groups * filters_per_group, rows, columns)
    step = -(-TILES_AT_ONCE // (down * across))
    for view, result in in_steps(step, tiles, output):
        tile = view.permute(2, 3, 1, 0, 4, 5).reshape(36, -1)  # (36, C*n*down*across)
        seen = torch.empty_like(tile)
        matmul_into(transform, tile, out=seen)
        seen = seen.view(36, groups, input.shape[1] // groups, -1)  # (36, G, C, n*down*across)
        product = seen.new_empty(36, groups, filters_per_group, seen.shape[3])
        matmul_into(filters, seen, out=product)
        pixels = product.new_empty(16, product[0].numel())
        matmul_into(back, product.view(36, -1), out=pixels)
        pixels = pixels.view(4, 4, -1, len(view), down, across).permute(3, 2, 4, 0, 5, 1)  # (n, O, down, 4, across, 4)
        result.copy_(pixels.flatten(4).flatten(2, 3)[:, :, :rows, :columns])
    return output


def conv2d_winograd(
    input: torch.Tensor, weight: torch.Tensor, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> torch.Tensor:
    """Convolve 3x3 kernels at stride 1; arguments as `conv2d`, already checked."""
    exact = torch.promote_types(input.dtype, torch.float32)  # half precision would lose what the transforms amplify
    filters = winograd_filters(weight.to(exact), groups)
    return winograd_product(input.to(exact), filters, padding).to(input.dtype)
