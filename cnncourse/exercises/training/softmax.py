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
        One score per class; any size, up to thousands.

    Returns
    -------
    torch.Tensor, shape (N, K)
        Numbers from 0 to 1; each row sums to 1.
    """
    shifted = logits - logits.max(dim=1, keepdim=True).values  # every exponent is at most 0
    exponentials = shifted.exp()
    return exponentials / exponentials.sum(dim=1, keepdim=True)


softmax.add_visible(
    case("no preference", varies="basic", logits=torch.zeros(1, 2)),
    case("two samples, three classes", varies="batch", logits=torch.tensor([[1.0, 2, 3], [0, -1, 0.5]])),
    case("scores of 1000", varies="extreme", logits=torch.tensor([[1000.0, 999, -1000]]), tolerance=LOGITS_1000),
    case(
        "large scores beside small ones",
        varies="extreme batch",
        logits=torch.tensor([[1000.0, 1001, 0], [-1000, -1002, -1001]]),
        tolerance=LOGITS_1000,
    ),
)


@softmax.random_cases
def fresh(generator):
    classes = integer(generator, 4, 7)
    yield case("one sample", varies="basic", logits=tensor(generator, 1, classes))
    yield case("one sample, all scores negative", varies="basic", logits=tensor(generator, 1, 5) - 6)
    yield case("four samples", varies="batch", logits=tensor(generator, 4, classes))
    yield case("as many samples as classes", varies="batch", logits=tensor(generator, 3, 3))
    yield case("float64", varies="dtype", logits=tensor(generator, 1, classes, dtype=torch.float64))
    large = torch.tensor([[1000.0, 998, 0, -1000]]) + tensor(generator, 1, 4).abs().clamp(max=2)
    yield case("very large scores", varies="extreme", logits=large, tolerance=LOGITS_1000)
    alone = torch.tensor([[0.0, 0, 0, 0, 900]]) + tensor(generator, 1, 5)
    yield case("one score above all others", varies="extreme", logits=alone, tolerance=LOGITS_1000)
    rows = torch.cat([large, -1000 + tensor(generator, 1, 4), tensor(generator, 2, 4)])
    yield case("large scores beside small ones", varies="extreme", logits=rows, tolerance=LOGITS_1000)
    rows = tensor(generator, 4, classes, dtype=torch.float64)
    yield case("four samples, float64", varies="batch dtype", logits=rows)


softmax.mistake(
    "The exponentials overflow: subtract each row's largest score first; the result is the same.", "overflow"
)(softmax.edited(" - logits.max(dim=1, keepdim=True).values", ""))
softmax.mistake(
    "One maximum is subtracted from all rows: use each row's own, or small rows become 0 / 0.",
    "one-maximum-for-all-rows",
)(softmax.edited("logits.max(dim=1, keepdim=True).values", "logits.max()"))
softmax.mistake(
    "The mean is subtracted, so exponents above 0 remain: subtract the row's maximum.", "mean-instead-of-maximum"
)(softmax.edited("logits.max(dim=1, keepdim=True).values", "logits.mean(dim=1, keepdim=True)"))
softmax.mistake(
    "Large scores are clipped, which makes different ones equal: subtract the row's maximum instead.", "scores-clipped"
)(softmax.edited("logits - logits.max(dim=1, keepdim=True).values", "logits.clamp(-50, 50)"))
softmax.mistake("The probabilities sum to 1 over the samples: the sum goes over the classes, dim 1.", "over-samples")(
    softmax.edited("dim=1", "dim=0")
)
softmax.mistake("All numbers are divided by one sum: divide each row by its own.", "over-everything")(
    softmax.edited("exponentials.sum(dim=1, keepdim=True)", "exponentials.sum()")
)
softmax.mistake(
    "The rows' sums have lost their axis and divide the wrong numbers: keep it with keepdim=True.", "axis-lost"
)(softmax.edited("sum(dim=1, keepdim=True)", "sum(dim=1)"))
softmax.mistake("These are the logarithms of the probabilities: leave the last log out.", "logarithms")(
    lambda logits: logits - torch.logsumexp(logits, dim=1, keepdim=True)
)
softmax.mistake("The rows do not sum to 1: divide each row's exponentials by their sum.", "not-normalised")(
    softmax.edited(" / exponentials.sum(dim=1, keepdim=True)", "")
)
softmax.mistake("Each score gets a sigmoid of its own: divide its exponential by the sum over the classes.", "sigmoid")(
    torch.sigmoid
)
softmax.mistake("The largest score gets 1 and the others 0: a softmax gives every class a share.", "winner-takes-all")(
    lambda logits: (logits == logits.max(1, keepdim=True).values).to(logits.dtype)
)
softmax.mistake("These are powers of 2: raise e to the scores, with `exp`.", "powers-of-two")(
    softmax.edited("exp()", "exp2()")
)
softmax.mistake(
    "The scores themselves are divided by their sum: raise e to them first, so that all are positive.", "no-exponential"
)(lambda logits: logits / logits.sum(1, keepdim=True))
softmax.same_mistake("over-everything")(
    softmax.edited(
        "logits.max(dim=1, keepdim=True).values",
        "logits.max()",
        "exponentials.sum(dim=1, keepdim=True)",
        "exponentials.sum()",
    )
)
softmax.same_mistake("no-exponential")(
    lambda logits: (
        (logits - logits.min(1, keepdim=True).values)
        / (logits - logits.min(1, keepdim=True).values).sum(1, keepdim=True)
    )
)
