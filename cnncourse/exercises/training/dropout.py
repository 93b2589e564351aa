"""Exercise: dropout."""

import math

import numpy as np
import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=4, minutes=12)
def dropout(input, p, training, generator=None):
    """Set each value to 0 with probability p and scale the others up; do nothing in evaluation.

    Parameters
    ----------
    input : torch.Tensor
        Any shape, floats.
    p : float
        Probability of dropping a value, 0 <= p <= 1; p = 1 gives zeros.
    training : bool
    generator : torch.Generator, optional
        Draws the random numbers; by default torch's global generator does.

    Returns
    -------
    torch.Tensor
        Of the shape of `input`.
    """
    if not training:
        return input
    if p == 1:
        return torch.zeros_like(input)
    kept = torch.rand(input.shape, generator=generator) >= p
    return input * kept / (1 - p)


def drop(note, varies, input, p, training, seed=0):
    return case(note, varies=varies, probe="drop", input=input, p=p, training=training, seed=seed)


FEW = torch.tensor([[1.0, -2], [3, 4]])

dropout.add_visible(
    drop("evaluation: nothing happens", "mode", FEW, 0.5, False),
    drop("p = 0 in training", "zero", FEW, 0.0, True),
    drop("p = 1 in training", "extreme", FEW, 1.0, True),
)


@dropout.random_cases
def fresh(generator):
    def drawn(note, varies, p, training=True, dtype=torch.float32):
        input = tensor(generator, 6, 5, 4, 7, dtype=dtype)
        input = torch.where(input == 0, 1.0, input)  # a zero does not show whether it was dropped
        return drop(note, varies, input, p, training, integer(generator, 0, 1000))

    yield drawn("many values, p = 0.5", "basic", 0.5)
    yield drawn("many values, p = 0.5, with generators and without", "random", 0.5)
    yield drawn("p = 0.3, with generators and without", "random setting", 0.3)
    yield drawn("p = 0.8", "setting", 0.8)
    yield drawn("p drawn at random", "setting", integer(generator, 55, 75) / 100)
    yield drawn("evaluation, p = 0.3", "mode", 0.3, training=False)
    yield drawn("evaluation, p = 1", "mode", 1.0, training=False)
    yield drawn("p = 0 in training", "zero", 0.0)
    yield drawn("p = 1 in training", "extreme", 1.0)
    yield drawn("float64, p = 0.8", "random setting dtype", 0.8, dtype=torch.float64)
    yield drawn("float64, p = 0.5", "dtype", 0.5, dtype=torch.float64)


@dropout.rules
def broken(case, value):
    input, p, training = (case.inputs[name] for name in ("input", "p", "training"))
    types = {output.dtype for output in value.values()}
    outputs = {name: output.double() for name, output in value.items()}
    if any(output.shape != input.shape for output in outputs.values()):
        yield "The result should have the input's shape."
    elif not all(output.isfinite().all() for output in outputs.values()):
        yield "The result contains numbers that are not finite."
    elif "dtype" in case.varies and types != {input.dtype}:
        yield "The result should have the input's number type."
    elif training and 0 < p < 1:
        kept = {name: output != 0 for name, output in outputs.items()}
        if "setting" in case.varies:
            yield from scale_broken(input.double(), p, outputs, kept)
        yield from share_broken(p, kept)
        if "random" in case.varies:
            yield from randomness_broken(kept)
    else:
        expected = torch.zeros_like(input) if training and p == 1 else input
        if not all(close(output, expected) for output in outputs.values()):
            yield "This call leaves nothing to chance, and it should give another result."
            if all(close(output, input * (1 - p)) for output in outputs.values()):
                yield "The values are multiplied by 1 - p."


def close(one, other):
    return torch.allclose(one.double(), other.double(), rtol=1e-5, atol=1e-6)


DEVIATIONS = 5  # standard deviations by which a share may differ from its expected value by chance
INDEPENDENT = ("generator", "generator, next", "generator, other seed", "global", "global, next")


def scale_broken(input, p, outputs, kept):
    """Check how the kept values are scaled."""

    def scaled(factor):
        return all(close(output, input * kept[name] * factor) for name, output in outputs.items())

    if not scaled(1 / (1 - p)):
        known = {"not scaled up": 1.0, "divided by p": 1 / p, "multiplied by 1 - p": 1 - p}
        what = next((what for what, factor in known.items() if scaled(factor)), "not input / (1 - p)")
        yield f"The values that are kept are {what}."


def common_axes(kept):
    """List the axes along which all values are kept or dropped together."""
    return [
        axis
        for axis in range(kept["global"].ndim)
        if all((mask == mask.select(axis, 0).unsqueeze(axis)).all() for mask in kept.values())
    ]


