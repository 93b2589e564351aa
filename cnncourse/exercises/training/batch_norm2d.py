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


def layer(note, varies, input, gamma, beta, mean, var, training, state=True, **options):
    """Make a case; the running statistics are looked at afterwards with `state` only."""
    given = {"input": input, "gamma": gamma, "beta": beta, "running_mean": mean, "running_var": var}
    return case(note, varies=varies, probe="normalise", **given, training=training, state=state, options=options)


ONE, NONE = torch.ones(1), torch.zeros(1)
PIXELS = torch.tensor([1.0, 3]).reshape(2, 1, 1, 1)
TWO_CHANNELS = torch.tensor([[1.0, 10], [3, 30]]).reshape(2, 2, 1, 1)
SCALES, SHIFTS, ZEROS, ONES = torch.tensor([1.0, 2]), torch.tensor([0.0, -1]), torch.zeros(2), torch.ones(2)

batch_norm2d.add_visible(
    layer("two pixels: mean 2, variance 1", "batch state", PIXELS, ONE, NONE, NONE, ONE, True),
    layer("the same in evaluation", "mode", PIXELS, ONE, NONE, torch.tensor([1.0]), torch.tensor([4.0]), False),
    layer("a channel of zeros", "zero state", torch.zeros(2, 1, 1, 2), 2 * ONE, 3 * ONE, NONE, ONE, True),
    layer(
        "a scale and a shift for each channel", "channels batch state", TWO_CHANNELS, SCALES, SHIFTS, ZEROS, ONES, True
    ),
)


@batch_norm2d.random_cases
def fresh(generator):
    def drawn(note, varies, shape, training=True, dtype=torch.float32, scale=3, centre=5, **options):
        gamma, beta, mean = (1 + tensor(generator, shape[1], dtype=dtype).abs() for _ in range(3))
        var = torch.rand(shape[1], generator=generator, dtype=dtype) + 1
        input = tensor(generator, *shape, dtype=dtype) * scale + centre
        state = not training or "state" in varies
        return layer(note, varies, input, gamma, beta, mean, var, training, state, **options)

    one = 1, 1, 3, 4
    yield drawn("one image, one channel", "basic", one)
    yield drawn("evaluation", "mode", one, training=False)
    yield drawn("evaluation of one pixel", "mode", (1, 1, 1, 1), training=False)
    yield drawn("as wide as it has channels", "channels", (1, 3, 2, 3))
    yield drawn("three images", "batch", (3, 1, 2, 2))
    yield drawn("the running statistics", "state", one)
    yield drawn("the running statistics, momentum 0.3", "state", one, momentum=0.3)
    yield drawn("eps 0.5", "setting", one, eps=0.5)
    yield drawn("a channel of zeros", "zero", one, scale=0, centre=0)
    yield drawn("float64", "dtype", one, dtype=torch.float64, scale=30)
    for training in (True, False):
        tags = "batch channels setting state dtype" + ("" if training else " mode")
        shape, options = (2, 3, integer(generator, 1, 3), 4), {"momentum": 0.3, "eps": 0.1}
        yield drawn(f"everything at once, training={training}", tags, shape, training, torch.float64, **options)


batch_norm2d.mistake(
    "The batch is divided by the unbiased variance: use the biased one there (correction=0).",
    "unbiased-in-the-fraction",
)(batch_norm2d.edited("correction=0", "correction=1", " * count / (count - 1)", ""))
batch_norm2d.mistake(
    "The running variance gets the biased variance: use the unbiased one, over n - 1.", "biased-in-the-running-variance"
)(batch_norm2d.edited(" * count / (count - 1)", ""))


def statistics_over(*dims):
    """Make a wrong answer that takes mean and variance over other axes in training."""

    def answer(input, gamma, beta, running_mean, running_var, training, **options):
        right = batch_norm2d(input, gamma, beta, running_mean, running_var, training, **options)
        if not training:
            return right
        variance, mean = torch.var_mean(input, dims, correction=0, keepdim=True)
        values = (input - mean) / torch.sqrt(variance + options.get("eps", 1e-5))
        return gamma[:, None, None] * values + beta[:, None, None]

    return answer


