"""Exercise: the padding that keeps the size."""

import math

from .. import drawing
from ..record import Exercise, Misconception, Variant, case


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


def same_padding_odd_before(input_size, kernel_size, stride):
    """Compute the padding with which the output is ceil(input_size / stride) long.

    Parameters
    ----------
    input_size, kernel_size, stride : int
        Along one axis, each at least 1.

    Returns
    -------
    tuple of two ints
        (before, after): the smallest padding, never negative; an odd pixel goes before.
    """
    output_size = math.ceil(input_size / stride)
    total = max((output_size - 1) * stride + kernel_size - input_size, 0)
    return total - total // 2, total // 2


def _same(rule):
    def answer(input_size, kernel_size, stride):
        total = (math.ceil(input_size / stride) - 1) * stride + kernel_size - input_size
        return rule(total, kernel_size)

    return answer


def _same_floor(input_size, kernel_size, stride):
    total = max((input_size // stride - 1) * stride + kernel_size - input_size, 0)
    return total // 2, total - total // 2


def _fresh_same(generator):
    for _ in range(8):
        yield case(
            "sizes drawn at random",
            input_size=drawing.integer(generator, 5, 30),
            kernel_size=drawing.integer(generator, 1, 8),
            stride=drawing.integer(generator, 1, 4),
        )


EXERCISE = Exercise(
    solved=same_padding,
    chapter="convolution",
    prompt="""
"Same" padding keeps an output as long as its input; with a stride s, it makes it ceil(input / s) long. Which padding
does that? Return `(before, after)` for one axis: the smallest that works, never negative. When the total is odd, the
odd pixel goes after.
""",
    objectives=("solve the size formula for the padding", "handle even kernels"),
    visible=(
        case("a 3-pixel kernel", input_size=5, kernel_size=3, stride=1),
        case("an even kernel", input_size=5, kernel_size=4, stride=1),
        case("a stride", input_size=7, kernel_size=4, stride=2),
        case("the stride does not divide the size", input_size=8, kernel_size=5, stride=3),
        case("nothing to pad", input_size=6, kernel_size=1, stride=2),
        case("a stride larger than the kernel", input_size=9, kernel_size=2, stride=4),
    ),
    fresh=_fresh_same,
    misconceptions=(
        Misconception(
            "odd-pixel-before",
            "The odd pixel goes before: put it after.",
            same_padding_odd_before,
        ),
        Misconception(
            "odd-pixel-lost",
            "The odd pixel is lost: half the total, rounded down, is put on both sides, which is too little.",
            _same(lambda total, k: (max(total, 0) // 2, max(total, 0) // 2)),
        ),
        Misconception(
            "stride-forgotten",
            "The stride is left out: half the kernel is right only for stride 1.",
            lambda input_size, kernel_size, stride: ((kernel_size - 1) // 2, kernel_size - 1 - (kernel_size - 1) // 2),
        ),
        Misconception(
            "negative",
            "The padding becomes negative where the stride is larger than the kernel: it is never less than 0.",
            _same(lambda total, k: (total // 2, total - total // 2)),
        ),
        Misconception(
            "output-rounded-down",
            "The output's length is rounded down: it is ceil(input_size / stride).",
            _same_floor,
        ),
    ),
    hints=(
        "How long should the output be? How many pixels does a kernel walk over in that many steps?",
        "The walk covers `(output - 1) * stride + kernel` pixels; what is missing is the total padding.",
        "`total = max((output - 1) * stride + kernel_size - input_size, 0)`; before is `total // 2`.",
    ),
    points=4,
    minutes=10,
    prerequisites=("calculate_output_shape",),
    variants=(Variant("odd-before", "When the total is odd, the odd pixel goes before.", same_padding_odd_before),),
)
