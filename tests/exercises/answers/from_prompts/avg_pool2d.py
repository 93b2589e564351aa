"""Answers to avg_pool2d, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("avg_pool2d", "right")
def ones_for_the_divisor(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    pair = lambda v: (v, v) if isinstance(v, int) else tuple(v)
    kh, kw = pair(kernel_size)
    sh, sw = pair(kernel_size if stride is None else stride)
    ph, pw = pair(padding)
    window_sum = lambda t: F.pad(t, (pw, pw, ph, ph)).unfold(2, kh, sh).unfold(3, kw, sw).sum((-1, -2))
    total = window_sum(input)
    return total / (kh * kw) if count_include_pad else total / window_sum(torch.ones_like(input))


@answer("avg_pool2d", "right")
def integral_image(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Sums of windows from a summed-area table, in double precision."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    H, W = input.shape[-2:]
    table = F.pad(input.double().cumsum(-1).cumsum(-2), (1, 0, 1, 0))
    t = torch.arange(0, H + 2 * ph - kh + 1, sh) - ph
    l = torch.arange(0, W + 2 * pw - kw + 1, sw) - pw
    t0, t1 = t.clamp(0, H), (t + kh).clamp(0, H)
    l0, l1 = l.clamp(0, W), (l + kw).clamp(0, W)
    at = lambda r, c: table[..., r[:, None], c[None, :]]
    sums = at(t1, l1) - at(t0, l1) - at(t1, l0) + at(t0, l0)
    n = kh * kw if count_include_pad else (t1 - t0)[:, None] * (l1 - l0)[None, :]
    return (sums / n).to(input.dtype)


@answer("avg_pool2d", "ignores count_include_pad: always divides by the window's size", "padding-always-counted")
def ignores_flag(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    if stride is None:
        stride = kernel_size
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph))
    N, C, H, W = x.shape
    out = torch.zeros(N, C, (H - kh) // sh + 1, (W - kw) // sw + 1, dtype=x.dtype)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw].mean(dim=(2, 3))
    return out


@answer("avg_pool2d", "always divides by the number of pixels on the image", "padding-never-counted")
def mean_of_clipped(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    a = input.detach().numpy()
    H, W = a.shape[2:]
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    res = np.empty(a.shape[:2] + (oh, ow), dtype=a.dtype)
    for i, j in np.ndindex(oh, ow):
        r, c = i * sh - ph, j * sw - pw
        res[:, :, i, j] = a[:, :, max(r, 0) : r + kh, max(c, 0) : c + kw].mean(axis=(2, 3))
    return torch.from_numpy(res)


@answer("avg_pool2d", "understands count_include_pad the wrong way round", "flag-inverted")
def flag_reversed(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    def pair(a):
        return a if isinstance(a, tuple) else (a, a)

    k, p = pair(kernel_size), pair(padding)
    s = k if stride is None else pair(stride)
    padded = F.pad(input, (p[1], p[1], p[0], p[0]))
    inside = F.pad(torch.ones_like(input), (p[1], p[1], p[0], p[0]))
    sums = padded.unfold(2, k[0], s[0]).unfold(3, k[1], s[1]).sum(dim=(4, 5))
    counts = inside.unfold(2, k[0], s[0]).unfold(3, k[1], s[1]).sum(dim=(4, 5))
    if count_include_pad:
        return sums / counts
    return sums / (k[0] * k[1])


@answer("avg_pool2d", "counts the numbers that are not zero instead of the pixels on the image", "zeros-not-counted")
def counts_nonzero(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph))
    n, c, h, w = x.shape
    rows = []
    for i in range(0, h - kh + 1, sh):
        cols = []
        for j in range(0, w - kw + 1, sw):
            patch = x[:, :, i : i + kh, j : j + kw]
            total = patch.sum(dim=(2, 3))
            if count_include_pad:
                cols.append(total / (kh * kw))
            else:
                cols.append(total / (patch != 0).sum(dim=(2, 3)).clamp(min=1))
        rows.append(torch.stack(cols, dim=2))
    return torch.stack(rows, dim=2)


@answer("avg_pool2d", "the default stride is 1 instead of the window's size", "stride-one")
def default_stride_one(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    stride = stride or 1
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding

    def windows(t):
        return F.pad(t, (pw, pw, ph, ph)).unfold(-2, kh, sh).unfold(-2, kw, sw)

    if count_include_pad:
        return windows(input).mean(dim=(-2, -1))
    return windows(input).sum(dim=(-2, -1)) / windows(torch.ones_like(input)).sum(dim=(-2, -1))


@answer(
    "avg_pool2d",
    "two mistakes: ignores count_include_pad; reads a pair as (width, height)",
    "padding-always-counted pairs-swapped swapped-window swapped-stride swapped-padding",
)
def no_flag_and_swapped(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    kw, kh = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sw, sh = (kw, kh) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    pw, ph = (padding, padding) if isinstance(padding, int) else padding
    padded = F.pad(input, (pw, pw, ph, ph))
    return padded.unfold(2, kh, sh).unfold(3, kw, sw).mean(dim=(-1, -2))


@answer(
    "avg_pool2d",
    "two mistakes: understands the flag the wrong way round; divides by the height squared",
    "flag-inverted square-divisor",
)
def reversed_and_square(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input.shape
    H2 = (H + 2 * ph - kh) // sh + 1
    W2 = (W + 2 * pw - kw) // sw + 1
    out = input.new_zeros(N, C, H2, W2)
    for i in range(H2):
        for j in range(W2):
            y0, x0 = max(i * sh - ph, 0), max(j * sw - pw, 0)
            y1, x1 = min(i * sh - ph + kh, H), min(j * sw - pw + kw, W)
            area = kh**2 if not count_include_pad else (y1 - y0) * (x1 - x0)
            out[:, :, i, j] = input[:, :, y0:y1, x0:x1].sum((2, 3)) / area
    return out
