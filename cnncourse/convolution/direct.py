"""Convolution by its definition: visit every position, multiply, add.

*Cross-correlation* lays the kernel on the image as it is; mathematical *convolution* turns it by 180 degrees first.
Layers compute the first and are named after the second, and so is everything called ``conv2d`` here.
Taught in the chapter *Convolution*. Slow on purpose: every other algorithm is tested against this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F

from cnncourse.geometry import Pair, output_shape
from cnncourse.tensors import check_tensor


def corr2d(image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """Cross-correlate one image with one kernel; the kernel is not flipped.

    Parameters
    ----------
    image : torch.Tensor
        (H, W).
    kernel : torch.Tensor
        (kh, kw), no larger than the image.

    Returns
    -------
    torch.Tensor
        (H - kh + 1, W - kw + 1). Integers are summed in int64, as `torch.sum` does.

    Raises
    ------
    TypeError
        If an argument is not a tensor of real numbers.
    ValueError
        If an argument does not have two axes or no numbers, or the kernel is larger than the image.

    Examples
    --------
    >>> image = torch.tensor([[0, 1, 2], [3, 4, 5], [6, 7, 8]])
    >>> corr2d(image, torch.tensor([[0, 1], [2, 3]])).tolist()
    [[19, 25], [37, 43]]
    """
    _check_arrays(image, kernel)
    kh, kw = kernel.shape
    dtype = torch.result_type(image, kernel)
    image = image.to(dtype if dtype.is_floating_point else torch.int64)
    rows, columns = output_shape(image.shape, kernel.shape)
    output = [
        [(image[row : row + kh, column : column + kw] * kernel).sum() for column in range(columns)]
        for row in range(rows)
    ]
    return torch.stack([torch.stack(line) for line in output])


def convolve2d(image: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """Convolve one image with one kernel, as mathematics defines it: the kernel is flipped on both axes.

    Parameters, result and errors are those of `corr2d`.

    Examples
    --------
    A single bright pixel comes out as the kernel itself (cross-correlation would turn it around):

    >>> dot = torch.zeros(3, 3)
    >>> dot[1, 1] = 1.0
    >>> convolve2d(dot, torch.tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    _check_arrays(image, kernel)
    return corr2d(image, kernel.flip(0, 1))


def _check_arrays(image: torch.Tensor, kernel: torch.Tensor) -> None:
    """Refuse what is not one image and one kernel, each with at least one number."""
    for name, array in (("image", image), ("kernel", kernel)):
        check_tensor(array, name)
        if array.ndim != 2:
            raise ValueError(f"`{name}` must have two axes (height, width), not the shape {tuple(array.shape)}")
        if array.numel() == 0:
            raise ValueError(f"`{name}` must have at least one number, not the shape {tuple(array.shape)}")


def pad(input: torch.Tensor, padding: Pair, below: int = 0, right: int = 0) -> torch.Tensor:
    """Surround every image with `padding` (height, width) zeros, and add more below it and to its right."""
    ph, pw = padding
    sides = (pw, pw + right, ph, ph + below)
    return F.pad(input, sides) if any(sides) else input


def every_position(
    rows: int, columns: int, kernel_size: Pair, stride: Pair, dilation: Pair
) -> Iterator[tuple[tuple, tuple]]:
    """Yield each position of the output, and the index of its window in the padded input."""
    reach = [spacing * (length - 1) + 1 for length, spacing in zip(kernel_size, dilation, strict=True)]
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride[0], column * stride[1]
            window = slice(top, top + reach[0], dilation[0]), slice(left, left + reach[1], dilation[1])
            yield (..., row, column), (..., *window)


def conv2d_direct(
    input: torch.Tensor, weight: torch.Tensor, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> torch.Tensor:
    """Convolve by two loops over the positions; arguments as `conv2d`, already checked."""
    padded = pad(input, padding).unflatten(1, (groups, -1))  # (N, G, C, H, W)
    filters = weight.unflatten(0, (groups, -1))  # (G, O, C, kh, kw)
    rows, columns = output_shape(input.shape[2:], weight.shape[2:], stride, padding, dilation)
    output = input.new_empty(len(input), *filters.shape[:2], rows, columns)
    for position, window in every_position(rows, columns, weight.shape[2:], stride, dilation):
        output[position] = torch.einsum("ngcij,gocij->ngo", padded[window], filters)
    return output.flatten(1, 2)


def direct_grad_input(
    grad_output: torch.Tensor,
    weight: torch.Tensor,
    input_shape: Sequence[int],
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> torch.Tensor:
    """Add every output's gradient, times the weights, to the pixels of its window."""
    (ph, pw), (height, width) = padding, input_shape[2:]
    grads = grad_output.unflatten(1, (groups, -1))  # (N, G, O, H', W')
    filters = weight.unflatten(0, (groups, -1))  # (G, O, C, kh, kw)
    padded = grads.new_zeros(len(grads), groups, weight.shape[1], height + 2 * ph, width + 2 * pw)
    for position, window in every_position(grads.shape[3], grads.shape[4], weight.shape[2:], stride, dilation):
        padded[window] += torch.einsum("ngo,gocij->ngcij", grads[position], filters)
    return padded.flatten(1, 2)[:, :, ph : ph + height, pw : pw + width]


def direct_grad_weight(
    grad_output: torch.Tensor,
    input: torch.Tensor,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> torch.Tensor:
    """Add up, over all images and positions, each window times the gradient of its output."""
    padded = pad(input, padding).unflatten(1, (groups, -1))  # (N, G, C, H, W)
    grads = grad_output.unflatten(1, (groups, -1))  # (N, G, O, H', W')
    grad_weight = input.new_zeros(groups, grads.shape[2], padded.shape[2], *kernel_size)
    for position, window in every_position(grads.shape[3], grads.shape[4], kernel_size, stride, dilation):
        grad_weight += torch.einsum("ngo,ngcij->gocij", grads[position], padded[window])
    return grad_weight.flatten(0, 1)
