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


def _stack(*, widen, move=lambda jump, stride, dilation: jump * stride, start=1, order=lambda layers: layers):
    """Make a wrong answer: how a layer widens the field and moves the jump can be another."""

    def answer(layers):
        field, jump = start, 1
        for kernel, stride, *rest in order(layers):
            dilation = rest[0] if rest else 1
            field = widen(field, kernel, stride, dilation, jump)
            jump = move(jump, stride, dilation)
        return field

    return answer


def _right(field, kernel, stride, dilation, jump):
    return field + (kernel - 1) * dilation * jump


receptive_field.add_visible(
    case("no layers", varies="zero", layers=[]),
    case("one convolution", varies="basic", layers=[(3, 1)]),
    case("two convolutions", varies="layers", layers=[(3, 1), (3, 1)]),
    case("a pooling between", varies="layers stride", layers=[(3, 1), (2, 2), (3, 1)]),
    case("dilation", varies="dilation", layers=[(3, 1, 2)]),
    case("a stride that skips pixels", varies="stride kernel", layers=[(1, 3), (2, 1)]),
    case(
        "layers of both kinds", varies="layers dilation stride", layers=[(5, 2), (3, 1, 4), (2, 2), (3, 3, 1), (4, 1)]
    ),
)


@receptive_field.random_cases
def _fresh(generator):
    for count in (2, 3, 4):
        layers = []
        for number in range(count):
            layer = (integer(generator, 2, 5), integer(generator, 1, 3))
            layers.append(layer if number % 2 else (*layer, integer(generator, 2, 3)))
        yield case("layers drawn at random", varies="layers kernel stride dilation", layers=layers)


receptive_field.mistake(
    "A layer's own stride counts already for itself: it spreads only the layers after it.", "own-stride-counted"
)(_stack(widen=lambda field, k, s, d, jump: field + (k - 1) * d * jump * s))
receptive_field.mistake(
    "The strides are left out: after a stride of 2, each further pixel is two image pixels wide.", "strides-ignored"
)(_stack(widen=_right, move=lambda jump, s, d: 1))
receptive_field.mistake(
    "Only the stride of the layer before counts: all strides before a layer multiply.", "only-the-last-stride"
)(_stack(widen=_right, move=lambda jump, s, d: s))
receptive_field.mistake("The strides are added up: they multiply.", "strides-added")(
    _stack(widen=_right, move=lambda jump, s, d: jump + s - 1)
)
receptive_field.mistake(
    "The dilation is left out: a dilated kernel spans (kernel - 1) * dilation + 1 pixels.", "dilation-ignored"
)(_stack(widen=lambda field, k, s, d, jump: field + (k - 1) * jump))
receptive_field.mistake(
    "A dilated kernel is taken to span kernel * dilation pixels: it spans (kernel - 1) * dilation + 1.",
    "dilated-kernel-too-wide",
)(_stack(widen=lambda field, k, s, d, jump: field + (k * d - 1) * jump))
receptive_field.mistake("The dilation spreads the layers after it: only strides do that.", "dilation-as-stride")(
    _stack(widen=_right, move=lambda jump, s, d: jump * s * d)
)
receptive_field.mistake(
    "The layers are taken in the wrong order: the first layer comes first in the list.", "last-layer-first"
)(_stack(widen=_right, order=lambda layers: layers[::-1]))
receptive_field.mistake(
    "Whole kernels are added: neighbouring windows overlap, so each layer adds one pixel less than its kernel.",
    "kernels-added",
)(_stack(widen=lambda field, k, s, d, jump: field + k * d * jump))
receptive_field.mistake("The count starts at 0: the pixel itself is one.", "starts-at-0")(_stack(widen=_right, start=0))


@receptive_field.mistake("The kernels are multiplied: each layer adds to the field.")
def kernels_multiplied(layers):
    field = 1
    for kernel, *_ in layers:
        field *= kernel
    return field


@receptive_field.mistake("Pixels that are skipped are left out: count from the first to the last that is seen.")
def gaps_left_out(layers):
    """Count the pixels that are seen, without the gaps."""
    seen = {0}
    for kernel, stride, *rest in reversed(layers):
        dilation = rest[0] if rest else 1
        seen = {pixel * stride + offset * dilation for pixel in seen for offset in range(kernel)}
    return len(seen)


@receptive_field.mistake("A layer of two numbers breaks it: without a dilation it is 1.")
def dilation_demanded(layers):
    return receptive_field([(kernel, stride, dilation) for kernel, stride, dilation in layers])


@receptive_field.mistake("A layer of three numbers breaks it: the third is the dilation.")
def dilation_refused(layers):
    return receptive_field([(kernel, stride) for kernel, stride in layers])
