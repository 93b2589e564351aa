"""Exercise: the loss of a classifier, from its logits."""

import torch
import torch.nn.functional as F

from .. import drawing
from ..judging import Observation, agree, judge_by_value
from ..record import Exercise, Misconception, case
from .softmax import LOGITS_1000


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


def _one_hot_from_data(logits, targets):
    return -(torch.log_softmax(logits, 1) * F.one_hot(targets)).sum(1).mean()


def _as_tensor(observation):
    """Take a float for the scalar tensor that it stands for: a loop over floats is a right style."""
    value = observation.value
    scalar = torch.tensor(value) if type(value) is float else value
    return Observation(**{**vars(observation), "value": scalar})


def _fresh(generator):
    for dtype in (torch.float32, torch.float64):
        classes = drawing.integer(generator, 4, 6)
        yield case(
            f"scores drawn at random, {str(dtype).removeprefix('torch.')}",
            logits=drawing.tensor(generator, 5, classes, dtype=dtype),
            targets=torch.randint(0, classes - 1, (5,), generator=generator),  # the last class is not there
        )
    yield case(
        "as many samples as classes",
        logits=drawing.tensor(generator, 3, 3),
        targets=torch.tensor([2, 0, 0]),
    )


EXERCISE = Exercise(
    solved=cross_entropy,
    chapter="training",
    prompt="""
How wrong is a classifier? Take the probability that the softmax gives to each sample's true class; minus its logarithm
is 0 when the network is certain and right, and large when it is certain and wrong. Average over the samples. Work from
the logits: a probability that rounds to 0 has no finite logarithm, while `log softmax(z)[t]` is simply
`z[t] - logsumexp(z)`. Scores of +-1000 must give a finite, right loss. `F.cross_entropy` and `F.nll_loss` are refused;
`torch.log_softmax` and `torch.logsumexp` are welcome.
""",
    objectives=("write the loss that classifiers train on", "stay in logarithms, where nothing overflows"),
    out_of_scope=("class weights, label smoothing, ignored targets",),
    visible=(
        case("no preference: log 2", logits=torch.zeros(1, 2), targets=torch.tensor([1])),
        case(
            "two samples, three classes",
            logits=torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 0.0]]),
            targets=torch.tensor([2, 1]),
        ),
        case(
            "certain and wrong",
            logits=torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, 1000.0, 990.0], [0.0, 1.0, 2.0]]),
            targets=torch.tensor([2, 1, 0]),
            tolerance=LOGITS_1000,
        ),
    ),
    fresh=_fresh,
    judge=lambda case, observed, expected: judge_by_value(case, _as_tensor(observed), expected),
    agrees=lambda case, one, other: agree(case, _as_tensor(one), _as_tensor(other)),
    misconceptions=(
        Misconception(
            "softmax-twice",
            "The softmax is applied twice: probabilities are turned into probabilities again.",
            _from(lambda z: torch.softmax(z, 1), _exact),
        ),
        Misconception(
            "overflow",
            "The exponentials overflow for large scores: use log_softmax or logsumexp, which subtract the maximum.",
            _from(_naive),
        ),
        Misconception(
            "log-of-zero",
            "A probability rounds to 0 and its logarithm is infinite: stay in logarithms (log_softmax, logsumexp).",
            _from(),
        ),
        Misconception(
            "log-clipped",
            "A small number keeps the logarithm of 0 away, but caps the loss: stay in logarithms instead.",
            _from(log=lambda p: torch.log(p.clamp(min=1e-9))),
        ),
        Misconception(
            "sum",
            "The losses are summed: take the mean over the samples.",
            _from(lambda z: z, _exact, torch.sum),
        ),
        Misconception(
            "not-averaged",
            "One loss a sample is returned: take their mean.",
            _from(lambda z: z, _exact, lambda losses: losses),
        ),
        Misconception(
            "divided-by-classes",
            "The mean goes over samples and classes: only one class a sample counts, so divide by the samples alone.",
            _all_classes(torch.mean),
        ),
        Misconception(
            "divided-by-number-of-classes",
            "The sum is divided by the number of classes: divide by the number of samples.",
            _all_classes(lambda losses: losses.sum() / losses.shape[1]),
        ),
        Misconception(
            "sign", "The sign is missing: the loss is minus the logarithm.", lambda z, t: -cross_entropy(z, t)
        ),
        Misconception(
            "every-target-for-every-sample",
            "Every sample is paired with every target: `log_p[:, targets]` is (N, N); index with "
            "`log_p[torch.arange(N), targets]`.",
            _from(lambda z: z, _exact, pick=lambda log_p, t: log_p[:, t]),
        ),
        Misconception(
            "logits-as-probabilities",
            "The logarithm is taken of the scores themselves: they are logits, not probabilities.",
            _from(lambda z: z),
        ),
        Misconception(
            "no-normalisation",
            "Only the true class's score counts: the others enter through the sum of exponentials.",
            _from(lambda z: z, lambda z: z),
        ),
        Misconception(
            "over-samples",
            "The softmax runs over the samples: it runs over the classes, dim 1.",
            _from(lambda z: z, lambda z: torch.log_softmax(z, 0)),
        ),
        Misconception(
            "one-hot-too-narrow",
            "The one-hot table has only as many columns as the largest target: tell it the number of classes.",
            _one_hot_from_data,
        ),
        Misconception(
            "squared-error",
            "This is the squared error of the probabilities: take minus the logarithm of the true class's.",
            lambda z, t: ((torch.softmax(z, 1) - F.one_hot(t, z.shape[1])) ** 2).sum(1).mean(),
        ),
        Misconception(
            "class-by-class",
            "Each class is judged alone, by its own yes-or-no loss: only the true class's probability enters, "
            "and the softmax ties it to the others.",
            lambda z, t: F.binary_cross_entropy_with_logits(z, F.one_hot(t, z.shape[1]).to(z.dtype)),
        ),
    ),
    hints=(
        "What is the logarithm of a fraction? Write `log softmax(z)[t]` as a difference.",
        "`logits[torch.arange(N), targets]` picks each sample's true score.",
        "The mean of `torch.logsumexp(logits, dim=1) - logits[torch.arange(N), targets]`.",
    ),
    points=4,
    minutes=15,
    prerequisites=("softmax",),
    refuses=("cross_entropy",),
)
