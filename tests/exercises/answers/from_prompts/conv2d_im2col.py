"""Answers to conv2d_im2col, written from its prompt alone."""

import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("conv2d_im2col", "right")
def unfold_and_matmul(input, weight, bias=None, stride=1, padding=0):
    O, _, kh, kw = weight.shape
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    columns = F.unfold(input, (kh, kw), stride=(sh, sw), padding=(ph, pw))
    out = weight.flatten(1) @ columns
    if bias is not None:
        out = out + bias[:, None]
    h = (input.shape[2] + 2 * ph - kh) // sh + 1
    return out.unflatten(2, (h, -1))


@answer("conv2d_im2col", "right")
def bias_as_extra_row(input, weight, bias=None, stride=1, padding=0):
    """A row of ones in the columns turns the bias into one more weight."""

    def pair(value):
        return (value, value) if isinstance(value, int) else tuple(value)

    kernel, stride, padding = tuple(weight.shape[2:]), pair(stride), pair(padding)
    height, width = (
        (n + 2 * p - k) // s + 1 for n, p, k, s in zip(input.shape[2:], padding, kernel, stride, strict=True)
    )
    columns = F.unfold(input, kernel, padding=padding, stride=stride)
    matrix = weight.reshape(len(weight), -1)
    if bias is not None:
        columns = torch.cat([columns, columns.new_ones(len(columns), 1, columns.shape[2])], dim=1)
        matrix = torch.cat([matrix, bias[:, None]], dim=1)
    return torch.einsum("ok,nkl->nol", matrix, columns).reshape(len(input), len(weight), height, width)


@answer("conv2d_im2col", "passes stride and padding to F.unfold by position, where dilation comes first", "unknown")
def positional_arguments(input, weight, bias=None, stride=1, padding=0):
    n, c, h, w = input.shape
    out_c, _, kh, kw = weight.shape
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    cols = F.unfold(input, (kh, kw), (sh, sw), (ph, pw))
    out = weight.view(out_c, -1).matmul(cols)
    if bias is not None:
        out += bias.view(1, -1, 1)
    return out.view(n, out_c, (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1)


@answer("conv2d_im2col", "reshapes the weight to (C * kh * kw, C_out) instead of transposing it", "filters-reshaped")
def weight_reshaped(input, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    O, C, kh, kw = weight.shape
    N, _, H, W = input.shape
    cols = F.unfold(input, (kh, kw), padding=(ph, pw), stride=(sh, sw))  # N, CKK, L
    w = weight.reshape(-1, O)
    out = cols.transpose(1, 2) @ w
    if bias is not None:
        out = out + bias
    out_h = (H + 2 * ph - kh) // sh + 1
    out_w = (W + 2 * pw - kw) // sw + 1
    return out.transpose(1, 2).reshape(N, O, out_h, out_w)


@answer("conv2d_im2col", "reshapes (N, L, C_out) to images without moving the channels forward", "channels-scrambled")
def missing_transpose(input, weight, bias=None, stride=1, padding=0):
    if isinstance(stride, int):
        stride = (stride, stride)
    if isinstance(padding, int):
        padding = (padding, padding)
    N, C, H, W = input.shape
    K, _, R, S = weight.shape
    P = (H + 2 * padding[0] - R) // stride[0] + 1
    Q = (W + 2 * padding[1] - S) // stride[1] + 1
    windows = F.unfold(input, (R, S), padding=padding, stride=stride).transpose(1, 2)
    result = torch.matmul(windows, weight.reshape(K, -1).T)
    if bias is not None:
        result = result + bias
    return result.reshape(N, K, P, Q)


@answer("conv2d_im2col", "does not add the bias", "bias-ignored")
def bias_forgotten(input, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    kh, kw = weight.shape[2:]
    x = F.pad(input, (pw, pw, ph, ph)).unfold(2, kh, sh).unfold(3, kw, sw)
    N, C, Ho, Wo = x.shape[:4]
    cols = x.permute(1, 4, 5, 0, 2, 3).reshape(C * kh * kw, N * Ho * Wo)
    y = weight.reshape(weight.shape[0], -1) @ cols
    return y.reshape(-1, N, Ho, Wo).transpose(0, 1)


@answer("conv2d_im2col", "swaps height and width when it reshapes the positions", "rows-and-columns-swapped")
def height_and_width_swapped(input, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    f, _, kh, kw = weight.shape
    out_x = (input.shape[3] + 2 * pw - kw) // sw + 1
    out_y = (input.shape[2] + 2 * ph - kh) // sh + 1
    unf = F.unfold(input, kernel_size=(kh, kw), stride=(sh, sw), padding=(ph, pw))
    out = torch.stack([weight.view(f, -1) @ u for u in unf])
    if bias is not None:
        out += bias.reshape(f, 1)
    return out.view(-1, f, out_x, out_y)


@answer(
    "conv2d_im2col",
    "two mistakes: does not move the channels forward; forgets the bias",
    "channels-scrambled bias-ignored",
)
def no_transpose_no_bias(input, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    O, C, kh, kw = weight.shape
    x = F.pad(input, (pw, pw, ph, ph))
    N, _, H, W = x.shape
    oh, ow = (H - kh) // sh + 1, (W - kw) // sw + 1
    rows = []
    for n in range(N):
        for i in range(oh):
            for j in range(ow):
                rows.append(x[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw].reshape(-1))
    out = torch.stack(rows) @ weight.reshape(O, -1).t()
    return out.reshape(N, O, oh, ow)


@answer(
    "conv2d_im2col",
    "two mistakes: flips the kernels; adds the bias along the width",
    "flipped-kernel bias-on-the-wrong-axis",
)
def flips_and_misplaces_bias(input, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    O, C, kh, kw = weight.shape
    N, C, H, W = input.shape
    w_row = weight.flip(-1, -2).reshape(O, -1)
    out = w_row @ F.unfold(input, (kh, kw), padding=(ph, pw), stride=(sh, sw))
    out = out.view(N, O, (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1)
    return out if bias is None else out + bias
