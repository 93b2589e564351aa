"""Answers to softmax, written from its prompt alone."""

import numpy as np
import torch

from cnncourse.exercises.answers import answer


@answer("softmax", "right")
def exp_of_differences(logits):
    """1 / sum_j exp(z_j - z_i): no shift is needed, an overflow gives 1 / inf = 0."""
    differences = logits[:, None, :] - logits[:, :, None]
    return 1 / differences.exp().sum(dim=2)


@answer("softmax", "right")
def numpy_rows(logits):
    rows = []
    for row in logits.detach().numpy().astype(np.float64):
        e = np.exp(row - np.max(row))
        rows.append(e / np.sum(e))
    return torch.tensor(np.array(rows), dtype=logits.dtype)


@answer("softmax", "right")
def via_logsumexp(logits):
    # in double precision: at 1000 a float has only four digits left after the point
    z = logits.double()
    return (z - z.logsumexp(-1, keepdim=True)).exp().to(logits.dtype)


@answer("softmax", "does not subtract the maximum, so large scores overflow to nan", "overflow")
def d2l_softmax(X):
    X_exp = torch.exp(X)
    partition = X_exp.sum(1, keepdim=True)
    return X_exp / partition


@answer("softmax", "sums over the samples instead of the classes: columns sum to 1", "over-samples")
def along_axis_0(logits):
    e = torch.exp(logits - torch.amax(logits, 0))
    return e / torch.sum(e, 0)


@answer(
    "softmax", "subtracts the maximum of the whole batch, so rows far below it become nan", "one-maximum-for-all-rows"
)
def batch_maximum(logits):
    logits = logits - logits.max()
    exps = logits.exp()
    return exps / exps.sum(dim=1, keepdim=True)


@answer("softmax", "divides by the sum over the whole batch", "over-everything")
def sum_of_everything(logits):
    e = torch.exp(logits - logits.max(dim=1, keepdim=True)[0])
    return e / e.sum()


@answer("softmax", "clamps the scores to 50, so large scores that differ become equal", "scores-clipped")
def clamps(logits):
    e = torch.exp(logits.clamp(-50, 50))
    return e / e.sum(dim=1, keepdim=True)


@answer(
    "softmax", "forgets keepdim, so rows are divided by the sums of other rows or the shapes do not fit", "axis-lost"
)
def no_keepdim(logits):
    m = logits.max(dim=1, keepdim=True).values
    exp_logits = torch.exp(logits - m)
    return exp_logits / exp_logits.sum(dim=1)


@answer(
    "softmax", "scales linearly: subtracts the minimum and divides by the sum, without exponentials", "no-exponential"
)
def min_max(logits):
    x = logits - logits.min(dim=1, keepdim=True).values
    return x / x.sum(dim=1, keepdim=True)


@answer("softmax", "two mistakes: does not subtract the maximum; sums over the samples", "over-samples overflow")
def numpy_axis_0(x):
    a = x.detach().numpy()
    return torch.from_numpy(np.exp(a) / np.sum(np.exp(a), axis=0))


@answer(
    "softmax",
    "two mistakes: subtracts the batch's maximum; adds 1e-6 to every sum so that it is never 0",
    "one-maximum-for-all-rows",
)
def batch_maximum_and_epsilon(logits):
    z = torch.exp(logits - torch.max(logits))
    return z / (z.sum(-1, keepdim=True) + 1e-6)
