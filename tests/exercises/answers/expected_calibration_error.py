"""Answers to the exercise `expected_calibration_error`: right ones in several styles, and wrong ones."""

import torch

from cnncourse import training

from . import edited


def bucketized(probabilities, targets, num_bins):
    confidence, predicted = probabilities.max(1)
    edges = torch.linspace(0, 1, num_bins + 1, dtype=confidence.dtype)
    places = torch.bucketize(confidence, edges[1:-1])
    gaps = (predicted == targets).to(confidence.dtype) - confidence
    sums = torch.zeros(num_bins, dtype=confidence.dtype).index_add_(0, places, gaps)
    return sums.abs().sum() / len(targets)


def with_ceil(probabilities, targets, num_bins):
    confidence = probabilities.amax(dim=1)
    hits = probabilities.argmax(dim=1) == targets
    place = (confidence * num_bins).ceil().long() - 1
    total = torch.tensor(0.0)
    for b in place.unique():
        mask = place == b
        total = total + mask.float().mean() * (hits[mask].float().mean() - confidence[mask].mean()).abs()
    return total.item()


def python_loop(probabilities, targets, num_bins):
    bins = [[] for _ in range(num_bins)]
    for row, target in zip(probabilities.tolist(), targets.tolist(), strict=True):
        top = max(row)
        for i in range(num_bins):
            if i / num_bins < top <= (i + 1) / num_bins:
                bins[i].append((top, row.index(top) == target))
    error = 0.0
    for members in bins:
        if members:
            n = len(members)
            gap = abs(sum(c for c, _ in members) / n - sum(r for _, r in members) / n)
            error += n / len(targets) * gap
    return error


def with_bincount(probabilities, targets, num_bins):
    values, predictions = torch.max(probabilities, dim=1)
    place = torch.clamp((values.double() * num_bins - 1e-6).floor().long(), 0, num_bins - 1)
    difference = (predictions == targets).double() - values.double()
    return torch.bincount(place, weights=difference, minlength=num_bins).abs().sum().item() / len(targets)


def through_numpy(probabilities, targets, num_bins):
    p, y = probabilities.numpy(), targets.numpy()
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    error = 0.0
    for i in range(num_bins):
        mask = (confidence > i / num_bins) & (confidence <= (i + 1) / num_bins)
        if mask.sum() > 0:
            error += abs(right[mask].mean() - confidence[mask].mean()) * mask.sum() / len(y)
    return float(error)


RIGHT = [bucketized, with_ceil, python_loop, with_bincount, through_numpy, training.expected_calibration_error]


def ece(*edits):
    return edited("expected_calibration_error", *edits)


GAP = "(right[inside].mean() - confidence[inside].mean()).abs()"
WRONG = [
    lambda probabilities, targets, num_bins: None,
    lambda probabilities, targets, num_bins: 0.0,
    lambda probabilities, targets, num_bins: with_ceil(probabilities, targets, num_bins + 1),
    lambda probabilities, targets, num_bins: with_ceil(probabilities, targets, 15),
    lambda probabilities, targets, num_bins: with_ceil(probabilities, targets, 1),
    lambda probabilities, targets, num_bins: -with_ceil(probabilities, targets, num_bins),
    lambda probabilities, targets, num_bins: [with_ceil(probabilities, targets, num_bins)],
    lambda probabilities, targets, num_bins: str(with_ceil(probabilities, targets, num_bins)),
    lambda probabilities, targets, num_bins: with_ceil(probabilities, targets, num_bins) ** 0.5,
    lambda probabilities, targets, num_bins: round(with_ceil(probabilities, targets, num_bins), 1),
    lambda probabilities, targets, num_bins: 1 - with_ceil(probabilities, targets, num_bins),
    lambda probabilities, targets, num_bins: (probabilities.argmax(1) != targets).double().mean().item(),
    ece(("probabilities.max(dim=1)", "probabilities.min(dim=1)")),
    ece(("probabilities.max(dim=1)", "probabilities[:, 0], probabilities.argmax(dim=1)")),
    ece(("len(targets)", "probabilities.numel()")),
    ece(("number / num_bins", "number * num_bins")),
    ece((GAP, "right[inside].mean()")),
    ece((GAP, "confidence[inside].mean()")),
    ece((GAP, "(right[inside].sum() - confidence[inside].sum()).abs()")),
    ece((GAP, "(right[inside].mean() - confidence[inside].max()).abs()")),
    ece(("if inside.any():", "if inside.sum() > 1:")),
    ece(("gap.item()", "(1 - gap.item())")),
]
