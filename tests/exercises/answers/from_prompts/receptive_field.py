"""Answers to receptive_field, written from its prompt alone."""

from functools import reduce

from cnncourse.exercises.answers import answer


@answer("receptive_field", "right")
def from_the_top_down(layers):
    """How many inputs does a run of r outputs span? (r - 1) strides and one dilated kernel."""
    span = 1
    for kernel, stride, *rest in reversed(layers):
        dilation = rest[0] if rest else 1
        span = (span - 1) * stride + (kernel - 1) * dilation + 1
    return span


@answer("receptive_field", "right")
def follows_the_pixels(layers):
    lowest = highest = 0
    for layer in layers[::-1]:
        k, s = layer[:2]
        d = layer[2] if len(layer) > 2 else 1
        lowest = lowest * s
        highest = highest * s + (k - 1) * d
    return highest - lowest + 1


@answer("receptive_field", "right")
def fold_over_pairs(layers):
    def widen(state, layer):
        field, jump = state
        kernel, stride, dilation = (*layer, 1)[:3]
        return field + (kernel - 1) * dilation * jump, jump * stride

    return reduce(widen, layers, (1, 1))[0]


@answer("receptive_field", "ignores the strides", "strides-ignored")
def no_strides(layers):
    rf = 1
    for layer in layers:
        dilation = 1 if len(layer) == 2 else layer[2]
        rf += (layer[0] - 1) * dilation
    return rf


@answer(
    "receptive_field", "multiplies the jump by a layer's own stride before it widens the field", "own-stride-counted"
)
def own_stride_first(layers):
    r, j = 1, 1
    for layer in layers:
        k, s = layer[0], layer[1]
        d = layer[2] if len(layer) == 3 else 1
        j *= s
        r += (k - 1) * d * j
    return r


@answer("receptive_field", "ignores the dilation", "dilation-ignored")
def no_dilation(layers):
    rf, jump = 1, 1
    for kernel, stride, *_ in layers:
        rf = rf + (kernel - 1) * jump
        jump = jump * stride
    return rf


@answer("receptive_field", "adds the kernel instead of the kernel minus 1", "kernels-added")
def whole_kernel(layers):
    field = 1
    product = 1
    for l in layers:
        dil = l[2] if len(l) > 2 else 1
        field += l[0] * dil * product
        product *= l[1]
    return field


@answer(
    "receptive_field",
    "takes only the previous layer's stride as the distance between pixels, not the product",
    "only-the-last-stride",
)
def previous_stride_only(layers):
    total = 1
    step = 1
    for layer in layers:
        k, s, d = layer if len(layer) == 3 else (*layer, 1)
        total += (k - 1) * d * step
        step = s
    return total


@answer("receptive_field", "applies the formula for going backwards to the layers in forward order", "last-layer-first")
def forward_order(layers):
    rf = 1
    for layer in layers:
        k, s = layer[0], layer[1]
        d = layer[2] if len(layer) > 2 else 1
        rf = (rf - 1) * s + d * (k - 1) + 1
    return rf


@answer("receptive_field", "expects three numbers for each layer, so a pair crashes", "dilation-demanded")
def three_numbers(layers):
    rf, jump = 1, 1
    for kernel, stride, dilation in layers:
        rf += (kernel - 1) * dilation * jump
        jump *= stride
    return rf


@answer(
    "receptive_field",
    "two mistakes: ignores the dilation; multiplies by the layer's own stride first",
    "own-stride-counted dilation-ignored",
)
def distill_formula_misread(layers):
    n = len(layers)
    rf = 1
    for i in range(n):
        jump = 1
        for j in range(i + 1):
            jump *= layers[j][1]
        rf += (layers[i][0] - 1) * jump
    return rf


@answer(
    "receptive_field",
    "two mistakes: starts at 0 instead of 1; adds the strides up instead of multiplying them",
    "unknown",
)
def sums_strides(layers):
    rf, jump = 0, 1
    for layer in layers:
        k, s = layer[:2]
        d = layer[2] if len(layer) > 2 else 1
        rf += (k - 1) * d * jump
        jump += s
    return rf
