"""`conv2d`: one signature in front of every algorithm, and the rule that chooses between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from cnncourse.convolution.arguments import as_autocast, check_geometry, check_tensors
from cnncourse.convolution.backward import Algorithm, Convolution
from cnncourse.convolution.direct import conv2d_direct, direct_grad_input, direct_grad_weight
from cnncourse.convolution.fft import conv2d_fft, fft_grad_input, fft_grad_weight
from cnncourse.convolution.im2col import conv2d_im2col, im2col_grad_input, im2col_grad_weight
from cnncourse.convolution.rounding import transforms_are_safe
from cnncourse.convolution.shifted import conv2d_shifted, shifted_grad_input, shifted_grad_weight
from cnncourse.convolution.winograd import conv2d_winograd
from cnncourse.geometry import IntOrPair, Pair, as_integer, as_pair, output_shape

FFT_AREA, FFT_AREA_PER_CHANNEL = 75, 5  # kernel pixels; every channel adds a complex product per frequency
WINOGRAD_CHANNELS = 64
CACHE_NUMBERS = 2**20


class Choice(NamedTuple):
    """An algorithm's name and, in one sentence, why `choose_method` takes it."""

    method: str
    reason: str


def conv2d(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair | str = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
    method: str = "auto",
) -> torch.Tensor:
    """Cross-correlate a batch of images with a layer's filters, as `torch.nn.functional.conv2d`.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W); N may be 0. Integers are summed in int64, as `torch.sum` does.
    weight : torch.Tensor
        (O, C // groups, kh, kw), of the same type as `input`.
    bias : torch.Tensor, optional
        (O,).
    stride, dilation : int or pair of ints
    padding : int, pair of ints, "valid" or "same"
        Zeros on both sides; "valid" is 0, "same" keeps the size of the image (stride 1 only).
    groups : int
        Must divide C and O; ``groups=C`` convolves every channel alone ("depthwise").
    method : {"auto", "direct", "shifted", "im2col", "fft", "winograd"}
        The algorithm; they differ in speed, memory and rounding, not in what they compute. "auto" takes the one that
        `choose_method` names, except for data on which a transform would round badly, see Notes.

    Returns
    -------
    torch.Tensor
        (N, O, H_out, W_out) with ``H_out = floor((H + 2*padding - dilation*(kh - 1) - 1) / stride) + 1``.

    Raises
    ------
    TypeError
        If a number type cannot be used or the types differ.
    ValueError
        If shapes do not fit, the kernel is larger than the padded image, or `method` does not support the arguments.

    Notes
    -----
    "fft" and "winograd" round relative to the largest pixel of an image ("winograd": of a 6x6 tile), and a NaN or an
    infinity there reaches outputs that do not see it. "auto" uses them only for finite data where every window holds a
    pixel of at least 1/64 of the image's largest (float32; any channel of the group counts). So its error stays
    below 1e-4 of the largest pixel in the window times the sum of the kernel's magnitudes, and is mostly far smaller.
    Other data are computed without transforms, by the definition's own products and sums.

    Gradients are computed by hand, by the same methods and with the same care, and can be taken any number of times.

    Examples
    --------
    >>> image = torch.tensor([[0.0, 0.0, 1.0, 1.0]]).view(1, 1, 1, 4)
    >>> conv2d(image, torch.tensor([-1.0, 1.0]).view(1, 1, 1, 2)).flatten().tolist()
    [0.0, 1.0, 0.0]
    """
    check_method(method)
    groups = as_integer(groups, "groups")
    input, weight, bias = as_autocast(input, weight, bias)
    check_tensors(input, weight, bias, groups)
    input, geometry = check_geometry(input, weight, stride, padding, dilation)
    if not input.is_floating_point():
        input, weight = input.long(), weight.long()
        bias = None if bias is None else bias.long()
    if method != "auto":
        _check_method(method, input.dtype, weight.shape[2:], *geometry)
    if len(input) == 0:
        method = "im2col"  # an empty batch has no Fourier transform
    return Convolution.apply(input, weight, bias, ALGORITHMS[method], *geometry, groups)


def choose_method(
    input_shape: Sequence[int],
    weight_shape: Sequence[int],
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
    dtype: torch.dtype = torch.float32,
) -> Choice:
    """Choose the algorithm that should be fastest, from shapes alone, and say why.

    ``conv2d(method="auto")`` takes it, except for data on which its rounding errors would be large.

    Parameters
    ----------
    input_shape, weight_shape : sequence of four ints
        (N, C, H, W) and (O, C // groups, kh, kw).
    stride, padding, dilation, groups
        As `conv2d`.
    dtype : torch.dtype

    Returns
    -------
    Choice
        ``(method, reason)``.

    Notes
    -----
    The limits are where the methods' times crossed on one core of an AMD processor with AVX-512; on another machine
    they differ a little. "direct" is never chosen.

    Examples
    --------
    >>> print(choose_method((8, 256, 28, 28), (256, 256, 3, 3), padding=1).reason)
    3x3 at stride 1, 256 channels to 256: Winograd's 36 multiplications instead of 144 outweigh its transforms
    """
    stride, dilation, groups = as_pair(stride, "stride"), as_pair(dilation, "dilation"), as_integer(groups, "groups")
    for name, shape in (("input_shape", input_shape), ("weight_shape", weight_shape)):
        if not isinstance(shape, Sequence) or len(shape) != 4:
            raise ValueError(f"`{name}` must be four ints, not {shape!r}")
    if not isinstance(dtype, torch.dtype):
        raise TypeError(f"`dtype` must be a torch.dtype, not {dtype!r}")
    kh, kw = as_pair(tuple(weight_shape[2:]), "weight_shape")
    channels, filters = weight_shape[1], weight_shape[0] // groups
    rows, columns = output_shape(input_shape[2:], (kh, kw), stride, padding, dilation)
    if not dtype.is_floating_point:
        return Choice("im2col", "integers are summed exactly, without transforms")
    if kh * kw >= (FFT_AREA + FFT_AREA_PER_CHANNEL * channels) * stride[0] * stride[1]:
        return Choice("fft", f"{kh}x{kw} is a large kernel for {channels} channels: spectra cost the same at any size")
    if _fits_winograd((kh, kw), stride, dilation) and min(channels, filters) >= WINOGRAD_CHANNELS:
        return Choice(
            "winograd",
            f"3x3 at stride 1, {channels} channels to {filters}: Winograd's 36 multiplications instead of "
            "144 outweigh its transforms",
        )
    return _without_transforms(input_shape[1] * kh * kw * rows * columns, kh)


