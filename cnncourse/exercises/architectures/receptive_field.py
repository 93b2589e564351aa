"""Exercise: how many image pixels one output pixel sees."""

from .. import drawing
from ..record import Exercise, Misconception, case


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


def _pixels_seen(layers):
    """Count the pixels that are seen, without the gaps."""
    seen = {0}
    for kernel, stride, *rest in reversed(layers):
        dilation = rest[0] if rest else 1
        seen = {pixel * stride + offset * dilation for pixel in seen for offset in range(kernel)}
    return len(seen)


def _three_numbers(layers):
    return receptive_field([(kernel, stride, dilation) for kernel, stride, dilation in layers])


def _two_numbers(layers):
    return receptive_field([(kernel, stride) for kernel, stride in layers])


def _product(layers):
    field = 1
    for kernel, *_ in layers:
        field *= kernel
    return field


def _fresh(generator):
    for count in (2, 3, 4):
        layers = []
        for number in range(count):
            layer = (drawing.integer(generator, 2, 5), drawing.integer(generator, 1, 3))
            layers.append(layer if number % 2 else (*layer, drawing.integer(generator, 2, 3)))
        yield case("layers drawn at random", layers=layers)


EXERCISE = Exercise(
    solved=receptive_field,
    chapter="architectures",
    prompt="""
A network that cannot see far enough cannot find a large object. Given a stack of convolutions and poolings, each as
`(kernel, stride)` or `(kernel, stride, dilation)`, say how many image pixels there are from the first to the last that
one output pixel depends on, both included, along one axis. Pixels in between count even where a dilation or a large
stride skips them. A layer widens the view by `(kernel - 1) * dilation` of its *own* input pixels: how far apart in the
image are these, after the strides before it? Without any layer an output pixel sees itself: 1.
""",
    objectives=("trace a size back through a network", "see what strides and dilations do to it"),
    out_of_scope=("padding, which changes nothing here", "layers of other kinds"),
    visible=(
        case("no layers", layers=[]),
        case("one convolution", layers=[(3, 1)]),
        case("two convolutions", layers=[(3, 1), (3, 1)]),
        case("a pooling between", layers=[(3, 1), (2, 2), (3, 1)]),
        case("dilation", layers=[(3, 1, 2)]),
        case("a stride that skips pixels", layers=[(1, 3), (2, 1)]),
        case("layers of both kinds", layers=[(5, 2), (3, 1, 4), (2, 2), (3, 3, 1), (4, 1)]),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "own-stride-counted",
            "A layer's own stride counts already for itself: it spreads only the layers after it.",
            _stack(widen=lambda field, k, s, d, jump: field + (k - 1) * d * jump * s),
        ),
        Misconception(
            "strides-ignored",
            "The strides are left out: after a stride of 2, each further pixel is two image pixels wide.",
            _stack(widen=_right, move=lambda jump, s, d: 1),
        ),
        Misconception(
            "only-the-last-stride",
            "Only the stride of the layer before counts: all strides before a layer multiply.",
            _stack(widen=_right, move=lambda jump, s, d: s),
        ),
        Misconception(
            "strides-added",
            "The strides are added up: they multiply.",
            _stack(widen=_right, move=lambda jump, s, d: jump + s - 1),
        ),
        Misconception(
            "dilation-ignored",
            "The dilation is left out: a dilated kernel spans (kernel - 1) * dilation + 1 pixels.",
            _stack(widen=lambda field, k, s, d, jump: field + (k - 1) * jump),
        ),
        Misconception(
            "dilated-kernel-too-wide",
            "A dilated kernel is taken to span kernel * dilation pixels: it spans (kernel - 1) * dilation + 1.",
            _stack(widen=lambda field, k, s, d, jump: field + (k * d - 1) * jump),
        ),
        Misconception(
            "dilation-as-stride",
            "The dilation spreads the layers after it: only strides do that.",
            _stack(widen=_right, move=lambda jump, s, d: jump * s * d),
        ),
        Misconception(
            "last-layer-first",
            "The layers are taken in the wrong order: the first layer comes first in the list.",
            _stack(widen=_right, order=lambda layers: layers[::-1]),
        ),
        Misconception(
            "kernels-added",
            "Whole kernels are added: neighbouring windows overlap, so each layer adds one pixel less than its kernel.",
            _stack(widen=lambda field, k, s, d, jump: field + k * d * jump),
        ),
        Misconception(
            "starts-at-0",
            "The count starts at 0: the pixel itself is one.",
            _stack(widen=_right, start=0),
        ),
        Misconception(
            "kernels-multiplied",
            "The kernels are multiplied: each layer adds to the field.",
            _product,
        ),
        Misconception(
            "gaps-left-out",
            "Pixels that are skipped are left out: count from the first to the last that is seen.",
            _pixels_seen,
        ),
        Misconception(
            "dilation-demanded",
            "A layer of two numbers breaks it: without a dilation it is 1.",
            _three_numbers,
        ),
        Misconception(
            "dilation-refused",
            "A layer of three numbers breaks it: the third is the dilation.",
            _two_numbers,
        ),
    ),
    hints=(
        "After a layer with stride 2, how many image pixels apart are two neighbours?",
        "Carry two numbers through the stack: the field so far, and how far apart neighbours are (at first 1 and 1).",
        "For each layer: `field += (kernel - 1) * dilation * jump`, then `jump *= stride`.",
    ),
    points=4,
    minutes=12,
    prerequisites=("calculate_output_shape",),
)
