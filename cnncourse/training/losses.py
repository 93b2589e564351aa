"""From scores to probabilities, and from probabilities to one number that says how wrong they are.

A network ends in *logits*: one score per class, any real number. The loss takes those logits and does the softmax
itself, in logarithms, where nothing overflows. A softmax in front of it would be applied twice: the chapter `training`
shows what that costs.

References
----------
Goodfellow, Bengio and Courville, *Deep Learning* (2016), sections 4.1 (overflow) and 6.2.2 (output units).
"""

import torch
from torch import Tensor

from cnncourse.tensors import check_tensor


def relu(input: Tensor) -> Tensor:
    """Keep what is positive, replace what is negative by 0.

    Parameters
    ----------
    input : Tensor
        Any shape, any number type.

    Returns
    -------
    Tensor
        Same shape and type, ``max(input, 0)`` element by element.

    Examples
    --------
    >>> relu(torch.tensor([-1.5, 0.0, 2.0]))
    tensor([0., 0., 2.])
    """
    check_tensor(input, "input")
    return input.clamp(min=0)


def softmax(logits: Tensor) -> Tensor:
    """Turn each row of scores into probabilities that sum to 1.

    The largest score of a row is subtracted first. That changes nothing in the result (it cancels in the fraction) and
    keeps every exponent at 0 or below, so that scores of 1000 do not overflow.

    Parameters
    ----------
    logits : Tensor
        ``(N, K)``, one score per class.

    Returns
    -------
    Tensor
        ``(N, K)``, floats in [0, 1], each row summing to 1.

    Raises
    ------
    ValueError
        If `logits` does not have two axes.

    Examples
    --------
    >>> softmax(torch.tensor([[0.0, 0.0], [1000.0, 0.0]]))
    tensor([[0.5000, 0.5000],
            [1.0000, 0.0000]])
    """
    _expect_rows(logits)
    exponentials = torch.exp(logits - logits.max(dim=1, keepdim=True).values)
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean of minus the logarithm of the probability given to the true class.

    With ``log softmax(z)[t] = z[t] - log(sum(exp(z)))`` no probability is ever computed, so none can round to 0
    and have an infinite logarithm.

    Parameters
    ----------
    logits : Tensor
        ``(N, K)``, one score per class; not probabilities.
    targets : Tensor
        ``(N,)``, integers in ``0 .. K - 1``.

    Returns
    -------
    Tensor
        A scalar, as `torch.nn.functional.cross_entropy`.

    Raises
    ------
    TypeError
        If `targets` are not integers.
    ValueError
        If the shapes do not belong together, the batch is empty, or a target is not a class.

    Examples
    --------
    Two classes, no preference: the loss is log 2.

    >>> cross_entropy(torch.zeros(1, 2), torch.tensor([1]))
    tensor(0.6931)
    """
    return _true_losses(logits, targets).mean()


def label_smoothing_loss(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Mean cross-entropy with labels of which a share is spread evenly over all classes.

    The wanted probability of each class is ``smoothing / K``, and ``1 - smoothing`` is added to the true class. A loss
    that wants less than probability 1 is lowest at finite scores.

    Parameters
    ----------
    logits : Tensor
        ``(N, K)``, one score per class; not probabilities.
    targets : Tensor
        ``(N,)``, integers in ``0 .. K - 1``.
    smoothing : float
        In ``[0, 1)``; 0 is `cross_entropy`.

    Returns
    -------
    Tensor
        A scalar, as `torch.nn.functional.cross_entropy` with ``label_smoothing``.

    Raises
    ------
    TypeError
        If `targets` are not integers.
    ValueError
        If `smoothing` is not in ``[0, 1)``, the shapes do not belong together, the batch is empty, or a target is not a
        class.

    References
    ----------
    Szegedy et al., "Rethinking the Inception architecture for computer vision" (2016), section 7.

    Examples
    --------
    The network is sure and right, and the loss is not 0:

    >>> round(label_smoothing_loss(torch.tensor([[20.0, 0.0]]), torch.tensor([0]), 0.2).item(), 3)
    2.0
    """
    if isinstance(smoothing, bool) or not isinstance(smoothing, int | float) or not 0 <= smoothing < 1:
        raise ValueError(f"`smoothing` must be a number, at least 0 and less than 1, not {smoothing!r}")
    true = _true_losses(logits, targets)
    every = torch.logsumexp(logits, dim=1) - logits.mean(dim=1)  # (N,), the mean loss of all classes
    return ((1 - smoothing) * true + smoothing * every).mean()


def _true_losses(logits: Tensor, targets: Tensor) -> Tensor:
    """Check logits and targets; return minus the logarithm of each sample's true class, ``(N,)``."""
    _expect_rows(logits)
    check_targets(targets, logits, "logits")
    true_scores = logits.gather(1, targets.long()[:, None])[:, 0]  # (N,)
    return torch.logsumexp(logits, dim=1) - true_scores


def check_targets(targets: Tensor, rows: Tensor, name: str) -> None:
    """Refuse targets that are not one class for each row.

    Parameters
    ----------
    targets : Tensor
    rows : Tensor
        ``(N, K)``, for instance logits.
    name : str
        The argument's name of `rows`, for the error message.

    Raises
    ------
    TypeError
        If `targets` are not integers.
    ValueError
        If they have another shape than ``(N,)``, there are none, or one is not in ``0 .. K - 1``.
    """
    check_tensor(targets, "targets")
    if targets.is_floating_point():
        raise TypeError(f"`targets` must be integer class numbers, not {targets.dtype}")
    if targets.shape != rows.shape[:1]:
        raise ValueError(
            f"`targets` must have shape ({rows.shape[0]},), one class per row of `{name}` {tuple(rows.shape)}, "
            f"not {tuple(targets.shape)}"
        )
    if len(targets) == 0:
        raise ValueError(f"`{name}` and `targets` must hold at least one sample, not 0")
    lowest, highest = int(targets.min()), int(targets.max())
    if lowest < 0 or highest >= rows.shape[1]:
        raise ValueError(
            f"`targets` must be in 0..{rows.shape[1] - 1} for `{name}` of shape {tuple(rows.shape)}, "
            f"not from {lowest} to {highest}"
        )


def _expect_rows(logits: Tensor) -> None:
    check_tensor(logits, "logits", floating=True)
    if logits.ndim != 2:
        raise ValueError(f"`logits` must have shape (samples, classes), not {tuple(logits.shape)}")
    if logits.shape[1] == 0:
        raise ValueError(f"`logits` must have at least one class, not the shape {tuple(logits.shape)}")
