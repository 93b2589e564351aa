"""Answers to confusion_matrix, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("confusion_matrix", "right")
def bincount(predictions, targets, num_classes):
    flat = targets.long() * num_classes + predictions.long()
    return torch.bincount(flat, minlength=num_classes**2).view(num_classes, num_classes)


@answer("confusion_matrix", "right")
def one_hot_product(predictions, targets, num_classes):
    return F.one_hot(targets.long(), num_classes).T @ F.one_hot(predictions.long(), num_classes)


@answer("confusion_matrix", "right")
def every_cell(predictions, targets, num_classes):
    pairs = list(zip(targets.tolist(), predictions.tolist()))
    return torch.tensor([[pairs.count((i, j)) for j in range(num_classes)] for i in range(num_classes)])


@answer("confusion_matrix", "rows are predictions and columns true classes", "transposed")
def rows_are_predictions(predictions, targets, num_classes):
    cm = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    for p, t in zip(predictions, targets):
        cm[p, t] += 1
    return cm


@answer("confusion_matrix", "adds by index, which counts several equal pairs only once", "repeats-lost")
def index_plus_equals(predictions, targets, num_classes):
    cm = torch.zeros((num_classes, num_classes), dtype=torch.long)
    cm[targets, predictions] += 1
    return cm


@answer("confusion_matrix", "takes the number of classes from the data", "size-from-data")
def classes_from_data(predictions, targets, num_classes):
    y, p = targets.numpy(), predictions.numpy()
    k = max(y.max(), p.max()) + 1
    m = np.zeros((k, k), dtype=np.int64)
    np.add.at(m, (y, p), 1)
    return torch.from_numpy(m)


@answer("confusion_matrix", "returns shares of each row instead of counts", "shares")
def row_shares(predictions, targets, num_classes):
    counts = torch.zeros(num_classes, num_classes)
    for i in range(len(targets)):
        counts[targets[i], predictions[i]] += 1
    return counts / counts.sum(dim=1, keepdim=True).clamp(min=1)


@answer("confusion_matrix", "counts as floats instead of int64", "not-int64")
def float_counts(predictions, targets, num_classes):
    matrix = torch.zeros(num_classes, num_classes)
    for t, p in zip(targets.view(-1), predictions.view(-1)):
        matrix[t.long(), p.long()] += 1
    return matrix


@answer("confusion_matrix", "fails where the last classes do not occur: bincount has no minlength", "counts-cut")
def no_minlength(predictions, targets, num_classes):
    return torch.bincount(num_classes * targets + predictions).reshape(num_classes, num_classes)


@answer(
    "confusion_matrix",
    "two mistakes: rows are predictions; adds by index, which counts equal pairs once",
    "transposed repeats-lost",
)
def transposed_once(predictions, targets, num_classes):
    out = np.zeros((num_classes, num_classes), dtype=np.int64)
    out[predictions.numpy(), targets.numpy()] += 1
    return torch.tensor(out)


@answer(
    "confusion_matrix",
    "two mistakes: rows are predictions and columns true classes; counts as floats",
    "transposed not-int64",
)
def transposed_floats(predictions, targets, num_classes):
    onehot_p = torch.eye(num_classes)[predictions]
    onehot_t = torch.eye(num_classes)[targets]
    return onehot_p.t().mm(onehot_t)
