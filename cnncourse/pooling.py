"""Pooling: shrink an image by keeping one number per window.

The maximum over a window is the maximum, along its row, of the maxima down its columns: ``kh + kw`` comparisons where
the definition takes ``kh * kw``. A minimum and a sum split in the same way. Taught in the chapter *Pooling*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F

from cnncourse.geometry import IntOrPair, Pair, as_pair, output_shape
from cnncourse.tensors import check_tensor


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
        At most half the window. It counts as minus infinity, not as 0, so padding is never the maximum.

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
    windows = _windows(input, kernel_size, stride, padding)
    return _Extreme.apply(input, torch.maximum, _limits(input)[0], *windows)


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
    windows = _windows(input, kernel_size, stride, padding)
    return _Extreme.apply(input, torch.minimum, _limits(input)[1], *windows)


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
    check_tensor(input, "input", floating=True)
    pixels = kernel_size[0] * kernel_size[1]
    if not count_include_pad:
        pixels = sum_pool2d(input.new_ones(1, 1, *input.shape[2:]), *windows)
    return sum_pool2d(input, *windows) / pixels


def subsample2d(input: torch.Tensor, stride: IntOrPair) -> torch.Tensor:
    """Keep the first pixel of each window and drop the rest.

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
    check_tensor(input, "input", "(N, C, H, W)")
    rows, columns = as_pair(stride, "stride")
    return input[:, :, ::rows, ::columns]


def blur_pool2d(input: torch.Tensor, kernel_size: IntOrPair = 3, stride: IntOrPair = 2) -> torch.Tensor:
    """Blur each channel, then subsample it: the blur removes details that would alias on the coarser grid.

    The kernel is binomial in each direction: 1 2 1 over 4 for three pixels, 1 4 6 4 1 over 16 for five. That is
    ``kernel_size - 1`` averages of two neighbours, so nothing is multiplied.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W), floating point. Its border pixels are repeated outwards, so a flat image stays flat.
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
    _check_images(input)
    check_tensor(input, "input", floating=True)
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
    _check_images(input)
    check_tensor(input, "input", floating=True)
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
        (N, C, H, W): a pixel that is the maximum of several windows gets the sum of their gradients.

    Raises
    ------
    TypeError
        If the arguments are not tensors of real numbers of one type.
    ValueError
        As `max_pool2d`, and if `grad_output` does not have the shape of the pooled image.

    Examples
    --------
    >>> image = torch.tensor([[1.0, 4.0], [4.0, 2.0]]).view(1, 1, 2, 2)
    >>> max_pool2d_backward(torch.tensor([[[[5.0]]]]), image, 2)
    tensor([[[[0., 5.],
              [0., 0.]]]])
    """
    windows = _windows(input, kernel_size, stride, padding)
    check_tensor(grad_output, "grad_output")
    if grad_output.dtype != input.dtype:
        raise TypeError(f"`grad_output` must have the dtype of `input`, {input.dtype}, not {grad_output.dtype}")
    output = max_pool2d(input.detach(), *windows)
    if grad_output.shape != output.shape:
        raise ValueError(f"`grad_output` must have the shape {tuple(output.shape)}, not {tuple(grad_output.shape)}")
    return _GiveBack.apply(grad_output, input.detach(), output, *windows)


def _windows(
    input: torch.Tensor, kernel_size: IntOrPair, stride: IntOrPair | None, padding: IntOrPair
) -> tuple[Pair, Pair, Pair]:
    """Check the input and its windows; return the window's size, stride and padding as pairs."""
    _check_images(input)
    kernel_size = as_pair(kernel_size, "kernel_size")
    stride = kernel_size if stride is None else as_pair(stride, "stride")
    padding = as_pair(padding, "padding", minimum=0)
    if any(2 * border > length for border, length in zip(padding, kernel_size, strict=True)):
        raise ValueError(f"`padding` must be at most half the window of {kernel_size}, not {padding}")
    output_shape(input.shape[2:], kernel_size, stride, padding)
    return kernel_size, stride, padding


def _check_images(input: torch.Tensor) -> None:
    """Refuse what is no batch of images with at least one pixel each; the batch may be empty."""
    check_tensor(input, "input", "(N, C, H, W)")
    if 0 in input.shape[1:]:
        raise ValueError(f"`input` must have at least one channel and one pixel, not the shape {tuple(input.shape)}")


