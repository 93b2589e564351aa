"""Pooling: shrink an image by keeping one number per window.

The maximum over a window is the maximum, along its row, of the maxima down its columns: ``kh + kw`` comparisons where
the definition takes ``kh * kw``. A minimum and a sum split in the same way. Taught in the chapter *Pooling*.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from torch.autograd.function import once_differentiable

from cnncourse.geometry import IntOrPair, Pair, as_pair, output_shape


def max_pool2d(
    input: torch.Tensor, kernel_size: IntOrPair, stride: IntOrPair | None = None, padding: IntOrPair = 0
) -> torch.Tensor:
    """Keep the largest value of each window, as `torch.nn.functional.max_pool2d`.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W), of any real type.
    kernel_size : int or pair of ints
        Height and width of the window.
    stride : int or pair of ints, optional
        Step from window to window; the window's own size if not given.
    padding : int or pair of ints
        At most half the window. Padding never wins: it counts as minus infinity, not as 0.

    Returns
    -------
    torch.Tensor
        (N, C, H_out, W_out). A window that holds a NaN gives NaN.

    Raises
    ------
    TypeError
        If `input` is not a tensor of real numbers.
    ValueError
        If it does not have four axes, the padding is more than half the window, or the window larger than the padded
        image.

    Examples
    --------
    >>> image = torch.tensor([[3, 0, 5, 2], [1, 2, 7, 5], [4, 3, 2, 1], [3, 1, 0, 4]])
    >>> max_pool2d(image.view(1, 1, 4, 4), 2)
    tensor([[[[3, 7],
              [4, 4]]]])
    """
    return _Extreme.apply(input, torch.maximum, _limits(input)[0], *_windows(input, kernel_size, stride, padding))


def min_pool2d(
    input: torch.Tensor, kernel_size: IntOrPair, stride: IntOrPair | None = None, padding: IntOrPair = 0
) -> torch.Tensor:
    """Keep the smallest value of each window; arguments and errors as `max_pool2d`, padding is plus infinity.

    Examples
    --------
    >>> min_pool2d(torch.arange(16).view(1, 1, 4, 4), 2)
    tensor([[[[ 0,  2],
              [ 8, 10]]]])
    """
    return _Extreme.apply(input, torch.minimum, _limits(input)[1], *_windows(input, kernel_size, stride, padding))


def sum_pool2d(
    input: torch.Tensor, kernel_size: IntOrPair, stride: IntOrPair | None = None, padding: IntOrPair = 0
) -> torch.Tensor:
    """Add up each window; arguments and errors as `max_pool2d`, padding is 0.

    Integers are summed in int64, as `torch.sum` does.

    Examples
    --------
    >>> sum_pool2d(torch.arange(16).view(1, 1, 4, 4), 2)
    tensor([[[[10, 18],
              [42, 50]]]])
    """
    windows = _windows(input, kernel_size, stride, padding)
    return _Sum.apply(input if input.is_floating_point() else input.long(), *windows)


def avg_pool2d(
    input: torch.Tensor,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    count_include_pad: bool = True,
) -> torch.Tensor:
    """Average each window, as `torch.nn.functional.avg_pool2d`.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W), floating point.
    kernel_size, stride, padding
        As `max_pool2d`; padding is 0.
    count_include_pad : bool
        Whether to divide by the window's size, padding included, or by the number of pixels in it.

    Returns
    -------
    torch.Tensor
        (N, C, H_out, W_out).

    Raises
    ------
    TypeError
        If `input` is not floating point.
    ValueError
        As `max_pool2d`.

    Examples
    --------
    The corner window holds one pixel of 8 and three of padding:

    >>> image = torch.full((1, 1, 2, 2), 8.0)
    >>> avg_pool2d(image, 2, padding=1)[0, 0, 0, 0].item()
    2.0
    >>> avg_pool2d(image, 2, padding=1, count_include_pad=False)[0, 0, 0, 0].item()
    8.0
    """
    windows = kernel_size, stride, padding = _windows(input, kernel_size, stride, padding)
    if not input.is_floating_point():
        raise TypeError(f"input is {input.dtype}, but an average is not an integer: call input.float() first")
    pixels = kernel_size[0] * kernel_size[1]
    if not count_include_pad:
        pixels = sum_pool2d(input.new_ones(1, 1, *input.shape[2:]), *windows)
    return sum_pool2d(input, *windows) / pixels


def subsample2d(input: torch.Tensor, stride: IntOrPair) -> torch.Tensor:
    """Keep the first pixel of each window and drop the rest: pooling without looking.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W).
    stride : int or pair of ints

    Returns
    -------
    torch.Tensor
        (N, C, ceil(H / stride), ceil(W / stride)), a view of `input`.

    Examples
    --------
    >>> subsample2d(torch.arange(16).view(1, 1, 4, 4), 2)
    tensor([[[[ 0,  2],
              [ 8, 10]]]])
    """
    rows, columns = as_pair(stride, "stride")
    return input[:, :, ::rows, ::columns]


def blur_pool2d(input: torch.Tensor, kernel_size: IntOrPair = 3, stride: IntOrPair = 2) -> torch.Tensor:
    """Blur each channel, then subsample it: what the coarser grid cannot hold is averaged away first.

    The kernel is binomial in each direction: 1 2 1 over 4 for three pixels, 1 4 6 4 1 over 16 for five. That is
    ``kernel_size - 1`` averages of two neighbours, so nothing is multiplied.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W), floating point. Its outermost pixels go on beyond the border, so a flat image stays flat.
    kernel_size : int or pair of ints
        Height and width of the kernel, odd; 1 does not blur.
    stride : int or pair of ints

    Returns
    -------
    torch.Tensor
        (N, C, ceil(H / stride), ceil(W / stride)), as `subsample2d`.

    Raises
    ------
    TypeError
        If `input` is not floating point.
    ValueError
        If it does not have four axes, or `kernel_size` is even: the image would move by half a pixel.

    References
    ----------
    R. Zhang, "Making Convolutional Networks Shift-Invariant Again", 2019, https://arxiv.org/abs/1904.11486

    Examples
    --------
    Stripes of one pixel turn black or white by subsampling, as chance has it, and grey if they are blurred first:

    >>> stripes = torch.tensor([0.0, 1, 0, 1, 0, 1]).expand(1, 1, 6, 6)
    >>> [subsample2d(each, 2)[0, 0, 0].tolist() for each in (stripes, 1 - stripes)]
    [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    >>> [blur_pool2d(each)[0, 0, 0].tolist() for each in (stripes, 1 - stripes)]
    [[0.25, 0.5, 0.5], [0.75, 0.5, 0.5]]
    """
    _limits(input)
    if not input.is_floating_point():
        raise TypeError(f"input is {input.dtype}, but an average is not an integer: call input.float() first")
    if input.ndim != 4:
        raise ValueError(f"`input` must have the shape (N, C, H, W), not {tuple(input.shape)}")
    (kh, kw), (rows, columns) = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")
    if kh % 2 == 0 or kw % 2 == 0:
        raise ValueError(
            f"`kernel_size` must be odd, not {kernel_size}: an even kernel moves the image by half a pixel"
        )
    blurred = F.pad(input, (kw // 2, kw // 2, kh // 2, kh // 2), mode="replicate")
    for _ in range(kh - 1):
        blurred = (blurred[:, :, :-1] + blurred[:, :, 1:]) / 2
    blurred = blurred[:, :, ::rows]
    for _ in range(kw - 1):
        blurred = (blurred[..., :-1] + blurred[..., 1:]) / 2
    return blurred[..., ::columns]


def global_avg_pool2d(input: torch.Tensor) -> torch.Tensor:
    """Average each channel of each image to one number, as `torch.nn.AdaptiveAvgPool2d(1)`.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W), floating point.

    Returns
    -------
    torch.Tensor
        (N, C, 1, 1).

    Examples
    --------
    >>> global_avg_pool2d(torch.arange(8.0).view(1, 2, 2, 2)).flatten().tolist()
    [1.5, 5.5]
    """
    return input.mean(dim=(2, 3), keepdim=True)


def max_pool2d_backward(
    grad_output: torch.Tensor,
    input: torch.Tensor,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
) -> torch.Tensor:
    """Send each window's gradient to its maximum, the first one in row order, as autograd of `max_pool2d`.

    Parameters
    ----------
    grad_output : torch.Tensor
        (N, C, H_out, W_out), the gradient with respect to the pooled image.
    input : torch.Tensor
        (N, C, H, W), as in the forward pass.
    kernel_size, stride, padding
        As in the forward pass.

    Returns
    -------
    torch.Tensor
        (N, C, H, W): a pixel that wins in several windows collects from all of them.

    Raises
    ------
    ValueError
        If `grad_output` does not have the shape of the pooled image.

    Examples
    --------
    >>> image = torch.tensor([[1.0, 4.0], [4.0, 2.0]]).view(1, 1, 2, 2)
    >>> max_pool2d_backward(torch.tensor([[[[5.0]]]]), image, 2)
    tensor([[[[0., 5.],
              [0., 0.]]]])
    """
    windows = _windows(input, kernel_size, stride, padding)
    output = max_pool2d(input.detach(), *windows)
    if grad_output.shape != output.shape:
        raise ValueError(f"`grad_output` must have the shape {tuple(output.shape)}, not {tuple(grad_output.shape)}")
    return _give_back(grad_output, input, output, *windows)


def _windows(
    input: torch.Tensor, kernel_size: IntOrPair, stride: IntOrPair | None, padding: IntOrPair
) -> tuple[Pair, Pair, Pair]:
    """Check the input and its windows; return the window's size, stride and padding as pairs."""
    _limits(input)
    if input.ndim != 4:
        raise ValueError(f"`input` must have the shape (N, C, H, W), not {tuple(input.shape)}")
    kernel_size = as_pair(kernel_size, "kernel_size")
    stride = kernel_size if stride is None else as_pair(stride, "stride")
    padding = as_pair(padding, "padding", minimum=0)
    if any(2 * border > length for border, length in zip(padding, kernel_size, strict=True)):
        raise ValueError(f"padding may be at most half the window: {padding} is too much for {kernel_size}")
    output_shape(input.shape[2:], kernel_size, stride, padding)
    return kernel_size, stride, padding


