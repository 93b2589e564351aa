"""Exercise: how large is a convolution's output?"""

import math

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=4, minutes=10)
def calculate_output_shape(image_size, kernel, stride, padding):
    """Compute the height and width of a convolution's output.

    Parameters
    ----------
    image_size, kernel, stride, padding : list of two ints
        In the order [height, width]. Padding is added on both sides.

    Returns
    -------
    list of two ints
        [H_out, W_out].

    Raises
    ------
    ValueError
        If the kernel is larger than the padded image, a stride is less than 1 or a padding is negative.
    """
    output = []
    for size, k, s, p in zip(image_size, kernel, stride, padding, strict=True):
        if s < 1 or p < 0:
            raise ValueError(f"`stride` must be at least 1 and `padding` at least 0, not {stride} and {padding}")
        room = size + 2 * p - k
        if room < 0:
            raise ValueError(f"`kernel` {kernel} is larger than the image {image_size} with padding {padding}")
        output.append(room // s + 1)
    return output


calculate_output_shape.add_visible(
    case("an 8x8 digit, a 3x3 kernel", varies="basic", image_size=[8, 8], kernel=[3, 3], stride=[1, 1], padding=[0, 0]),
    case("not square", varies="axis", image_size=[6, 9], kernel=[3, 2], stride=[1, 1], padding=[0, 0]),
    case("a remainder", varies="stride axis", image_size=[8, 9], kernel=[3, 3], stride=[2, 4], padding=[0, 0]),
    case("padding", varies="padding stride axis", image_size=[5, 7], kernel=[3, 3], stride=[2, 3], padding=[1, 2]),
    case(
        "the kernel just fits",
        varies="kernel axis stride padding",
        image_size=[3, 5],
        kernel=[5, 5],
        stride=[2, 2],
        padding=[1, 0],
    ),
    case("too large a kernel", varies="error", image_size=[4, 8], kernel=[5, 3], stride=[1, 1], padding=[0, 1]),
    case("a stride of 0", varies="error", image_size=[8, 8], kernel=[3, 3], stride=[1, 0], padding=[0, 0]),
    case("padding -1", varies="error", image_size=[8, 8], kernel=[3, 3], stride=[1, 1], padding=[0, -1]),
)


@calculate_output_shape.random_cases
def fresh(generator):
    def sizes(note, varies, image_size, kernel=(3, 3), stride=(1, 1), padding=(0, 0)):
        given = {"image_size": image_size, "kernel": kernel, "stride": stride, "padding": padding}
        return case(note, varies=varies, **{name: list(pair) for name, pair in given.items()})

    side, height, step, rest = (integer(generator, *bounds) for bounds in ((7, 40), (5, 20), (2, 4), (6, 20)))
    yield sizes("a square image", "basic", (side, side))
    yield sizes("an image that is not square", "axis", (height, height + integer(generator, 1, 20)))
    yield sizes("a kernel that is not square", "axis", (side, side), kernel=(1, integer(generator, 2, 6)))
    yield sizes("a stride that fits", "stride", (3 + step * rest,) * 2, stride=(step, step))
    yield sizes("a stride with a remainder", "stride", (4 + step * rest,) * 2, stride=(step, step))
    yield sizes("padding", "padding", (side, side), padding=(integer(generator, 1, 3),) * 2)
    yield sizes("a 1x1 kernel", "kernel", (side, side), kernel=(1, 1))
    yield sizes("a kernel as large as the image", "kernel", (side, side), kernel=(side, side))
    yield sizes("a kernel one pixel too high", "error", (side, side + 1), kernel=(side + 1, 3))
    yield sizes("a kernel that the padding does not save", "error", (3, side), kernel=(6, 3), padding=(1, 1))
    yield sizes("a negative stride", "error", (side, side), stride=(1, -step))
    yield sizes("a stride of 0", "error", (side, side), stride=(0, 1))
    yield sizes("a negative padding", "error", (side, side), padding=(-1, 0))
    for _ in range(3):
        kernel = integer(generator, 1, 5), integer(generator, 1, 7)
        stride = integer(generator, 1, 4), integer(generator, 1, 4)
        padding = integer(generator, 0, 3), integer(generator, 0, 3)
        image_size = integer(generator, 7, 40), integer(generator, 7, 40)
        yield sizes("all at once", "axis kernel stride padding", image_size, kernel, stride, padding)


def per_axis(rule, refuses=True):
    """Make a wrong answer that applies `rule` to each axis and, with `refuses`, raises where the solution does."""

    def answer(image_size, kernel, stride, padding):
        if refuses:
            calculate_output_shape(image_size, kernel, stride, padding)
        return [rule(*axis) for axis in zip(image_size, kernel, stride, padding, strict=True)]

    return answer


calculate_output_shape.mistake(
    "Padding is counted on one side only: it is added before and after, so count it twice.", "one-sided-padding"
)(per_axis(lambda n, k, s, p: (n + p - k) // s + 1))
calculate_output_shape.mistake(
    "The division rounds up: a last step that would leave the image is not taken, so round down.", "rounds-up"
)(per_axis(lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1))
calculate_output_shape.mistake(
    "The first position is not counted: n steps visit n + 1 positions, so add 1.", "no-plus-one"
)(per_axis(lambda n, k, s, p: (n + 2 * p - k) // s))
calculate_output_shape.mistake(
    "The sizes are floats: use integer division (//), since a size is a whole number.", "floats"
)(per_axis(lambda n, k, s, p: (n + 2 * p - k) / s + 1))
calculate_output_shape.mistake(
    "Height and width are swapped: every list here is [height, width], and so is the result.", "swapped-axes"
)(lambda *settings: calculate_output_shape(*settings)[::-1])
calculate_output_shape.mistake(
    "Impossible settings are accepted: raise ValueError for a kernel that does not fit, a stride below 1 and a "
    "negative padding.",
    "no-refusal",
)(per_axis(lambda n, k, s, p: (n + 2 * p - k) // s + 1 if s else 0, refuses=False))
calculate_output_shape.same_mistake("no-refusal")(per_axis(lambda n, k, s, p: (n + 2 * p - k) // s + 1, refuses=False))


@calculate_output_shape.same_mistake("one-sided-padding")
def padding_once(image_size, kernel, stride, padding):
    if (
        min(stride) < 1
        or min(padding) < 0
        or any(n + p < k for n, k, p in zip(image_size, kernel, padding, strict=True))
    ):
        raise ValueError
    return [(n + p - k) // s + 1 for n, k, s, p in zip(image_size, kernel, stride, padding, strict=True)]


@calculate_output_shape.mistake("The height's stride is used for the width as well: each axis has its own.")
def stride_of_the_height(image_size, kernel, stride, padding):
    calculate_output_shape(image_size, kernel, stride, padding)
    return calculate_output_shape(image_size, kernel, [stride[0], stride[0]], padding)


@calculate_output_shape.variant(
    "Round up instead of down: a last step after which the kernel extends beyond the end is taken too."
)
def ceil(image_size, kernel, stride, padding):
    """Compute the height and width of a convolution's output, rounded up."""
    output = []
    for size, k, s, p in zip(image_size, kernel, stride, padding, strict=True):
        if s < 1 or p < 0 or size + 2 * p < k:
            raise ValueError(f"no output for image {image_size}, kernel {kernel}, stride {stride}, padding {padding}")
        output.append(math.ceil((size + 2 * p - k) / s) + 1)
    return output
