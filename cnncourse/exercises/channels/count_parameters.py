"""Exercise: how many numbers does a convolutional layer learn?"""

from .. import drawing
from ..record import Exercise, Misconception, Variant, case


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
        The channels are split into so many groups; each filter sees its own group's input channels only.

    Returns
    -------
    int
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    weights = out_channels * (in_channels // groups) * kh * kw
    return weights + out_channels if bias else weights


def count_parameters_separable(in_channels, out_channels, kernel_size, bias=True, groups=1):
    """Count the weights and biases of a convolutional layer whose kernels are a column times a row.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or (int, int)
        An int stands for both axes; a pair is (height, width). A kernel is given by kh + kw numbers.
    bias : bool
        Whether each output channel has a bias.
    groups : int
        The channels are split into so many groups; each filter sees its own group's input channels only.

    Returns
    -------
    int
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    weights = out_channels * (in_channels // groups) * (kh + kw)
    return weights + out_channels if bias else weights


def _counted(rule):
    """Make a wrong answer out of `rule`, which gets in_channels, out_channels, kh, kw, bias and groups."""

    def answer(in_channels, out_channels, kernel_size, bias=True, groups=1):
        kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        return rule(in_channels, out_channels, kh, kw, bias, groups)

    return answer


def _int_once(in_channels, out_channels, kernel_size, bias=True, groups=1):
    size = (kernel_size, 1) if isinstance(kernel_size, int) else kernel_size
    return count_parameters(in_channels, out_channels, size, bias, groups)


def _fresh(generator):
    for bias in (True, False, True, False):
        groups = drawing.integer(generator, 2, 4)
        kh = drawing.integer(generator, 2, 5)
        yield case(
            "groups and a kernel that is not square",
            in_channels=groups * drawing.integer(generator, 2, 4),
            out_channels=groups * drawing.integer(generator, 5, 8),
            kernel_size=(kh, kh + drawing.integer(generator, 1, 3)),
            bias=bias,
            groups=groups,
        )
    for bias in (True, False):
        yield case(
            "one number for the kernel",
            in_channels=drawing.integer(generator, 2, 9),
            out_channels=drawing.integer(generator, 10, 64),
            kernel_size=drawing.integer(generator, 3, 7),
            bias=bias,
        )


EXERCISE = Exercise(
    solved=count_parameters,
    chapter="channels",
    prompt="""
The price of a layer is what it has to learn, and the image's size is not part of it. Every filter has one kernel for
each input channel that it sees, and one bias if the layer has biases. With `groups`, input and output channels are
split into equal groups and a filter sees the input channels of its own group only. Count the layer's parameters.
""",
    objectives=("read a weight's shape", "see why convolutions are cheap", "know what groups save"),
    out_of_scope=("group counts that do not divide the channels",),
    visible=(
        case("one kernel, no bias", in_channels=1, out_channels=1, kernel_size=(3, 3), bias=False),
        case("colour to sixteen channels", in_channels=3, out_channels=16, kernel_size=(3, 3)),
        case("a kernel that is not square", in_channels=2, out_channels=5, kernel_size=(1, 7)),
        case("one number for the kernel", in_channels=1, out_channels=6, kernel_size=5),
        case("a 1x1 convolution", in_channels=40, out_channels=20, kernel_size=(1, 1), bias=False),
        case("groups", in_channels=4, out_channels=6, kernel_size=(3, 2), groups=2),
        case("each channel by itself", in_channels=8, out_channels=8, kernel_size=(3, 3), bias=False, groups=8),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "bias-forgotten",
            "The biases are not counted: with `bias`, each output channel has one.",
            _counted(lambda i, o, kh, kw, bias, g: o * (i // g) * kh * kw),
        ),
        Misconception(
            "bias-always",
            "The biases are counted even without `bias`.",
            _counted(lambda i, o, kh, kw, bias, g: o * (i // g) * kh * kw + o),
        ),
        Misconception(
            "one-bias",
            "Only one bias is counted: each output channel has its own.",
            _counted(lambda i, o, kh, kw, bias, g: o * (i // g) * kh * kw + bool(bias)),
        ),
        Misconception(
            "bias-per-kernel",
            "A bias is counted for every kernel: there is one for each output channel, whatever the input channels.",
            _counted(lambda i, o, kh, kw, bias, g: o * (i // g) * (kh * kw + bool(bias))),
        ),
        Misconception(
            "bias-per-input-channel",
            "A bias is counted for every input channel: it belongs to the output channels.",
            _counted(lambda i, o, kh, kw, bias, g: o * (i // g) * kh * kw + bool(bias) * i),
        ),
        Misconception(
            "input-channels-forgotten",
            "The input channels are not counted: a filter has one kernel for each of them.",
            _counted(lambda i, o, kh, kw, bias, g: o * (kh * kw + bool(bias))),
        ),
        Misconception(
            "output-channels-forgotten",
            "The output channels are not counted: each of them has a filter of its own.",
            _counted(lambda i, o, kh, kw, bias, g: i // g * kh * kw + bool(bias)),
        ),
        Misconception(
            "square-kernel",
            "The kernel is treated as square: multiply its height by its width.",
            _counted(lambda i, o, kh, kw, bias, g: o * ((i // g) * kh * kh + bool(bias))),
        ),
        Misconception(
            "sides-added",
            "The kernel's sides are added: it has height times width numbers.",
            _counted(lambda i, o, kh, kw, bias, g: o * ((i // g) * (kh + kw) + bool(bias))),
        ),
        Misconception(
            "int-counts-once",
            "One number for the kernel counts only once: it stands for both sides.",
            _int_once,
        ),
        Misconception(
            "groups-ignored",
            "The groups are ignored: a filter sees in_channels / groups input channels.",
            _counted(lambda i, o, kh, kw, bias, g: o * (i * kh * kw + bool(bias))),
        ),
        Misconception(
            "groups-divide-twice",
            "The groups divide the output channels as well: there are out_channels filters in all.",
            _counted(lambda i, o, kh, kw, bias, g: o // g * (i // g) * kh * kw + bool(bias) * o),
        ),
        Misconception(
            "groups-divide-everything",
            "The groups divide the biases as well: each output channel has one.",
            _counted(lambda i, o, kh, kw, bias, g: o * (i * kh * kw + bool(bias)) // g),
        ),
        Misconception(
            "groups-multiply",
            "The groups multiply the weights: they divide them, since a filter sees fewer input channels.",
            _counted(lambda i, o, kh, kw, bias, g: o * (i * g * kh * kw + bool(bias))),
        ),
        Misconception(
            "floats",
            "The count comes out as a float: use integer division (//), since a count is a whole number.",
            _counted(lambda i, o, kh, kw, bias, g: o * (i / g * kh * kw + bool(bias))),
        ),
    ),
    hints=(
        "What is the shape of the layer's weight? And of its bias?",
        "The weight is (out_channels, in_channels / groups, kh, kw), the bias (out_channels,).",
        "`out_channels * (in_channels // groups) * kh * kw`, plus `out_channels` if there are biases.",
    ),
    points=3,
    minutes=8,
    prerequisites=("conv2d",),
    variants=(
        Variant(
            "separable",
            "Each kernel is the product of a column and a row: it is given by kh + kw numbers instead of kh * kw.",
            count_parameters_separable,
        ),
    ),
)
