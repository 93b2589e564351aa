"""Exercise: batch normalisation, in training and in evaluation."""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=7, minutes=25, after="evaluate")
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


def _layer(note, varies, input, gamma, beta, mean, var, training, tolerance=None, **options):
    return case(
        note,
        varies=varies,
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


_PIXELS = torch.tensor([1.0, 3.0]).reshape(2, 1, 1, 1)
_PLAIN = (torch.ones(1), torch.zeros(1))


batch_norm2d.add_visible(
    _layer("two pixels: mean 2, variance 1", "basic", _PIXELS, *_PLAIN, torch.zeros(1), torch.ones(1), True),
    _layer("the same in evaluation", "mode", _PIXELS, *_PLAIN, torch.tensor([1.0]), torch.tensor([4.0]), False),
    _layer(
        "a channel of zeros",
        "zero",
        torch.zeros(2, 1, 1, 2),
        torch.tensor([2.0]),
        torch.tensor([3.0]),
        torch.zeros(1),
        torch.ones(1),
        True,
    ),
    _layer(
        "a scale and a shift for each channel",
        "channels setting",
        torch.tensor([[1.0, 10.0], [3.0, 30.0]]).reshape(2, 2, 1, 1),
        torch.tensor([1.0, 2.0]),
        torch.tensor([0.0, -1.0]),
        torch.zeros(2),
        torch.ones(2),
        True,
    ),
)


@batch_norm2d.random_cases
def _fresh(generator):
    for training, dtype, options in (
        (True, torch.float32, {}),
        (False, torch.float32, {}),
        (True, torch.float64, {"momentum": 0.3, "eps": 0.1}),
        (False, torch.float64, {"momentum": 0.3, "eps": 0.1}),
        (True, torch.float32, {"eps": 0.5}),
    ):
        height = integer(generator, 1, 3)
        vectors = [tensor(generator, 3, dtype=dtype) for _ in range(3)]
        yield _layer(
            f"two images, three channels, training={training}, {options or 'the defaults'}",
            "batch channels mode setting",
            tensor(generator, 2, 3, height, 4, dtype=dtype) * 3 + 5,
            *vectors,
            torch.rand(3, generator=generator, dtype=dtype) + 0.5,
            training,
            **options,
        )
    yield _layer(
        "a batch of one, as wide as it has channels",
        "batch axis",
        tensor(generator, 1, 3, 2, 3),
        *(tensor(generator, 3) for _ in range(3)),
        torch.ones(3),
        True,
    )


batch_norm2d.mistake(
    "The batch is divided by the unbiased variance: use the biased one (correction=0) there.",
    "unbiased-in-the-fraction",
)(_norm(correction=1))
batch_norm2d.mistake(
    "The running variance takes the biased variance: torch gives it the unbiased one, over n - 1.",
    "biased-in-the-running-variance",
)(_norm(running_correction=0))
batch_norm2d.mistake(
    "Mean and variance are taken for each image alone: take them over the batch as well (dims 0, 2 and 3).", "per-image"
)(_norm(over=(2, 3)))
batch_norm2d.mistake(
    "Mean and variance are taken over the channels as well: each channel has its own.", "over-channels-too"
)(_norm(over=(0, 1, 2, 3)))
batch_norm2d.mistake(
    "All channels of an image share one mean: each channel has its own, over all images.", "over-channels-of-one-image"
)(_norm(over=(1, 2, 3)))
batch_norm2d.mistake(
    "Each position has its own mean: take it over the positions as well (dims 0, 2 and 3).", "over-the-batch-only"
)(_norm(over=(0,)))
batch_norm2d.mistake(
    "The running statistics forget too fast: `momentum` is the new batch's weight, 1 - momentum the old one's.",
    "momentum-swapped",
)(_norm(weights=lambda momentum: (momentum, 1 - momentum)))
batch_norm2d.mistake(
    "The running statistics that you are given stay as they are: in training change them in place, as `mul_` "
    "and `add_` do (`running_mean = ...` only makes a new tensor).",
    "running-not-updated",
)(_norm(update_in_training=False))
batch_norm2d.mistake(
    "The running statistics move in evaluation too: there they are only read.", "running-updated-in-evaluation"
)(_norm(update_in_evaluation=True))
batch_norm2d.mistake(
    "Only the running mean is updated: the running variance moves as well.", "running-variance-not-updated"
)(_norm(var_updated=False))
batch_norm2d.mistake(
    "The batch's own statistics are used in evaluation: use the running ones there.", "batch-in-evaluation"
)(_norm(use_batch=lambda training: True))
batch_norm2d.mistake("The running statistics are used in training: use the batch's own there.", "running-in-training")(
    _norm(use_batch=lambda training: False)
)
batch_norm2d.mistake(
    "`eps` is added to the standard deviation: it belongs under the root, beside the variance.", "eps-outside-the-root"
)(_norm(root=lambda variance, eps: torch.sqrt(variance) + eps))
batch_norm2d.mistake("`eps` is left out: a channel that is constant is divided by 0.", "eps-forgotten")(
    _norm(root=lambda variance, eps: torch.sqrt(variance))
)
batch_norm2d.mistake("The root is missing: divide by the standard deviation, not by the variance.", "root-forgotten")(
    _norm(root=lambda variance, eps: variance + eps)
)
batch_norm2d.mistake("`gamma` and `beta` are left out: multiply by the one and add the other.", "no-scale-and-shift")(
    _norm(affine=lambda values, gamma, beta: values)
)
batch_norm2d.mistake("`beta` is left out: add each channel's at the end.", "shift-forgotten")(
    _norm(affine=lambda values, gamma, beta: gamma * values)
)


@batch_norm2d.mistake(
    "`gamma` and `beta` run along the width: they belong to the channels, so give them the shape (C, 1, 1)."
)
def scale_on_the_wrong_axis(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    plain = batch_norm2d(
        input, torch.ones_like(gamma), torch.zeros_like(beta), running_mean, running_var, training, momentum, eps
    )
    return gamma * plain + beta
