"""Answers to col2im, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("col2im", "right")
def add_strided_slices(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input_shape
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    col = columns.reshape(N, C, kh, kw, oh, ow)
    img = columns.new_zeros(N, C, H + 2 * ph + sh - 1, W + 2 * pw + sw - 1)
    for y in range(kh):
        for x in range(kw):
            img[:, :, y : y + sh * oh : sh, x : x + sw * ow : sw] += col[:, :, y, x]
    return img[:, :, ph : H + ph, pw : W + pw]


@answer("col2im", "right")
def numpy_add_at(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = np.broadcast_to(kernel_size, 2)
    sh, sw = np.broadcast_to(stride, 2)
    ph, pw = np.broadcast_to(padding, 2)
    N, C, H, W = input_shape
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    k, a, b = (v.reshape(-1, 1) for v in np.meshgrid(range(C), range(kh), range(kw), indexing="ij"))
    i, j = (v.reshape(1, -1) for v in np.meshgrid(range(oh), range(ow), indexing="ij"))
    canvas = np.zeros((N, C, H + 2 * ph, W + 2 * pw))
    np.add.at(canvas, (slice(None), k, a + sh * i, b + sw * j), columns.detach().numpy())
    return torch.from_numpy(canvas[:, :, ph : ph + H, pw : pw + W].copy()).to(columns.dtype)


@answer("col2im", "right")
def adjoint_by_autograd(columns, input_shape, kernel_size, stride=1, padding=0):
    """Unfold is linear, so its adjoint is its vector-Jacobian product."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = torch.zeros(tuple(input_shape), dtype=columns.dtype, requires_grad=True)
    windows = F.pad(x, (pw, pw, ph, ph)).unfold(2, kh, sh).unfold(3, kw, sw)
    unfolded = windows.permute(0, 1, 4, 5, 2, 3).reshape(columns.shape)
    return torch.autograd.grad(unfolded, x, columns)[0]


