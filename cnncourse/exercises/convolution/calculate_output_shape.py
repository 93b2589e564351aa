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
            raise ValueError(f"stride must be at least 1 and padding at least 0, not {stride} and {padding}")
        room = size + 2 * p - k
        if room < 0:
            raise ValueError(f"kernel {kernel} is larger than the padded image {image_size}, padding {padding}")
        output.append(room // s + 1)
    return output


def _sizes(rule, guarded=True):
    """Make a wrong answer that applies `rule` to each axis; unless `guarded` it never raises."""

    def answer(image_size, kernel, stride, padding):
        if guarded:
            calculate_output_shape(image_size, kernel, stride, padding)
        return [rule(*axis) for axis in zip(image_size, kernel, stride, padding, strict=True)]

    return answer


calculate_output_shape.add_visible(
    case("a digit under a 3x3 kernel", varies="basic", image_size=[8, 8], kernel=[3, 3], stride=[1, 1], padding=[0, 0]),
    case("not square", varies="axis", image_size=[6, 9], kernel=[3, 2], stride=[1, 1], padding=[0, 0]),
    case(
        "stride with a remainder",
        varies="stride remainder",
        image_size=[8, 9],
        kernel=[3, 3],
        stride=[2, 4],
        padding=[0, 0],
    ),
    case("padding on both sides", varies="padding", image_size=[5, 7], kernel=[3, 3], stride=[2, 3], padding=[1, 2]),
    case("the kernel just fits", varies="kernel", image_size=[3, 5], kernel=[5, 5], stride=[2, 2], padding=[1, 0]),
    case(
        "the kernel is larger than the image",
        varies="error kernel",
        image_size=[4, 8],
        kernel=[5, 3],
        stride=[1, 1],
        padding=[0, 1],
    ),
    case("a stride of 0", varies="error stride", image_size=[8, 8], kernel=[3, 3], stride=[1, 0], padding=[0, 0]),
    case(
        "a negative padding", varies="error padding", image_size=[8, 8], kernel=[3, 3], stride=[1, 1], padding=[0, -1]
    ),
)


@calculate_output_shape.random_cases
def _fresh_sizes(generator):
    for _ in range(8):
        kernel = [integer(generator, 1, 5), integer(generator, 1, 7)]
        yield case(
            "sizes drawn at random",
            varies="axis kernel stride padding remainder",
            image_size=[integer(generator, 7, 40), integer(generator, 7, 40)],
            kernel=kernel,
            stride=[integer(generator, 1, 4), integer(generator, 1, 4)],
            padding=[integer(generator, 0, 3), integer(generator, 0, 3)],
        )


@calculate_output_shape.variant(
    "Round up instead of down: a last step after which the kernel hangs over the end is taken too."
)
def ceil(image_size, kernel, stride, padding):
    """Compute the height and width of a convolution's output, rounded up."""
    output = []
    for size, k, s, p in zip(image_size, kernel, stride, padding, strict=True):
        if s < 1 or p < 0 or size + 2 * p < k:
            raise ValueError(f"no output for image {image_size}, kernel {kernel}, stride {stride}, padding {padding}")
        output.append(math.ceil((size + 2 * p - k) / s) + 1)
    return output


calculate_output_shape.mistake(
    "Padding is counted on one side only: it is added before and after, so it counts twice.", "one-sided-padding"
)(_sizes(lambda n, k, s, p: (n + p - k) // s + 1))
calculate_output_shape.mistake(
    "The division rounds up: a last step that would leave the image is not taken, so it rounds down.", "rounds-up"
)(_sizes(lambda n, k, s, p: -((k - n - 2 * p) // s) + 1))
calculate_output_shape.mistake(
    "The first position is missing: the steps are counted, but n steps visit n + 1 positions.", "no-plus-one"
)(_sizes(lambda n, k, s, p: (n + 2 * p - k) // s))
calculate_output_shape.mistake(
    "The sizes come out as floats: use integer division (//), since a size is a whole number.", "floats"
)(_sizes(lambda n, k, s, p: (n + 2 * p - k) / s + 1))


@calculate_output_shape.mistake(
    "Height and width are swapped: every list here is [height, width], and so is the result."
)
def swapped_axes(image_size, kernel, stride, padding):
    return calculate_output_shape(image_size, kernel, stride, padding)[::-1]


@calculate_output_shape.mistake(
    "Impossible settings are not refused: raise ValueError for a kernel that does not fit, a stride below 1 "
    "and a negative padding."
)
def no_refusal(image_size, kernel, stride, padding):
    return [
        math.floor((n + 2 * p - k) / s) + 1 if s else 0
        for n, k, s, p in zip(image_size, kernel, stride, padding, strict=True)
    ]


@calculate_output_shape.same_mistake("no-refusal")
def _unguarded_division(image_size, kernel, stride, padding):
    return [(n + 2 * p - k) // s + 1 for n, k, s, p in zip(image_size, kernel, stride, padding, strict=True)]
