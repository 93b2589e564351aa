"""Answers to pointwise_conv, written from its prompt alone."""

import numpy as np
import torch

from cnncourse.exercises.answers import answer


@answer("pointwise_conv", "right")
def linear_over_last_axis(input, weight, bias=None):
    layer = input.movedim(1, -1) @ weight.mT
    if bias is not None:
        layer = layer + bias
    return layer.movedim(-1, 1)


@answer("pointwise_conv", "right")
def python_sum_of_planes(input, weight, bias=None):
    outputs = []
    for o, row in enumerate(weight):
        plane = sum(w * input[:, c] for c, w in enumerate(row))
        outputs.append(plane if bias is None else plane + bias[o])
    return torch.stack(outputs, dim=1)


@answer(
    "pointwise_conv",
    "reshapes to pixels without moving the channels last, so pixels and channels are mixed",
    "reshaped",
)
def reshape_without_permute(input, weight, bias=None):
    N, C, H, W = input.shape
    O = weight.shape[0]
    pixels = input.reshape(N * H * W, C)
    out = pixels @ weight.t()
    if bias is not None:
        out = out + bias
    return out.reshape(N, O, H, W)


@answer("pointwise_conv", "leaves the channels last: (N, H, W, O)", "channels-left-last")
def channels_stay_last(input, weight, bias=None):
    x = input.permute(0, 2, 3, 1)
    y = torch.matmul(x, weight.T)
    return y if bias is None else y + bias


@answer("pointwise_conv", "adds the bias along the width", "bias-along-the-width")
def bias_broadcast(input, weight, bias=None):
    out = torch.einsum("oc,nchw->nohw", weight, input)
    if bias is not None:
        out = out + bias
    return out


@answer("pointwise_conv", "forgets the bias", "bias-ignored")
def bias_missing(input, weight, bias=None):
    n, c, h, w = input.shape
    return torch.bmm(weight.expand(n, -1, -1), input.reshape(n, c, h * w)).reshape(n, -1, h, w)


@answer("pointwise_conv", "uses the weight transposed, which fails unless it is square", "unknown")
def weight_transposed(input, weight, bias=None):
    y = np.einsum("nchw,co->nohw", input.detach().numpy(), weight.detach().numpy())
    if bias is not None:
        y = y + bias.detach().numpy().reshape(1, -1, 1, 1)
    return torch.from_numpy(y)


@answer(
    "pointwise_conv",
    "two mistakes: moves the pixels back with reshape instead of permute; forgets the bias",
    "reshaped-back bias-ignored",
)
def back_by_reshape(input, weight, bias=None):
    n, c, h, w = input.shape
    flat = input.permute(0, 2, 3, 1).reshape(-1, c)
    return (flat @ weight.t()).view(n, weight.size(0), h, w)


@answer(
    "pointwise_conv",
    "two mistakes: sums the input's channels before mixing them; adds the bias along the width",
    "bias-along-the-width",
)
def sums_first(input, weight, bias=None):
    total = input.sum(dim=1, keepdim=True)
    out = total * weight.sum(dim=1).view(1, -1, 1, 1)
    if bias is not None:
        out = out + bias
    return out
