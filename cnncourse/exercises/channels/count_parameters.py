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
        The channels are split into so many groups; each filter sees its own group's input channels only.

    Returns
    -------
    int
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    weights = out_channels * (in_channels // groups) * kh * kw
    return weights + out_channels if bias else weights


def _counted(rule):
    """Make a wrong answer out of `rule`, which gets in_channels, out_channels, kh, kw, bias and groups."""

    def answer(in_channels, out_channels, kernel_size, bias=True, groups=1):
        kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        return rule(in_channels, out_channels, kh, kw, bias, groups)

    return answer


count_parameters.add_visible(
    case("one kernel, no bias", varies="basic", in_channels=1, out_channels=1, kernel_size=(3, 3), bias=False),
    case("colour to sixteen channels", varies="channels bias", in_channels=3, out_channels=16, kernel_size=(3, 3)),
    case("a kernel that is not square", varies="kernel axis", in_channels=2, out_channels=5, kernel_size=(1, 7)),
    case("one number for the kernel", varies="default kernel", in_channels=1, out_channels=6, kernel_size=5),
    case("a 1x1 convolution", varies="kernel", in_channels=40, out_channels=20, kernel_size=(1, 1), bias=False),
    case("groups", varies="groups", in_channels=4, out_channels=6, kernel_size=(3, 2), groups=2),
    case(
        "each channel by itself",
        varies="groups",
        in_channels=8,
        out_channels=8,
        kernel_size=(3, 3),
        bias=False,
        groups=8,
    ),
)


@count_parameters.random_cases
def _fresh(generator):
    for bias in (True, False, True, False):
        groups = integer(generator, 2, 4)
        kh = integer(generator, 2, 5)
        yield case(
            "groups and a kernel that is not square",
            varies="groups kernel axis",
            in_channels=groups * integer(generator, 2, 4),
            out_channels=groups * integer(generator, 5, 8),
            kernel_size=(kh, kh + integer(generator, 1, 3)),
            bias=bias,
            groups=groups,
        )
    for bias in (True, False):
        yield case(
            "one number for the kernel",
            varies="default kernel",
            in_channels=integer(generator, 2, 9),
            out_channels=integer(generator, 10, 64),
            kernel_size=integer(generator, 3, 7),
            bias=bias,
        )


@count_parameters.variant(
    "Each kernel is the product of a column and a row: it is given by kh + kw numbers instead of kh * kw."
)
def separable(in_channels, out_channels, kernel_size, bias=True, groups=1):
    """Count the weights and biases of a convolutional layer whose kernels are a column times a row.

    Parameters
    ----------
    kernel_size : int or (int, int)
        An int stands for both axes; a pair is (height, width). A kernel is given by kh + kw numbers.
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    weights = out_channels * (in_channels // groups) * (kh + kw)
    return weights + out_channels if bias else weights


count_parameters.mistake("The biases are not counted: with `bias`, each output channel has one.", "bias-forgotten")(
    _counted(lambda i, o, kh, kw, bias, g: o * (i // g) * kh * kw)
)
count_parameters.mistake("The biases are counted even without `bias`.", "bias-always")(
    _counted(lambda i, o, kh, kw, bias, g: o * (i // g) * kh * kw + o)
)
count_parameters.mistake("Only one bias is counted: each output channel has its own.", "one-bias")(
    _counted(lambda i, o, kh, kw, bias, g: o * (i // g) * kh * kw + bool(bias))
)
count_parameters.mistake(
    "A bias is counted for every kernel: there is one for each output channel, whatever the input channels.",
    "bias-per-kernel",
)(_counted(lambda i, o, kh, kw, bias, g: o * (i // g) * (kh * kw + bool(bias))))
count_parameters.mistake(
    "A bias is counted for every input channel: it belongs to the output channels.", "bias-per-input-channel"
)(_counted(lambda i, o, kh, kw, bias, g: o * (i // g) * kh * kw + bool(bias) * i))
count_parameters.mistake(
    "The input channels are not counted: a filter has one kernel for each of them.", "input-channels-forgotten"
)(_counted(lambda i, o, kh, kw, bias, g: o * (kh * kw + bool(bias))))
count_parameters.mistake(
    "The output channels are not counted: each of them has a filter of its own.", "output-channels-forgotten"
)(_counted(lambda i, o, kh, kw, bias, g: i // g * kh * kw + bool(bias)))
count_parameters.mistake("The kernel is treated as square: multiply its height by its width.", "square-kernel")(
    _counted(lambda i, o, kh, kw, bias, g: o * ((i // g) * kh * kh + bool(bias)))
)
count_parameters.mistake("The kernel's sides are added: it has height times width numbers.", "sides-added")(
    _counted(lambda i, o, kh, kw, bias, g: o * ((i // g) * (kh + kw) + bool(bias)))
)


@count_parameters.mistake("One number for the kernel counts only once: it stands for both sides.")
def int_counts_once(in_channels, out_channels, kernel_size, bias=True, groups=1):
    size = (kernel_size, 1) if isinstance(kernel_size, int) else kernel_size
    return count_parameters(in_channels, out_channels, size, bias, groups)


count_parameters.mistake(
    "The groups are ignored: a filter sees in_channels / groups input channels.", "groups-ignored"
)(_counted(lambda i, o, kh, kw, bias, g: o * (i * kh * kw + bool(bias))))
count_parameters.mistake(
    "The groups divide the output channels as well: there are out_channels filters in all.", "groups-divide-twice"
)(_counted(lambda i, o, kh, kw, bias, g: o // g * (i // g) * kh * kw + bool(bias) * o))
count_parameters.mistake(
    "The groups divide the biases as well: each output channel has one.", "groups-divide-everything"
)(_counted(lambda i, o, kh, kw, bias, g: o * (i * kh * kw + bool(bias)) // g))
count_parameters.mistake(
    "The groups multiply the weights: they divide them, since a filter sees fewer input channels.", "groups-multiply"
)(_counted(lambda i, o, kh, kw, bias, g: o * (i * g * kh * kw + bool(bias))))
count_parameters.mistake(
    "The count comes out as a float: use integer division (//), since a count is a whole number.", "floats"
)(_counted(lambda i, o, kh, kw, bias, g: o * (i / g * kh * kw + bool(bias))))
