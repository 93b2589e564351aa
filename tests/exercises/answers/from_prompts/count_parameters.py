"""Answers to count_parameters, written from its prompt alone."""

import numpy as np
from torch import nn

from cnncourse.exercises.answers import answer


@answer("count_parameters", "right")
def asks_torch(in_channels, out_channels, kernel_size, bias=True, groups=1):
    if not isinstance(kernel_size, int):
        kernel_size = tuple(kernel_size)
    layer = nn.Conv2d(in_channels, out_channels, kernel_size, bias=bias, groups=groups)
    return sum(p.numel() for p in layer.parameters())


@answer("count_parameters", "right")
def group_by_group(in_channels, out_channels, kernel_size, bias=True, groups=1):
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    total = 0
    for _ in range(groups):
        filters = out_channels // groups
        channels = in_channels // groups
        total += filters * (channels * kh * kw + int(bool(bias)))
    return total


@answer(
    "count_parameters", "counts a bias for each input channel instead of each output channel", "bias-per-input-channel"
)
def bias_per_input(in_channels, out_channels, kernel_size, bias=True, groups=1):
    if isinstance(kernel_size, int):
        kernel_size = (kernel_size, kernel_size)
    weights = out_channels * (in_channels // groups) * kernel_size[0] * kernel_size[1]
    return weights + in_channels if bias else weights


@answer("count_parameters", "counts a single bias for the whole layer", "one-bias")
def one_bias(in_channels, out_channels, kernel_size, bias=True, groups=1):
    k = kernel_size**2 if isinstance(kernel_size, int) else kernel_size[0] * kernel_size[1]
    return k * (in_channels // groups) * out_channels + bias


@answer("count_parameters", "ignores the groups", "groups-ignored")
def groups_ignored(in_channels, out_channels, kernel_size, bias=True, groups=1):
    kh, kw = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    n_weights = kh * kw * in_channels * out_channels
    n_biases = out_channels if bias else 0
    return n_weights + n_biases


@answer(
    "count_parameters",
    "divides both the input and the output channels by the groups, as if one group were all",
    "groups-divide-twice",
)
def one_group_only(in_channels, out_channels, kernel_size, bias=True, groups=1):
    area = int(np.prod(np.broadcast_to(kernel_size, 2)))
    params = (in_channels // groups) * (out_channels // groups) * area
    if bias:
        params += out_channels
    return params


@answer(
    "count_parameters",
    "squares the first number of a pair, so kernels that are not square are counted wrong",
    "square-kernel",
)
def square_of_first(in_channels, out_channels, kernel_size, bias=True, groups=1):
    try:
        k = kernel_size[0]
    except TypeError:
        k = kernel_size
    return out_channels * ((in_channels // groups) * k * k + (1 if bias else 0))


@answer("count_parameters", "adds a bias even without one", "bias-always")
def keras_formula(in_channels, out_channels, kernel_size, bias=True, groups=1):
    # ((shape of width * shape of height * number of input maps) + 1) * number of filters
    h, w = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    return (h * w * in_channels // groups + 1) * out_channels


@answer(
    "count_parameters",
    "two mistakes: ignores the groups; counts one bias for every kernel",
    "bias-per-kernel groups-ignored",
)
def bias_per_kernel(in_channels, out_channels, kernel_size, bias=True, groups=1):
    h, w = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    per_kernel = h * w
    if bias:
        per_kernel += 1
    return per_kernel * in_channels * out_channels
