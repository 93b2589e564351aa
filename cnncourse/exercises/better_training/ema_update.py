"""Exercise: one step of an exponential moving average of a network's weights."""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=4, minutes=12, after="sgd_step")
def ema_update(averaged, current, decay):
    """Average a network's weights with those so far, and copy its counters.

    Parameters
    ----------
    averaged, current : dict of str to torch.Tensor
        The average so far and the present values, with the same names and shapes; neither is changed.
    decay : float
        What the average keeps of itself, from 0 to 1.

    Returns
    -------
    dict of str to torch.Tensor
        New tensors that require no gradient.
    """
    result = {}
    with torch.no_grad():
        for name, values in current.items():
            if values.is_floating_point():
                result[name] = decay * averaged[name] + (1 - decay) * values
            else:
                result[name] = values.clone()
    return result


VALUES = ["weights"]
GRAPH, INTEGERS = [*VALUES, "graph kept"], [*VALUES, "integers stay integers"]
MEMORY = ["argument changed", "changes with an argument"]


def step(note, varies, averaged, current, decay=0.75, trainable=False, parts=VALUES):
    """Make a case that looks at these parts."""
    given = {"averaged": averaged, "current": current, "decay": decay, "trainable": trainable}
    return case(note, varies=varies, probe="average_once", **given, parts=parts)


EIGHT, FOUR = {"weight": torch.tensor([8.0, -2])}, {"weight": torch.tensor([4.0, 6])}
COUNT = "norm.num_batches_tracked"

ema_update.add_visible(
    step("one weight, [8, -2] so far and [4, 6] now, decay 0.75", "basic", EIGHT, FOUR),
    step("decay 0.9", "setting", EIGHT, FOUR, 0.9),
    step("decay 0: nothing is kept of the average", "zero", EIGHT, FOUR, 0.0),
    step("are the arguments left alone?", "state", EIGHT, FOUR, parts=[*VALUES, *MEMORY]),
    step("weights that require a gradient", "mode", EIGHT, FOUR, trainable=True, parts=GRAPH),
    step(
        "a count of batches, 3 so far and 10 now",
        "dtype",
        {"weight": torch.tensor([8.0]), COUNT: torch.tensor(3)},
        {"weight": torch.tensor([4.0]), COUNT: torch.tensor(10)},
        parts=INTEGERS,
    ),
    step(
        "a running mean",
        "layers",
        {"norm.weight": torch.tensor([1.0]), "norm.running_mean": torch.tensor([8.0])},
        {"norm.weight": torch.tensor([5.0]), "norm.running_mean": torch.tensor([4.0])},
    ),
)


@ema_update.random_cases
def fresh(generator):
    def drawn(note, varies, shapes, decay=0.75, dtype=torch.float32, counts=False, **options):
        averaged, current = {}, {}
        for name, shape in shapes.items():
            averaged[name] = tensor(generator, *shape, dtype=dtype)
            distance = 1 + torch.rand(shape, generator=generator, dtype=dtype)
            current[name] = averaged[name] + distance * torch.where(tensor(generator, *shape) < 0, -4, 4)
        if counts:
            start = integer(generator, 3, 20)
            averaged[COUNT], current[COUNT] = torch.tensor(start), torch.tensor(start + integer(generator, 3, 9))
        return step(note, varies, averaged, current, decay, **options)

    one = {"weight": (2, 3)}
    deep = {
        "0.weight": (3, 2),
        "0.bias": (3,),
        "norm.weight": (3,),
        "norm.running_mean": (3,),
        "norm.running_var": (3,),
    }
    yield drawn("one weight", "basic", one)
    yield drawn("one weight of four axes", "basic", {"conv.weight": (2, 1, 2, 3)})
    yield drawn("a decay drawn at random", "setting", one, integer(generator, 80, 95) / 100)
    yield drawn("a decay below 0.5", "setting", one, integer(generator, 10, 35) / 100)
    yield drawn("decay 0", "zero", one, 0.0)
    yield drawn("decay 1: the average stays", "zero", one, 1.0)
    yield drawn("a network with batch normalisation", "layers", deep)
    yield drawn("a count of batches", "dtype", one, counts=True, parts=INTEGERS)
    yield drawn("float64", "dtype", one, dtype=torch.float64, counts=True, parts=INTEGERS)
    yield drawn("weights that require a gradient", "mode", one, trainable=True, parts=GRAPH)
    yield drawn("are the arguments left alone?", "state", one, parts=[*VALUES, *MEMORY])
    yield drawn("is a count of batches a copy?", "state", one, counts=True, parts=MEMORY)
    yield drawn(
        "everything at once",
        "setting layers dtype mode state",
        deep,
        integer(generator, 85, 95) / 100,
        torch.float64,
        counts=True,
        trainable=True,
        parts=[*GRAPH, "integers stay integers", *MEMORY],
    )


