"""Exercise: the padding that keeps the size."""

import math

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=4, minutes=10, after="calculate_output_shape")
def same_padding(input_size, kernel_size, stride):
    """Compute the padding with which the output is ceil(input_size / stride) long.

    Parameters
    ----------
    input_size, kernel_size, stride : int
        Along one axis, each at least 1.

    Returns
    -------
    tuple of two ints
        (before, after): the smallest padding, never negative; an odd pixel goes after.
    """
    output_size = math.ceil(input_size / stride)
    total = max((output_size - 1) * stride + kernel_size - input_size, 0)
    return total // 2, total - total // 2


def _same(rule):
    def answer(input_size, kernel_size, stride):
        total = (math.ceil(input_size / stride) - 1) * stride + kernel_size - input_size
        return rule(total, kernel_size)

    return answer


same_padding.add_visible(
    case("a 3-pixel kernel", varies="basic", input_size=5, kernel_size=3, stride=1),
    case("an even kernel", varies="kernel", input_size=5, kernel_size=4, stride=1),
    case("a stride", varies="stride", input_size=7, kernel_size=4, stride=2),
    case("the stride does not divide the size", varies="stride remainder", input_size=8, kernel_size=5, stride=3),
    case("nothing to pad", varies="zero", input_size=6, kernel_size=1, stride=2),
    case("a stride larger than the kernel", varies="stride zero", input_size=9, kernel_size=2, stride=4),
)


@same_padding.random_cases
def _fresh_same(generator):
    for _ in range(8):
        yield case(
            "sizes drawn at random",
            varies="kernel stride remainder",
            input_size=integer(generator, 5, 30),
            kernel_size=integer(generator, 1, 8),
            stride=integer(generator, 1, 4),
        )


@same_padding.variant("When the total is odd, the odd pixel goes before.")
def odd_before(input_size, kernel_size, stride):
    """Compute the padding with which the output is ceil(input_size / stride) long.

    Returns
    -------
    tuple of two ints
        (before, after): the smallest padding, never negative; an odd pixel goes before.
    """
    output_size = math.ceil(input_size / stride)
    total = max((output_size - 1) * stride + kernel_size - input_size, 0)
    return total - total // 2, total // 2


same_padding.mistake("The odd pixel goes before: put it after.", "odd-pixel-before")(odd_before)
same_padding.mistake(
    "The odd pixel is lost: half the total, rounded down, is put on both sides, which is too little.", "odd-pixel-lost"
)(_same(lambda total, k: (max(total, 0) // 2, max(total, 0) // 2)))
same_padding.mistake("The stride is left out: half the kernel is right only for stride 1.", "stride-forgotten")(
    lambda input_size, kernel_size, stride: ((kernel_size - 1) // 2, kernel_size - 1 - (kernel_size - 1) // 2)
)
same_padding.mistake(
    "The padding becomes negative where the stride is larger than the kernel: it is never less than 0.", "negative"
)(_same(lambda total, k: (total // 2, total - total // 2)))


@same_padding.mistake("The output's length is rounded down: it is ceil(input_size / stride).")
def output_rounded_down(input_size, kernel_size, stride):
    total = max((input_size // stride - 1) * stride + kernel_size - input_size, 0)
    return total // 2, total - total // 2
