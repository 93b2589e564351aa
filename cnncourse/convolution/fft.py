"""Convolution as a product of spectra, for large kernels.

A cross-correlation in space is a product in frequency, one multiplication per frequency however large the kernel is. It
takes three Fourier transforms and complex numbers, which pays for kernels of 11 pixels and more, and for smaller ones
when every channel is convolved alone. A stride saves nothing: all positions are computed, and most are discarded.
Taught in the chapter *How libraries compute it*.

References
----------
M. Mathieu, M. Henaff and Y. LeCun, "Fast Training of Convolutional Networks through FFTs", 2014,
https://arxiv.org/abs/1312.5851
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import torch

from cnncourse.convolution.direct import pad
from cnncourse.geometry import Pair, output_shape


def fast_length(size: int) -> int:
    """Find the smallest length of at least `size` with no prime factors but 2, 3 and 5: such lengths transform fast.

    Examples
    --------
    >>> fast_length(61), fast_length(64)
    (64, 64)
    """

    def leftover(number: int) -> int:
        for factor in (2, 3, 5):
            while number % factor == 0:
                number //= factor
        return number

    return next(length for length in count(size) if leftover(length) == 1)


def spread(images: torch.Tensor, spacing: Pair, size: Pair) -> torch.Tensor:
    """Put ``spacing - 1`` zeros between neighbouring pixels, and zeros after the last up to `size`."""
    spread = images.new_zeros(*images.shape[:-2], *size)
    height, width = images.shape[-2:]
    spread[..., : height * spacing[0] : spacing[0], : width * spacing[1] : spacing[1]] = images
    return spread


def spectrum(images: torch.Tensor, groups: int, axis: int) -> torch.Tensor:
    """Transform the last two axes, with the channels on `axis` split into groups."""
    images = images.to(torch.promote_types(images.dtype, torch.float32))  # half precision has no transform on the CPU
    return torch.fft.rfft2(images).unflatten(axis, (groups, -1))


def padded_size(size: Pair, padding: Pair) -> Pair:
    """Return a fast size for the padded images; what wraps around at its end only reaches pixels that are cut off."""
    return [fast_length(length + 2 * border) for length, border in zip(size, padding, strict=True)]


def fill(input: torch.Tensor, padding: Pair, size: Pair) -> torch.Tensor:
    """Surround every image with zeros, up to `size`."""
    below, right = (
        full - length - 2 * border for full, length, border in zip(size, input.shape[2:], padding, strict=True)
    )
    return pad(input, padding, below, right)


def conv2d_fft(
    input: torch.Tensor, weight: torch.Tensor, stride: Pair, padding: Pair, dilation: Pair, groups: int
) -> torch.Tensor:
    """Convolve by multiplying spectra; arguments as `conv2d`, already checked.

    The conjugate of the kernel's spectrum makes it a cross-correlation: without it the kernel would be flipped.
    """
    size = padded_size(input.shape[2:], padding)
    images = spectrum(fill(input, padding, size), groups, 1)  # (N, G, C, H, W/2)
    filters = spectrum(spread(weight, dilation, size), groups, 0)  # (G, O, C, H, W/2)
    output = torch.fft.irfft2(torch.einsum("ngchw,gochw->ngohw", images, filters.conj()), size)
    rows, columns = output_shape(input.shape[2:], weight.shape[2:], stride, padding, dilation)
    output = output[..., :: stride[0], :: stride[1]][..., :rows, :columns]
    return output.flatten(1, 2).to(input.dtype).contiguous()


def fft_grad_input(
    grad_output: torch.Tensor,
    weight: torch.Tensor,
    input_shape: Sequence[int],
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> torch.Tensor:
    """Convolve the gradient, spread out by the stride, with the kernel: in frequency one product again."""
    (ph, pw), (height, width) = padding, input_shape[2:]
    size = padded_size((height, width), padding)
    grads = spectrum(spread(grad_output, stride, size), groups, 1)  # (N, G, O, H, W/2)
    filters = spectrum(spread(weight, dilation, size), groups, 0)  # (G, O, C, H, W/2)
    padded = torch.fft.irfft2(torch.einsum("ngohw,gochw->ngchw", grads, filters), size)
    return padded[..., ph : ph + height, pw : pw + width].flatten(1, 2).to(grad_output.dtype)


def fft_grad_weight(
    grad_output: torch.Tensor,
    input: torch.Tensor,
    kernel_size: Pair,
    stride: Pair,
    padding: Pair,
    dilation: Pair,
    groups: int,
) -> torch.Tensor:
    """Cross-correlate the images with the gradient, spread out by the stride, and keep what the kernel covers."""
    size = padded_size(input.shape[2:], padding)
    images = spectrum(fill(input, padding, size), groups, 1)  # (N, G, C, H, W/2)
    grads = spectrum(spread(grad_output, stride, size), groups, 1)  # (N, G, O, H, W/2)
    lags = torch.fft.irfft2(torch.einsum("ngchw,ngohw->gochw", images, grads.conj()), size)
    (kh, kw), (dh, dw) = kernel_size, dilation
    return lags[..., : dh * kh : dh, : dw * kw : dw].flatten(0, 1).to(input.dtype)
