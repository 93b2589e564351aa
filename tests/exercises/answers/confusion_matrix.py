"""Answers to the exercise `confusion_matrix`: right ones in several styles, and wrong ones."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse import training
from cnncourse.exercises import solved


def confusion_by_bincount(predictions, targets, num_classes):
    return torch.bincount(targets * num_classes + predictions, minlength=num_classes**2).reshape(-1, num_classes)


def confusion_by_one_hot(predictions, targets, num_classes):
    return F.one_hot(targets, num_classes).T @ F.one_hot(predictions, num_classes)


def confusion_by_numpy(predictions, targets, num_classes):
    matrix = np.zeros((num_classes, num_classes), dtype=np.int64)
    np.add.at(matrix, (targets.numpy(), predictions.numpy()), 1)
    return torch.from_numpy(matrix)


def confusion_by_index_put(predictions, targets, num_classes):
    matrix = torch.zeros(num_classes, num_classes).long()
    return matrix.index_put_((targets, predictions), torch.tensor(1), accumulate=True)


RIGHT = [
    confusion_by_bincount,
    confusion_by_one_hot,
    confusion_by_numpy,
    confusion_by_index_put,
    training.confusion_matrix,
    lambda p, t, num_classes: torch.tensor(
        [[int(((t == i) & (p == j)).sum()) for j in range(num_classes)] for i in range(num_classes)]
    ),
]

WRONG = [
    lambda p, t, k: solved("confusion_matrix")(p, t, k).int(),
    lambda p, t, k: solved("confusion_matrix")(p, t, k).double(),
    lambda p, t, k: solved("confusion_matrix")(p, t, k).numpy(),
    lambda p, t, k: solved("confusion_matrix")(p, t, k).bool(),
    lambda p, t, k: solved("confusion_matrix")(p, t, k).clamp(max=1),
    lambda p, t, k: solved("confusion_matrix")(p, t, k).diag(),
    lambda p, t, k: solved("confusion_matrix")(p, t, k).flatten(),
    lambda p, t, k: solved("confusion_matrix")(p, t, k) - torch.eye(k, dtype=torch.int64),
    lambda p, t, k: solved("confusion_matrix")(p, t, k).flip(0),
    lambda p, t, k: solved("confusion_matrix")(p, t, k + 1),
    lambda p, t, k: solved("confusion_matrix")(p, t, k) + 1,
    lambda p, t, k: solved("confusion_matrix")(p[1:], t[1:], k),
    lambda p, t, k: solved("confusion_matrix")(p.sort().values, t.sort().values, k),
    lambda p, t, k: solved("confusion_matrix")(p, p, k),
    lambda p, t, k: (p == t).sum(),
    lambda p, t, k: torch.bincount(p * k + t, minlength=k * k).reshape(k, k),
    lambda p, t, k: torch.bincount(t * k + p).reshape(k, k),
]
