"""Answers to the exercise `batch_norm2d`: right ones in several styles, and wrong ones."""

import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import training

from . import edited


def norm_by_torch(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    return F.batch_norm(input, running_mean, running_var, gamma, beta, training, momentum, eps)


def norm_by_slices(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    output = torch.empty_like(input)
    for c in range(input.shape[1]):
        values = input[:, c]
        mean, var = (values.mean(), values.var(unbiased=False)) if training else (running_mean[c], running_var[c])
        output[:, c] = gamma[c] * (values - mean) * (var + eps) ** -0.5 + beta[c]
        if training:
            running_mean[c] = (1 - momentum) * running_mean[c] + momentum * mean
            running_var[c] += momentum * (values.var() - running_var[c])
    return output


def norm_by_transpose(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    rows = input.transpose(0, 1).flatten(1)
    mean, var = running_mean.clone(), running_var.clone()
    if training:
        mean, var = rows.mean(1), (rows**2).mean(1) - rows.mean(1) ** 2
        n = rows.shape[1]
        running_mean.copy_((1 - momentum) * running_mean + momentum * mean)
        running_var.lerp_(var * n / (n - 1), momentum)
    scale = gamma / (var.clamp(min=0) + eps).sqrt()
    return input * scale.view(1, -1, 1, 1) + (beta - mean * scale).view(1, -1, 1, 1)


RIGHT = [
    norm_by_torch,
    norm_by_slices,
    norm_by_transpose,
    training.batch_norm2d,
    lambda *args, **options: norm_by_torch(*args, **options) * 1.0,
]

WRONG = [
    edited("batch_norm2d", ("correction=0", "correction=1")),
    edited("batch_norm2d", (" * count / (count - 1)", "")),
    edited("batch_norm2d", ("running_mean.mul_(1 - momentum)", "running_mean.mul_(momentum)")),
    edited("batch_norm2d", ("count / (count - 1)", "(count - 1) / count")),
    edited("batch_norm2d", ("input.numel() // input.shape[1]", "len(input)")),
    edited("batch_norm2d", ("input.numel() // input.shape[1]", "input.numel()")),
    edited("batch_norm2d", ("torch.sqrt(variance + eps)", "(torch.sqrt(variance) + eps)")),
    edited("batch_norm2d", ("torch.sqrt(variance + eps)", "(variance + eps)")),
    edited("batch_norm2d", ("torch.sqrt(variance + eps)", "torch.sqrt(variance)")),
    edited("batch_norm2d", ("torch.sqrt(variance + eps)", "torch.sqrt(variance + 1e-5)")),
    edited("batch_norm2d", ("gamma * (input - mean)", "(input - mean)")),
    edited("batch_norm2d", (" + beta", "")),
    edited("batch_norm2d", ("gamma * (input - mean)", "(gamma * input - mean)")),
    edited("batch_norm2d", ("if training:", "if not training:")),
    edited("batch_norm2d", ("if training:", "if True:")),
    edited("batch_norm2d", ("mean = input.mean(dim=(0, 2, 3))", "mean = input.mean(dim=(2, 3))[0]")),
    edited("batch_norm2d", ("running_var.mul_", "running_mean.mul_")),
    edited("batch_norm2d", ("running_mean.mul_(1 - momentum).add_(momentum * mean)", "running_mean.copy_(mean)")),
    lambda x, g, b, m, v, training, momentum=0.1, eps=1e-5: F.batch_norm(x, m, v, g, b, True, momentum, eps),
    lambda x, g, b, m, v, training, momentum=0.1, eps=1e-5: F.instance_norm(x, m, v, g, b, True, momentum, eps),
    lambda x, g, b, m, v, training, momentum=0.1, eps=1e-5: nn.BatchNorm2d(x.shape[1]).to(x.dtype)(x).detach(),
    lambda x, g, b, m, v, training, momentum=0.1, eps=1e-5: F.batch_norm(x, m, v, g, b, training),
]
