"""Convolution as one matrix product: unfold every window into a column, then multiply.

The kernel at one position is a dot product with a window. Write each window as a column and each filter as a row, and
all dot products are one matrix product, which a library has spent decades making fast. The price is memory: each
pixel is stored once for every window that sees it. Taught in the chapter *How libraries compute it*.

References
----------
K. Chellapilla, S. Puri and P. Simard, "High Performance Convolutional Neural Networks for Document Processing", 2006.
"""

from itertools import product

import torch

from cnncourse.convolution.direct import pad
from cnncourse.geometry import as_pair, output_shape, seen_pixels


def im2col(input: torch.Tensor, kernel_size, stride=1, padding=0, dilation=1) -> torch.Tensor:
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
    if input.ndim != 4:
        raise ValueError(f"input must have the shape (N, C, H, W), not {tuple(input.shape)}")
    kernel_size, stride, padding, dilation = _pairs(kernel_size, stride, padding, dilation)
    output_shape(input.shape[2:], kernel_size, stride, padding, dilation)
    return window_view(pad(input, padding), kernel_size, stride, dilation).flatten(4).flatten(1, 3)


def col2im(columns: torch.Tensor, input_shape, kernel_size, stride=1, padding=0, dilation=1) -> torch.Tensor:
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
    if len(input_shape) != 4:
        raise ValueError(f"input_shape must be (N, C, H, W), not {tuple(input_shape)}")
    images, channels, *size = input_shape
    rows, lines = output_shape(size, kernel_size, stride, padding, dilation)
    expected = images, channels * kernel_size[0] * kernel_size[1], rows * lines
    if tuple(columns.shape) != expected:
        raise ValueError(f"columns must have the shape {expected} for these windows, not {tuple(columns.shape)}")
    image = columns.new_zeros(input_shape)
    add_windows(image, columns.view(images, channels, *kernel_size, rows, lines), stride, padding, dilation)
    return image


def _pairs(kernel_size, stride, padding, dilation):
    return (
        as_pair(kernel_size, "kernel_size"),
        as_pair(stride, "stride"),
        as_pair(padding, "padding", minimum=0),
        as_pair(dilation, "dilation"),
    )


def window_view(padded, kernel_size, stride, dilation):
    """Show all windows, copying nothing: (N, C, kh, kw, H_out, W_out), a strided view of the padded input."""
    (kh, kw), (dh, dw) = kernel_size, dilation
    view = padded.unfold(2, dh * (kh - 1) + 1, stride[0]).unfold(3, dw * (kw - 1) + 1, stride[1])
    return view[..., ::dh, ::dw].permute(0, 1, 4, 5, 2, 3)


def add_windows(image, windows, stride, padding, dilation):
    """Add ``windows`` (..., C, kh, kw, H_out, W_out) into ``image`` (..., C, H, W), one kernel offset at a time."""
    kh, kw, rows, columns = windows.shape[-4:]
    for i, j in product(range(kh), range(kw)):
        to_rows, from_rows = seen_pixels(i * dilation[0], image.shape[-2], rows, stride[0], padding[0])
        to_columns, from_columns = seen_pixels(j * dilation[1], image.shape[-1], columns, stride[1], padding[1])
        image[..., from_rows, from_columns] += windows[..., i, j, to_rows, to_columns]


def conv2d_im2col(input, weight, stride, padding, dilation, groups):
    """Convolve image by image: unfold into one reused buffer, then one matrix product (per group).

    The buffer is as large as one unfolded image, and still in the processor's cache when the product reads it.
    Arguments as `conv2d`, already checked.
    """
    rows, columns = output_shape(input.shape[2:], weight.shape[2:], stride, padding, dilation)
    views = window_view(pad(input, padding), weight.shape[2:], stride, dilation)
    output = input.new_empty(len(input), weight.shape[0], rows, columns)
    buffer = input.new_empty(views.shape[1:])
    unfolded = buffer.view(groups, -1, rows * columns)  # (G, C*kh*kw, L)
    filters = weight.reshape(groups, -1, unfolded.shape[1])  # (G, O, C*kh*kw)
    for windows, image in zip(views, output, strict=True):
        buffer.copy_(windows)
        torch.matmul(filters, unfolded, out=image.view(groups, -1, rows * columns))
    return output


def im2col_grad_input(grad_output, weight, input_shape, stride, padding, dilation, groups):
    """Multiply by the transposed filters, then fold the columns back, one image at a time."""
    rows, columns = grad_output.shape[2:]
    filters = weight.reshape(groups, weight.shape[0] // groups, -1).mT  # (G, C*kh*kw, O)
    grad_input = grad_output.new_zeros(input_shape)
    unfolded = grad_output.new_empty(groups, filters.shape[1], rows * columns)
    windows = unfolded.view(input_shape[1], *weight.shape[2:], rows, columns)
    for grad, image in zip(grad_output, grad_input, strict=True):
        torch.matmul(filters, grad.reshape(groups, -1, rows * columns), out=unfolded)
        add_windows(image, windows, stride, padding, dilation)
    return grad_input


def im2col_grad_weight(grad_output, input, kernel_size, stride, padding, dilation, groups):
    """Multiply each image's gradient by its unfolded windows, and add over the images."""
    rows, columns = grad_output.shape[2:]
    views = window_view(pad(input, padding), kernel_size, stride, dilation)
    buffer = input.new_empty(views.shape[1:])
    unfolded = buffer.view(groups, -1, rows * columns)
    grad_weight = input.new_zeros(groups, grad_output.shape[1] // groups, unfolded.shape[1])
    for windows, grad in zip(views, grad_output, strict=True):
        buffer.copy_(windows)
        grad_weight.baddbmm_(grad.reshape(groups, -1, rows * columns), unfolded.mT)
    return grad_weight.view(grad_output.shape[1], -1, *kernel_size)
