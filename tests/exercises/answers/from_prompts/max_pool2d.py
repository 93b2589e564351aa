"""Answers to max_pool2d, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("max_pool2d", "right")
def unfold_amax(input, kernel_size, stride=None, padding=0):
    def pair(v):
        return (v, v) if isinstance(v, int) else v

    kh, kw = pair(kernel_size)
    sh, sw = pair(kernel_size if stride is None else stride)
    ph, pw = pair(padding)
    x = F.pad(input, (pw, pw, ph, ph), value=float("-inf"))
    return x.unfold(2, kh, sh).unfold(3, kw, sw).amax(dim=(-2, -1))


@answer("max_pool2d", "right")
def clipped_windows(input, kernel_size, stride=None, padding=0):
    # no padding at all: cut the window at the border
    stride = kernel_size if stride is None else stride
    kh, kw = np.broadcast_to(kernel_size, 2).tolist()
    sh, sw = np.broadcast_to(stride, 2).tolist()
    ph, pw = np.broadcast_to(padding, 2).tolist()
    N, C, H, W = input.shape
    tops = [i * sh - ph for i in range((H + 2 * ph - kh) // sh + 1)]
    lefts = [j * sw - pw for j in range((W + 2 * pw - kw) // sw + 1)]
    rows = []
    for t in tops:
        row = [
            input[:, :, max(t, 0) : min(t + kh, H), max(l, 0) : min(l + kw, W)].flatten(2).max(dim=2).values
            for l in lefts
        ]
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2)


@answer("max_pool2d", "right")
def running_maximum(input, kernel_size, stride=None, padding=0):
    """The maximum of shifted, strided copies."""
    kh, kw = kernel_size if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
    if stride is None:
        stride = (kh, kw)
    sh, sw = stride if isinstance(stride, (tuple, list)) else (stride, stride)
    ph, pw = padding if isinstance(padding, (tuple, list)) else (padding, padding)
    n, c, h, w = input.shape
    padded = torch.full((n, c, h + 2 * ph, w + 2 * pw), -torch.inf, dtype=input.dtype)
    padded[..., ph : ph + h, pw : pw + w] = input
    oh, ow = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
    best = None
    for a in range(kh):
        for b in range(kw):
            here = padded[..., a : a + (oh - 1) * sh + 1 : sh, b : b + (ow - 1) * sw + 1 : sw]
            best = here if best is None else torch.maximum(best, here)
    return best.clone()


@answer("max_pool2d", "pads with zeros instead of -inf, so negative windows give 0", "padding-with-zeros")
def zeros_padding(input, kernel_size, stride=None, padding=0):
    if stride is None:
        stride = kernel_size
    if isinstance(kernel_size, int):
        kernel_size = (kernel_size, kernel_size)
    if isinstance(stride, int):
        stride = (stride, stride)
    if isinstance(padding, int):
        padding = (padding, padding)
    ph, pw = padding
    x = np.pad(input.detach().numpy(), ((0, 0), (0, 0), (ph, ph), (pw, pw)), mode="constant")
    N, C, H, W = x.shape
    H_out = (H - kernel_size[0]) // stride[0] + 1
    W_out = (W - kernel_size[1]) // stride[1] + 1
    out = np.zeros((N, C, H_out, W_out), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    hs, ws = i * stride[0], j * stride[1]
                    out[n, c, i, j] = np.max(x[n, c, hs : hs + kernel_size[0], ws : ws + kernel_size[1]])
    return torch.from_numpy(out)


@answer("max_pool2d", "the default stride is 1 instead of the window's size", "stride-one")
def stride_defaults_to_one(input, kernel_size, stride=None, padding=0):
    two = lambda t: t if isinstance(t, tuple) else (t, t)
    kh, kw = two(kernel_size)
    sh, sw = two(stride or 1)
    ph, pw = two(padding)
    x = F.pad(input, (pw, pw, ph, ph), value=-float("inf"))
    patches = x.unfold(2, kh, sh).unfold(3, kw, sw).contiguous()
    return patches.view(*patches.shape[:4], -1).max(-1)[0]


@answer("max_pool2d", "uses reshape and so ignores the stride: it is always the window's size", "stride-ignored")
def reshape_trick(input, kernel_size, stride=None, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph), value=float("-inf"))
    n, c, h, w = x.shape
    h, w = h // kh * kh, w // kw * kw
    blocks = x[:, :, :h, :w].reshape(n, c, h // kh, kh, w // kw, kw)
    return blocks.max(dim=5).values.max(dim=3).values


@answer("max_pool2d", "takes one maximum over all images and channels together", "channels-mixed")
def max_over_everything(input, kernel_size, stride=None, padding=0):
    if stride is None:
        stride = kernel_size
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph), value=float("-inf"))
    N, C, H, W = x.shape
    out = torch.zeros(N, C, (H - kh) // sh + 1, (W - kw) // sw + 1, dtype=x.dtype)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = torch.max(x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw])
    return out


@answer(
    "max_pool2d",
    "forgets the stride in the window's position, so neighbouring windows are one pixel apart",
    "windows-at-every-pixel",
)
def window_without_stride(input, kernel_size, stride=None, padding=0):
    ksz = [kernel_size] * 2 if isinstance(kernel_size, int) else list(kernel_size)
    st = ksz if stride is None else ([stride] * 2 if isinstance(stride, int) else list(stride))
    pd = [padding] * 2 if isinstance(padding, int) else list(padding)
    N, C, H, W = input.shape
    h_out = int((H + 2 * pd[0] - ksz[0]) / st[0] + 1)
    w_out = int((W + 2 * pd[1] - ksz[1]) / st[1] + 1)
    inp = F.pad(input, (pd[1], pd[1], pd[0], pd[0]), "constant", float("-inf"))
    result = torch.empty(N, C, h_out, w_out, dtype=input.dtype)
    for y in range(h_out):
        for x in range(w_out):
            result[:, :, y, x] = inp[:, :, y : y + ksz[0], x : x + ksz[1]].amax(dim=(2, 3))
    return result


@answer("max_pool2d", "pads the width only", "unknown")
def pads_width_only(input, kernel_size, stride=None, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    stride = (kh, kw) if stride is None else stride
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    p = padding if isinstance(padding, int) else padding[1]
    x = F.pad(input, (p, p), value=float("-inf"))
    return x.unfold(2, kh, sh).unfold(3, kw, sw).amax((4, 5))


@answer("max_pool2d", "rounds the output's size up, as ceil_mode does", "partial-windows")
def ceil_mode(input, kernel_size, stride=None, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph), value=float("-inf"))
    rows = []
    for top in range(0, x.shape[2] - kh + sh, sh):
        row = []
        for left in range(0, x.shape[3] - kw + sw, sw):
            row.append(x[:, :, top : top + kh, left : left + kw].amax(dim=(2, 3)))
        rows.append(torch.stack(row, -1))
    return torch.stack(rows, -2)


@answer("max_pool2d", "starts the search for the maximum at 0, so windows of negative numbers give 0", "starts-at-zero")
def maximum_starts_at_zero(input, kernel_size, stride=None, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input.shape
    out = torch.zeros(N, C, (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1, dtype=input.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    biggest = 0
                    for a in range(i * sh - ph, i * sh - ph + kh):
                        for b in range(j * sw - pw, j * sw - pw + kw):
                            if 0 <= a < H and 0 <= b < W and input[n, c, a, b] > biggest:
                                biggest = input[n, c, a, b]
                    out[n, c, i, j] = biggest
    return out


@answer(
    "max_pool2d",
    "two mistakes: pads with zeros; reads a pair as (width, height)",
    "padding-with-zeros pairs-swapped swapped-window swapped-stride swapped-padding",
)
def zeros_and_swapped(input, kernel_size, stride=None, padding=0):
    stride = stride if stride is not None else kernel_size
    kw, kh = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sw, sh = (stride, stride) if isinstance(stride, int) else stride
    pw, ph = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph))
    return x.unfold(2, kh, sh).unfold(3, kw, sw).amax(dim=(4, 5))


@answer("max_pool2d", "two mistakes: the default stride is 1; pads with zeros", "padding-with-zeros stride-one")
def stride_one_zeros(input, kernel_size, stride=None, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    if stride is None:
        stride = 1
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    n, c, h, w = input.shape
    padded = torch.zeros(n, c, h + 2 * ph, w + 2 * pw, dtype=input.dtype)
    padded[:, :, ph : h + ph, pw : w + pw] = input
    windows = np.lib.stride_tricks.sliding_window_view(padded.detach().numpy(), (kh, kw), axis=(2, 3))
    return torch.from_numpy(windows[:, :, ::sh, ::sw].max(axis=(4, 5)))
