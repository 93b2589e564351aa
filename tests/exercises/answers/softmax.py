"""Answers to the exercise `softmax`: right ones in several styles, and wrong ones."""

import math

import numpy as np
import torch
from torch import nn

from cnncourse.exercises import solved


def softmax_by_loops(logits):
    rows = []
    for row in logits.tolist():
        largest = max(row)
        exponentials = [math.exp(value - largest) for value in row]
        rows.append([value / sum(exponentials) for value in exponentials])
    return torch.tensor(rows)


def softmax_by_numpy(logits):
    array = logits.numpy().astype(np.float64)
    array = np.exp(array - array.max(axis=1, keepdims=True))
    return torch.from_numpy(array / array.sum(axis=1, keepdims=True))


def softmax_in_place(logits):
    logits -= logits.max(1, keepdim=True).values
    return logits.exp() / logits.exp().sum(1, keepdim=True)


def softmax_printed(logits):
    print(solved("softmax")(logits))


RIGHT = [
    softmax_by_loops,
    softmax_by_numpy,
    lambda z: (z - torch.logsumexp(z, dim=-1, keepdim=True)).exp(),
    lambda z: torch.stack([(row - row.max()).exp() / (row - row.max()).exp().sum() for row in z]),
    lambda logits: (lambda e: e / e.sum(-1)[:, None])(torch.exp(logits.double() - logits.amax(1)[:, None])),
]

WRONG = [
    softmax_in_place,
    softmax_printed,
    lambda z: torch.softmax(z, 1),
    lambda z: torch.log_softmax(z, 1).exp(),
    lambda z: nn.Softmax(dim=1)(z),
    lambda z: z.exp() / (z.exp().sum(1, keepdim=True) + 1e-8),
    lambda z: torch.nan_to_num(z.exp() / z.exp().sum(1, keepdim=True)),
    lambda z: solved("softmax")(z.T).T,
    lambda z: solved("softmax")(z).flatten(),
    lambda z: solved("softmax")(z).tolist(),
    lambda z: solved("softmax")(z).half(),
    lambda z: solved("softmax")(z / z.shape[1] ** 0.5),
    lambda z: solved("softmax")(-z),
    lambda z: solved("softmax")(z)[:, :-1],
    lambda z: solved("softmax")(z).max(1).values,
    lambda z: (z.exp() / z.exp().sum(1, keepdim=True)).numpy(),
    lambda z: (z - z.min(1, keepdim=True).values).exp() / (z - z.min(1, keepdim=True).values).exp().sum(1, True),
    lambda z: solved("softmax")(z.clamp(max=88)),
    lambda z: solved("softmax")(z.round()),
]
