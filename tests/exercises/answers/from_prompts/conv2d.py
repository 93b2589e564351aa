"""Answers to conv2d, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("conv2d", "right")
def unfold_einsum(input, weight, bias=None, stride=1, padding=0):
    pair = lambda v: (v, v) if isinstance(v, int) else tuple(v)
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    x = F.pad(input, (pw, pw, ph, ph))
    patches = x.unfold(2, weight.shape[2], sh).unfold(3, weight.shape[3], sw)
    y = torch.einsum("nchwij,ocij->nohw", patches, weight)
    return y if bias is None else y + bias[None, :, None, None]


@answer("conv2d", "right")
def numpy_strides_in_double(input, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if np.isscalar(stride) else stride
    ph, pw = (padding, padding) if np.isscalar(padding) else padding
    x = np.pad(input.detach().cpu().numpy().astype(np.float64), ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    w = weight.detach().cpu().numpy().astype(np.float64)
    N, C, H, W = x.shape
    O, _, kh, kw = w.shape
    oh, ow = (H - kh) // sh + 1, (W - kw) // sw + 1
    s = x.strides
    view = np.lib.stride_tricks.as_strided(
        x, (N, C, oh, ow, kh, kw), (s[0], s[1], s[2] * sh, s[3] * sw, s[2], s[3]), writeable=False
    )
    out = np.tensordot(view, w, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)
    if bias is not None:
        out = out + bias.detach().cpu().numpy().reshape(1, -1, 1, 1)
    return torch.tensor(out, dtype=input.dtype)


@answer("conv2d", "right")
def offsets_loop(input, weight, bias=None, stride=1, padding=0):
    """Loop over the kernel's positions, not over the image's."""

    def as_pair(value):
        try:
            a, b = value
        except TypeError:
            a = b = value
        return a, b

    sh, sw = as_pair(stride)
    ph, pw = as_pair(padding)
    n, c, h, w = input.size()
    o, _, kh, kw = weight.size()
    canvas = input.new_zeros(n, c, h + 2 * ph, w + 2 * pw)
    canvas[:, :, ph : ph + h, pw : pw + w] = input
    h_out = (h + 2 * ph - kh) // sh + 1
    w_out = (w + 2 * pw - kw) // sw + 1
    total = 0
    for i in range(kh):
        for j in range(kw):
            shifted = canvas[:, :, i : i + sh * (h_out - 1) + 1 : sh, j : j + sw * (w_out - 1) + 1 : sw]
            # (n, h, w, c) @ (c, o)
            total = total + (shifted.permute(0, 2, 3, 1) @ weight[:, :, i, j].T).permute(0, 3, 1, 2)
    if bias is not None:
        total = total + bias.view(1, o, 1, 1)
    return total


@answer("conv2d", "adds the bias once for each input channel", "bias-per-channel")
def bias_per_channel(input, weight, bias=None, stride=1, padding=0):
    if isinstance(stride, int):
        stride = (stride, stride)
    if isinstance(padding, int):
        padding = (padding, padding)
    x = F.pad(input, (padding[1], padding[1], padding[0], padding[0]))
    N, C, H, W = x.shape
    O, C, kh, kw = weight.shape
    Ho = (H - kh) // stride[0] + 1
    Wo = (W - kw) // stride[1] + 1
    out = torch.zeros(N, O, Ho, Wo, dtype=input.dtype)
    for o in range(O):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    r, s = i * stride[0], j * stride[1]
                    out[:, o, i, j] += (x[:, c, r : r + kh, s : s + kw] * weight[o, c]).sum(dim=(1, 2))
                    if bias is not None:
                        out[:, o, i, j] += bias[o]
    return out


@answer("conv2d", "uses the stride for the output size only: the windows move by one pixel", "stride-ignored")
def stride_only_in_shape(input, weight, bias=None, stride=1, padding=0):
    s1, s2 = stride if isinstance(stride, (tuple, list)) else (stride, stride)
    p1, p2 = padding if isinstance(padding, (tuple, list)) else (padding, padding)
    N, C, H, W = input.shape
    F_, C, HH, WW = weight.shape
    x_pad = F.pad(input, (p2, p2, p1, p1), "constant", 0)
    H_out = 1 + (H + 2 * p1 - HH) // s1
    W_out = 1 + (W + 2 * p2 - WW) // s2
    out = torch.zeros((N, F_, H_out, W_out), dtype=input.dtype)
    for n in range(N):
        for f in range(F_):
            for i in range(H_out):
                for j in range(W_out):
                    out[n, f, i, j] = torch.sum(x_pad[n, :, i : i + HH, j : j + WW] * weight[f])
            if bias is not None:
                out[n, f] += bias[f]
    return out


@answer("conv2d", "flips the kernels, as scipy's convolve2d does", "flipped-kernel")
def scipy_like(input, weight, bias=None, stride=1, padding=0):
    sh, sw = stride if not isinstance(stride, int) else (stride,) * 2
    ph, pw = padding if not isinstance(padding, int) else (padding,) * 2
    w = torch.flip(weight, dims=(2, 3))
    x = F.pad(input, (pw, pw, ph, ph))
    cols = x.unfold(2, w.size(2), sh).unfold(3, w.size(3), sw)  # N C Ho Wo kh kw
    out = torch.tensordot(cols, w, dims=([1, 4, 5], [1, 2, 3])).permute(0, 3, 1, 2)
    if bias is not None:
        out += bias.reshape(1, -1, 1, 1)
    return out


@answer("conv2d", "reads a pair as (width, height)", "pairs-swapped swapped-stride swapped-padding")
def width_then_height(input, weight, bias=None, stride=1, padding=0):
    sx, sy = (stride, stride) if isinstance(stride, int) else stride
    px, py = (padding, padding) if isinstance(padding, int) else padding
    batch, _, rows, cols = input.shape
    filters, _, kr, kc = weight.shape
    x = F.pad(input, [px, px, py, py])
    out_rows = (rows + 2 * py - kr) // sy + 1
    out_cols = (cols + 2 * px - kc) // sx + 1
    out = torch.zeros(batch, filters, out_rows, out_cols, dtype=x.dtype)
    for r in range(out_rows):
        for c in range(out_cols):
            window = x[:, None, :, r * sy : r * sy + kr, c * sx : c * sx + kc]
            out[:, :, r, c] = (window * weight[None]).sum((2, 3, 4))
    if bias is not None:
        out = out + bias.view(1, -1, 1, 1)
    return out


@answer("conv2d", "forgets the bias", "bias-ignored")
def no_bias(input, weight, bias=None, stride=1, padding=0):
    def two(v):
        return v if isinstance(v, tuple) else (v, v)

    sh, sw = two(stride)
    ph, pw = two(padding)
    x = F.pad(input, (pw, pw, ph, ph))
    kh, kw = weight.shape[-2:]
    return torch.stack(
        [
            torch.stack(
                [(patch * f).sum(dim=(1, 4, 5)) for f in weight[:, None, :, None, None]],
                dim=1,
            )
            for patch in [x.unfold(2, kh, sh).unfold(3, kw, sw)]
        ]
    )[0]


@answer("conv2d", "pads on the left and on the top only", "one-sided-padding")
def pads_one_side(input, weight, bias=None, stride=1, padding=0):
    if type(stride) is int:
        stride = [stride, stride]
    if type(padding) is int:
        padding = [padding, padding]
    n, c_in, h, w = input.shape
    c_out, _, kh, kw = weight.shape
    padded = torch.zeros(n, c_in, h + padding[0], w + padding[1], dtype=input.dtype)
    padded[:, :, padding[0] :, padding[1] :] = input
    ho = (padded.shape[2] - kh) // stride[0] + 1
    wo = (padded.shape[3] - kw) // stride[1] + 1
    y = torch.empty(n, c_out, ho, wo, dtype=input.dtype)
    for i in range(ho):
        for j in range(wo):
            a, b = i * stride[0], j * stride[1]
            region = padded[:, :, a : a + kh, b : b + kw].reshape(n, -1)
            y[:, :, i, j] = region @ weight.reshape(c_out, -1).t()
    if bias is not None:
        y += bias[:, None, None]
    return y


@answer("conv2d", "does not sum over the input channels: uses the first channel only", "first-channel-only")
def first_channel(input, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding

    def corr(img, k):
        img = F.pad(img, (pw, pw, ph, ph))
        rows = range(0, img.shape[0] - k.shape[0] + 1, sh)
        cols = range(0, img.shape[1] - k.shape[1] + 1, sw)
        return torch.stack(
            [torch.stack([(img[r : r + k.shape[0], c : c + k.shape[1]] * k).sum() for c in cols]) for r in rows]
        )

    images = []
    for image in input:
        maps = []
        for f in range(len(weight)):
            m = corr(image[0], weight[f][0])
            if bias is not None:
                m = m + bias[f]
            maps.append(m)
        images.append(torch.stack(maps))
    return torch.stack(images)


@answer("conv2d", "takes only an int for stride and padding, so a pair crashes", "pairs-refused")
def ints_only(input, weight, bias=None, stride=1, padding=0):
    N, C, H, W = input.shape
    K, _, R, S = weight.shape
    P = (H + 2 * padding - R) // stride + 1
    Q = (W + 2 * padding - S) // stride + 1
    x = F.pad(input, (padding,) * 4)
    out = torch.zeros(N, K, P, Q, dtype=input.dtype)
    for p in range(P):
        for q in range(Q):
            win = x[:, :, p * stride : p * stride + R, q * stride : q * stride + S]
            out[:, :, p, q] = torch.einsum("ncrs,kcrs->nk", win, weight)
    if bias is not None:
        out += bias.reshape(1, K, 1, 1)
    return out


@answer("conv2d", "adds the bias along the width instead of the channels", "bias-on-the-wrong-axis")
def bias_on_last_axis(input, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph))
    patches = x.unfold(2, weight.shape[2], sh).unfold(3, weight.shape[3], sw)
    out = torch.einsum("nchwij,ocij->nohw", patches, weight)
    if bias is not None:
        out = out + bias
    return out


@answer("conv2d", "two mistakes: pads with the border's pixels instead of zeros; forgets the bias", "bias-ignored")
def replicate_without_bias(input, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph), mode="replicate")
    kh, kw = weight.shape[2:]
    oh = (x.shape[2] - kh) // sh + 1
    ow = (x.shape[3] - kw) // sw + 1
    out = x.new_zeros(len(x), len(weight), oh, ow)
    for n, img in enumerate(x):
        for o, filt in enumerate(weight):
            for i in range(oh):
                for j in range(ow):
                    out[n, o, i, j] = (img[:, i * sh : i * sh + kh, j * sw : j * sw + kw] * filt).sum()
    return out


@answer(
    "conv2d",
    "two mistakes: flips the kernels; swaps height and width of a pair",
    "flipped-kernel pairs-swapped swapped-stride swapped-padding",
)
def flipped_and_swapped(input, weight, bias=None, stride=1, padding=0):
    sw, sh = (stride, stride) if isinstance(stride, int) else stride
    pw, ph = (padding, padding) if isinstance(padding, int) else padding
    x = np.pad(input.detach().numpy(), [(0, 0), (0, 0), (ph, ph), (pw, pw)])
    k = weight.detach().numpy()[:, :, ::-1, ::-1]
    windows = np.lib.stride_tricks.sliding_window_view(x, k.shape[2:], axis=(2, 3))[:, :, ::sh, ::sw]
    out = np.einsum("nchwij,ocij->nohw", windows, k)
    if bias is not None:
        out = out + bias.detach().numpy()[None, :, None, None]
    return torch.from_numpy(np.ascontiguousarray(out))


@answer(
    "conv2d", "two mistakes: rounds the output's size up; adds the bias once for each input channel", "bias-per-channel"
)
def ceil_and_channel_bias(input, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input.shape
    O, C, kh, kw = weight.shape
    oh = -(-(H + 2 * ph - kh) // sh) + 1
    ow = -(-(W + 2 * pw - kw) // sw) + 1
    x = F.pad(input, (pw, pw + sw, ph, ph + sh))
    if bias is None:
        bias = torch.zeros(O, dtype=input.dtype)
    out = torch.zeros(N, O, oh, ow, dtype=input.dtype)
    for c in range(C):
        for i in range(oh):
            for j in range(ow):
                patch = x[:, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
                out[:, :, i, j] += torch.einsum("nab,oab->no", patch, weight[:, c]) + bias
    return out
