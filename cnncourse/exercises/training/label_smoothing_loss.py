"""Exercise: the cross-entropy with smoothed labels."""

import torch

from cnncourse.checking.compare import agree, compare_values
from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor

from .cross_entropy import scalar
from .softmax import LOGITS_1000


@exercise(points=4, minutes=12, after="cross_entropy", refuses="cross_entropy")
def label_smoothing_loss(logits, targets, smoothing):
    """Average the cross-entropy with labels of which a share is spread evenly over all classes.

    Parameters
    ----------
    logits : torch.Tensor, shape (N, K)
        One score per class, not probabilities; any size, up to thousands.
    targets : torch.Tensor, shape (N,)
        True classes, integers in 0 .. K - 1.
    smoothing : float
        The share that is spread, from 0 to less than 1.

    Returns
    -------
    torch.Tensor
        A scalar, as `torch.nn.functional.cross_entropy` with `label_smoothing`.

    Raises
    ------
    ValueError
        If `smoothing` is below 0, or 1 and more.
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"`smoothing` must be at least 0 and less than 1, not {smoothing}")
    log_p = torch.log_softmax(logits, dim=1)
    true = log_p[torch.arange(len(targets)), targets]
    return -((1 - smoothing) * true + smoothing * log_p.mean(dim=1)).mean()


def scores(note, varies, logits, targets, smoothing=0.25, tolerance=None):
    targets = torch.tensor(targets)
    return case(note, varies=varies, logits=logits, targets=targets, smoothing=smoothing, tolerance=tolerance)


label_smoothing_loss.add_visible(
    scores("one sample, three classes", "basic", torch.tensor([[1.0, 2, 4]]), [2]),
    scores("without smoothing", "zero", torch.tensor([[1.0, 2, 4]]), [2], 0.0),
    scores("more smoothing", "setting", torch.tensor([[1.0, 2, 4]]), [2], 0.6),
    scores("two samples", "batch", torch.tensor([[1.0, 2, 4], [0.5, -1, 0]]), [2, 1]),
    scores("five classes", "classes", torch.tensor([[1.0, 2, 4, 0, -1]]), [1]),
    scores("certain and wrong", "extreme", torch.tensor([[1000.0, 0, -1000]]), [2], tolerance=LOGITS_1000),
    scores("a smoothing of 1", "error", torch.tensor([[1.0, 2, 4]]), [2], 1.0),
)


@label_smoothing_loss.random_cases
def fresh(generator):
    def drawn(samples, classes, dtype=torch.float32):
        """Draw scores that rise from class to class, so that the true one is not like the average of all."""
        return tensor(generator, samples, classes, dtype=dtype) / 4 + 2 * torch.arange(classes)

    yield scores("one sample, three classes", "basic", drawn(1, 3), [2])
    yield scores("without smoothing", "zero", drawn(1, 3), [2], 0.0)
    yield scores("little smoothing", "setting", drawn(1, 3), [2], integer(generator, 5, 15) / 100)
    yield scores("much smoothing", "setting", drawn(1, 3), [2], integer(generator, 60, 90) / 100)
    yield scores("two samples", "batch", drawn(2, 3), [2, 1])
    yield scores("as many samples as classes", "batch", drawn(3, 3), [2, 0, 2])
    yield scores("classes that do not occur", "classes", drawn(1, integer(generator, 5, 7)), [1])
    yield scores("two classes", "classes", drawn(1, 2), [0])
    wrong = torch.tensor([[1000.0, 0, -1000]]) + drawn(1, 3)
    yield scores("very large scores", "extreme", wrong, [2], tolerance=LOGITS_1000)
    yield scores("float64", "dtype", drawn(1, 3, dtype=torch.float64), [2])
    for note, smoothing in (("a negative smoothing", -0.1), ("a smoothing of 1", 1.0), ("a larger one", 1.5)):
        yield scores(note, "error", drawn(1, 3), [2], smoothing)
    logits = drawn(5, integer(generator, 4, 6), dtype=torch.float64)
    yield scores("everything at once", "batch classes dtype setting", logits, [2, 0, 1, 2, 0], 0.1)


label_smoothing_loss.comparison(lambda case, observed, expected: compare_values(case, scalar(observed), expected))
label_smoothing_loss.agreement(lambda case, one, other: agree(case, scalar(one), scalar(other)))

LOSS = "(1 - smoothing) * true + smoothing * log_p.mean(dim=1)"
label_smoothing_loss.mistake("The labels are not smoothed: `smoothing` is ignored.", "smoothing-ignored")(
    label_smoothing_loss.edited(LOSS, "true")
)
label_smoothing_loss.mistake(
    "The true class keeps its full weight: the wanted probabilities must sum to 1.", "true-class-not-reduced"
)(label_smoothing_loss.edited("(1 - smoothing) * true", "true"))
label_smoothing_loss.mistake(
    "What is taken from the true class is given to no other: spread it over all classes.", "not-spread"
)(label_smoothing_loss.edited(" + smoothing * log_p.mean(dim=1)", ""))
label_smoothing_loss.mistake(
    "Every class gets the whole smoothing: it is divided by the number of classes.", "not-divided"
)(label_smoothing_loss.edited("log_p.mean(dim=1)", "log_p.sum(dim=1)"))
label_smoothing_loss.mistake(
    "The smoothing is divided by the number of samples: divide by the number of classes.", "divided-by-samples"
)(label_smoothing_loss.edited("log_p.mean(dim=1)", "log_p.sum(dim=1) / len(targets)"))
label_smoothing_loss.mistake("The two weights are exchanged: the true class gets 1 - smoothing.", "weights-exchanged")(
    label_smoothing_loss.edited("(1 - smoothing) * true + smoothing *", "smoothing * true + (1 - smoothing) *")
)
label_smoothing_loss.mistake(
    "The predictions are smoothed, not the labels: weight the logarithms of the plain probabilities.",
    "predictions-smoothed",
)(label_smoothing_loss.edited(LOSS, "torch.log((1 - smoothing) * true.exp() + smoothing / logits.shape[1])"))
label_smoothing_loss.mistake(
    "The logarithm is taken of the mean probability: take the mean of the logarithms.", "log-of-the-mean"
)(label_smoothing_loss.edited("log_p.mean(dim=1)", "log_p.exp().mean(dim=1).log()"))
label_smoothing_loss.mistake("The sign is missing: the loss is minus the sum.", "sign")(
    label_smoothing_loss.edited("return -", "return ")
)
label_smoothing_loss.mistake("One loss per sample is returned: take their mean.", "not-averaged")(
    label_smoothing_loss.edited("dim=1)).mean()", "dim=1))")
)
label_smoothing_loss.mistake("The softmax runs over the samples: it runs over the classes, dim 1.", "over-samples")(
    label_smoothing_loss.edited("softmax(logits, dim=1)", "softmax(logits, dim=0)")
)
label_smoothing_loss.mistake("The softmax is applied twice: logits are not probabilities.", "softmax-twice")(
    label_smoothing_loss.edited("log_softmax(logits,", "log_softmax(torch.softmax(logits, 1),")
)
label_smoothing_loss.mistake(
    "A probability rounds to 0, and its logarithm is infinite: use log_softmax.", "log-of-zero"
)(label_smoothing_loss.edited("torch.log_softmax(logits, dim=1)", "torch.softmax(logits, dim=1).log()"))
label_smoothing_loss.mistake(
    "A small number keeps the logarithm of 0 away, but caps the loss: use log_softmax.", "log-clipped"
)(label_smoothing_loss.edited("torch.log_softmax(logits, dim=1)", "torch.softmax(logits, dim=1).clamp(min=1e-9).log()"))
label_smoothing_loss.mistake("Any smoothing is accepted: below 0, and from 1 on, raise a ValueError.", "never-refused")(
    label_smoothing_loss.edited("not 0 <= smoothing < 1", "False")
)
label_smoothing_loss.mistake("A smoothing of 1 is accepted: nothing would be left of the labels.", "one-accepted")(
    label_smoothing_loss.edited("smoothing < 1:", "smoothing <= 1:")
)
label_smoothing_loss.mistake("A smoothing of 0 is refused: it is the plain cross-entropy.", "zero-refused")(
    label_smoothing_loss.edited("not 0 <= smoothing", "not 0 < smoothing")
)


@label_smoothing_loss.mistake(
    "The smoothing is spread over the other classes only: the true class gets its part as well.", "others-only"
)
@label_smoothing_loss.variant(
    "The smoothing is spread over the other K - 1 classes only; the true class's wanted probability is 1 - smoothing.",
    "others-only",
)
def over_the_others(logits, targets, smoothing):
    """Average the cross-entropy with labels of which a share is spread evenly over the wrong classes."""
    if not 0 <= smoothing < 1:
        raise ValueError(f"`smoothing` must be at least 0 and less than 1, not {smoothing}")
    log_p = torch.log_softmax(logits, dim=1)
    true = log_p[torch.arange(len(targets)), targets]
    others = (log_p.sum(dim=1) - true) / (logits.shape[1] - 1)
    return -((1 - smoothing) * true + smoothing * others).mean()


@label_smoothing_loss.mistake("The losses are summed: take the mean over the samples.", "sum")
@label_smoothing_loss.variant("Return the sum over the samples, not the mean.", "sum")
def summed(logits, targets, smoothing):
    """Add up the cross-entropy with labels of which a share is spread evenly over all classes.

    Returns
    -------
    torch.Tensor
        A scalar, as `torch.nn.functional.cross_entropy` with `label_smoothing` and the reduction "sum".
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"`smoothing` must be at least 0 and less than 1, not {smoothing}")
    log_p = torch.log_softmax(logits, dim=1)
    true = log_p[torch.arange(len(targets)), targets]
    return -((1 - smoothing) * true + smoothing * log_p.mean(dim=1)).sum()