def _limits(input: torch.Tensor) -> tuple[float, float]:
    """Return the padding of a maximum and of a minimum: the smallest and the largest value of the input's type."""
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
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        input, output = (tensor.detach() for tensor in ctx.saved_tensors)
        return _GiveBack.apply(grad_output, input, output, *ctx.windows), *[None] * 5


class _GiveBack(torch.autograd.Function):
    """Each window's gradient, at the pixel that the window chose; linear in the gradient."""

    @staticmethod
    def forward(
        ctx: Any, grad_output: torch.Tensor, input: torch.Tensor, output: torch.Tensor, *windows: Pair
    ) -> torch.Tensor:
        ctx.save_for_backward(input, output)
        ctx.windows = windows
        grad_input = torch.zeros_like(input)
        keep = _keeper(grad_output)
        for here, pixels, chosen in _choices(input, output, *windows):
            grad_input[pixels] += keep(chosen, grad_output[here])
        return grad_input

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return _Pick.apply(grad, *ctx.saved_tensors, *ctx.windows), *[None] * 5


class _Pick(torch.autograd.Function):
    """The pixel of other images at the place that each window chose: the adjoint of `_GiveBack`."""

    @staticmethod
    def forward(
        ctx: Any, images: torch.Tensor, input: torch.Tensor, output: torch.Tensor, *windows: Pair
    ) -> torch.Tensor:
        ctx.save_for_backward(input, output)
        ctx.windows = windows
        picked = torch.zeros_like(output)
        keep = _keeper(images)
        for here, pixels, chosen in _choices(input, output, *windows):
            picked[here] += keep(chosen, images[pixels])
        return picked

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return _GiveBack.apply(grad, *ctx.saved_tensors, *ctx.windows), *[None] * 5


def _keeper(values: torch.Tensor) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Return a function that keeps the chosen ones of some `values` and makes the others 0.

    A product with bytes of 0 and 1 is by far the fastest way, but 0 times infinity is NaN.
    """
    if bool(values.sum().isfinite()):
        return lambda chosen, some: chosen.view(torch.uint8) * some
    return lambda chosen, some: torch.where(chosen, some, 0)


def _choices(
    input: torch.Tensor, output: torch.Tensor, kernel_size: Pair, stride: Pair, padding: Pair
) -> Iterator[tuple[Any, Any, torch.Tensor]]:
    """Walk through the windows' pixels in row order; the first that equals its window's output is the chosen one.

    Yields, for each place in the window, the index of the windows that have a pixel there, that of the pixels, and in
    which of these windows that pixel is chosen.
    """
    undecided = torch.ones_like(output, dtype=torch.bool)
    offsets = list(product(*map(range, kernel_size)))
    passes: list[tuple[Any, Callable]] = [(offsets, torch.eq)]
    if output.numel() and output.max().isnan():  # no NaN equals another: torch takes the window's last one
        passes.append((offsets[::-1], lambda pixel, extreme: pixel.isnan() & extreme.isnan()))
    for order, is_extreme in passes:
        for offset in order:
            here, pixels = _seen(offset, input.shape, output.shape, stride, padding)
            chosen = is_extreme(input[pixels], output[here]) & undecided[here]
            undecided[here] ^= chosen
            yield here, pixels, chosen


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
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return _Spread.apply(grad_output, ctx.shape, *ctx.windows), None, None, None


class _Spread(torch.autograd.Function):
    """Each window's gradient, at all pixels of the window: along the rows first, then down the columns."""

    @staticmethod
    def forward(ctx: Any, grad_output: torch.Tensor, shape: Any, *windows: Pair) -> torch.Tensor:
        ctx.windows = windows
        (kh, kw), (sh, sw), (ph, pw) = windows
        *outer, height, width = shape
        tall = grad_output.new_zeros(*outer, grad_output.shape[2], width + 2 * pw)
        for j in range(kw):
            tall[..., j : width + 2 * pw - kw + j + 1 : sw] += grad_output
        grad = grad_output.new_zeros(*outer, height + 2 * ph, width + 2 * pw)
        for i in range(kh):
            grad[:, :, i : height + 2 * ph - kh + i + 1 : sh] += tall
        return grad[:, :, ph : ph + height, pw : pw + width]

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return _Sum.apply(grad, *ctx.windows), *[None] * 4
