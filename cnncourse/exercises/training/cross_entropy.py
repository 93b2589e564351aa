"""Exercise: the loss of a classifier, from its logits."""

import torch
import torch.nn.functional as F

from cnncourse.checking.compare import Observation, agree, compare_values
from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor

from .softmax import LOGITS_1000


@exercise(points=4, minutes=15, after="softmax", refuses="cross_entropy")
def cross_entropy(logits, targets):
    """Average minus the logarithm of the probability that each sample's true class gets.

    Parameters
    ----------
    logits : torch.Tensor, shape (N, K)
        One score a class, not probabilities; any size, up to thousands.
    targets : torch.Tensor, shape (N,)
        True classes, integers in 0 .. K - 1.

    Returns
    -------
    torch.Tensor
        A scalar, as `torch.nn.functional.cross_entropy`.
    """
    true_scores = logits[torch.arange(len(targets)), targets]
    return (torch.logsumexp(logits, dim=1) - true_scores).mean()


def _from(probabilities=None, log=torch.log, average=torch.mean, pick=None):
    """Make a wrong answer: every step of `mean(-log(softmax(z))[target])` can be another."""
    probabilities = probabilities or (lambda z: torch.softmax(z, 1))
    pick = pick or (lambda log_p, t: log_p[torch.arange(len(t)), t])
    return lambda logits, targets: -average(pick(log(probabilities(logits)), targets))


def _naive(logits):
    exponentials = logits.exp()
    return exponentials / exponentials.sum(1, keepdim=True)


def _exact(z):
    return torch.log_softmax(z, 1)


def _all_classes(average):
    def answer(logits, targets):
        return -average(torch.log_softmax(logits, 1) * F.one_hot(targets, logits.shape[1]))

    return answer


def _as_tensor(observation):
    """Take a float for the scalar tensor that it stands for: a loop over floats is a right style."""
    value = observation.value
    scalar = torch.tensor(value) if type(value) is float else value
    return Observation(**{**vars(observation), "value": scalar})


cross_entropy.comparison(lambda case, observed, expected: compare_values(case, _as_tensor(observed), expected))


cross_entropy.agreement(lambda case, one, other: agree(case, _as_tensor(one), _as_tensor(other)))


cross_entropy.add_visible(
    case("no preference: log 2", varies="basic", logits=torch.zeros(1, 2), targets=torch.tensor([1])),
    case(
        "two samples, three classes",
        varies="batch classes",
        logits=torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 0.0]]),
        targets=torch.tensor([2, 1]),
    ),
    case(
        "certain and wrong",
        varies="extreme",
        logits=torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, 1000.0, 990.0], [0.0, 1.0, 2.0]]),
        targets=torch.tensor([2, 1, 0]),
        tolerance=LOGITS_1000,
    ),
)


@cross_entropy.random_cases
def _fresh(generator):
    for dtype in (torch.float32, torch.float64):
        classes = integer(generator, 4, 6)
        yield case(
            f"scores drawn at random, {str(dtype).removeprefix('torch.')}",
            varies="batch classes dtype",
            logits=tensor(generator, 5, classes, dtype=dtype),
            targets=torch.randint(0, classes - 1, (5,), generator=generator),  # the last class is not there
        )
    yield case(
        "as many samples as classes", varies="axis", logits=tensor(generator, 3, 3), targets=torch.tensor([2, 0, 0])
    )


cross_entropy.mistake(
    "The softmax is applied twice: probabilities are turned into probabilities again.", "softmax-twice"
)(_from(lambda z: torch.softmax(z, 1), _exact))
cross_entropy.mistake(
    "The exponentials overflow for large scores: use log_softmax or logsumexp, which subtract the maximum.", "overflow"
)(_from(_naive))
cross_entropy.mistake(
    "A probability rounds to 0 and its logarithm is infinite: stay in logarithms (log_softmax, logsumexp).",
    "log-of-zero",
)(_from())
cross_entropy.mistake(
    "A small number keeps the logarithm of 0 away, but caps the loss: stay in logarithms instead.", "log-clipped"
)(_from(log=lambda p: torch.log(p.clamp(min=1e-9))))
cross_entropy.mistake("The losses are summed: take the mean over the samples.", "sum")(
    _from(lambda z: z, _exact, torch.sum)
)
cross_entropy.mistake("One loss a sample is returned: take their mean.", "not-averaged")(
    _from(lambda z: z, _exact, lambda losses: losses)
)
cross_entropy.mistake(
    "The mean goes over samples and classes: only one class a sample counts, so divide by the samples alone.",
    "divided-by-classes",
)(_all_classes(torch.mean))
cross_entropy.mistake(
    "The sum is divided by the number of classes: divide by the number of samples.", "divided-by-number-of-classes"
)(_all_classes(lambda losses: losses.sum() / losses.shape[1]))
cross_entropy.mistake("The sign is missing: the loss is minus the logarithm.", "sign")(
    lambda z, t: -cross_entropy(z, t)
)
cross_entropy.mistake(
    "Every sample is paired with every target: `log_p[:, targets]` is (N, N); index with "
    "`log_p[torch.arange(N), targets]`.",
    "every-target-for-every-sample",
)(_from(lambda z: z, _exact, pick=lambda log_p, t: log_p[:, t]))
cross_entropy.mistake(
    "The logarithm is taken of the scores themselves: they are logits, not probabilities.", "logits-as-probabilities"
)(_from(lambda z: z))
cross_entropy.mistake(
    "Only the true class's score counts: the others enter through the sum of exponentials.", "no-normalisation"
)(_from(lambda z: z, lambda z: z))
cross_entropy.mistake("The softmax runs over the samples: it runs over the classes, dim 1.", "over-samples")(
    _from(lambda z: z, lambda z: torch.log_softmax(z, 0))
)


@cross_entropy.mistake(
    "The one-hot table has only as many columns as the largest target: tell it the number of classes."
)
def one_hot_too_narrow(logits, targets):
    return -(torch.log_softmax(logits, 1) * F.one_hot(targets)).sum(1).mean()


cross_entropy.mistake(
    "This is the squared error of the probabilities: take minus the logarithm of the true class's.", "squared-error"
)(lambda z, t: ((torch.softmax(z, 1) - F.one_hot(t, z.shape[1])) ** 2).sum(1).mean())
cross_entropy.mistake(
    "Each class is judged alone, by its own yes-or-no loss: only the true class's probability enters, "
    "and the softmax ties it to the others.",
    "class-by-class",
)(lambda z, t: F.binary_cross_entropy_with_logits(z, F.one_hot(t, z.shape[1]).to(z.dtype)))
