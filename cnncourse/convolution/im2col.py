"""Convolution as one matrix product: unfold every window into a column, then multiply.

The kernel at one position is a dot product with a window. Write each window as a column and each filter as a row, and
all dot products are one matrix product, which libraries compute fast. It needs memory: each pixel is stored once for
every window that contains it. Taught in the chapter *How libraries compute it*.

References
----------
K. Chellapilla, S. Puri and P. Simard, "High Performance Convolutional Neural Networks for Document Processing", 2006.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product

import torch

from cnncourse.convolution.direct import pad
from cnncourse.convolution.matmul import matmul_into
from cnncourse.geometry import IntOrPair, Pair, as_integer, as_pair, output_shape
from cnncourse.tensors import check_tensor

BUFFER_NUMBERS = 2**18  # 1 MB in float32: about what a processor core keeps in its own cache


def im2col(
    input: torch.Tensor, kernel_size: IntOrPair, stride: IntOrPair = 1, padding: IntOrPair = 0, dilation: IntOrPair = 1
) -> torch.Tensor:
    """Unfold every window of every image into a column.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W).
    kernel_size, stride, padding, dilation : int or pair of ints

    Returns
    -------
    torch.Tensor
        (N, C * kh * kw, L) with ``L = H_out * W_out`` positions in row order, as `torch.nn.functional.unfold`.

    Raises
    ------
    ValueError
        If `input` does not have four axes, or the kernel is larger than the padded image.

    Notes
    -----
    Takes about ``kh * kw`` times the memory of `input` at stride 1.

    Examples
    --------
    >>> im2col(torch.arange(9).view(1, 1, 3, 3), 2)
    tensor([[[0, 1, 3, 4],
             [1, 2, 4, 5],
             [3, 4, 6, 7],
             [4, 5, 7, 8]]])
    """
    check_tensor(input, "input", "(N, C, H, W)")
    if 0 in input.shape[1:]:
        raise ValueError(f"`input` must have at least one channel and one pixel, not the shape {tuple(input.shape)}")
    kernel_size, stride, padding, dilation = _pairs(kernel_size, stride, padding, dilation)
    output_shape(input.shape[2:], kernel_size, stride, padding, dilation)
    return window_view(pad(input, padding), kernel_size, stride, dilation).flatten(4).flatten(1, 3)


def col2im(
    columns: torch.Tensor,
    input_shape: Sequence[int],
    kernel_size: IntOrPair,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
) -> torch.Tensor:
    """Fold columns back into images, adding where windows overlap: the adjoint of `im2col`, not its inverse.

    Parameters
    ----------
    columns : torch.Tensor
        (N, C * kh * kw, L).
    input_shape : sequence of four ints
        (N, C, H, W) of the images to build.
    kernel_size, stride, padding, dilation : int or pair of ints

    Returns
    -------
    torch.Tensor
        (N, C, H, W), as `torch.nn.functional.fold`.

    Raises
    ------
    ValueError
        If the shape of `columns` is not what `im2col` makes of `input_shape`.

    Examples
    --------
    The middle pixel of a 3x3 image lies in all four 2x2 windows:

    >>> col2im(torch.ones(1, 4, 4), (1, 1, 3, 3), 2)
    tensor([[[[1., 2., 1.],
              [2., 4., 2.],
              [1., 2., 1.]]]])
    """
    kernel_size, stride, padding, dilation = _pairs(kernel_size, stride, padding, dilation)
    check_tensor(columns, "columns", "(N, C * kh * kw, L)")
    if not isinstance(input_shape, Sequence) or len(input_shape) != 4:
        raise ValueError(f"`input_shape` must be (N, C, H, W), not {input_shape}")
    images = as_integer(input_shape[0], "input_shape", minimum=0)
    channels, *size = (as_integer(length, "input_shape") for length in input_shape[1:])
    rows, lines = output_shape(size, kernel_size, stride, padding, dilation)
    expected = images, channels * kernel_size[0] * kernel_size[1], rows * lines
    if tuple(columns.shape) != expected:
        raise ValueError(f"`columns` must have the shape {expected} for these windows, not {tuple(columns.shape)}")
    ph, pw = padding
    padded = pad(columns.new_zeros(input_shape), padding)
    view = window_view(padded, kernel_size, stride, dilation)
    add_windows(view, columns.reshape(view.shape))
    return padded[:, :, ph : ph + size[0], pw : pw + size[1]]


def _pairs(
    kernel_size: IntOrPair, stride: IntOrPair, padding: IntOrPair, dilation: IntOrPair
) -> tuple[Pair, Pair, Pair, Pair]:
    return (
        as_pair(kernel_size, "kernel_size"),
        as_pair(stride, "stride"),
        as_pair(padding, "padding", minimum=0),
        as_pair(dilation, "dilation"),
    )


def window_view(padded: torch.Tensor, kernel_size: Pair, stride: Pair, dilation: Pair) -> torch.Tensor:
    """Return all windows without a copy: (N, C, kh, kw, H_out, W_out), a strided view of the padded input."""
    (kh, kw), (dh, dw) = kernel_size, dilation
    view = padded.unfold(2, dh * (kh - 1) + 1, stride[0]).unfold(3, dw * (kw - 1) + 1, stride[1])
    return view[..., ::dh, ::dw].permute(0, 1, 4, 5, 2, 3)


def add_windows(view: torch.Tensor, windows: torch.Tensor) -> None:
    """Add `windows` to a `window_view`, one kernel offset at a time: at one offset, no two windows share a pixel."""
    for i, j in product(*map(range, view.shape[2:4])):
        view[:, :, i, j] += windows[:, :, i, j]


def images_at_once(shape: Sequence[int]) -> int:
    """Count the unfolded images of one shape that fit into `BUFFER_NUMBERS`; at least one is taken."""
    return max(1, BUFFER_NUMBERS // math.prod(shape))


def in_steps(step: int, *tensors: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
    """Walk through several tensors together, `step` images at a time; yield nothing when there are none."""
    for start in range(0, len(tensors[0]), step):
        yield tuple(tensor[start : start + step] for tensor in tensors)


def unfolded_in_steps(
    view_of: Callable[[torch.Tensor], torch.Tensor], shape: Sequence[int], input: torch.Tensor, other: torch.Tensor
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Walk through two batches together, the first one unfolded into a reused buffer, a few images at a time.

    The buffer is still in the processor's cache when the product reads it. `view_of` shows the windows of a few
    images, `shape` is that of one image's windows.
    """
    step = min(images_at_once(shape), max(1, len(input)))
    buffer = input.new_empty(step, *shape)
    for images, others in in_steps(step, input, other):
        yield buffer[: len(images)].copy_(view_of(images)), others


