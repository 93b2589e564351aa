"""Exercise: how large first weights should be."""

import math

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=3, minutes=10, after="count_parameters")
def kaiming_std(weight_shape, nonlinearity):
    """Compute the standard deviation of first weights that keeps the spread of a layer's numbers.

    Parameters
    ----------
    weight_shape : tuple of int
        Of a convolution (C_out, C_in, kh, kw), C_in being the channels that one filter sees, or of a dense layer
        (out, in).
    nonlinearity : str
        What follows each layer: "relu", "tanh", or "linear" for nothing.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        For another word.
    """
    gains = {"linear": 1.0, "relu": math.sqrt(2), "tanh": 5 / 3}
    if nonlinearity not in gains:
        raise ValueError(f"`nonlinearity` must be linear, relu or tanh, not {nonlinearity!r}")
    return gains[nonlinearity] / math.sqrt(math.prod(weight_shape[1:]))


def layer(note, varies, *weight_shape, nonlinearity="relu"):
    return case(note, varies=varies, weight_shape=weight_shape, nonlinearity=nonlinearity)


kaiming_std.add_visible(
    layer("as many channels out as in", "basic", 8, 8, 3, 3),
    layer("a dense layer", "kernel", 8, 8),
    layer("a 1x1 kernel", "kernel", 8, 8, 1, 1),
    layer("more channels out than in", "channels", 16, 4, 3, 3),
    layer("a kernel that is not square", "axis", 8, 8, 1, 5),
    layer("no activation", "setting", 8, 8, 3, 3, nonlinearity="linear"),
    layer("tanh", "setting", 8, 8, 3, 3, nonlinearity="tanh"),
    layer("another word", "error", 8, 8, 3, 3, nonlinearity="swish"),
)


@kaiming_std.random_cases
def fresh(generator):
    few, many, side = integer(generator, 3, 9), integer(generator, 10, 40), integer(generator, 4, 6)
    yield layer("as many channels out as in", "basic", many, many, 3, 3)
    yield layer("few channels", "basic", few, few, 3, 3)
    yield layer("more channels out than in", "channels", many, few, 3, 3)
    yield layer("fewer channels out than in", "channels", few, many, 3, 3)
    yield layer("a high kernel", "axis", few, few, side, 2)
    yield layer("a wide kernel", "axis", few, few, 3, side)
    yield layer("a larger kernel", "kernel", few, few, side, side)
    yield layer("a 1x1 kernel", "kernel", many, many, 1, 1)
    yield layer("a dense layer", "kernel", many, many)
    for word in ("linear", "tanh"):
        yield layer(f"a layer before {word}", "setting", many, many, 3, 3, nonlinearity=word)
    yield layer("another word", "error", few, few, 3, 3, nonlinearity="softmax")
    yield layer("everything at once", "channels axis kernel setting", many, few, side, 2, nonlinearity="tanh")


