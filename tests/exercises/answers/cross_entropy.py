"""Answers to the exercise `cross_entropy`: right ones in several styles, and wrong ones."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from cnncourse.exercises import solved


def loss_by_floats(logits, targets):
    total = 0.0
    for row, target in zip(logits.tolist(), targets.tolist(), strict=True):
        largest = max(row)
        total += largest + math.log(sum(math.exp(value - largest) for value in row)) - row[target]
    return total / len(targets)


def loss_by_tensors(logits, targets):
    total = 0
    for row, target in zip(logits, targets, strict=True):
        total = total - torch.log_softmax(row, 0)[target]
    return total / len(targets)


RIGHT = [
    loss_by_floats,
    loss_by_tensors,
    lambda z, t: -torch.log_softmax(z, 1).gather(1, t[:, None]).mean(),
    lambda z, t: -(z.log_softmax(1) * F.one_hot(t, z.shape[1])).sum() / len(z),
    lambda z, t: (torch.logsumexp(z.double(), 1) - z.double()[range(len(t)), t]).mean(),
]

WRONG = [
    lambda z, t: F.cross_entropy(z, t),
    lambda z, t: F.nll_loss(torch.log_softmax(z, 1), t),
    lambda z, t: nn.CrossEntropyLoss()(z, t),
    lambda z, t: -torch.log(torch.softmax(z, 1)[torch.arange(len(t)), t] + 1e-8).mean(),
    lambda z, t: -torch.log2(torch.softmax(z, 1)[torch.arange(len(t)), t]).mean(),
    lambda z, t: 1 - torch.softmax(z, 1)[torch.arange(len(t)), t].mean(),
    lambda z, t: torch.logsumexp(z, 1).mean(),
    lambda z, t: torch.logsumexp(z, 1).mean() - z.max(1).values.mean(),
    lambda z, t: solved("cross_entropy")(z, t) / math.log(z.shape[1]),
    lambda z, t: solved("cross_entropy")(z, t)[None],
    lambda z, t: solved("cross_entropy")(z, t) / len(t),
    lambda z, t: solved("cross_entropy")(z, t).exp(),
    lambda z, t: solved("cross_entropy")(z.clamp(-100, 100), t),
    lambda z, t: (torch.logsumexp(z, 1) - z[torch.arange(len(t)), t]).max(),
    lambda z, t: (torch.logsumexp(z, 1) - z[torch.arange(len(t)), t]).median(),
    lambda z, t: solved("cross_entropy")(z, (t + 1) % z.shape[1]),
    lambda z, t: -torch.log_softmax(z, 1)[0, t[0]],
    lambda z, t: (z.argmax(1) != t).float().mean(),
    lambda z, t: F.mse_loss(z, F.one_hot(t, z.shape[1]).to(z.dtype)),
]
