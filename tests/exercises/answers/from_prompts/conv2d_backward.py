"""Answers to conv2d_backward, written from its prompt alone."""

from collections import namedtuple

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("conv2d_backward", "right")
def cs231n_loops(grad_output, input, weight, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input.shape
    O, _, HH, WW = weight.shape
    x_pad = F.pad(input, (pw, pw, ph, ph))
    dx_pad = torch.zeros_like(x_pad)
    dw = torch.zeros_like(weight)
    db = torch.zeros(O, dtype=weight.dtype)
    for n in range(N):
        for f in range(O):
            for i in range(grad_output.shape[2]):
                for j in range(grad_output.shape[3]):
                    g = grad_output[n, f, i, j]
                    a, b = i * sh, j * sw
                    db[f] += g
                    dw[f] += x_pad[n, :, a : a + HH, b : b + WW] * g
                    dx_pad[n, :, a : a + HH, b : b + WW] += weight[f] * g
    return dx_pad[:, :, ph : ph + H, pw : pw + W], dw, db


@answer("conv2d_backward", "right")
def einsum_and_named_tuple(grad_output, input, weight, stride=1, padding=0):
    Gradients = namedtuple("Gradients", "input weight bias")
    pair = lambda v: (v, v) if isinstance(v, int) else tuple(v)
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    kh, kw = weight.shape[2:]
    ho, wo = grad_output.shape[2:]
    x = F.pad(input, (pw, pw, ph, ph))
    windows = x.unfold(2, kh, sh).unfold(3, kw, sw)
    grad_weight = torch.einsum("nohw,nchwij->ocij", grad_output, windows)
    grad_windows = torch.einsum("nohw,ocij->ncijhw", grad_output, weight)
    grad_x = torch.zeros_like(x)
    for i in range(kh):
        for j in range(kw):
            grad_x[:, :, i : i + sh * (ho - 1) + 1 : sh, j : j + sw * (wo - 1) + 1 : sw] += grad_windows[:, :, i, j]
    grad_x = grad_x[:, :, ph : x.shape[2] - ph, pw : x.shape[3] - pw]
    return Gradients(grad_x, grad_weight, grad_output.sum((0, 2, 3)))


@answer("conv2d_backward", "right")
def dilated_full_correlation(grad_output, input, weight, stride=1, padding=0):
    """grad_input as a full correlation of the dilated gradient with the flipped kernels."""
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input.shape
    O, _, kh, kw = weight.shape
    ho, wo = grad_output.shape[2:]
    spread = grad_output.new_zeros(N, O, H + 2 * ph - kh + 1, W + 2 * pw - kw + 1)
    spread[:, :, : (ho - 1) * sh + 1 : sh, : (wo - 1) * sw + 1 : sw] = grad_output
    full = F.pad(spread, (kw - 1, kw - 1, kh - 1, kh - 1)).unfold(2, kh, 1).unfold(3, kw, 1)
    grad_padded = torch.tensordot(full, weight.flip(2, 3), dims=([1, 4, 5], [0, 2, 3])).permute(0, 3, 1, 2)
    x = F.pad(input, (pw, pw, ph, ph))
    views = x.unfold(2, spread.shape[2], 1).unfold(3, spread.shape[3], 1)  # N C kh kw h w
    grad_weight = torch.tensordot(spread, views, dims=([0, 2, 3], [0, 4, 5]))
    return grad_padded[:, :, ph : ph + H, pw : pw + W], grad_weight, grad_output.sum(dim=(0, 2, 3))


@answer("conv2d_backward", "returns the gradient of the padded input, without removing the padding", "not-cropped")
def padding_kept(grad_output, input, weight, stride=1, padding=0):
    if isinstance(stride, int):
        stride = (stride, stride)
    if isinstance(padding, int):
        padding = (padding, padding)
    x = F.pad(input, (padding[1], padding[1], padding[0], padding[0]))
    kh, kw = weight.shape[2], weight.shape[3]
    dx, dw = torch.zeros_like(x), torch.zeros_like(weight)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            r, c = i * stride[0], j * stride[1]
            g = grad_output[:, :, i, j]
            dx[:, :, r : r + kh, c : c + kw] += torch.einsum("no,ocab->ncab", g, weight)
            dw += torch.einsum("no,ncab->ocab", g, x[:, :, r : r + kh, c : c + kw])
    db = grad_output.sum(dim=(0, 2, 3))
    return dx, dw, db


@answer("conv2d_backward", "divides the gradients of weight and bias by the number of images", "batch-mean")
def divides_by_batch(grad_output, input, weight, stride=1, padding=0):
    m = input.shape[0]
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    A_pad = np.pad(input.detach().numpy(), ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    Wt, dZ = weight.detach().numpy(), grad_output.detach().numpy()
    dA, dW = np.zeros_like(A_pad), np.zeros_like(Wt)
    fh, fw = Wt.shape[2:]
    for h in range(dZ.shape[2]):
        for w in range(dZ.shape[3]):
            vs, hs = h * sh, w * sw
            dA[:, :, vs : vs + fh, hs : hs + fw] += np.tensordot(dZ[:, :, h, w], Wt, axes=1)
            dW += np.tensordot(dZ[:, :, h, w].T, A_pad[:, :, vs : vs + fh, hs : hs + fw], axes=1)
    dW /= m
    db = dZ.sum(axis=(0, 2, 3)) / m
    dA = dA[:, :, ph : ph + input.shape[2], pw : pw + input.shape[3]]
    return torch.from_numpy(dA), torch.from_numpy(dW), torch.from_numpy(db)


@answer("conv2d_backward", "returns the gradients in the order weight, input, bias", "weight-first")
def returned_order(grad_output, input, weight, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph))
    O, C, kh, kw = weight.shape
    cols = x.unfold(2, kh, sh).unfold(3, kw, sw)
    dw = torch.tensordot(grad_output, cols, dims=([0, 2, 3], [0, 2, 3]))
    db = grad_output.flatten(2).sum(dim=(0, 2))
    dx = torch.zeros_like(x)
    for i in range(grad_output.size(2)):
        for j in range(grad_output.size(3)):
            piece = (grad_output[:, :, i, j, None, None, None] * weight).sum(dim=1)
            dx[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += piece
    dx = dx[:, :, ph : ph + input.size(2), pw : pw + input.size(3)]
    return dw, dx, db


@answer("conv2d_backward", "writes the window's gradient instead of adding it where windows overlap", "overwritten")
def overwrites_dx(grad_output, input, weight, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input.shape
    kh, kw = weight.shape[-2:]
    xp = F.pad(input, (pw, pw, ph, ph))
    dxp = torch.zeros_like(xp)
    dw = torch.zeros_like(weight)
    for n in range(N):
        for i in range(grad_output.shape[2]):
            for j in range(grad_output.shape[3]):
                g = grad_output[n, :, i, j].view(-1, 1, 1, 1)
                window = xp[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
                dw += g * window
                dxp[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw] = (g * weight).sum(0)
    return dxp[:, :, ph : ph + H, pw : pw + W], dw, grad_output.sum((0, 2, 3))


@answer(
    "conv2d_backward", "flips the kernels in the input's gradient although it adds windows directly", "input-flipped"
)
def flips_in_dx(grad_output, input, weight, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input.shape
    kh, kw = weight.shape[-2:]
    padded = F.pad(input, (pw, pw, ph, ph))
    grad_input = torch.zeros_like(padded)
    grad_weight = torch.zeros_like(weight)
    rot = torch.rot90(weight, 2, [2, 3])  # backprop uses the rotated kernel
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            rows, cols = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
            g = grad_output[:, :, i, j]
            grad_weight += torch.einsum("no,ncab->ocab", g, padded[:, :, rows, cols])
            grad_input[:, :, rows, cols] += torch.einsum("no,ocab->ncab", g, rot)
    return grad_input[:, :, ph : ph + H, pw : pw + W], grad_weight, grad_output.sum(dim=[0, 2, 3])


@answer("conv2d_backward", "the bias gets the mean over the positions instead of the sum", "bias-mean")
def mean_for_bias(grad_output, input, weight, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph)).detach().requires_grad_()
    w = weight.detach().clone().requires_grad_()
    out = torch.einsum("nchwij,ocij->nohw", x.unfold(2, w.shape[2], sh).unfold(3, w.shape[3], sw), w)
    dx, dw = torch.autograd.grad(out, (x, w), grad_output)
    db = grad_output.mean(dim=(2, 3)).sum(dim=0)
    return dx[:, :, ph : ph + input.shape[2], pw : pw + input.shape[3]], dw, db


@answer("conv2d_backward", "ignores the stride in the input's gradient", "unknown")
def no_stride_in_dx(grad_output, input, weight, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    O, C, kh, kw = weight.shape
    x = F.pad(input, (pw, pw, ph, ph))
    dw = torch.einsum("nohw,nchwij->ocij", grad_output, x.unfold(2, kh, sh).unfold(3, kw, sw))
    dx = torch.zeros_like(x)
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            dx[:, :, i : i + kh, j : j + kw] += torch.einsum("no,ocij->ncij", grad_output[:, :, i, j], weight)
    return dx[:, :, ph : ph + input.shape[2], pw : pw + input.shape[3]], dw, grad_output.sum((0, 2, 3))


@answer("conv2d_backward", "keeps the weight's gradient of the last image only", "unknown")
def last_image_only(grad_output, input, weight, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph))
    kh, kw = weight.shape[2:]
    dx, db = torch.zeros_like(x), torch.zeros(weight.shape[0], dtype=weight.dtype)
    for n in range(len(x)):
        dw = torch.zeros_like(weight)
        for o in range(weight.shape[0]):
            for i in range(grad_output.shape[2]):
                for j in range(grad_output.shape[3]):
                    go = grad_output[n, o, i, j]
                    dw[o] += go * x[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
                    dx[n, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += go * weight[o]
                    db[o] += go
    return dx[:, :, ph : ph + input.shape[2], pw : pw + input.shape[3]], dw, db


@answer(
    "conv2d_backward",
    "two mistakes: does not remove the padding; the bias gets the mean instead of the sum",
    "bias-mean not-cropped",
)
def padding_and_mean(grad_output, input, weight, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(input, (pw, pw, ph, ph))
    dx, dw = torch.zeros_like(x), torch.zeros_like(weight)
    kh, kw = weight.shape[2:]
    for i in range(grad_output.shape[2]):
        for j in range(grad_output.shape[3]):
            a, b = i * sh, j * sw
            for n in range(x.shape[0]):
                for o in range(weight.shape[0]):
                    dx[n, :, a : a + kh, b : b + kw] += weight[o] * grad_output[n, o, i, j]
                    dw[o] += x[n, :, a : a + kh, b : b + kw] * grad_output[n, o, i, j]
    db = grad_output.mean(dim=(0, 2, 3))
    return dx, dw, db


@answer(
    "conv2d_backward",
    "two mistakes: divides the weight's gradient by the number of images; flips the kernels",
    "input-flipped weight-mean",
)
def batch_mean_and_flip(grad_output, input, weight, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = input.shape
    O, _, kh, kw = weight.shape
    x = F.pad(input, (pw, pw, ph, ph))
    cols = x.unfold(2, kh, sh).unfold(3, kw, sw).permute(0, 2, 3, 1, 4, 5).reshape(-1, C * kh * kw)
    g = grad_output.permute(0, 2, 3, 1).reshape(-1, O)
    dw = (g.T @ cols).reshape(weight.shape) / N
    dcols = (g @ weight.flip(2, 3).reshape(O, -1)).reshape(N, *grad_output.shape[2:], C, kh, kw)
    dx = torch.zeros_like(x)
    for i in range(dcols.shape[1]):
        for j in range(dcols.shape[2]):
            dx[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += dcols[:, i, j]
    return dx[:, :, ph : ph + H, pw : pw + W], dw, g.sum(dim=0)
