"""Answers to max_pool2d_backward, written from its prompt alone."""

import numpy as np
import torch

from cnncourse.exercises.answers import answer


@answer("max_pool2d_backward", "right")
def argmax_and_scatter(grad_output, input, kernel_size, stride=None):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    N, C, H, W = input.shape
    # number the pixels and unfold the numbers along with the image
    numbers = torch.arange(H * W).reshape(1, 1, H, W).expand(N, C, H, W)
    view = lambda t: t.unfold(2, kh, sh).unfold(3, kw, sw).flatten(4)
    which = view(input).argmax(dim=-1, keepdim=True)
    target = view(numbers).gather(-1, which).reshape(N, C, -1)
    grad = grad_output.new_zeros(N, C, H * W)
    return grad.scatter_add(2, target, grad_output.reshape(N, C, -1)).reshape(N, C, H, W)


@answer("max_pool2d_backward", "right")
def unravel_index(grad_output, input, kernel_size, stride=None):
    HH, WW = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    if stride is None:
        stride = (HH, WW)
    s1, s2 = (stride, stride) if isinstance(stride, int) else stride
    x, dout = input.detach().numpy(), grad_output.detach().numpy()
    dx = np.zeros_like(x)
    N, C, Ho, Wo = dout.shape
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    patch = x[n, c, i * s1 : i * s1 + HH, j * s2 : j * s2 + WW]
                    a, b = np.unravel_index(np.argmax(patch), patch.shape)
                    dx[n, c, i * s1 + a, j * s2 + b] += dout[n, c, i, j]
    return torch.from_numpy(dx)


@answer("max_pool2d_backward", "right")
def strictly_greater(grad_output, input, kernel_size, stride=None):
    """Keep the best value and where it was; a later pixel must be strictly greater."""
    k = [kernel_size] * 2 if isinstance(kernel_size, int) else kernel_size
    s = k if stride is None else [stride] * 2 if isinstance(stride, int) else stride
    h_out, w_out = grad_output.shape[2:]
    best = torch.full_like(grad_output, -torch.inf, dtype=input.dtype)
    row, col = (torch.zeros(grad_output.shape, dtype=torch.long) for _ in range(2))
    for a in range(k[0]):
        for b in range(k[1]):
            here = input[:, :, a :: s[0], b :: s[1]][:, :, :h_out, :w_out]
            better = here > best
            best = torch.where(better, here, best)
            row[better], col[better] = a, b
    row = row + torch.arange(h_out)[:, None] * s[0]
    col = col + torch.arange(w_out) * s[1]
    n = torch.arange(input.shape[0])[:, None, None, None].expand_as(row)
    c = torch.arange(input.shape[1])[None, :, None, None].expand_as(row)
    out = torch.zeros(input.shape, dtype=grad_output.dtype)
    return out.index_put((n, c, row, col), grad_output, accumulate=True)