GAINS = '{"linear": 1.0, "relu": math.sqrt(2), "tanh": 5 / 3}'
COUNT = "math.prod(weight_shape[1:])"
kaiming_std.mistake(
    "The filters are counted, too: one output adds up what one filter sees, without C_out.", "all-weights-counted"
)(kaiming_std.edited("weight_shape[1:]", "weight_shape"))
kaiming_std.mistake(
    "The kernel's pixels are not counted: one output adds up C_in * kh * kw products.", "kernel-forgotten"
)(kaiming_std.edited(COUNT, "weight_shape[1]"))
kaiming_std.mistake(
    "The input channels are not counted: one output adds up C_in * kh * kw products.", "channels-forgotten"
)(kaiming_std.edited("[1:]", "[2:]"))
kaiming_std.mistake("The kernel is treated as square: multiply its height by its width.", "square-kernel")(
    kaiming_std.edited(COUNT, "(weight_shape[1] * (weight_shape[2] ** 2 if len(weight_shape) > 2 else 1))")
)
kaiming_std.mistake(
    "A dense layer raises an error: its weight has the shape (out, in), without a kernel.", "dense-layer-refused"
)(kaiming_std.edited(COUNT, "(weight_shape[1] * weight_shape[2] * weight_shape[3])"))
kaiming_std.mistake("This is the variance: take its square root.", "variance")(
    kaiming_std.edited(f"gains[nonlinearity] / math.sqrt({COUNT})", f"gains[nonlinearity] ** 2 / {COUNT}")
)
kaiming_std.mistake("The root of the count is not taken: divide by sqrt(n).", "divided-by-the-count")(
    kaiming_std.edited(f"math.sqrt({COUNT})", COUNT)
)
kaiming_std.mistake("The gain of ReLU is 2: that is the factor of the variance, so take sqrt(2).", "gain-of-2")(
    kaiming_std.edited("math.sqrt(2)", "2.0")
)
kaiming_std.mistake("The gain is always 1: the activation decides it.", "no-gain")(
    kaiming_std.edited("math.sqrt(2)", "1.0", "5 / 3", "1.0")
)
kaiming_std.mistake("The gain is always that of ReLU: the activation decides it.", "gain-of-relu-always")(
    kaiming_std.edited('"linear": 1.0', '"linear": math.sqrt(2)', "5 / 3", "math.sqrt(2)")
)
kaiming_std.mistake("The gain of tanh is 1: it is 5/3, because tanh shrinks what it is given.", "no-gain-for-tanh")(
    kaiming_std.edited("5 / 3", "1.0")
)
kaiming_std.mistake("Inputs and outputs are averaged, as in Xavier's rule: count what one output adds up.", "xavier")(
    kaiming_std.edited(f"math.sqrt({COUNT})", f"math.sqrt({COUNT} * (1 + weight_shape[0] / weight_shape[1]) / 2)")
)
kaiming_std.mistake(
    "This is PyTorch's default, a third of the variance without an activation: use the gain.", "pytorch-default"
)(kaiming_std.edited("gains[nonlinearity] /", "math.sqrt(1 / 3) /"))
kaiming_std.mistake("An unknown word gets a gain: raise a ValueError.", "any-word-accepted")(
    kaiming_std.edited("nonlinearity not in gains", "False", "gains[nonlinearity]", "gains.get(nonlinearity, 1.0)")
)
kaiming_std.mistake("An unknown word is a KeyError: raise a ValueError.", "key-error")(
    kaiming_std.edited("nonlinearity not in gains", "False")
)


@kaiming_std.mistake("The outputs are counted: count what one output adds up, C_in * kh * kw.", "fan-out")
@kaiming_std.variant(
    "Keep the spread of gradients instead, on their way back: n is the number of outputs that one input goes into, "
    "C_out * kh * kw, or the outputs of a dense layer.",
    "fan-out",
)
def for_the_way_back(weight_shape, nonlinearity):
    """Compute the standard deviation of first weights that keeps the spread of a layer's gradients."""
    gains = {"linear": 1.0, "relu": math.sqrt(2), "tanh": 5 / 3}
    if nonlinearity not in gains:
        raise ValueError(f"`nonlinearity` must be linear, relu or tanh, not {nonlinearity!r}")
    return gains[nonlinearity] / math.sqrt(weight_shape[0] * math.prod(weight_shape[2:]))


@kaiming_std.mistake(
    "This is the bound of a uniform distribution: the standard deviation is smaller by sqrt(3).", "uniform-bound"
)
@kaiming_std.variant(
    "Return b, so that weights drawn uniformly from -b to b have this standard deviation, which is b / sqrt(3).",
    "uniform-bound",
)
def bound(weight_shape, nonlinearity):
    """Compute the bound b, so that first weights drawn uniformly from -b to b keep the spread of a layer's numbers."""
    gains = {"linear": 1.0, "relu": math.sqrt(2), "tanh": 5 / 3}
    if nonlinearity not in gains:
        raise ValueError(f"`nonlinearity` must be linear, relu or tanh, not {nonlinearity!r}")
    return gains[nonlinearity] * math.sqrt(3 / math.prod(weight_shape[1:]))
