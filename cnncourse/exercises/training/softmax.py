"""Exercise: from scores to probabilities, without overflow."""

import torch

from .. import drawing
from ..record import Exercise, Misconception, case

LOGITS_1000 = 1e-4  # tolerance for scores of +-1000, in float32


def softmax(logits):
    """Turn each row of scores into probabilities.

    Parameters
    ----------
    logits : torch.Tensor, shape (N, K)
        One score a class; any size, up to thousands.

    Returns
    -------
    torch.Tensor, shape (N, K)
        Numbers from 0 to 1; each row sums to 1.
    """
    shifted = logits - logits.max(dim=1, keepdim=True).values  # every exponent is at most 0
    exponentials = shifted.exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


def _softmax_of(shift, norm=lambda e: e.sum(1, keepdim=True), rise=torch.exp):
    def answer(logits):
        exponentials = rise(shift(logits))
        return exponentials / norm(exponentials)

    return answer


def _row_maximum(logits):
    return logits - logits.max(dim=1, keepdim=True).values


def _log_softmax(logits):
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)


def _fresh(generator):
    for dtype in (torch.float32, torch.float64):
        yield case(
            f"scores drawn at random, {str(dtype).removeprefix('torch.')}",
            logits=drawing.tensor(generator, 4, drawing.integer(generator, 5, 7), dtype=dtype),
        )
    yield case("as many samples as classes", logits=drawing.tensor(generator, 3, 3))
    yield case("one sample", logits=drawing.tensor(generator, 1, 5) - 6)


EXERCISE = Exercise(
    solved=softmax,
    chapter="training",
    prompt="""
A network gives one score a class, any real number. To read them as probabilities, raise e to each score and divide by
the sum over the classes of that sample: every row of the result sums to 1. The catch is the size of e to the power of
1000, which no computer holds, though the probabilities are perfectly ordinary. Your function must be right for scores
of +-1000 too. `torch.softmax` and `torch.log_softmax` are refused.
""",
    objectives=("normalise over the right axis", "keep exponentials from overflowing"),
    out_of_scope=("any number of axes but two", "the gradient"),
    visible=(
        case("no preference", logits=torch.zeros(1, 2)),
        case("two samples, three classes", logits=torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]])),
        case("scores of 1000", logits=torch.tensor([[1000.0, 999.0, -1000.0]]), tolerance=LOGITS_1000),
        case(
            "large scores beside small ones",
            logits=torch.tensor([[1000.0, 1001.0, 0.0], [-1000.0, -1002.0, -1001.0]]),
            tolerance=LOGITS_1000,
        ),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "overflow",
            "The exponentials overflow: subtract each row's largest score first, which changes nothing in the result.",
            _softmax_of(lambda z: z),
        ),
        Misconception(
            "one-maximum-for-all-rows",
            "One maximum is subtracted from all rows: a row of much smaller scores becomes 0 divided by 0. "
            "Take each row's own.",
            _softmax_of(lambda z: z - z.max()),
        ),
        Misconception(
            "mean-instead-of-maximum",
            "Subtracting the mean is not enough: only after the maximum is no exponent above 0.",
            _softmax_of(lambda z: z - z.mean(1, keepdim=True)),
        ),
        Misconception(
            "scores-clipped",
            "Large scores are clipped, which makes different ones equal: subtract the row's maximum instead.",
            _softmax_of(lambda z: z.clamp(-50, 50)),
        ),
        Misconception(
            "over-samples",
            "The probabilities sum to 1 over the samples: the sum goes over the classes, dim 1.",
            _softmax_of(lambda z: z - z.max(0).values, lambda e: e.sum(0)),
        ),
        Misconception(
            "over-everything",
            "All numbers are divided by one sum: each row has its own.",
            _softmax_of(_row_maximum, lambda e: e.sum()),
        ),
        Misconception(
            "axis-lost",
            "The rows' sums have lost their axis, so they meet the wrong numbers: keep it with keepdim=True.",
            _softmax_of(_row_maximum, lambda e: e.sum(1)),
        ),
        Misconception(
            "logarithms",
            "These are the logarithms of the probabilities: leave the last log out.",
            _log_softmax,
        ),
        Misconception(
            "not-normalised",
            "The exponentials are not divided by their sum, so the rows do not sum to 1.",
            _softmax_of(_row_maximum, lambda e: 1.0),
        ),
        Misconception(
            "sigmoid",
            "Each score is squashed alone: a softmax compares the classes, so its rows sum to 1.",
            torch.sigmoid,
        ),
        Misconception(
            "winner-takes-all",
            "The largest score gets 1 and the others 0: a softmax is soft, and gives every class its share.",
            lambda logits: (logits == logits.max(1, keepdim=True).values).to(logits.dtype),
        ),
        Misconception(
            "powers-of-two",
            "These are powers of 2: raise e to the scores, with `exp`.",
            _softmax_of(_row_maximum, rise=torch.exp2),
        ),
        Misconception(
            "no-exponential",
            "The scores themselves are divided by their sum: raise e to them first, or they can be negative.",
            lambda logits: logits / logits.sum(1, keepdim=True),
        ),
    ),
    hints=(
        "Subtracting the same number from all scores of a row changes nothing in the fraction. Which number helps?",
        "After subtracting the row's maximum, the largest exponent is 0 and its exponential 1.",
        "`e = (logits - logits.max(dim=1, keepdim=True).values).exp()`, then `e / e.sum(dim=1, keepdim=True)`.",
    ),
    points=3,
    minutes=10,
    refuses=("softmax",),
)
