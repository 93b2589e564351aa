"""Answers to im2col, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("im2col", "right")
def tensor_unfold(input, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    windows = F.pad(input, (pw, pw, ph, ph)).unfold(2, kh, sh).unfold(3, kw, sw)
    return windows.permute(0, 1, 4, 5, 2, 3).flatten(4).flatten(1, 3)


@answer("im2col", "right")
def fancy_indices(input, kernel_size, stride=1, padding=0):
    """Index arrays in the manner of cs231n's get_im2col_indices."""
    kh, kw = np.broadcast_to(kernel_size, 2)
    sh, sw = np.broadcast_to(stride, 2)
    ph, pw = np.broadcast_to(padding, 2)
    x = np.pad(input.detach().numpy(), ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    C, H, W = x.shape[1:]
    oh, ow = (H - kh) // sh + 1, (W - kw) // sw + 1
    i0 = np.tile(np.repeat(np.arange(kh), kw), C)
    j0 = np.tile(np.arange(kw), kh * C)
    i = i0[:, None] + sh * np.repeat(np.arange(oh), ow)[None]
    j = j0[:, None] + sw * np.tile(np.arange(ow), oh)[None]
    k = np.repeat(np.arange(C), kh * kw)[:, None]
    return torch.from_numpy(x[:, k, i, j])


@answer("im2col", "right")
def list_of_columns(input, kernel_size, stride=1, padding=0):
    both = lambda v: [v, v] if isinstance(v, int) else list(v)
    (kh, kw), (sh, sw), (ph, pw) = map(both, (kernel_size, stride, padding))
    n, c, h, w = input.shape
    x = torch.cat([input.new_zeros(n, c, ph, w), input, input.new_zeros(n, c, ph, w)], dim=2)
    side = input.new_zeros(n, c, h + 2 * ph, pw)
    x = torch.cat([side, x, side], dim=3)
    return torch.stack(
        [
            x[:, :, r : r + kh, s : s + kw].reshape(n, c * kh * kw)
            for r in range(0, x.shape[2] - kh + 1, sh)
            for s in range(0, x.shape[3] - kw + 1, sw)
        ],
        dim=2,
    )


@answer("im2col", "right")
def one_row_per_offset(input, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input.shape
    img = F.pad(input, (pw, pw, ph, ph))
    out_h = (H + 2 * ph - kh) // sh + 1
    out_w = (W + 2 * pw - kw) // sw + 1
    col = torch.zeros(N, C, kh, kw, out_h, out_w, dtype=input.dtype)
    for y in range(kh):
        y_max = y + sh * out_h
        for x in range(kw):
            x_max = x + sw * out_w
            col[:, :, y, x, :, :] = img[:, :, y:y_max:sh, x:x_max:sw]
    return col.reshape(N, C * kh * kw, -1)


@answer("im2col", "orders a column as row, column, channel, as TensorFlow does", "channels-inside")
def channels_last_column(input, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph)).permute(0, 2, 3, 1)  # NHWC
    N, H, W, C = x.shape
    out = []
    for i in range(0, H - kh + 1, sh):
        for j in range(0, W - kw + 1, sw):
            out.append(x[:, i : i + kh, j : j + kw, :].reshape(N, -1))
    return torch.stack(out, dim=-1)


@answer("im2col", "makes every window a row instead of a column: (N, L, C * kh * kw)", "windows-as-rows")
def windows_as_rows(input, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph))
    N, C, H, W = x.shape
    Ho, Wo = (H - kh) // sh + 1, (W - kw) // sw + 1
    result = torch.zeros(N, Ho * Wo, C * kh * kw, dtype=x.dtype)
    for i in range(Ho):
        for j in range(Wo):
            result[:, i * Wo + j] = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw].flatten(1)
    return result


