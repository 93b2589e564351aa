"""Exercise: dropout."""

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
        Where the chances come from; torch's global generator without one.

    Returns
    -------
    torch.Tensor
        As `input`.
    """
    if not training:
        return input
    if p == 1:
        return torch.zeros_like(input)
    kept = torch.rand(input.shape, generator=generator) >= p
    return input * kept / (1 - p)


DEVIATIONS = 5  # of a share from its expected value, in standard deviations, that chance does not explain
INDEPENDENT = ("generator", "generator, next", "generator, other seed", "global", "global, next")


def _close(one, other):
    return torch.allclose(one.double(), other.double(), rtol=1e-5, atol=1e-6)


def _mask_broken(input, p, outputs):
    """Judge what is kept, how much of it, and who decides."""
    kept = {name: output != 0 for name, output in outputs.items()}
    scales = {
        "The values that are kept are not scaled up.": 1.0,
        "The values that are kept are divided by p.": 1 / p,
        "The values that are kept are multiplied by 1 - p.": 1 - p,
    }
    if not all(_close(output, input * kept[name] / (1 - p)) for name, output in outputs.items()):
        found = (
            s for s, scale in scales.items() if all(_close(o, input * kept[n] * scale) for n, o in outputs.items())
        )
        yield next(found, "The values that are kept are not input / (1 - p).")
    shares = torch.stack([kept[name].double().mean() for name in INDEPENDENT])
    chance = DEVIATIONS * (p * (1 - p) / input.numel()) ** 0.5
    if ((shares - (1 - p)).abs() > chance).any():
        keeps_p = ((shares - p).abs() <= chance).all()
        yield "Values are kept with probability p." if keeps_p else "The share of dropped values is not p."
    elif (shares == shares[0]).all():
        yield "Exactly the same number of values is dropped every time."
    for axis in range(input.ndim):
        if all((mask == mask.select(axis, 0).unsqueeze(axis)).all() for mask in kept.values()):
            yield f"All values along axis {axis} are kept or dropped together."
    for name in ("generator", "global"):
        if torch.equal(kept[name], kept[f"{name}, next"]):
            yield f"Two calls with the same generator ({name}) drop the same values."
        if not torch.equal(kept[name], kept[f"{name}, same state"]):
            yield f"The same state of the generator ({name}) drops different values."


def _mask(
    *,
    shape=lambda shape: shape,
    kept=lambda chances, p: chances >= p,
    scale=lambda p: 1 / (1 - p) if p < 1 else 0.0,
    evaluation=lambda input, p: input,
    source=lambda generator: generator,
):
    """Make a wrong answer: a dropout in which a part can be another."""

    def answer(input, p, training, generator=None):
        if not training:
            return evaluation(input, p)
        mask = kept(torch.rand(shape(input.shape), generator=source(generator)), p)
        return input * mask * scale(p)

    return answer


_FEW = torch.tensor([[1.0, -2.0], [3.0, 4.0]])


@dropout.rules
def _broken(case, value):
    input, p = case.inputs["input"], case.inputs["p"]
    outputs = {name: output.double() for name, output in value.items()}
    if any(output.shape != input.shape for output in outputs.values()):
        yield "The result should have the input's shape."
        return
    if not all(output.isfinite().all() for output in outputs.values()):
        yield "Numbers come out that are not finite."
        return
    if not case.inputs["training"] or p in (0, 1):
        expected = input * (0.0 if case.inputs["training"] and p == 1 else 1.0)
        if not all(_close(output, expected) for output in outputs.values()):
            yield "This call leaves nothing to chance, and its result is another."
            if all(_close(output, input * (1 - p)) for output in outputs.values()):
                yield "The values are multiplied by 1 - p."
        return
    yield from _mask_broken(input.double(), p, outputs)


dropout.add_visible(
    case("evaluation: nothing happens", varies="mode", probe="drop", input=_FEW, p=0.5, training=False, seed=0),
    case("p = 0 in training", varies="setting zero", probe="drop", input=_FEW, p=0.0, training=True, seed=0),
    case("p = 1 in training", varies="setting extreme", probe="drop", input=_FEW, p=1.0, training=True, seed=0),
)


@dropout.random_cases
def _fresh(generator):
    for dtype, p in ((torch.float32, 0.3), (torch.float64, 0.8)):
        input = tensor(generator, 6, 5, 4, 7, dtype=dtype)
        yield case(
            f"many values, p={p}, with generators and without",
            varies="random setting",
            probe="drop",
            input=torch.where(input == 0, 1.0, input),  # a zero tells nothing about what was dropped
            p=p,
            training=True,
            seed=integer(generator, 0, 1000),
        )


dropout.mistake(
    "What is kept is not scaled up: divide it by 1 - p, or the values are smaller in training than later.", "not-scaled"
)(_mask(scale=lambda p: 1.0))
dropout.mistake(
    "Nothing is scaled in training and everything in evaluation: inverted dropout does it the other way round.",
    "scaled-in-evaluation",
)(_mask(scale=lambda p: 1.0, evaluation=lambda input, p: input * (1 - p)))
dropout.mistake(
    "The values are scaled in training and again in evaluation: in evaluation return the input as it is.",
    "scaled-twice",
)(_mask(evaluation=lambda input, p: input * (1 - p)))
dropout.mistake("What is kept is divided by p: divide by 1 - p, the probability of being kept.", "divided-by-p")(
    _mask(scale=lambda p: 1 / p if p else 1.0, kept=lambda chances, p: (chances >= p) & (p < 1))
)
dropout.mistake(
    "What is kept is multiplied by 1 - p: divide, so that the expected value stays what it was.", "multiplied"
)(_mask(scale=lambda p: 1 - p))
dropout.mistake(
    "Values are kept with probability p: p is the probability of being dropped.", "keeps-with-probability-p"
)(lambda input, p, training, generator=None: dropout(input, 1 - p, training, generator))
dropout.mistake(
    "Values are kept with probability p, but scaled for 1 - p: keep where the random number is at least p.",
    "wrong-way-round",
)(_mask(kept=lambda chances, p: chances < p, scale=lambda p: 1 / (1 - p) if p < 1 else 1.0))


@dropout.mistake("Values are dropped in evaluation too: there the input comes back as it is.")
def drops_in_evaluation(input, p, training, generator=None):
    return dropout(input, p, True, generator)


dropout.mistake("Nothing is dropped in training: each value becomes 0 with probability p.", "never-drops")(
    lambda input, p, training, generator=None: input
)


@dropout.mistake("For p = 1 zero is divided by zero: return zeros there.")
def not_finite_for_p_1(input, p, training, generator=None):
    if not training:
        return input
    kept = torch.rand(input.shape, generator=generator) >= p
    return input * kept / torch.tensor(1 - p, dtype=input.dtype)


dropout.mistake(
    "All samples lose the same values: draw one random number for every value, with the input's whole shape.",
    "one-mask-for-all-samples",
)(_mask(shape=lambda shape: (1, *shape[1:])))
dropout.mistake(
    "Whole samples are dropped: draw one random number for every value, with the input's whole shape.", "whole-samples"
)(_mask(shape=lambda shape: (shape[0], *[1] * (len(shape) - 1))))
dropout.mistake(
    "Whole channels are dropped: draw one random number for every value, with the input's whole shape.",
    "whole-channels",
)(_mask(shape=lambda shape: (*shape[:2], *[1] * (len(shape) - 2))))


@dropout.mistake("Exactly the share p is dropped: each value has its own chance, so the number varies.")
def exact_share(input, p, training, generator=None):
    if not training:
        return input
    if p == 1:
        return torch.zeros_like(input)
    order = torch.randperm(input.numel(), generator=generator).reshape(input.shape)
    return input * (order >= round(p * input.numel())) / (1 - p)


dropout.mistake("The generator is ignored: hand it to torch.rand, so that a run can be repeated.", "generator-ignored")(
    _mask(source=lambda generator: None)
)
dropout.mistake(
    "Every call drops the same values: draw from the generator as it is; do not seed one yourself.",
    "always-the-same-mask",
)(_mask(source=lambda generator: torch.Generator().manual_seed(0)))
dropout.mistake(
    "Without a generator every call drops the same values: draw from torch's global one, not from a new one.",
    "same-mask-without-generator",
)(_mask(source=lambda generator: generator or torch.Generator()))
