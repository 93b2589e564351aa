"""Answers to same_padding, written from its prompt alone."""

import itertools
import math
from collections import namedtuple

from cnncourse.exercises.answers import answer


@answer("same_padding", "right")
def named_result(input_size, kernel_size, stride):
    Padding = namedtuple("Padding", ["before", "after"])
    out = -(-input_size // stride)
    needed = (out - 1) * stride + kernel_size
    total = max(needed - input_size, 0)
    return Padding(before=total // 2, after=total - total // 2)


@answer("same_padding", "right")
def tensorflow_rule(input_size, kernel_size, stride):
    # the rule in TensorFlow's documentation
    if input_size % stride == 0:
        pad = max(kernel_size - stride, 0)
    else:
        pad = max(kernel_size - (input_size % stride), 0)
    pad_left = pad // 2
    return pad_left, pad - pad_left


@answer("same_padding", "right")
def tries_every_total(input_size, kernel_size, stride):
    wanted = math.ceil(input_size / stride)
    for total in itertools.count():
        if (input_size + total - kernel_size) // stride + 1 == wanted:
            return (total // 2, (total + 1) // 2)


@answer("same_padding", "pads half the kernel on both sides, whatever stride and parity", "stride-forgotten")
def half_the_kernel(input_size, kernel_size, stride):
    p = (kernel_size - 1) // 2
    return (p, p)


@answer("same_padding", "puts the extra pixel before", "odd-pixel-before")
def extra_before(input_size, kernel_size, stride):
    output_size = math.ceil(input_size / stride)
    pad = max((output_size - 1) * stride + kernel_size - input_size, 0)
    after = pad // 2
    before = pad - after
    return before, after


@answer("same_padding", "returns negative padding where the kernel is smaller than the stride", "negative")
def negative(input_size, kernel_size, stride):
    o = (input_size + stride - 1) // stride
    p = (o - 1) * stride + kernel_size - input_size
    before = p // 2
    return before, p - before


@answer("same_padding", "keeps the output as long as the input in spite of the stride", "length-kept")
def keeps_full_length(input_size, kernel_size, stride):
    # solve (n + p - k) / s + 1 = n  for p
    total = stride * (input_size - 1) - input_size + kernel_size
    before = total // 2
    after = total - before
    return before, after


@answer("same_padding", "forgets that a remainder of 0 counts as a whole stride", "remainder-of-zero")
def remainder_without_case(input_size, kernel_size, stride):
    pad = max(kernel_size - input_size % stride, 0)
    return pad // 2, pad - pad // 2


@answer(
    "same_padding",
    "two mistakes: rounds the output's length down; puts the extra pixel before",
    "output-rounded-down odd-pixel-before",
)
def floor_and_before(input_size, kernel_size, stride):
    out = input_size // stride
    total = max(0, (out - 1) * stride + kernel_size - input_size)
    return math.ceil(total / 2), total // 2
