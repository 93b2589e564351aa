"""Convolution as a few matrix products, one for each row of the kernel, on shifted stretches of the image.

`im2col` stores every pixel ``kh * kw`` times. But a window one image row further down sees the same pixels, moved:
unfold along the *width* only, and what kernel row ``i`` sees at all positions is one contiguous stretch of memory that
starts ``i`` image rows later. So each kernel row is one product on one stretch, and the unfolded image is ``kh`` times
smaller. Taught in the chapter *How libraries compute it*.

References
----------
A. Anderson et al., "Low-memory GEMM-based convolution algorithms for deep neural networks", 2017,
https://arxiv.org/abs/1709.03395
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from cnncourse.convolution.direct import pad
from cnncourse.convolution.im2col import images_at_once, in_steps, unfolded_in_steps, window_view
from cnncourse.convolution.matmul import matmul_into
from cnncourse.geometry import Pair, output_shape


def strip_view(padded: torch.Tensor, kernel_width: int, stride: Pair, dilation: Pair) -> torch.Tensor:
    """Return the windows of one kernel row without a copy: (N, phases, C, kw, rows, W_out).

    A vertical stride of 2 lets a kernel row see either the even or the odd image rows: the rows are split into as many
    phases as the stride. The height of `padded` must be a multiple of it.
    """
    view = window_view(padded, (1, kernel_width), (1, stride[1]), (1, dilation[1]))[:, :, 0]
    return view.unflatten(3, (-1, stride[0])).permute(0, 4, 1, 2, 3, 5)


def stretches(
    strips: torch.Tensor, kernel_height: int, rows: int, stride: Pair, dilation: Pair, groups: int
) -> Iterator[torch.Tensor]:
    """Yield for each kernel row what it sees in `strips`: (N, G, C*kw, H_out*W_out), a view."""
    columns = strips.shape[5]
    flat = strips.flatten(4).unflatten(2, (groups, -1)).flatten(3, 4)  # (N, phases, G, C*kw, rows*W_out)
    for i in range(kernel_height):
        lag, phase = divmod(i * dilation[0], stride[0])
        yield flat[:, phase, ..., lag * columns : (lag + rows) * columns]


def pad_to_stride(input: torch.Tensor, padding: Pair, stride: Pair) -> torch.Tensor:
    """Surround the images with zeros, and add rows below until the height is a multiple of the stride."""
    return pad(input, padding, below=-(input.shape[2] + 2 * padding[0]) % stride[0])


def strips_in_steps(
    input: torch.Tensor,
    other: torch.Tensor,
    kernel_width: int,
    columns: int,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Walk through two batches together, the first one unfolded along its width, a few images at a time."""
    phases, height = stride[0], -(-(input.shape[2] + 2 * padding[0]) // stride[0])

    def view_of(images: torch.Tensor) -> torch.Tensor:
        return strip_view(pad_to_stride(images, padding, stride), kernel_width, stride, dilation)

    return unfolded_in_steps(view_of, (phases, input.shape[1], kernel_width, height, columns), input, other)


def filters_by_row(weight: torch.Tensor, groups: int) -> torch.Tensor:
    """Lay out the filters as one matrix for each kernel row: (kh, G, O, C*kw)."""
    return weight.permute(2, 0, 1, 3).flatten(2).unflatten(1, (groups, -1)).contiguous()


def conv2d_shifted(
    input: torch.Tensor, weight: torch.Tensor, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> torch.Tensor:
    """Convolve by one product per kernel row; arguments as `conv2d`, already checked."""
    kh, kw = weight.shape[2:]
    rows, columns = output_shape(input.shape[2:], (kh, kw), stride, padding, dilation)
    output = input.new_empty(len(input), groups, weight.shape[0] // groups, rows * columns)
    filters = filters_by_row(weight, groups)
    for strips, result in strips_in_steps(input, output, kw, columns, stride, padding, dilation):
        share = torch.empty_like(result)
        for i, stretch in enumerate(stretches(strips, kh, rows, stride, dilation, groups)):
            matmul_into(filters[i], stretch, out=share if i else result)
            if i:
                result += share
    return output.view(len(input), weight.shape[0], rows, columns)


def shifted_grad_input(
    grad_output: torch.Tensor,
    weight: torch.Tensor,
    input_shape: Sequence[int],
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> torch.Tensor:
    """Multiply by each kernel row's transposed filters, add the stretches, then fold the strips along the width."""
    (kh, kw), (ph, pw) = weight.shape[2:], padding
    rows, columns = grad_output.shape[2:]
    padded = pad_to_stride(grad_output.new_zeros(input_shape), padding, stride)
    views = strip_view(padded, kw, stride, dilation)
    grads = grad_output.reshape(len(grad_output), groups, grad_output.shape[1] // groups, rows * columns)
    step = images_at_once(views.shape[1:])
    buffer = grads.new_empty(step, *views.shape[1:])
    part = grads.new_empty(step, groups, weight.shape[1] * kw, rows * columns)
    filters = filters_by_row(weight, groups).mT
    for view, grad in in_steps(step, views, grads):
        strips, share = buffer[: len(view)].zero_(), part[: len(view)]
        for i, stretch in enumerate(stretches(strips, kh, rows, stride, dilation, groups)):
            matmul_into(filters[i], grad, out=share)
            stretch += share
        for j in range(kw):
            view[:, :, :, j] += strips[:, :, :, j]
    return padded[:, :, ph : ph + input_shape[2], pw : pw + input_shape[3]]


def shifted_grad_weight(
    grad_output: torch.Tensor,
    input: torch.Tensor,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> torch.Tensor:
    """Multiply the gradient by each kernel row's stretch, and add over the images."""
    (kh, kw), (filters, rows, columns) = kernel_size, grad_output.shape[1:]
    grads = grad_output.reshape(len(grad_output), groups, filters // groups, rows * columns)
    channels = input.shape[1] // groups
    by_row = input.new_zeros(kh, groups, filters // groups, channels * kw)
    for strips, grad in strips_in_steps(input, grads, kw, columns, stride, padding, dilation):
        shares = input.new_empty(len(grad), *by_row.shape[1:])
        for i, stretch in enumerate(stretches(strips, kh, rows, stride, dilation, groups)):
            matmul_into(grad, stretch.mT, out=shares)
            by_row[i] += shares.sum(0)
    return by_row.view(kh, filters, channels, kw).permute(1, 2, 0, 3).contiguous()