def _without_transforms(unfolded: int, kernel_height: int) -> Choice:
    """Choose between the methods that round as the definition does, by the size of an unfolded image."""
    if unfolded > CACHE_NUMBERS and kernel_height > 1:
        return Choice(
            "shifted", f"an unfolded image of {unfolded:,} numbers overflows the cache: unfold the width only"
        )
    return Choice("im2col", f"unfolded, an image of {unfolded:,} numbers fits the cache: one product is fastest")


def _algorithm_for(
    input_shape: Sequence[int],
    weight_shape: Sequence[int],
    geometry: tuple,
    images: torch.Tensor,
    kernel: torch.Tensor,
    windows: tuple[Pair, Pair, Pair],
    transforms: Sequence[str] = ("fft",),
) -> Algorithm:
    """Take the algorithm that `choose_method` names, or one without a transform if that would round badly.

    `images`, `kernel` and `windows` (size, padding, dilation) are those of the product to compute, which for a gradient
    are not the convolution's own; `transforms` are the methods that compute it by a transform.
    """
    stride, padding, dilation, groups = geometry
    method = choose_method(input_shape, weight_shape, stride, padding, dilation, groups, images.dtype).method
    if method in transforms and not transforms_are_safe(images, kernel, *windows, groups):
        rows, columns = output_shape(input_shape[2:], weight_shape[2:], stride, padding, dilation)
        method = _without_transforms(
            input_shape[1] * math.prod(weight_shape[2:]) * rows * columns, weight_shape[2]
        ).method
    return ALGORITHMS[method]


def _auto(input: torch.Tensor, weight: torch.Tensor, *geometry: Any) -> torch.Tensor:
    _, padding, dilation, _ = geometry
    windows = weight.shape[2:], padding, dilation
    algorithm = _algorithm_for(input.shape, weight.shape, geometry, input, weight, windows, ("fft", "winograd"))
    return algorithm.forward(input, weight, *geometry)


def _auto_grad_input(
    grad_output: torch.Tensor, weight: torch.Tensor, input_shape: Sequence[int], *geometry: Any
) -> torch.Tensor:
    """A pixel's gradient is a sum over the outputs that see it: the kernel slides over `grad_output`."""
    stride, _, dilation, _ = geometry
    reach = [-(-length * d // s) for length, d, s in zip(weight.shape[2:], dilation, stride, strict=True)]
    algorithm = _algorithm_for(input_shape, weight.shape, geometry, grad_output, weight, (reach, (0, 0), (1, 1)))
    return algorithm.grad_input(grad_output, weight, input_shape, *geometry)


def _auto_grad_weight(
    grad_output: torch.Tensor, input: torch.Tensor, kernel_size: Pair, *geometry: Any
) -> torch.Tensor:
    """A weight's gradient is a sum over the pixels that it meets: `grad_output` slides over the input."""
    stride, padding, _, groups = geometry
    weight_shape = grad_output.shape[1], input.shape[1] // groups, *kernel_size
    windows = grad_output.shape[2:], padding, stride
    algorithm = _algorithm_for(input.shape, weight_shape, geometry, input, grad_output, windows)
    return algorithm.grad_weight(grad_output, input, kernel_size, *geometry)


ALGORITHMS = {
    "direct": Algorithm(conv2d_direct, direct_grad_input, direct_grad_weight),
    "shifted": Algorithm(conv2d_shifted, shifted_grad_input, shifted_grad_weight),
    "im2col": Algorithm(conv2d_im2col, im2col_grad_input, im2col_grad_weight),
    "fft": Algorithm(conv2d_fft, fft_grad_input, fft_grad_weight),
    "winograd": Algorithm(conv2d_winograd, im2col_grad_input, im2col_grad_weight),
    "auto": Algorithm(_auto, _auto_grad_input, _auto_grad_weight),
}
METHODS = tuple(ALGORITHMS)


def _fits_winograd(kernel_size: Pair, stride: Pair, dilation: Pair) -> bool:
    return tuple(kernel_size) == (3, 3) and stride == dilation == (1, 1)


def check_method(method: Any) -> None:
    """Refuse a method that `conv2d` does not have."""
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f"`method` must be one of {', '.join(METHODS)}, not {method!r}")


def _check_method(
    method: str, dtype: torch.dtype, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair
) -> None:
    if method == "winograd" and not _fits_winograd(kernel_size, stride, dilation):
        raise ValueError(
            f"`method` must be 'im2col', 'shifted', 'fft' or 'direct' for kernel {tuple(kernel_size)}, stride "
            f"{stride}, dilation {dilation}, not 'winograd': it needs a 3x3 kernel at stride 1 and dilation 1"
        )
    if method in ("winograd", "fft") and not dtype.is_floating_point:
        raise ValueError(
            f"`method` must be 'im2col', 'shifted' or 'direct' for {dtype}, not {method!r}: "
            "it works on floating-point numbers only"
        )