def conv2d_im2col(
    input: torch.Tensor, weight: torch.Tensor, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> torch.Tensor:
    """Convolve a few images at a time: unfold them, then one matrix product each (per group).

    Arguments as `conv2d`, already checked.
    """
    rows, columns = output_shape(input.shape[2:], weight.shape[2:], stride, padding, dilation)
    output = input.new_empty(len(input), groups, weight.shape[0] // groups, rows * columns)
    filters = weight.reshape(groups, output.shape[2], -1)  # (G, O, C*kh*kw)

    def view_of(images: torch.Tensor) -> torch.Tensor:
        return window_view(pad(images, padding), weight.shape[2:], stride, dilation)

    shape = input.shape[1], *weight.shape[2:], rows, columns
    for unfolded, result in unfolded_in_steps(view_of, shape, input, output):
        matmul_into(filters, unfolded.view(len(result), groups, -1, rows * columns), out=result)
    return output.view(len(input), weight.shape[0], rows, columns)


def im2col_grad_input(
    grad_output: torch.Tensor,
    weight: torch.Tensor,
    input_shape: Sequence[int],
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> torch.Tensor:
    """Multiply by the transposed filters, then fold the columns back."""
    ph, pw = padding
    rows, columns = grad_output.shape[2:]
    padded = pad(grad_output.new_zeros(input_shape), padding)
    views = window_view(padded, weight.shape[2:], stride, dilation)
    grads = grad_output.reshape(len(grad_output), groups, grad_output.shape[1] // groups, rows * columns)
    filters = weight.reshape(groups, grads.shape[2], -1).mT  # (G, C*kh*kw, O)
    step = images_at_once(views.shape[1:])
    buffer = grads.new_empty(step, *views.shape[1:])
    for view, grad in in_steps(step, views, grads):
        windows = buffer[: len(view)]
        matmul_into(filters, grad, out=windows.view(len(view), groups, -1, rows * columns))
        add_windows(view, windows)
    return padded[:, :, ph : ph + input_shape[2], pw : pw + input_shape[3]]


def im2col_grad_weight(
    grad_output: torch.Tensor,
    input: torch.Tensor,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> torch.Tensor:
    """Multiply each image's gradient by its unfolded windows, and add over the images."""
    filters, rows, columns = grad_output.shape[1:]
    grads = grad_output.reshape(len(grad_output), groups, filters // groups, rows * columns)
    grad_weight = input.new_zeros(filters, input.shape[1] // groups, *kernel_size)

    def view_of(images: torch.Tensor) -> torch.Tensor:
        return window_view(pad(images, padding), kernel_size, stride, dilation)

    shape = input.shape[1], *kernel_size, rows, columns
    for unfolded, grad in unfolded_in_steps(view_of, shape, input, grads):
        shares = input.new_empty(len(grad), groups, filters // groups, grad_weight[0].numel())
        matmul_into(grad, unfolded.view(len(grad), groups, -1, rows * columns).mT, out=shares)
        grad_weight += shares.sum(0).view(grad_weight.shape)
    return grad_weight
