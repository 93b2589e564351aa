"""Exercise: the loss of a classifier, from its logits."""

from dataclasses import replace

import torch
import torch.nn.functional as F

from cnncourse.checking.compare import agree, compare_values
from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor

from .softmax import LOGITS_1000


@exercise(points=4, minutes=15, after="softmax", refuses="cross_entropy")
def cross_entropy(logits, targets):
    """Average, over the samples, minus the logarithm of the true class's probability.

    Parameters
    ----------
    logits : torch.Tensor, shape (N, K)
        One score per class, not probabilities; any size, up to thousands.
    targets : torch.Tensor, shape (N,)
        True classes, integers in 0 .. K - 1.

    Returns
    -------
    torch.Tensor
        A scalar, as `torch.nn.functional.cross_entropy`.
    """
    true_scores = logits[torch.arange(len(targets)), targets]
    return (torch.logsumexp(logits, dim=1) - true_scores).mean()


cross_entropy.add_visible(
    case("no preference: log 2", varies="basic", logits=torch.zeros(1, 2), targets=torch.tensor([1])),
    case(
        "two samples, three classes",
        varies="batch",
        logits=torch.tensor([[1.0, 2, 3], [0.5, -1, 0]]),
        targets=torch.tensor([2, 1]),
    ),
    case(
        "certain and wrong",
        varies="extreme batch",
        logits=torch.tensor([[1000.0, 0, -1000], [-1000, 1000, 990], [0, 1, 2]]),
        targets=torch.tensor([2, 1, 0]),
        tolerance=LOGITS_1000,
    ),
)


@cross_entropy.random_cases
def fresh(generator):
    def scores(note, varies, logits, targets, tolerance=None):
        return case(note, varies=varies, logits=logits, targets=torch.tensor(targets), tolerance=tolerance)

    yield scores("one sample, the last of three classes", "basic", tensor(generator, 1, 3), [2])
    yield scores("one sample, the first of three classes", "classes", tensor(generator, 1, 3), [0])
    yield scores("classes that do not occur", "classes", tensor(generator, 1, integer(generator, 5, 7)), [1])
    yield scores("two samples", "batch", tensor(generator, 2, 3), [2, 1])
    yield scores("as many samples as classes", "batch", tensor(generator, 3, 3), [2, 0, 1])
    yield scores("float64", "dtype", tensor(generator, 1, 3, dtype=torch.float64), [2])
    wrong = torch.tensor([[1000.0, 0, -1000]]) + tensor(generator, 1, 3)
    yield scores("very large scores, certain and wrong", "extreme", wrong, [2], LOGITS_1000)
    close = torch.tensor([[1000.0, 999, 998]]) + tensor(generator, 1, 3).clamp(-2, 2)
    yield scores("very large scores that are close together", "extreme", close, [1], LOGITS_1000)
    yield scores(
        "a probability of almost 0", "extreme", torch.tensor([[60.0, 0, -60]]) + wrong / 1000, [2], LOGITS_1000
    )
    logits = tensor(generator, 5, integer(generator, 4, 6), dtype=torch.float64)
    yield scores("five samples, float64", "batch classes dtype", logits, [2, 0, 1, 2, 0])


def scalar(observation):
    """Take a float as a scalar tensor: a loop over floats is a right style."""
    value = observation.value
    return replace(observation, value=torch.tensor(value)) if type(value) is float else observation


cross_entropy.comparison(lambda case, observed, expected: compare_values(case, scalar(observed), expected))
cross_entropy.agreement(lambda case, one, other: agree(case, scalar(one), scalar(other)))


def true(values, targets):
    """Pick the number of each sample's true class."""
    return values[torch.arange(len(targets)), targets]