@answer("max_pool2d_backward", "gives the gradient to every pixel that equals the maximum", "tie-to-all")
def mask_of_equals(grad_output, input, kernel_size, stride=None):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    dx = torch.zeros_like(input)
    N, C, H_out, W_out = grad_output.shape
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    x_pool = input[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
                    mask = x_pool == torch.max(x_pool)
                    dx[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw] += mask * grad_output[n, c, i, j]
    return dx


@answer("max_pool2d_backward", "writes instead of adding, so overlapping windows lose gradients", "overlap-overwritten")
def assigns(grad_output, input, kernel_size, stride=None):
    if isinstance(kernel_size, int):
        kernel_size = (kernel_size, kernel_size)
    stride = kernel_size if stride is None else stride
    if isinstance(stride, int):
        stride = (stride, stride)
    grad_input = torch.zeros_like(input)
    for n, image in enumerate(input):
        for c, plane in enumerate(image):
            for i in range(grad_output.shape[2]):
                for j in range(grad_output.shape[3]):
                    y, x = i * stride[0], j * stride[1]
                    window = plane[y : y + kernel_size[0], x : x + kernel_size[1]]
                    idx = torch.argmax(window).item()
                    dy, dx = divmod(idx, kernel_size[1])
                    grad_input[n, c, y + dy, x + dx] = grad_output[n, c, i, j]
    return grad_input


@answer(
    "max_pool2d_backward",
    "adds by index, which keeps only one of several gradients for the same pixel",
    "overlap-overwritten",
)
def fancy_index_plus_equals(grad_output, input, kernel_size, stride=None):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    N, C, oh, ow = grad_output.shape
    best = input.unfold(2, kh, sh).unfold(3, kw, sw).reshape(N, C, oh, ow, kh * kw).argmax(-1)
    r = torch.arange(oh).view(1, 1, oh, 1) * sh + best // kw
    c = torch.arange(ow).view(1, 1, 1, ow) * sw + best % kw
    n_idx = torch.arange(N).view(N, 1, 1, 1)
    c_idx = torch.arange(C).view(1, C, 1, 1)
    grad = torch.zeros_like(input)
    grad[n_idx, c_idx, r, c] += grad_output
    return grad


@answer("max_pool2d_backward", "splits the gradient among equal maxima", "tie-shared")
def amax_autograd(grad_output, input, kernel_size, stride=None):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    x = input.detach().clone().requires_grad_()
    y = x.unfold(2, kh, sh).unfold(3, kw, sw).amax(dim=(-1, -2))
    y.backward(grad_output)
    return x.grad


@answer("max_pool2d_backward", "takes the last of equal maxima instead of the first", "tie-to-last")
def greater_or_equal(grad_output, input, kernel_size, stride=None):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    grad = torch.zeros_like(input)
    N, C, Ho, Wo = grad_output.shape
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    max_val, max_r, max_c = -float("inf"), 0, 0
                    for r in range(i * sh, i * sh + kh):
                        for q in range(j * sw, j * sw + kw):
                            if input[n, c, r, q] >= max_val:
                                max_val = input[n, c, r, q]
                                max_r, max_c = r, q
                    grad[n, c, max_r, max_c] += grad_output[n, c, i, j]
    return grad


@answer("max_pool2d_backward", "spreads the gradient evenly over the window, as average pooling does", "spread-evenly")
def spreads_evenly(grad_output, input, kernel_size, stride=None):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    out = torch.zeros_like(input)
    for i in range(grad_output.size(2)):
        for j in range(grad_output.size(3)):
            share = grad_output[:, :, i, j] / (kh * kw)
            out[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += share[:, :, None, None]
    return out


@answer("max_pool2d_backward", "multiplies the gradient by the maximum's value", "times-the-value")
def times_the_value(grad_output, input, kernel_size, stride=None):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    x = input.detach().numpy()
    g = grad_output.detach().numpy()
    dx = np.zeros(x.shape, dtype=x.dtype)
    for n, c, i, j in np.ndindex(*g.shape):
        window = x[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
        first = np.zeros(window.size, dtype=x.dtype)
        first[window.argmax()] = 1
        dx[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw] += first.reshape(kh, kw) * window * g[n, c, i, j]
    return torch.from_numpy(dx)


@answer("max_pool2d_backward", "ignores the stride: windows are always side by side", "stride-ignored")
def ignores_stride(grad_output, input, kernel_size, stride=None):
    kh, kw = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    dx = torch.zeros_like(input)
    N, C, H, W = grad_output.shape
    for i in range(H):
        for j in range(W):
            window = input[:, :, i * kh : (i + 1) * kh, j * kw : (j + 1) * kw]
            if window.numel() == 0:
                continue
            flat = window.reshape(N, C, -1)
            hit = torch.zeros_like(flat)
            hit.scatter_(2, flat.argmax(2, keepdim=True), 1)
            dx[:, :, i * kh : (i + 1) * kh, j * kw : (j + 1) * kw] += (
                hit.reshape(window.shape) * grad_output[:, :, i : i + 1, j : j + 1]
            )
    return dx


@answer(
    "max_pool2d_backward",
    "two mistakes: gives the gradient to all equal maxima; writes instead of adding",
    "tie-to-all overlap-overwritten",
)
def mask_and_assign(grad_output, input, kernel_size, stride=None):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (kh, kw) if stride is None else (stride, stride) if isinstance(stride, int) else stride
    dx = torch.zeros_like(input)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            rows, cols = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
            patch = input[:, :, rows, cols]
            is_max = patch == patch.amax(dim=(2, 3), keepdim=True)
            dx[:, :, rows, cols] = is_max * grad_output[:, :, i : i + 1, j : j + 1]
    return dx


@answer(
    "max_pool2d_backward",
    "two mistakes: the default stride is 1; takes the last of equal maxima",
    "tie-to-last stride-one",
)
def stride_one_and_last(grad_output, input, kernel_size, stride=None):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    if stride is None:
        stride = 1
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    dx = torch.zeros_like(input)
    N, C, oh, ow = grad_output.shape
    for n in range(N):
        for c in range(C):
            for i in range(oh):
                for j in range(ow):
                    patch = input[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
                    where = (patch == patch.max()).nonzero()[-1]
                    dx[n, c, i * sh + where[0], j * sw + where[1]] += grad_output[n, c, i, j]
    return dx
