"""Exercise: from scores to probabilities, without overflow."""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor

LOGITS_1000 = 1e-4  # tolerance for scores of +-1000, in float32


@exercise(points=3, minutes=10, refuses="softmax")
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


softmax.add_visible(
    case("no preference", varies="basic", logits=torch.zeros(1, 2)),
    case(
        "two samples, three classes", varies="batch classes", logits=torch.tensor([[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]])
    ),
    case("scores of 1000", varies="extreme", logits=torch.tensor([[1000.0, 999.0, -1000.0]]), tolerance=LOGITS_1000),
    case(
        "large scores beside small ones",
        varies="extreme",
        logits=torch.tensor([[1000.0, 1001.0, 0.0], [-1000.0, -1002.0, -1001.0]]),
        tolerance=LOGITS_1000,
    ),
)


@softmax.random_cases
def _fresh(generator):
    for dtype in (torch.float32, torch.float64):
        yield case(
            f"scores drawn at random, {str(dtype).removeprefix('torch.')}",
            varies="batch classes dtype",
            logits=tensor(generator, 4, integer(generator, 5, 7), dtype=dtype),
        )
    yield case("as many samples as classes", varies="axis", logits=tensor(generator, 3, 3))
    yield case("one sample", varies="batch", logits=tensor(generator, 1, 5) - 6)


softmax.mistake(
    "The exponentials overflow: subtract each row's largest score first, which changes nothing in the result.",
    "overflow",
)(_softmax_of(lambda z: z))
softmax.mistake(
    "One maximum is subtracted from all rows: a row of much smaller scores becomes 0 divided by 0. "
    "Take each row's own.",
    "one-maximum-for-all-rows",
)(_softmax_of(lambda z: z - z.max()))
softmax.mistake(
    "Subtracting the mean is not enough: only after the maximum is no exponent above 0.", "mean-instead-of-maximum"
)(_softmax_of(lambda z: z - z.mean(1, keepdim=True)))
softmax.mistake(
    "Large scores are clipped, which makes different ones equal: subtract the row's maximum instead.", "scores-clipped"
)(_softmax_of(lambda z: z.clamp(-50, 50)))
softmax.mistake("The probabilities sum to 1 over the samples: the sum goes over the classes, dim 1.", "over-samples")(
    _softmax_of(lambda z: z - z.max(0).values, lambda e: e.sum(0))
)
softmax.mistake("All numbers are divided by one sum: each row has its own.", "over-everything")(
    _softmax_of(_row_maximum, lambda e: e.sum())
)
softmax.mistake(
    "The rows' sums have lost their axis, so they meet the wrong numbers: keep it with keepdim=True.", "axis-lost"
)(_softmax_of(_row_maximum, lambda e: e.sum(1)))


@softmax.mistake("These are the logarithms of the probabilities: leave the last log out.")
def logarithms(logits):
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)


softmax.mistake("The exponentials are not divided by their sum, so the rows do not sum to 1.", "not-normalised")(
    _softmax_of(_row_maximum, lambda e: 1.0)
)
softmax.mistake("Each score is squashed alone: a softmax compares the classes, so its rows sum to 1.", "sigmoid")(
    torch.sigmoid
)
softmax.mistake(
    "The largest score gets 1 and the others 0: a softmax is soft, and gives every class its share.", "winner-takes-all"
)(lambda logits: (logits == logits.max(1, keepdim=True).values).to(logits.dtype))
softmax.mistake("These are powers of 2: raise e to the scores, with `exp`.", "powers-of-two")(
    _softmax_of(_row_maximum, rise=torch.exp2)
)
softmax.mistake(
    "The scores themselves are divided by their sum: raise e to them first, or they can be negative.", "no-exponential"
)(lambda logits: logits / logits.sum(1, keepdim=True))