def _limits(input: torch.Tensor) -> tuple[float, float]:
    """Return what never wins a maximum and what never wins a minimum in the input's type."""
    if not isinstance(input, torch.Tensor):
        raise TypeError(f"`input` must be a torch.Tensor, not {type(input).__name__}")
    if input.is_complex() or input.dtype == torch.bool:
        raise TypeError(f"`input` must be of a real number type, not {input.dtype}")
    if input.is_floating_point():
        return -torch.inf, torch.inf
    return torch.iinfo(input.dtype).min, torch.iinfo(input.dtype).max


def _combine(
    combine: Callable,
    fill: float,
    input: torch.Tensor,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
) -> torch.Tensor:
    """Combine the rows of each window, then what is left of its columns."""
    (kh, kw), (sh, sw), (ph, pw) = kernel_size, stride, padding
    if kh == kw == 1:
        return input[:, :, ::sh, ::sw].clone()
    height, width = input.shape[2] + 2 * ph, input.shape[3] + 2 * pw
    if ph or pw:
        padded = input.new_full((*input.shape[:2], height, width), fill)
        padded[:, :, ph : height - ph, pw : width - pw] = input
        input = padded
    tall = reduce(combine, (input[:, :, i : height - kh + i + 1 : sh] for i in range(kh)))
    return reduce(combine, (tall[..., j : width - kw + j + 1 : sw] for j in range(kw)))