@answer("col2im", "writes instead of adding, so overlapping windows are lost", "overwritten")
def writes(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input_shape
    out = torch.zeros(N, C, H + 2 * ph, W + 2 * pw, dtype=columns.dtype)
    ow = (W + 2 * pw - kw) // sw + 1
    for l in range(columns.shape[2]):
        r, c = l // ow * sh, l % ow * sw
        out[:, :, r : r + kh, c : c + kw] = columns[:, :, l].reshape(N, C, kh, kw)
    return out[:, :, ph : ph + H, pw : pw + W]


@answer("col2im", "averages where windows overlap: the inverse of im2col, not its adjoint", "averaged")
def averages(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input_shape
    image = torch.zeros(N, C, H + 2 * ph, W + 2 * pw, dtype=columns.dtype)
    count = torch.zeros_like(image)
    index = 0
    for top in range(0, H + 2 * ph - kh + 1, sh):
        for left in range(0, W + 2 * pw - kw + 1, sw):
            image[:, :, top : top + kh, left : left + kw] += columns[:, :, index].view(N, C, kh, kw)
            count[:, :, top : top + kh, left : left + kw] += 1
            index += 1
    image = image / count.clamp(min=1)
    return image[:, :, ph : ph + H, pw : pw + W]


@answer("col2im", "does not remove the padding", "not-cropped")
def keeps_padding(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input_shape
    H, W = H + 2 * ph, W + 2 * pw
    rows, cols = (H - kh) // sh + 1, (W - kw) // sw + 1
    windows = columns.reshape(N, C, kh, kw, rows, cols)
    out = torch.zeros(N, C, H, W, dtype=columns.dtype)
    for i in range(rows):
        for j in range(cols):
            out[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += windows[..., i, j]
    return out


@answer("col2im", "adds by index, which keeps only one of several windows for the same pixel", "overwritten")
def plus_equals_index(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input_shape
    out_h = (H + 2 * ph - kh) // sh + 1
    out_w = (W + 2 * pw - kw) // sw + 1
    x_padded = np.zeros((N, C, H + 2 * ph, W + 2 * pw), dtype=columns.numpy().dtype)
    i = np.tile(np.repeat(np.arange(kh), kw), C)[:, None] + sh * np.repeat(np.arange(out_h), out_w)
    j = np.tile(np.arange(kw), kh * C)[:, None] + sw * np.tile(np.arange(out_w), out_h)
    k = np.repeat(np.arange(C), kh * kw)[:, None]
    x_padded[:, k, i, j] += columns.numpy()
    return torch.from_numpy(x_padded[:, :, ph : H + ph, pw : W + pw])


@answer("col2im", "reads a column as row, column, channel", "channels-inside")
def column_order(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input_shape
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    out = torch.zeros(N, H + 2 * ph, W + 2 * pw, C, dtype=columns.dtype)
    cols = columns.transpose(1, 2).reshape(N, oh, ow, kh, kw, C)
    for i in range(oh):
        for j in range(ow):
            out[:, i * sh : i * sh + kh, j * sw : j * sw + kw, :] += cols[:, i, j]
    return out[:, ph : ph + H, pw : pw + W].permute(0, 3, 1, 2)


@answer("col2im", "crops with [p:-p], which is empty when the padding is 0", "negative-crop")
def negative_slice(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input_shape
    padded = torch.zeros(N, C, H + 2 * ph, W + 2 * pw, dtype=columns.dtype)
    l = 0
    for y in range(0, H + 2 * ph - kh + 1, sh):
        for x in range(0, W + 2 * pw - kw + 1, sw):
            padded[:, :, y : y + kh, x : x + kw] += columns[:, :, l].reshape(N, C, kh, kw)
            l += 1
    return padded[:, :, ph:-ph, pw:-pw]


@answer("col2im", "takes the positions column by column", "positions-transposed")
def positions_transposed(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input_shape
    padded = torch.zeros(N, C, H + 2 * ph, W + 2 * pw, dtype=columns.dtype)
    it = iter(columns.unbind(dim=2))
    for x in range(0, W + 2 * pw - kw + 1, sw):
        for y in range(0, H + 2 * ph - kh + 1, sh):
            padded[:, :, y : y + kh, x : x + kw] += next(it).reshape(N, C, kh, kw)
    return padded[:, :, ph : ph + H, pw : pw + W].contiguous()


@answer(
    "col2im",
    "two mistakes: writes instead of adding; crops the padding from the end only",
    "overwritten cropped-from-the-corner",
)
def writes_and_crops_end(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input_shape
    oh, ow = (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1
    cols = columns.reshape(N, C, kh, kw, oh, ow)
    image = torch.zeros(N, C, H + 2 * ph, W + 2 * pw, dtype=columns.dtype)
    for a in range(oh):
        for b in range(ow):
            image[:, :, a * sh : a * sh + kh, b * sw : b * sw + kw] = cols[:, :, :, :, a, b]
    return image[:, :, :H, :W]


@answer(
    "col2im",
    "two mistakes: averages where windows overlap; reads a column as row, column, channel",
    "averaged channels-inside",
)
def average_channels_last(columns, input_shape, kernel_size, stride=1, padding=0):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input_shape
    total = np.zeros((N, H + 2 * ph, W + 2 * pw, C))
    hits = np.zeros((H + 2 * ph, W + 2 * pw, 1))
    patches = columns.detach().numpy().transpose(0, 2, 1)
    l = 0
    for i in range(0, H + 2 * ph - kh + 1, sh):
        for j in range(0, W + 2 * pw - kw + 1, sw):
            total[:, i : i + kh, j : j + kw] += patches[:, l].reshape(N, kh, kw, C)
            hits[i : i + kh, j : j + kw] += 1
            l += 1
    result = total / np.maximum(hits, 1)
    result = result[:, ph : ph + H, pw : pw + W].transpose(0, 3, 1, 2)
    return torch.tensor(result, dtype=columns.dtype)