def share_broken(p, kept):
    """Check how many values are kept, given how many are decided independently."""
    shares = torch.stack([kept[name].double().mean() for name in INDEPENDENT])
    together = common_axes(kept)
    sizes = [size for axis, size in enumerate(kept["global"].shape) if axis not in together]
    decided = math.prod(sizes or kept["global"].shape)  # where all or none are kept, nothing was decided
    chance = DEVIATIONS * (p * (1 - p) / decided) ** 0.5
    if ((shares - (1 - p)).abs() > chance).any():
        keeps_p = ((shares - p).abs() <= chance).all()
        yield "Values are kept with probability p." if keeps_p else "The share of dropped values is not p."


def randomness_broken(kept):
    """Check that chance decides about each value on its own, and that the generator decides about chance."""
    if len({int(kept[name].sum()) for name in INDEPENDENT}) == 1:
        yield "Exactly the same number of values is dropped every time."
    for axis in common_axes(kept):
        yield f"All values along axis {axis} are kept or dropped together."
    for name in ("generator", "global"):
        if torch.equal(kept[name], kept[f"{name}, next"]):
            yield f"Two calls with the same generator ({name}) drop the same values."
        if not torch.equal(kept[name], kept[f"{name}, same state"]):
            yield f"The same state of the generator ({name}) drops different values."


dropout.mistake(
    "What is kept is not scaled up: divide it by 1 - p, or the values are smaller in training than later.", "not-scaled"
)(dropout.edited(" / (1 - p)", ""))
dropout.mistake(
    "The values are scaled in evaluation instead of training: divide by 1 - p in training.", "scaled-in-evaluation"
)(dropout.edited(" / (1 - p)", "", "return input\n", "return input * (1 - p)\n"))
dropout.mistake(
    "The values are scaled in training and again in evaluation: return the input as it is there.", "scaled-twice"
)(dropout.edited("return input\n", "return input * (1 - p)\n"))
dropout.mistake("What is kept is divided by p: divide by 1 - p, the probability of being kept.", "divided-by-p")(
    dropout.edited("(1 - p)", "(p or 1)")
)
dropout.mistake(
    "What is kept is multiplied by 1 - p: divide, so that the expected value stays what it was.", "multiplied"
)(dropout.edited("/ (1 - p)", "* (1 - p)"))
dropout.mistake(
    "Values are kept with probability p: p is the probability of being dropped.", "keeps-with-probability-p"
)(lambda input, p, training, generator=None: dropout(input, 1 - p, training, generator))
dropout.mistake(
    "Values are kept with probability p, but scaled for 1 - p: keep those with a number >= p.", "wrong-way-round"
)(dropout.edited(">= p", "< p", "torch.zeros_like(input)", "input"))
dropout.mistake("Values are dropped in evaluation too: return the input as it is there.", "drops-in-evaluation")(
    lambda input, p, training, generator=None: dropout(input, p, True, generator)
)
dropout.mistake("Nothing is dropped in training: set each value to 0 with probability p.", "never-drops")(
    lambda input, p, training, generator=None: input
)
dropout.mistake("For p = 1 zero is divided by zero: return zeros there.", "not-finite-for-p-1")(
    dropout.edited("p == 1", "False")
)
dropout.mistake(
    "All samples lose the same values: draw one random number for every value.", "one-mask-for-all-samples"
)(dropout.edited("rand(input.shape", "rand(input.shape[1:]"))
dropout.mistake("Whole samples are dropped: draw one random number for every value.", "whole-samples")(
    dropout.edited("rand(input.shape", "rand(len(input), *[1] * (input.ndim - 1)")
)
dropout.mistake("Whole channels are dropped: draw one random number for every value.", "whole-channels")(
    dropout.edited("rand(input.shape", "rand(*input.shape[:2], *[1] * (input.ndim - 2)")
)


@dropout.mistake("Exactly the share p is dropped: decide for each value on its own, so that the number varies.")
def exact_share(input, p, training, generator=None):
    if not training:
        return input
    order = torch.randperm(input.numel(), generator=generator).reshape(input.shape)
    return input * (order >= round(p * input.numel())) / (1 - p if p < 1 else 1)


dropout.mistake("The generator is ignored: pass it to torch.rand, so that a run can be repeated.", "generator-ignored")(
    dropout.edited(", generator=generator", "")
)
dropout.mistake(
    "Every call drops the same values: use the generator that is given; do not seed one.", "always-the-same-mask"
)(dropout.edited("generator=generator", "generator=torch.Generator().manual_seed(0)"))
dropout.mistake(
    "Without a generator every call drops the same values: use torch's global one.", "same-mask-without-generator"
)(dropout.edited("generator=generator", "generator=generator or torch.Generator()"))


@dropout.mistake(
    "NumPy's or Python's random numbers decide what is dropped: use torch.rand with `generator`, so that "
    "torch's seed or the generator decides."
)
def randomness_of_numpy(input, p, training, generator=None):
    if not training:
        return input
    kept = torch.from_numpy(np.random.rand(*input.shape) >= p)  # noqa: NPY002 - the mistake
    return input * kept / (1 - p) if p < 1 else torch.zeros_like(input)