class _Extreme(torch.autograd.Function):
    """The maximum or minimum of each window."""

    @staticmethod
    def forward(ctx: Any, input: torch.Tensor, combine: Callable, fill: float, *windows: Pair) -> torch.Tensor:
        output = _combine(combine, fill, input, *windows)
        ctx.windows = windows
        ctx.save_for_backward(input, output)
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return _give_back(grad_output, *ctx.saved_tensors, *ctx.windows), *[None] * 5


def _give_back(
    grad_output: torch.Tensor, input: torch.Tensor, output: torch.Tensor, kernel_size: Pair, stride: Pair, padding: Pair
) -> torch.Tensor:
    """Walk through the windows' pixels in row order; the first that equals its window's output takes the gradient."""
    grad_input = torch.zeros_like(input)
    left = grad_output.clone()
    offsets = list(product(*map(range, kernel_size)))

    def hand_out(offsets: Any, is_chosen: Any) -> None:
        for offset in offsets:
            here, pixels = _seen(offset, input.shape, output.shape, stride, padding)
            share = is_chosen(input[pixels], output[here]) * left[here]
            grad_input[pixels] += share
            left[here] -= share

    hand_out(offsets, torch.eq)
    if output.numel() and output.max().isnan():  # no NaN equals another: torch takes the window's last one
        hand_out(offsets[::-1], lambda pixel, chosen: pixel.isnan() & chosen.isnan())
    return grad_input


def _seen(offset: Any, input_shape: Any, output_shape: Any, stride: Any, padding: Any) -> Any:
    """Index the windows that have a pixel, not padding, at one offset, and index those pixels."""
    here: list[Any] = [...]
    pixels: list[Any] = [...]
    for into, size, positions, step, border in zip(
        offset, input_shape[2:], output_shape[2:], stride, padding, strict=True
    ):
        first = max(0, -((into - border) // step))  # position p sees the pixel p * step + into - border
        last = min(positions - 1, (size - 1 + border - into) // step)
        start, stop = (position * step + into - border for position in (first, last + 1))
        here.append(slice(first, max(first, last + 1)))
        pixels.append(slice(start, max(start, stop), step))
    return tuple(here), tuple(pixels)


class _Sum(torch.autograd.Function):
    """The sum of each window, in float32 at least."""

    @staticmethod
    def forward(ctx: Any, input: torch.Tensor, *windows: Pair) -> torch.Tensor:
        ctx.windows, ctx.shape = windows, input.shape
        exact = input.float() if input.dtype in (torch.float16, torch.bfloat16) else input
        return _combine(torch.add, 0, exact, *windows).to(input.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Every pixel of a window gets the window's gradient: along the rows first, then down the columns."""
        (kh, kw), (sh, sw), (ph, pw) = ctx.windows
        *outer, height, width = ctx.shape
        tall = grad_output.new_zeros(*outer, grad_output.shape[2], width + 2 * pw)
        for j in range(kw):
            tall[..., j : width + 2 * pw - kw + j + 1 : sw] += grad_output
        grad = grad_output.new_zeros(*outer, height + 2 * ph, width + 2 * pw)
        for i in range(kh):
            grad[:, :, i : height + 2 * ph - kh + i + 1 : sh] += tall
        return grad[:, :, ph : ph + height, pw : pw + width], None, None, None
