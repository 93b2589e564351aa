"""`conv2d`: one signature in front of every algorithm, and the rule that chooses between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch

from cnncourse.convolution.arguments import check_geometry, check_tensors
from cnncourse.convolution.backward import Algorithm, Convolution
from cnncourse.convolution.direct import conv2d_direct, direct_grad_input, direct_grad_weight
from cnncourse.convolution.fft import conv2d_fft, fft_grad_input, fft_grad_weight
from cnncourse.convolution.im2col import conv2d_im2col, im2col_grad_input, im2col_grad_weight
from cnncourse.convolution.shifted import conv2d_shifted, shifted_grad_input, shifted_grad_weight
from cnncourse.convolution.winograd import conv2d_winograd
from cnncourse.geometry import IntOrPair, Pair, as_integer, as_pair, output_shape

ALGORITHMS = {
    "direct": Algorithm(conv2d_direct, direct_grad_input, direct_grad_weight),
    "shifted": Algorithm(conv2d_shifted, shifted_grad_input, shifted_grad_weight),
    "im2col": Algorithm(conv2d_im2col, im2col_grad_input, im2col_grad_weight),
    "fft": Algorithm(conv2d_fft, fft_grad_input, fft_grad_weight),
    "winograd": Algorithm(conv2d_winograd, im2col_grad_input, im2col_grad_weight),
}
METHODS = (*ALGORITHMS, "auto")

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
        The algorithm; they differ in speed, memory and rounding, not in what they compute. `choose_method` says which
        one "auto" takes.

    Returns
    -------
    torch.Tensor
        (N, O, H_out, W_out) with ``H_out = floor((H + 2*padding - dilation*(kh - 1) - 1) / stride) + 1``.

    Raises
    ------
    TypeError
        If a number type cannot be used or the types differ.
    ValueError
        If shapes do not fit, the kernel is larger than the padded image, or `method` cannot do what is asked.

    Notes
    -----
    Gradients are computed by hand and can be taken once, not twice.

    Examples
    --------
    >>> image = torch.tensor([[0.0, 0.0, 1.0, 1.0]]).view(1, 1, 1, 4)
    >>> conv2d(image, torch.tensor([-1.0, 1.0]).view(1, 1, 1, 2)).flatten().tolist()
    [0.0, 1.0, 0.0]
    """
    if method not in METHODS:
        raise ValueError(f"`method` must be one of {', '.join(METHODS)}, not {method!r}")
    groups = as_integer(groups, "groups")
    check_tensors(input, weight, bias, groups)
    input, geometry = check_geometry(input, weight, stride, padding, dilation)
    if not input.is_floating_point():
        input, weight, bias = (tensor if tensor is None else tensor.long() for tensor in (input, weight, bias))
    if method == "auto":
        method = choose_method(input.shape, weight.shape, *geometry, groups, input.dtype).method
    else:
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
    they lie near by. "direct" is never chosen.

    Examples
    --------
    >>> print(choose_method((8, 256, 28, 28), (256, 256, 3, 3), padding=1).reason)
    3x3 at stride 1, 256 channels to 256: Winograd's 36 multiplications instead of 144 outweigh its transforms
    """
    stride, dilation = as_pair(stride, "stride"), as_pair(dilation, "dilation")
    kh, kw = weight_shape[2:]
    channels, filters = weight_shape[1], weight_shape[0] // groups
    rows, columns = output_shape(input_shape[2:], (kh, kw), stride, padding, dilation)
    unfolded = input_shape[1] * kh * kw * rows * columns
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
    if unfolded > CACHE_NUMBERS and kh > 1:
        return Choice(
            "shifted", f"an unfolded image of {unfolded:,} numbers overflows the cache: unfold the width only"
        )
    return Choice("im2col", f"unfolded, an image of {unfolded:,} numbers fits the cache: one product is fastest")


def _fits_winograd(kernel_size: Pair, stride: Pair, dilation: Pair) -> bool:
    return tuple(kernel_size) == (3, 3) and stride == dilation == (1, 1)


def _check_method(
    method: str, dtype: torch.dtype, kernel_size: Pair, stride: Pair, padding: Pair, dilation: Pair
) -> None:
    if method == "winograd" and not _fits_winograd(kernel_size, stride, dilation):
        raise ValueError(
            f"method 'winograd' needs a 3x3 kernel at stride 1 and dilation 1, not kernel {tuple(kernel_size)}, "
            f"stride {stride}, dilation {dilation}: use 'im2col', 'shifted', 'fft' or 'direct'"
        )
    if method in ("winograd", "fft") and not dtype.is_floating_point:
        raise ValueError(f"method {method!r} works on floating-point numbers only: use 'im2col', 'shifted' or 'direct'")
