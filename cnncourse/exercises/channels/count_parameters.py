"""Exercise: how many numbers does a convolutional layer learn?"""

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=3, minutes=8, after="conv2d")
def count_parameters(in_channels, out_channels, kernel_size, bias=True, groups=1):
    """Count the weights and biases of a convolutional layer.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or (int, int)
        An int stands for both axes; a pair is (height, width).
    bias : bool
        Whether each output channel has a bias.
    groups : int
        Into how many groups the channels are split; each filter sees the input channels of its own group only.

    Returns
    -------
    int
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    weights = out_channels * (in_channels // groups) * kh * kw
    return weights + out_channels if bias else weights


def layer(note, varies, in_channels, out_channels, kernel_size, **options):
    channels = {"in_channels": in_channels, "out_channels": out_channels}
    return case(note, varies=varies, **channels, kernel_size=kernel_size, **options)


count_parameters.add_visible(
    layer("one kernel, no bias", "basic", 1, 1, (3, 3), bias=False),
    layer("colour to sixteen channels", "bias", 3, 16, (3, 3)),
    layer("a kernel that is not square", "axis bias", 2, 5, (1, 7)),
    layer("one number for the kernel", "kernel bias", 1, 6, 5),
    layer("a 1x1 convolution", "kernel", 40, 20, (1, 1), bias=False),
    layer("groups", "groups bias axis", 4, 6, (3, 2), groups=2),
    layer("each channel by itself", "groups", 8, 8, (3, 3), bias=False, groups=8),
)


@count_parameters.random_cases
def fresh(generator):
    side, low, high, groups = (integer(generator, *bounds) for bounds in ((3, 7), (2, 6), (7, 32), (2, 4)))
    pair, wide = (side, side), (side, side + integer(generator, 1, 3))
    yield layer("a square kernel, no bias", "basic", low, high, pair, bias=False)
    yield layer("a bias", "bias", low, high, pair)
    yield layer("a bias that is asked for", "bias", high, low, pair, bias=True)
    yield layer("a kernel that is not square", "axis", low, high, wide, bias=False)
    yield layer("one number for the kernel", "kernel", low, high, side, bias=False)
    yield layer("a 1x1 kernel", "kernel", low, high, (1, 1), bias=False)
    yield layer("groups", "groups", groups * low, groups * high, pair, bias=False, groups=groups)
    yield layer("each channel by itself", "groups", high, high, pair, bias=False, groups=high)
    for bias in (True, False):
        note, tags = "everything at once", "groups axis bias"
        yield layer(note, tags, groups * low, groups * high, wide, bias=bias, groups=groups)
    yield layer("one number for the kernel, a bias", "kernel bias", low, high, side)


count_parameters.mistake("The biases are not counted: with `bias`, each output channel has one.", "bias-forgotten")(
    count_parameters.edited("weights + out_channels if bias else weights", "weights")
)
count_parameters.mistake("The biases are counted even if `bias` is False: count the weights alone.", "bias-always")(
    count_parameters.edited(" if bias else weights", "")
)
count_parameters.mistake("Only one bias is counted: each output channel has its own.", "one-bias")(
    count_parameters.edited("weights + out_channels", "weights + 1")
)
count_parameters.mistake("Each kernel gets a bias: only each output channel has one.", "bias-per-kernel")(
    count_parameters.edited("weights + out_channels", "weights + out_channels * (in_channels // groups)")
)
count_parameters.mistake("Each input channel gets a bias: the output channels have them.", "bias-per-input-channel")(
    count_parameters.edited("weights + out_channels", "weights + in_channels")
)
count_parameters.mistake(
    "The input channels are not counted: a filter has one kernel for each of them.", "input-channels-forgotten"
)(count_parameters.edited(" * (in_channels // groups)", ""))
count_parameters.mistake(
    "The output channels are not counted: each of them has a filter of its own.", "output-channels-forgotten"
)(count_parameters.edited("out_channels * ", "", "+ out_channels", "+ 1"))
count_parameters.mistake("The kernel is treated as square: multiply its height by its width.", "square-kernel")(
    count_parameters.edited("kh * kw", "kh * kh")
)


@count_parameters.mistake("The kernel's height and width are added: multiply them.", "sides-added")
@count_parameters.variant(
    "Each kernel is the product of a column and a row: it is given by kh + kw numbers instead of kh * kw."
)
def separable(in_channels, out_channels, kernel_size, bias=True, groups=1):
    """Count the weights and biases of a convolutional layer whose kernels are a column times a row: kh + kw numbers."""
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    weights = out_channels * (in_channels // groups) * (kh + kw)
    return weights + out_channels if bias else weights


count_parameters.mistake("One number for the kernel counts only once: it is both height and width.", "int-counts-once")(
    count_parameters.edited("(kernel_size, kernel_size)", "(kernel_size, 1)")
)
count_parameters.mistake("`groups` is ignored: a filter sees in_channels / groups input channels.", "groups-ignored")(
    count_parameters.edited(" // groups", "")
)
count_parameters.mistake(
    "The groups divide the output channels as well: there are out_channels filters in all.", "groups-divide-twice"
)(count_parameters.edited("= out_channels", "= out_channels // groups"))
count_parameters.mistake(
    "The groups divide the biases as well: each output channel has one.", "groups-divide-everything"
)(count_parameters.edited("+ out_channels", "+ out_channels // groups"))
count_parameters.mistake(
    "The groups multiply the weights: divide by them, because a filter sees fewer input channels.", "groups-multiply"
)(count_parameters.edited("// groups", "* groups"))
count_parameters.mistake("The count is a float: use integer division (//), because a count is an int.", "floats")(
    count_parameters.edited("//", "/")
)
