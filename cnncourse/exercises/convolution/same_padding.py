"""Exercise: the padding that keeps the size."""

import math

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=4, minutes=10, after="calculate_output_shape")
def same_padding(input_size, kernel_size, stride):
    """Compute the padding for which the output has length ceil(input_size / stride).

    Parameters
    ----------
    input_size, kernel_size, stride : int
        Along one axis, each at least 1.

    Returns
    -------
    tuple of two ints
        (before, after): the smallest padding, never negative; if their sum is odd, the extra pixel goes after.
    """
    output_size = math.ceil(input_size / stride)
    total = max((output_size - 1) * stride + kernel_size - input_size, 0)
    return total // 2, total - total // 2


same_padding.add_visible(
    case("a 3-pixel kernel", varies="basic", input_size=5, kernel_size=3, stride=1),
    case("an even kernel", varies="kernel", input_size=5, kernel_size=4, stride=1),
    case("a stride", varies="stride kernel", input_size=7, kernel_size=4, stride=2),
    case("the stride does not divide the size", varies="stride kernel", input_size=8, kernel_size=5, stride=3),
    case("nothing to pad", varies="zero", input_size=6, kernel_size=1, stride=2),
    case("a stride larger than the kernel", varies="stride kernel", input_size=9, kernel_size=2, stride=4),
)


@same_padding.random_cases
def fresh(generator):
    def sizes(note, varies, input_size, kernel_size, stride):
        return case(note, varies=varies, input_size=input_size, kernel_size=kernel_size, stride=stride)

    for _ in range(2):
        size, half = integer(generator, 8, 30), integer(generator, 1, 3)
        yield sizes("an odd kernel", "basic", size, 2 * half + 1, 1)
        yield sizes("an even kernel", "kernel", size, 2 * half, 1)
    for stride in (2, 3, 4):  # all totals are even and above 0
        size, half = stride * integer(generator, 2, 6) + 2, integer(generator, 2, 4)
        yield sizes("a stride", "stride", size, 2 * half, stride)
        yield sizes("a stride, an odd total", "kernel stride", size, 2 * half + 1, stride)
    steps = integer(generator, 2, 6)
    yield sizes("a 1-pixel kernel that skips pixels", "zero", 3 * steps + 2, 1, 3)
    yield sizes("a 1-pixel kernel, a stride that divides the size", "zero", 3 * steps, 1, 3)
    yield sizes("a stride larger than the kernel", "zero", 4 * steps + 3, 2, 4)


@same_padding.mistake("The extra pixel of an odd total goes before: put it after.", "odd-pixel-before")
@same_padding.variant("When the total is odd, the extra pixel goes before.")
def odd_before(input_size, kernel_size, stride):
    """Compute the padding for which the output has length ceil(input_size / stride).

    Returns
    -------
    tuple of two ints
        (before, after): the smallest padding, never negative; if their sum is odd, the extra pixel goes before.
    """
    output_size = math.ceil(input_size / stride)
    total = max((output_size - 1) * stride + kernel_size - input_size, 0)
    return total - total // 2, total // 2


@same_padding.mistake("Half the total, rounded down, is put on both sides: put the extra pixel of an odd total after.")
def odd_pixel_lost(input_size, kernel_size, stride):
    before, _ = same_padding(input_size, kernel_size, stride)
    return before, before


same_padding.mistake("The stride is ignored: half the kernel is right only for stride 1.", "stride-forgotten")(
    lambda input_size, kernel_size, stride: same_padding(input_size, kernel_size, 1)
)


@same_padding.mistake("The padding is negative where the stride is larger than the kernel: return at least 0.")
def negative(input_size, kernel_size, stride):
    total = (math.ceil(input_size / stride) - 1) * stride + kernel_size - input_size
    return total // 2, total - total // 2


@same_padding.mistake("The output's length is rounded down: it is ceil(input_size / stride).")
def output_rounded_down(input_size, kernel_size, stride):
    total = max((input_size // stride - 1) * stride + kernel_size - input_size, 0)
    return total // 2, total - total // 2


same_padding.same_mistake("stride-forgotten")(lambda input_size, kernel_size, stride: (kernel_size // 2,) * 2)
same_padding.same_mistake("stride-forgotten")(lambda input_size, kernel_size, stride: ((kernel_size - 1) // 2,) * 2)


@same_padding.mistake("The output stays as long as the input: with a stride it is ceil(input_size / stride) long.")
def length_kept(input_size, kernel_size, stride):
    total = (input_size - 1) * stride + kernel_size - input_size
    return total // 2, total - total // 2


@same_padding.mistake(
    "Where the stride divides the size, the last step is a whole stride: a remainder of 0 counts as it."
)
def remainder_of_zero(input_size, kernel_size, stride):
    total = max(kernel_size - input_size % stride, 0)
    return total // 2, total - total // 2