BLEND = "decay * averaged[name] + (1 - decay) * values"
COPY = "values.clone()"
TEST = "values.is_floating_point()"
ema_update.mistake("An average of 0.5 and 0.5 is taken: `decay` decides the two shares.", "decay-ignored")(
    ema_update.edited(BLEND, "(averaged[name] + values) / 2")
)
ema_update.mistake("The current weights are not weighted: multiply them by 1 - decay.", "current-not-weighted")(
    ema_update.edited(BLEND, "decay * averaged[name] + values")
)
ema_update.mistake("The average so far is not weighted: multiply it by `decay`.", "average-not-weighted")(
    ema_update.edited(BLEND, "averaged[name] + (1 - decay) * values")
)
ema_update.mistake(
    "The average moves away from the current weights: add (1 - decay) times current minus averaged.", "moves-away"
)(ema_update.edited(BLEND, "averaged[name] - (1 - decay) * (values - averaged[name])"))
ema_update.mistake("The average stays as it is: it takes 1 - decay of the current weights.", "never-moves")(
    ema_update.edited(BLEND, "averaged[name].clone()")
)
ema_update.mistake("The current weights are returned: the average keeps the share `decay` of itself.", "no-average")(
    ema_update.edited(BLEND, COPY)
)
ema_update.mistake(
    "Integers are averaged, too, and become floats: copy a tensor of integers from `current`.", "integers-averaged"
)(ema_update.edited(TEST, "True"))
ema_update.mistake(
    "Integers are averaged and cut off to a whole number: copy a tensor of integers from `current`.",
    "integers-truncated",
)(ema_update.edited(COPY, f"({BLEND}).to(values.dtype)"))
ema_update.same_mistake("integers-truncated", marked=False)(
    ema_update.edited(COPY, f"({BLEND}).round().to(values.dtype)")
)
ema_update.mistake("Integers keep their old value: copy a tensor of integers from `current`.", "integers-kept")(
    ema_update.edited(COPY, "averaged[name].clone()")
)
ema_update.mistake("Tensors of integers are left out: copy them, so that all names are there.", "integers-left-out")(
    ema_update.edited(f"result[name] = {COPY}", "continue")
)
ema_update.mistake("Integers are copied as floats: `clone` keeps the number type.", "integers-as-floats")(
    ema_update.edited(COPY, "values.double()")
)
ema_update.mistake(
    "Only tensors called weight or bias are in the result: average running statistics as well.", "buffers-left-out"
)(
    ema_update.edited(
        "            if values", '            if "running" in name:\n                continue\n            if values'
    )
)
ema_update.mistake(
    "The tensors of `averaged` are changed in place: make new ones, and leave the arguments alone.", "in-place"
)(ema_update.edited(BLEND, "averaged[name].mul_(decay).add_((1 - decay) * values)"))
ema_update.same_mistake("in-place")(ema_update.edited("result = {}", "result = averaged"))
ema_update.mistake(
    "Integers share memory with `current`: clone them, or the next training step counts in the average.", "not-copied"
)(ema_update.edited(COPY, "values"))
ema_update.mistake(
    "The result belongs to a graph, which grows with every step: compute it under torch.no_grad().", "graph-kept"
)(ema_update.edited("no_grad", "enable_grad"))


@ema_update.mistake(
    "The shares are exchanged: the average so far keeps `decay`, the current weights get 1 - decay.", "shares-exchanged"
)
@ema_update.variant(
    "`decay` is the share of the current weights, as batch normalisation's momentum is: the average keeps 1 - decay.",
    "shares-exchanged",
)
def share_of_the_current(averaged, current, decay):
    """Average a network's weights with those so far, as batch normalisation does, and copy its counters.

    Parameters
    ----------
    averaged, current : dict of str to torch.Tensor
        The average so far and the present values, with the same names and shapes; neither is changed.
    decay : float
        What the average takes of the present values, from 0 to 1.
    """
    result = {}
    with torch.no_grad():
        for name, values in current.items():
            if values.is_floating_point():
                result[name] = (1 - decay) * averaged[name] + decay * values
            else:
                result[name] = values.clone()
    return result


@ema_update.mistake("Running statistics are copied: average every tensor of floats.", "buffers-copied")
@ema_update.variant(
    "Running statistics are not averaged, as torch's AveragedModel does it by default: a tensor whose name ends in "
    "running_mean or running_var is a copy of the one in `current`.",
    "buffers-copied",
)
def parameters_only(averaged, current, decay):
    """Average a network's parameters with those so far, and copy its counters and running statistics."""
    result = {}
    with torch.no_grad():
        for name, values in current.items():
            if values.is_floating_point() and not name.endswith(("running_mean", "running_var")):
                result[name] = decay * averaged[name] + (1 - decay) * values
            else:
                result[name] = values.clone()
    return result
