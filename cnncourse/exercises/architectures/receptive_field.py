"""Exercise: how many image pixels one output pixel sees."""

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=4, minutes=12, after="calculate_output_shape")
def receptive_field(layers):
    """Measure along one axis how far one output pixel of a stack of layers sees.

    Parameters
    ----------
    layers : list of (kernel, stride) or (kernel, stride, dilation)
        Integers, the first layer first; convolutions and poolings alike.

    Returns
    -------
    int
        Image pixels from the first to the last that is seen, gaps counted; 1 for no layers.
    """
    field = jump = 1  # jump: how many image pixels apart two neighbours in this layer's input are
    for kernel, stride, *rest in layers:
        dilation = rest[0] if rest else 1
        field += (kernel - 1) * dilation * jump
        jump *= stride
    return field


receptive_field.add_visible(
    case("no layers", varies="layers", layers=[]),
    case("one convolution", varies="basic", layers=[(3, 1)]),
    case("two convolutions", varies="layers", layers=[(3, 1), (3, 1)]),
    case("a pooling between", varies="layers stride", layers=[(3, 1), (2, 2), (3, 1)]),
    case("dilation", varies="dilation", layers=[(3, 1, 2)]),
    case("a stride that skips pixels", varies="stride", layers=[(1, 3), (2, 1)]),
    case(
        "layers of both kinds", varies="layers dilation stride", layers=[(5, 2), (3, 1, 4), (2, 2), (3, 3, 1), (4, 1)]
    ),
)


@receptive_field.random_cases
def fresh(generator):
    first, second, third, gap = (integer(generator, *bounds) for bounds in ((3, 5), (3, 6), (2, 4), (2, 4)))
    yield case("one layer", varies="basic", layers=[(first, 1)])
    yield case("a larger kernel", varies="basic", layers=[(first + second, 1)])
    yield case("two layers", varies="layers", layers=[(first, 1), (second, 1)])
    yield case("four layers", varies="layers", layers=[(first, 1), (second, 1), (third, 1), (first, 1)])
    yield case("strides", varies="stride", layers=[(first, 2), (second, 3), (third, 1)])
    yield case("the same stride three times", varies="stride", layers=[(first, 2), (first, 2), (first, 2), (second, 1)])
    yield case("a stride that skips pixels", varies="stride", layers=[(1, gap), (third, 1)])
    yield case("dilation", varies="dilation", layers=[(first, 1, gap)])
    yield case("a layer after a dilated one", varies="dilation", layers=[(first, 1, gap), (second, 1)])
    layers = [(first, 2, gap), (second, 3), (third, 1, 2)]
    yield case("everything at once", varies="layers stride dilation", layers=layers)


receptive_field.mistake(
    "A layer's own stride widens its own field: a stride only spreads the layers after it.", "own-stride-counted"
)(receptive_field.edited("dilation * jump", "dilation * jump * stride"))
receptive_field.mistake(
    "The strides are left out: after a stride of 2, each further pixel is two image pixels away.", "strides-ignored"
)(receptive_field.edited("jump *= stride", "pass"))
receptive_field.mistake(
    "Only the stride of the layer before counts: multiply all strides before a layer.", "only-the-last-stride"
)(receptive_field.edited("jump *= stride", "jump = stride"))
receptive_field.mistake("The strides are added up: multiply them.", "strides-added")(
    receptive_field.edited("jump *= stride", "jump += stride - 1")
)
receptive_field.mistake(
    "The dilation is left out: a dilated kernel spans (kernel - 1) * dilation + 1 pixels.", "dilation-ignored"
)(receptive_field.edited(" * dilation", ""))
receptive_field.mistake(
    "The span of a dilated kernel is too large: it is (kernel - 1) * dilation + 1 pixels.", "dilated-kernel-too-wide"
)(receptive_field.edited("(kernel - 1) * dilation", "(kernel * dilation - 1)"))
receptive_field.mistake("The dilation spreads the layers after it: only strides do that.", "dilation-as-stride")(
    receptive_field.edited("jump *= stride", "jump *= stride * dilation")
)
receptive_field.mistake(
    "The layers are taken in the wrong order: the first layer comes first in the list.", "last-layer-first"
)(receptive_field.edited("in layers", "in layers[::-1]"))
receptive_field.mistake(
    "Whole kernels are added: windows overlap, so each layer adds one pixel less than its kernel.", "kernels-added"
)(receptive_field.edited("(kernel - 1)", "kernel"))
receptive_field.mistake("The count starts at 0: start at 1, for the pixel itself.", "starts-at-0")(
    receptive_field.edited("field = jump = 1", "field, jump = 0, 1")
)
receptive_field.mistake("The kernels are multiplied: each layer adds to the field.", "kernels-multiplied")(
    receptive_field.edited("field += (kernel - 1) * dilation * jump", "field *= kernel")
)


@receptive_field.mistake("Pixels that are skipped are left out: count from the first pixel that is seen to the last.")
def gaps_left_out(layers):
    seen = {0}
    for kernel, stride, *rest in reversed(layers):
        dilation = rest[0] if rest else 1
        seen = {pixel * stride + offset * dilation for pixel in seen for offset in range(kernel)}
    return len(seen)


receptive_field.mistake("A layer of two numbers raises an error: its dilation is 1.", "dilation-demanded")(
    receptive_field.edited("*rest", "dilation", "dilation = rest[0] if rest else 1", "pass")
)
receptive_field.mistake("A layer of three numbers raises an error: the third is the dilation.", "dilation-refused")(
    receptive_field.edited(", *rest", "", "rest[0] if rest else 1", "1")
)
