"""Answers to convolve2d, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("convolve2d", "right")
def flip_and_unfold(image, kernel):
    kh, kw = kernel.shape
    windows = image.unfold(0, kh, 1).unfold(1, kw, 1)
    return torch.einsum("ijab,ab->ij", windows, kernel.flip(0, 1))


@answer("convolve2d", "right")
def index_arithmetic(image, kernel):
    # out[i, j] = sum_ab image[i + kh-1 - a, j + kw-1 - b] * kernel[a, b]
    kh, kw = kernel.shape
    H, W = image.shape
    out = torch.zeros(H - kh + 1, W - kw + 1, dtype=image.dtype)
    for a in range(kh):
        for b in range(kw):
            top, left = kh - 1 - a, kw - 1 - b
            out += kernel[a, b] * image[top : top + out.shape[0], left : left + out.shape[1]]
    return out


@answer("convolve2d", "does not flip the kernel", "not-flipped")
def not_flipped(image, kernel):
    kh, kw = kernel.shape
    out_h = image.size(0) - kh + 1
    out_w = image.size(1) - kw + 1
    out = torch.empty(out_h, out_w, dtype=image.dtype)
    for row in range(out_h):
        for col in range(out_w):
            out[row, col] = torch.sum(image[row : row + kh, col : col + kw] * kernel)
    return out


@answer("convolve2d", "flips the kernel top to bottom only", "flipped-rows-only")
def np_flipud(image, kernel):
    k = np.flipud(kernel.numpy())
    img = image.numpy()
    views = np.lib.stride_tricks.sliding_window_view(img, k.shape)
    return torch.as_tensor((views * k).sum(axis=(-1, -2)))


@answer("convolve2d", "flips the kernel left to right only", "flipped-columns-only")
def reversed_last_axis(image, kernel):
    flipped = kernel[:, torch.arange(kernel.shape[1] - 1, -1, -1)]
    kh, kw = flipped.shape
    result = [
        [(image[i : i + kh, j : j + kw] * flipped).sum() for j in range(image.shape[1] - kw + 1)]
        for i in range(image.shape[0] - kh + 1)
    ]
    return torch.stack([torch.stack(r) for r in result])


@answer("convolve2d", "transposes the kernel instead of flipping it", "unknown")
def transposes(image, kernel):
    k = kernel.t()
    kh, kw = k.shape
    H, W = image.shape
    out = torch.zeros((H - kh + 1, W - kw + 1), dtype=image.dtype)
    for i in range(H - kh + 1):
        for j in range(W - kw + 1):
            out[i, j] = (k * image[i : i + kh, j : j + kw]).sum()
    return out


@answer("convolve2d", "returns the full convolution, with padding of the kernel's size minus 1", "padded")
def full_mode(image, kernel):
    kh, kw = kernel.shape
    x = F.pad(image, (kw - 1, kw - 1, kh - 1, kh - 1))
    k = torch.flip(kernel, [0, 1])
    out = torch.zeros(x.shape[0] - kh + 1, x.shape[1] - kw + 1, dtype=image.dtype)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = (x[i : i + kh, j : j + kw] * k).sum()
    return out


@answer("convolve2d", "flips the image instead of the kernel, so the output is turned by 180 degrees", "unknown")
def flips_image(image, kernel):
    turned = torch.rot90(image, 2, (0, 1))
    kh, kw = kernel.shape
    return (turned.unfold(0, kh, 1).unfold(1, kw, 1) * kernel).sum((-2, -1))


@answer(
    "convolve2d", "two mistakes: rotates the kernel by 90 degrees instead of 180; pads to the image's size", "padded"
)
def rot90_and_same(image, kernel):
    k = torch.rot90(kernel)
    kh, kw = k.shape
    x = F.pad(image, ((kw - 1) // 2, kw // 2, (kh - 1) // 2, kh // 2))
    return (x.unfold(0, kh, 1).unfold(1, kw, 1) * k).sum((-2, -1))
