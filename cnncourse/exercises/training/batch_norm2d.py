"""Exercise: batch normalisation, in training and in evaluation."""

import torch

from .. import drawing
from ..record import Exercise, Misconception, case


def batch_norm2d(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    """Give every channel mean 0 and variance 1, then its own scale and shift.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C, H, W)
    gamma, beta : torch.Tensor, shape (C,)
        Scale and shift.
    running_mean, running_var : torch.Tensor, shape (C,)
        Updated in place in training, used in evaluation.
    training : bool
    momentum : float, default 0.1
        Weight of this batch in the running statistics.
    eps : float, default 1e-5
        Added to the variance under the root.

    Returns
    -------
    torch.Tensor, shape (N, C, H, W)
    """
    if training:
        mean = input.mean(dim=(0, 2, 3))
        variance = input.var(dim=(0, 2, 3), correction=0)
        count = input.numel() // input.shape[1]
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * variance * count / (count - 1))
    else:
        mean, variance = running_mean, running_var
    mean, variance, gamma, beta = (values[:, None, None] for values in (mean, variance, gamma, beta))
    return gamma * (input - mean) / torch.sqrt(variance + eps) + beta


def _norm(
    *,
    over=(0, 2, 3),
    correction=0,
    running_correction=1,
    root=lambda variance, eps: torch.sqrt(variance + eps),
    update_in_training=True,
    update_in_evaluation=False,
    use_batch=lambda training: training,
    affine=lambda values, gamma, beta: gamma * values + beta,
    weights=lambda momentum: (1 - momentum, momentum),
    var_updated=True,
):
    """Make a wrong answer: batch normalisation in which a part can be another."""

    def answer(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
        mean = input.mean(dim=over, keepdim=True)
        variance = input.var(dim=over, correction=correction, keepdim=True)
        old_mean, old_var = running_mean.clone(), running_var.clone()
        if update_in_training if training else update_in_evaluation:
            keep, take = weights(momentum)
            running_mean.mul_(keep).add_(take * input.mean(dim=(0, 2, 3)))
            if var_updated:
                running_var.mul_(keep).add_(take * input.var(dim=(0, 2, 3), correction=running_correction))
        if not use_batch(training):
            mean, variance = old_mean[:, None, None], old_var[:, None, None]
        values = (input - mean) / root(variance, eps)
        return affine(values, gamma[:, None, None], beta[:, None, None])

    return answer


def _scale_on_the_wrong_axis(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    plain = batch_norm2d(
        input, torch.ones_like(gamma), torch.zeros_like(beta), running_mean, running_var, training, momentum, eps
    )
    return gamma * plain + beta


def _layer(note, input, gamma, beta, mean, var, training, tolerance=None, **options):
    return case(
        note,
        probe="normalise",
        tolerance=tolerance,
        input=input,
        gamma=gamma,
        beta=beta,
        running_mean=mean,
        running_var=var,
        training=training,
        options=options,
    )


def _fresh(generator):
    for training, dtype, options in (
        (True, torch.float32, {}),
        (False, torch.float32, {}),
        (True, torch.float64, {"momentum": 0.3, "eps": 0.1}),
        (False, torch.float64, {"momentum": 0.3, "eps": 0.1}),
        (True, torch.float32, {"eps": 0.5}),
    ):
        height = drawing.integer(generator, 1, 3)
        vectors = [drawing.tensor(generator, 3, dtype=dtype) for _ in range(3)]
        yield _layer(
            f"two images, three channels, training={training}, {options or 'the defaults'}",
            drawing.tensor(generator, 2, 3, height, 4, dtype=dtype) * 3 + 5,
            *vectors,
            torch.rand(3, generator=generator, dtype=dtype) + 0.5,
            training,
            **options,
        )
    yield _layer(
        "a batch of one, as wide as it has channels",
        drawing.tensor(generator, 1, 3, 2, 3),
        *(drawing.tensor(generator, 3) for _ in range(3)),
        torch.ones(3),
        True,
    )


_PIXELS = torch.tensor([1.0, 3.0]).reshape(2, 1, 1, 1)
_PLAIN = (torch.ones(1), torch.zeros(1))

EXERCISE = Exercise(
    solved=batch_norm2d,
    chapter="training",
    prompt="""
Deep networks train better when every layer gets numbers of a steady size. In training, take mean and variance of each
channel over the whole batch, all samples and all positions; subtract, divide by `sqrt(variance + eps)`, then multiply
by the channel's `gamma` and add its `beta`. One image must not depend on its neighbours when the network is used, so
also keep running statistics: in training only, and in place, `running = (1 - momentum) * running + momentum * batch`.
In evaluation use these instead. As in torch, the batch is divided by its *biased* variance (over n), while the running
variance takes the *unbiased* one (over n - 1).
""",
    objectives=("take statistics over the right axes", "tell training from evaluation", "update state in place"),
    out_of_scope=(
        "a single value a channel in training, which has no variance",
        "`gamma`, `beta` or statistics left out",
    ),
    visible=(
        _layer("two pixels: mean 2, variance 1", _PIXELS, *_PLAIN, torch.zeros(1), torch.ones(1), True),
        _layer("the same in evaluation", _PIXELS, *_PLAIN, torch.tensor([1.0]), torch.tensor([4.0]), False),
        _layer(
            "a channel of zeros",
            torch.zeros(2, 1, 1, 2),
            torch.tensor([2.0]),
            torch.tensor([3.0]),
            torch.zeros(1),
            torch.ones(1),
            True,
        ),
        _layer(
            "a scale and a shift for each channel",
            torch.tensor([[1.0, 10.0], [3.0, 30.0]]).reshape(2, 2, 1, 1),
            torch.tensor([1.0, 2.0]),
            torch.tensor([0.0, -1.0]),
            torch.zeros(2),
            torch.ones(2),
            True,
        ),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "unbiased-in-the-fraction",
            "The batch is divided by the unbiased variance: use the biased one (correction=0) there.",
            _norm(correction=1),
        ),
        Misconception(
            "biased-in-the-running-variance",
            "The running variance takes the biased variance: torch gives it the unbiased one, over n - 1.",
            _norm(running_correction=0),
        ),
        Misconception(
            "per-image",
            "Mean and variance are taken for each image alone: take them over the batch as well (dims 0, 2 and 3).",
            _norm(over=(2, 3)),
        ),
        Misconception(
            "over-channels-too",
            "Mean and variance are taken over the channels as well: each channel has its own.",
            _norm(over=(0, 1, 2, 3)),
        ),
        Misconception(
            "over-channels-of-one-image",
            "All channels of an image share one mean: each channel has its own, over all images.",
            _norm(over=(1, 2, 3)),
        ),
        Misconception(
            "over-the-batch-only",
            "Each position has its own mean: take it over the positions as well (dims 0, 2 and 3).",
            _norm(over=(0,)),
        ),
        Misconception(
            "momentum-swapped",
            "The running statistics forget too fast: `momentum` is the new batch's weight, 1 - momentum the old one's.",
            _norm(weights=lambda momentum: (momentum, 1 - momentum)),
        ),
        Misconception(
            "running-not-updated",
            "The running statistics that you are given stay as they are: in training change them in place, as `mul_` "
            "and `add_` do (`running_mean = ...` only makes a new tensor).",
            _norm(update_in_training=False),
        ),
        Misconception(
            "running-updated-in-evaluation",
            "The running statistics move in evaluation too: there they are only read.",
            _norm(update_in_evaluation=True),
        ),
        Misconception(
            "running-variance-not-updated",
            "Only the running mean is updated: the running variance moves as well.",
            _norm(var_updated=False),
        ),
        Misconception(
            "batch-in-evaluation",
            "The batch's own statistics are used in evaluation: use the running ones there.",
            _norm(use_batch=lambda training: True),
        ),
        Misconception(
            "running-in-training",
            "The running statistics are used in training: use the batch's own there.",
            _norm(use_batch=lambda training: False),
        ),
        Misconception(
            "eps-outside-the-root",
            "`eps` is added to the standard deviation: it belongs under the root, beside the variance.",
            _norm(root=lambda variance, eps: torch.sqrt(variance) + eps),
        ),
        Misconception(
            "eps-forgotten",
            "`eps` is left out: a channel that is constant is divided by 0.",
            _norm(root=lambda variance, eps: torch.sqrt(variance)),
        ),
        Misconception(
            "root-forgotten",
            "The root is missing: divide by the standard deviation, not by the variance.",
            _norm(root=lambda variance, eps: variance + eps),
        ),
        Misconception(
            "no-scale-and-shift",
            "`gamma` and `beta` are left out: multiply by the one and add the other.",
            _norm(affine=lambda values, gamma, beta: values),
        ),
        Misconception(
            "shift-forgotten",
            "`beta` is left out: add each channel's at the end.",
            _norm(affine=lambda values, gamma, beta: gamma * values),
        ),
        Misconception(
            "scale-on-the-wrong-axis",
            "`gamma` and `beta` run along the width: they belong to the channels, so give them the shape (C, 1, 1).",
            _scale_on_the_wrong_axis,
        ),
    ),
    hints=(
        "Which axes disappear when each channel gets one mean?",
        "`input.mean(dim=(0, 2, 3))` and `input.var(dim=(0, 2, 3), correction=0)`; shape them (C, 1, 1) to subtract.",
        "`running_mean.mul_(1 - momentum).add_(momentum * mean)`; the same for the variance times n / (n - 1).",
    ),
    points=7,
    minutes=25,
    prerequisites=("evaluate",),
)