@answer("im2col", "orders the positions column by column", "positions-transposed")
def positions_by_column(input, kernel_size, stride=1, padding=0):
    def pair(p):
        return p if isinstance(p, tuple) else (p, p)

    kh, kw = pair(kernel_size)
    sh, sw = pair(stride)
    ph, pw = pair(padding)
    x = F.pad(input, (pw, pw, ph, ph), mode="constant", value=0)
    columns = []
    for left in range(0, x.shape[3] - kw + 1, sw):
        for top in range(0, x.shape[2] - kh + 1, sh):
            columns.append(x[:, :, top : top + kh, left : left + kw].reshape(x.shape[0], -1, 1))
    return torch.cat(columns, dim=2)


@answer("im2col", "puts all images into one matrix: (C * kh * kw, L * N)", "batch-in-the-matrix")
def cs231n_layout(input, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x_padded = np.pad(input.numpy(), ((0, 0), (0, 0), (ph, ph), (pw, pw)), mode="constant")
    N, C, H, W = x_padded.shape
    out_height = (H - kh) // sh + 1
    out_width = (W - kw) // sw + 1
    i0 = np.tile(np.repeat(np.arange(kh), kw), C)
    i1 = sh * np.repeat(np.arange(out_height), out_width)
    j0 = np.tile(np.arange(kw), kh * C)
    j1 = sw * np.tile(np.arange(out_width), out_height)
    i = i0.reshape(-1, 1) + i1.reshape(1, -1)
    j = j0.reshape(-1, 1) + j1.reshape(1, -1)
    k = np.repeat(np.arange(C), kh * kw).reshape(-1, 1)
    cols = x_padded[:, k, i, j]
    cols = cols.transpose(1, 2, 0).reshape(kh * kw * C, -1)
    return torch.from_numpy(cols)


@answer(
    "im2col",
    "reshapes the windows without bringing the axes into order, so pixels are mixed",
    "reshape-without-permute",
)
def reshape_only(input, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph))
    x = x.unfold(2, kh, sh).unfold(3, kw, sw)
    N, C, Ho, Wo, _, _ = x.shape
    return x.reshape(N, C * kh * kw, Ho * Wo)


@answer("im2col", "reads a pair as (width, height) in the stride", "swapped-stride")
def stride_swapped(input, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sx, sy = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph))
    s = x.unfold(2, kh, sy).unfold(3, kw, sx)
    return torch.einsum("nchwij->ncijhw", s).reshape(s.shape[0], s.shape[1] * kh * kw, -1)


@answer("im2col", "pads height with the width's padding and the other way round", "swapped-padding")
def padding_in_wrong_order(input, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (ph, ph, pw, pw))  # F.pad wants all four
    N, C, H, W = x.shape
    Ho, Wo = (H - kh) // sh + 1, (W - kw) // sw + 1
    b, c, h, w = x.stride()
    view = x.as_strided((N, C, kh, kw, Ho, Wo), (b, c, h, w, h * sh, w * sw))
    return view.reshape(N, C * kh * kw, Ho * Wo)


@answer(
    "im2col",
    "two mistakes: windows are rows, not columns; the order in a row is row, column, channel",
    "windows-as-rows channels-inside",
)
def keras_patches(input, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph)).movedim(1, -1)
    patches = x.unfold(1, kh, sh).unfold(2, kw, sw)  # N Ho Wo C kh kw
    return patches.permute(0, 1, 2, 4, 5, 3).flatten(3).flatten(1, 2)


@answer("im2col", "two mistakes: positions column by column; pads at the end only", "positions-transposed")
def by_column_and_one_side(input, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (0, pw, 0, ph))
    N, C, H, W = x.shape
    cols = np.concatenate(
        [
            x[:, :, i : i + kh, j : j + kw].reshape(N, C * kh * kw, 1).numpy()
            for j in range(0, W - kw + 1, sw)
            for i in range(0, H - kh + 1, sh)
        ],
        axis=2,
    )
    return torch.from_numpy(cols)
