"""What the pooling exercises share: calls in which no two axes are alike, and the mistakes that any pooling invites."""

import inspect

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case
from cnncourse.exercises.random_inputs import integer, tensor

LAST_STEP_MISSES = "stride (2, 3) with a remainder"


def pair(value):
    """Return an int or a pair as a pair."""
    return (value, value) if isinstance(value, int) else tuple(value)


def like(pool):
    """Give a wrong pooling the parameters of a right one; it gets all of them by position."""
    signature = inspect.signature(pool.solved)

    def decorate(wrong):
        def answer(*args, **kwargs):
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            return wrong(*given.arguments.values())

        answer.__signature__ = signature
        return answer

    return decorate


def altered(pool, change):
    """Make a wrong pooling out of a right one: `change` alters (input, kernel_size, stride, padding), all pairs."""

    @like(pool)
    def answer(input, kernel_size, stride, padding, *options):
        kernel_size = pair(kernel_size)
        stride = kernel_size if stride is None else pair(stride)
        return pool(*change(input, kernel_size, stride, pair(padding)), *options)

    return answer


def size_with_remainder(generator, window, stride, padding):
    """Draw a length along one axis for which a last step would leave the padded image."""
    steps = integer(generator, 2, 3)
    return window - 2 * padding + steps * stride + integer(generator, 1, stride - 1)


def padded_cases(generator, **options):
    """Yield calls with two images, three channels, stride (2, 3), padding (1, 2) and a remainder."""
    for dtype in (torch.float32, torch.float64):
        kh, kw = integer(generator, 2, 3), integer(generator, 4, 5)
        height, width = (size_with_remainder(generator, *axis) for axis in ((kh, 2, 1), (kw, 3, 2)))
        yield case(
            f"two images, three channels, {LAST_STEP_MISSES}, padding (1, 2), {str(dtype).removeprefix('torch.')}",
            varies="batch channels stride padding remainder dtype",
            input=tensor(generator, 2, 3, height, width, dtype=dtype),
            kernel_size=(kh, kw),
            stride=(2, 3),
            padding=(1, 2),
            **options,
        )


def plain_cases(generator):
    """Yield calls without padding: default strides, one number or two, overlaps and gaps."""
    yield case(
        "the stride is the window, which does not divide the image",
        varies="default remainder axis",
        input=tensor(generator, 1, 2, 7, 8),
        kernel_size=(2, 3),
    )
    yield case(
        "one number for the window, one for the stride, overlapping",
        varies="default overlap",
        input=tensor(generator, 2, 1, 5, 8),
        kernel_size=3,
        stride=2,
    )
    yield case(
        "windows with gaps between them",
        varies="stride axis",
        input=tensor(generator, 1, 1, 8, 9),
        kernel_size=(2, 1),
        stride=(3, 4),
    )


def _first_image_for_all(pool):
    return like(pool)(lambda input, *settings: pool(input[:1], *settings).expand(len(input), -1, -1, -1))


def _stride_one(pool):
    @like(pool)
    def answer(input, kernel_size, stride, *settings):
        return pool(input, kernel_size, 1 if stride is None else stride, *settings)

    return answer


def _last_missing(pool):
    return like(pool)(lambda *settings: pool(*settings)[:, :, :-1, :-1])


def _stride_swapped_where_given(pool):
    @like(pool)
    def answer(input, kernel_size, stride, *settings):
        return pool(input, kernel_size, None if stride is None else pair(stride)[::-1], *settings)

    return answer


def _one_sided(pool, value):
    def change(input, kernel_size, stride, padding):
        return F.pad(input, (padding[1], 0, padding[0], 0), value=value), kernel_size, stride, 0

    return altered(pool, change)


def add_window_mistakes(pool, torch_pool, padding_value):
    """Register the mistakes that any pooling invites.

    Parameters
    ----------
    pool : Exercise
    torch_pool : callable
        Torch's function for the same pooling.
    padding_value : float
        What padding consists of.
    """

    pool.mistake(
        "The stride defaults to 1: without a stride the windows lie side by side, so it is the window's size.",
        "stride-one",
    )(_stride_one(pool))
    pool.mistake("The stride is ignored: the window always moves on by its own size.", "stride-ignored")(
        altered(pool, lambda x, k, s, p: (x, k, k, p))
    )
    pool.mistake("The window is treated as square: its height is used for its width as well.", "square-window")(
        altered(pool, lambda x, k, s, p: (x, k[0], s, p))
    )
    pool.mistake("The window's two numbers are swapped: the first is its height.", "swapped-window")(
        altered(pool, lambda x, k, s, p: (x, k[::-1], s, p))
    )
    pool.mistake("The stride's two numbers are swapped: the first is for the height.", "swapped-stride")(
        _stride_swapped_where_given(pool)
    )
    pool.same_mistake("swapped-stride")(altered(pool, lambda x, k, s, p: (x, k, s[::-1], p)))
    pool.mistake(
        "The padding's two numbers are swapped: the first is for the height. (`F.pad` wants the width first.)",
        "swapped-padding",
    )(altered(pool, lambda x, k, s, p: (x, k, s, p[::-1])))
    pool.mistake("The padding is ignored: it goes around the image before the windows are laid.", "padding-ignored")(
        altered(pool, lambda x, k, s, p: (x, k, s, 0))
    )
    pool.mistake("Padding is put on one side only: it goes before and after, on both axes.", "one-sided-padding")(
        _one_sided(pool, padding_value)
    )

    @pool.mistake(
        "Windows that hang over the end are kept: a last step that would leave the image is not taken.",
        "partial-windows",
    )
    @like(pool)
    def partial_windows(input, kernel_size, stride, padding, *count_include_pad):
        options = dict(zip(["count_include_pad"], count_include_pad, strict=False))
        return torch_pool(input, kernel_size, stride, padding, ceil_mode=True, **options)

    pool.mistake(
        "The last row and column of windows are missing: n steps visit n + 1 positions.", "missing-last-position"
    )(_last_missing(pool))
    pool.mistake("Every image of the batch gets the first one's output.", "first-image-for-all")(
        _first_image_for_all(pool)
    )
