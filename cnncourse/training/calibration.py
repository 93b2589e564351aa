"""Calibration: of all answers that a network gives with 80 % confidence, are 80 % right?

The *confidence* is the largest probability of a sample. Deep networks are often overconfident; dividing all logits by
one number, the *temperature*, repairs much of it and changes no answer. Chapter `better_training`.

References
----------
Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks" (2017), https://arxiv.org/abs/1706.04599
"""

from typing import NamedTuple

import torch
from torch import Tensor

from cnncourse.geometry import as_integer
from cnncourse.tensors import check_tensor

from .losses import check_targets

SUM_TOLERANCE = 1e-2  # by which a row of probabilities may miss 1: numbers of 16 bits are this coarse
HALVINGS = 60  # of an interval: more digits than a float64 has


class Reliability(NamedTuple):
    """What a reliability diagram shows, bin by bin.

    Attributes
    ----------
    counts : Tensor
        ``(num_bins,)`` int64: how many samples have a confidence in the bin.
    confidence : Tensor
        ``(num_bins,)`` float64: their mean confidence; NaN for a bin without samples.
    accuracy : Tensor
        ``(num_bins,)`` float64: the share of them that is right; NaN for a bin without samples.
    """

    counts: Tensor
    confidence: Tensor
    accuracy: Tensor


def reliability(probabilities: Tensor, targets: Tensor, num_bins: int = 15) -> Reliability:
    """Sort samples into bins by confidence, and compare confidence and accuracy in each.

    Parameters
    ----------
    probabilities : Tensor
        ``(N, K)`` floats, each row summing to 1.
    targets : Tensor
        ``(N,)``, integers in ``0 .. K - 1``.
    num_bins : int, default 15
        Bins of equal width. Bin i holds the confidences above ``i / num_bins``, up to and including
        ``(i + 1) / num_bins``.

    Returns
    -------
    Reliability
        ``counts``, ``confidence`` and ``accuracy`` of each bin.

    Raises
    ------
    TypeError
        If `probabilities` are not floats or `targets` not integers.
    ValueError
        If there is no sample, a row is no distribution, or a target is not a class.

    Examples
    --------
    >>> probabilities = torch.tensor([[0.6, 0.4], [0.2, 0.8], [1.0, 0.0]])
    >>> bins = reliability(probabilities, torch.tensor([0, 0, 0]), num_bins=4)
    >>> bins.counts, bins.accuracy
    (tensor([0, 0, 1, 2]), tensor([   nan,    nan, 1.0000, 0.5000], dtype=torch.float64))
    """
    check_tensor(probabilities, "probabilities", "(N, K)", floating=True, finite=True)
    check_targets(targets, probabilities, "probabilities")
    _check_distributions(probabilities)
    num_bins = as_integer(num_bins, "num_bins")
    confidence, predictions = probabilities.detach().double().cpu().max(dim=1)
    right = (predictions == targets.cpu()).double()
    edges = torch.linspace(0, 1, num_bins + 1, dtype=torch.float64)
    places = torch.bucketize(confidence, edges[1:-1])  # (N,), a confidence on an edge belongs to the bin below
    counts = torch.bincount(places, minlength=num_bins)
    sums = (torch.bincount(places, weights=values, minlength=num_bins) for values in (confidence, right))
    return Reliability(counts, *(values / counts for values in sums))


def expected_calibration_error(probabilities: Tensor, targets: Tensor, num_bins: int = 15) -> float:
    """Average the gap between confidence and accuracy over the bins, each weighted by its share of the samples.

    Parameters and errors are those of `reliability`.

    Returns
    -------
    float
        From 0 to 1; 0 where accuracy and mean confidence are equal in every bin.

    Examples
    --------
    Two answers with a confidence of 0.75, of which one is right:

    >>> expected_calibration_error(torch.tensor([[0.75, 0.25], [0.75, 0.25]]), torch.tensor([0, 1]))
    0.25
    """
    bins = reliability(probabilities, targets, num_bins)
    gaps = (bins.accuracy - bins.confidence).abs().nan_to_num(0)  # an empty bin has no gap
    return (bins.counts * gaps).sum().item() / len(targets)


def temperature_scale(logits: Tensor, targets: Tensor) -> float:
    """Find the temperature T for which the cross-entropy of ``logits / T`` is lowest.

    It belongs to samples that the network was not trained on. T > 1 makes the probabilities less certain, T < 1 more.
    The largest logit of a sample stays the largest: no answer changes.

    Parameters
    ----------
    logits : Tensor
        ``(N, K)`` floats, one score per class.
    targets : Tensor
        ``(N,)``, integers in ``0 .. K - 1``.

    Returns
    -------
    float
        More than 0.

    Raises
    ------
    TypeError
        If `logits` are not floats or `targets` not integers.
    ValueError
        If there is no best temperature: where every answer is right it would be 0, and where the true classes score
        no higher than the average class it would be infinite. Also for a target that is not a class.

    Notes
    -----
    The loss is convex in ``1 / T``, so its slope changes sign once; the interval around that place is halved.

    Examples
    --------
    Three of four answers are right, all with the same two scores. The best probabilities are 3/4 and 1/4, whose logits
    differ by log 3:

    >>> logits = torch.tensor([[8.0, 0.0]]).expand(4, 2)
    >>> temperature = temperature_scale(logits, torch.tensor([0, 0, 0, 1]))
    >>> torch.softmax(logits[0] / temperature, dim=0)
    tensor([0.7500, 0.2500])
    """
    check_tensor(logits, "logits", "(N, K)", floating=True, finite=True)
    check_targets(targets, logits, "logits")
    scores = logits.detach().double()
    true = scores.gather(1, targets.to(scores.device).long()[:, None])[:, 0]  # (N,)
    if not (scores.max(dim=1).values > true).any():
        raise ValueError("`logits` must give at least one wrong answer, not 0: the best temperature would be 0")

    def slope(inverse: float) -> float:
        """Return the derivative of the mean loss with respect to 1 / T."""
        return (((scores * inverse).softmax(dim=1) * scores).sum(dim=1) - true).mean().item()

    if slope(0.0) >= 0:
        raise ValueError(
            f"`logits` must score the true classes higher than the average class, not by {-slope(0.0):.3g} on the "
            "mean: the best temperature would be infinite"
        )
    low, high = 0.0, 1.0
    while slope(high) < 0:
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return 1 / high


def _check_distributions(probabilities: Tensor) -> None:
    if (probabilities < 0).any():
        raise ValueError(
            f"`probabilities` must be at least 0, not {probabilities.min().item():g} (take the softmax first)"
        )
    sums = probabilities.double().sum(dim=1)
    wrong = sums[(sums - 1).abs() > SUM_TOLERANCE]
    if len(wrong):
        raise ValueError(f"`probabilities` must sum to 1 in each row, not to {wrong[0]:g} (take the softmax first)")