batch_norm2d.mistake(
    "Mean and variance are taken for each image alone: take them over the batch as well (dims 0, 2 and 3).", "per-image"
)(statistics_over(2, 3))
batch_norm2d.mistake(
    "Mean and variance are taken over the channels as well: each channel has its own.", "over-channels-too"
)(statistics_over(0, 1, 2, 3))
batch_norm2d.mistake(
    "All channels of an image share one mean: each channel has its own, over all images.", "over-channels-of-one-image"
)(statistics_over(1, 2, 3))
batch_norm2d.mistake(
    "Each position has its own mean: take it over the positions as well (dims 0, 2 and 3).", "over-the-batch-only"
)(statistics_over(0))
batch_norm2d.mistake(
    "The two weights are swapped: `momentum` is for the batch, 1 - momentum for the running value.", "momentum-swapped"
)(batch_norm2d.edited("mul_(1 - momentum).add_(momentum", "mul_(momentum).add_((1 - momentum)"))
batch_norm2d.mistake(
    "The running statistics that you are given stay as they are: in training change them in place, as `mul_` "
    "and `add_` do (`running_mean = ...` only makes a new tensor).",
    "running-not-updated",
)(batch_norm2d.edited("mul_", "mul", "add_", "add"))


@batch_norm2d.mistake("The running statistics change in evaluation too: there they are only read.")
def running_updated_in_evaluation(input, gamma, beta, running_mean, running_var, training, **options):
    output = batch_norm2d(input, gamma, beta, running_mean, running_var, training, **options)
    if not training:
        batch_norm2d(input, gamma, beta, running_mean, running_var, True, **options)
    return output


batch_norm2d.mistake(
    "Only the running mean is updated: update the running variance as well.", "running-variance-not-updated"
)(batch_norm2d.edited("running_var.mul_", "running_var.mul"))
batch_norm2d.mistake(
    "The batch's own statistics are used in evaluation: use the running ones there.", "batch-in-evaluation"
)(
    batch_norm2d.edited(
        "mean, variance = running_mean, running_var", "variance, mean = torch.var_mean(input, (0, 2, 3), correction=0)"
    )
)


@batch_norm2d.mistake("The running statistics are used in training: use the batch's own there.")
def running_in_training(input, gamma, beta, running_mean, running_var, training, **options):
    output = batch_norm2d(input, gamma, beta, running_mean, running_var, False, **options)
    if training:
        batch_norm2d(input, gamma, beta, running_mean, running_var, True, **options)
    return output


batch_norm2d.mistake(
    "`eps` is added to the standard deviation: add it to the variance, under the root.", "eps-outside-the-root"
)(batch_norm2d.edited("torch.sqrt(variance + eps)", "(torch.sqrt(variance) + eps)"))
batch_norm2d.mistake("`eps` is left out: a channel that is constant is divided by 0.", "eps-forgotten")(
    batch_norm2d.edited("variance + eps", "variance")
)
batch_norm2d.mistake("The root is missing: divide by the standard deviation, not by the variance.", "root-forgotten")(
    batch_norm2d.edited("torch.sqrt(variance + eps)", "(variance + eps)")
)
batch_norm2d.mistake("`gamma` and `beta` are left out: multiply by `gamma` and add `beta`.", "no-scale-and-shift")(
    batch_norm2d.edited("gamma * (", "(", " + beta", "")
)
batch_norm2d.mistake("`beta` is left out: add each channel's at the end.", "shift-forgotten")(
    batch_norm2d.edited(" + beta", "")
)
batch_norm2d.mistake(
    "`gamma` and `beta` run along the width: give them the shape (C, 1, 1), for the channels.",
    "scale-on-the-wrong-axis",
)(batch_norm2d.edited("mean, variance, gamma, beta", "mean, variance"))
