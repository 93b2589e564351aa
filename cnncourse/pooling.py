"""Pooling: shrink an image by keeping one number per window.

A maximum over a window is the maximum, over its columns, of the maxima down its rows: ``kh + kw`` comparisons instead
of ``kh * kw``. A sum splits in the same way. Taught in the chapter *Pooling*.
"""

import torch

from cnncourse.geometry import as_pair, output_shape, seen_pixels


def max_pool2d(input, kernel_size, stride=None, padding=0):
    """Keep the largest value of each window, as `torch.nn.functional.max_pool2d`.

    Examples
    --------
    >>> image = torch.tensor([[3, 0, 5, 2], [1, 2, 7, 5], [4, 3, 2, 1], [3, 1, 0, 4]])
    >>> max_pool2d(image.view(1, 1, 4, 4), 2).tolist()
    [[[[3, 7], [4, 4]]]]
    """
    windows = _check(input, kernel_size, stride, padding)
    return _reduce(torch.maximum, _lowest(input.dtype), input, *windows)


def min_pool2d(input, kernel_size, stride=None, padding=0):
    """Keep the smallest value of each window.

    Examples
    --------
    >>> min_pool2d(torch.arange(16).view(1, 1, 4, 4), 2).tolist()
    [[[[0, 2], [8, 10]]]]
    """
    windows = _check(input, kernel_size, stride, padding)
    return _reduce(torch.minimum, _highest(input.dtype), input, *windows)


def sum_pool2d(input, kernel_size, stride=None, padding=0):
    """Add up each window; padding counts as 0.

    Examples
    --------
    >>> sum_pool2d(torch.ones(1, 1, 4, 4), 2).tolist()
    [[[[4.0, 4.0], [4.0, 4.0]]]]
    """
    windows = _check(input, kernel_size, stride, padding)
    return _reduce(torch.add, 0, input, *windows)


def avg_pool2d(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Average each window, as `torch.nn.functional.avg_pool2d`.

    Examples
    --------
    >>> avg_pool2d(torch.arange(16.0).view(1, 1, 4, 4), 2).tolist()
    [[[[2.5, 4.5], [10.5, 12.5]]]]
    """
    kernel_size, stride, padding = _check(input, kernel_size, stride, padding)
    if not count_include_pad:
        ones = torch.ones(1, 1, *input.shape[2:], dtype=input.dtype, device=input.device)
        area = _reduce(torch.add, 0, ones, kernel_size, stride, padding)
    else:
        area = kernel_size[0] * kernel_size[1]
    return _reduce(torch.add, 0, input, kernel_size, stride, padding) / area


def subsample2d(input, stride):
    """Keep the first pixel of each window and drop the rest.

    Examples
    --------
    >>> subsample2d(torch.arange(16).view(1, 1, 4, 4), 2).tolist()
    [[[[0, 2], [8, 10]]]]
    """
    rows, columns = as_pair(stride, "stride")
    return input[:, :, ::rows, ::columns]


def global_avg_pool2d(input):
    """Average each channel of each image to one number: (N, C, H, W) -> (N, C, 1, 1).

    Examples
    --------
    >>> global_avg_pool2d(torch.ones(2, 3, 5, 5)).shape
    torch.Size([2, 3, 1, 1])
    """
    return input.mean(dim=(2, 3), keepdim=True)


def max_pool2d_backward(grad_output, input, kernel_size, stride=None, padding=0):
    """Send each window's gradient to its maximum, the first in row order.

    Examples
    --------
    >>> image = torch.tensor([[1.0, 4.0], [4.0, 2.0]]).view(1, 1, 2, 2)
    >>> max_pool2d_backward(torch.ones(1, 1, 1, 1), image, 2).tolist()
    [[[[0.0, 1.0], [0.0, 0.0]]]]
    """
    kernel_size, stride, padding = _check(input, kernel_size, stride, padding)
    highest = _reduce(torch.maximum, _lowest(input.dtype), input, kernel_size, stride, padding)
    grad_input = torch.zeros_like(input)
    left = grad_output.clone()
    for i in range(kernel_size[0]):
        for j in range(kernel_size[1]):
            to_rows, from_rows = seen_pixels(i, input.shape[2], left.shape[2], stride[0], padding[0])
            to_columns, from_columns = seen_pixels(j, input.shape[3], left.shape[3], stride[1], padding[1])
            where = (..., to_rows, to_columns)
            hit = left[where] * (input[..., from_rows, from_columns] == highest[where])
            grad_input[..., from_rows, from_columns] += hit
            left[where] -= hit
    return grad_input


def _check(input, kernel_size, stride, padding):
    kernel_size = as_pair(kernel_size, "kernel_size")
    stride = kernel_size if stride is None else as_pair(stride, "stride")
    padding = as_pair(padding, "padding", minimum=0)
    output_shape(input.shape[2:], kernel_size, stride, padding)
    return kernel_size, stride, padding


def _reduce(combine, start, input, kernel_size, stride, padding):
    rows, columns = output_shape(input.shape[2:], kernel_size, stride, padding)
    tall = torch.full((*input.shape[:2], rows, input.shape[3]), start, dtype=input.dtype, device=input.device)
    for i in range(kernel_size[0]):
        to, seen = seen_pixels(i, input.shape[2], rows, stride[0], padding[0])
        tall[:, :, to] = combine(tall[:, :, to], input[:, :, seen])
    output = torch.full((*input.shape[:2], rows, columns), start, dtype=input.dtype, device=input.device)
    for j in range(kernel_size[1]):
        to, seen = seen_pixels(j, input.shape[3], columns, stride[1], padding[1])
        output[..., to] = combine(output[..., to], tall[..., seen])
    return output


def _lowest(dtype):
    return -torch.inf if dtype.is_floating_point else torch.iinfo(dtype).min


def _highest(dtype):
    return torch.inf if dtype.is_floating_point else torch.iinfo(dtype).max