cross_entropy.mistake(
    "The softmax is applied twice: probabilities are turned into probabilities again.", "softmax-twice"
)(lambda z, t: cross_entropy(torch.softmax(z, 1), t))
cross_entropy.mistake(
    "The exponentials overflow for large scores: use log_softmax or logsumexp, which subtract the maximum.", "overflow"
)(lambda z, t: -true(z.exp() / z.exp().sum(1, keepdim=True), t).log().mean())
cross_entropy.same_mistake("overflow")(
    cross_entropy.edited("torch.logsumexp(logits, dim=1)", "logits.exp().sum(dim=1).log()")
)
cross_entropy.mistake(
    "A probability rounds to 0, and its logarithm is infinite: use log_softmax or logsumexp.", "log-of-zero"
)(lambda z, t: -true(torch.softmax(z, 1), t).log().mean())
cross_entropy.same_mistake("log-of-zero")(
    lambda z, t: -(F.one_hot(t, z.shape[1]) * torch.softmax(z, 1).log()).sum(1).mean()
)
cross_entropy.mistake(
    "A small number keeps the logarithm of 0 away, but caps the loss: stay in logarithms instead.", "log-clipped"
)(cross_entropy.edited("- true_scores)", "- true_scores).clamp(max=-math.log(1e-9))"))
for least in (1e-5, 1e-6, 1e-7, 1e-8, 1e-10, 1e-12, 1e-15):
    cross_entropy.same_mistake("log-clipped", marked=False)(
        cross_entropy.edited("- true_scores)", f"- true_scores).clamp(max=-math.log({least}))")
    )
for added in (1e-5, 1e-6, 1e-7, 1e-8):  # smaller numbers do as a clip does
    cross_entropy.same_mistake("log-clipped", marked=False)(
        cross_entropy.edited(
            "(torch.logsumexp(logits, dim=1) - true_scores)",
            f"-torch.log(torch.exp(true_scores - torch.logsumexp(logits, dim=1)) + {added})",
        )
    )
cross_entropy.mistake("The losses are summed: take the mean over the samples.", "sum")(
    cross_entropy.edited(".mean()", ".sum()")
)
cross_entropy.mistake("One loss per sample is returned: take their mean.", "not-averaged")(
    cross_entropy.edited(".mean()", "")
)
cross_entropy.mistake(
    "The mean goes over samples and classes: divide by the number of samples alone.", "divided-by-classes"
)(cross_entropy.edited(".mean()", ".mean() / logits.shape[1]"))
cross_entropy.mistake(
    "The sum is divided by the number of classes: divide by the number of samples.", "divided-by-number-of-classes"
)(cross_entropy.edited(".mean()", ".sum() / logits.shape[1]"))
cross_entropy.mistake("The sign is missing: the loss is minus the logarithm.", "sign")(
    cross_entropy.edited("return ", "return -")
)
cross_entropy.mistake(
    "Every sample is paired with every target: `log_p[:, targets]` is (N, N); index with "
    "`log_p[torch.arange(N), targets]`.",
    "every-target-for-every-sample",
)(cross_entropy.edited("torch.arange(len(targets)), targets", ":, targets"))
cross_entropy.mistake(
    "The logarithm is taken of the scores themselves: they are logits, not probabilities.", "logits-as-probabilities"
)(lambda z, t: -true(z, t).log().mean())
cross_entropy.mistake(
    "Only the true class's score counts: the others enter through the sum of exponentials.", "no-normalisation"
)(lambda z, t: -true(z, t).mean())
cross_entropy.mistake("The softmax runs over the samples: it runs over the classes, dim 1.", "over-samples")(
    lambda z, t: -true(torch.log_softmax(z, 0), t).mean()
)
cross_entropy.mistake(
    "The one-hot table is only as wide as the largest target: pass it the number of classes.", "one-hot-too-narrow"
)(lambda z, t: -(torch.log_softmax(z, 1) * F.one_hot(t)).sum(1).mean())
cross_entropy.mistake(
    "This is the squared error of the probabilities: take minus the logarithm of the true class's.", "squared-error"
)(lambda z, t: ((torch.softmax(z, 1) - F.one_hot(t, z.shape[1])) ** 2).sum(1).mean())
cross_entropy.mistake(
    "Each class has a yes-or-no loss of its own: take minus the logarithm of the true class's softmax probability, "
    "which depends on all scores.",
    "class-by-class",
)(lambda z, t: F.binary_cross_entropy_with_logits(z, F.one_hot(t, z.shape[1]).to(z.dtype)))
cross_entropy.same_mistake("class-by-class")(
    lambda z, t: F.binary_cross_entropy(torch.softmax(z, 1), F.one_hot(t, z.shape[1]).to(z.dtype))
)
