"""What max and average pooling share: cases with no two axes alike, and the mistakes that any pooling invites."""

import torch

from cnncourse.checking.record import case
from cnncourse.exercises.random_inputs import integer, tensor


def pool_case(note, varies, input, kernel_size, **options):
    return case(note, varies=varies, input=input, kernel_size=kernel_size, **options)


def window_cases(generator):
    """Yield a case or two for each thing that any pooling has to get right, then some that combine them."""

    def drawn(note, varies, shape, kernel_size, dtype=torch.float32, **options):
        image = 1 + tensor(generator, *shape, dtype=dtype).abs()
        return pool_case(note, varies, image, kernel_size, **options)

    yield drawn("windows side by side", "basic", (1, 1, 4, 6), 2, stride=2)
    yield drawn("the default stride", "default", (1, 1, 4, 6), 2)
    yield drawn(
        "a wide window on one row", "kernel", (1, 1, 1, 9), (1, 3), stride=3
    )  # a window of other sides fits nowhere
    yield drawn("a tall window on one column", "kernel", (1, 1, 9, 1), (3, 1), stride=3)
    yield drawn("ints, overlapping windows, a remainder", "stride", (1, 1, 6, 10), 3, stride=2)
    yield drawn("gaps between the windows", "stride", (1, 1, 8, 9), 2, stride=(3, 4))
    yield drawn("two channels", "channels", (1, 2, 4, 6), 2, stride=2)
    yield drawn("two images", "batch", (2, 1, 4, 6), 2, stride=2)
    yield drawn("float64", "dtype", (1, 1, 4, 6), 2, torch.float64, stride=2)
    yield drawn("the default stride, a remainder", "default kernel stride channels", (1, 2, 7, 8), (2, 3))
    kernel_size = integer(generator, 2, 3), integer(generator, 4, 5)
    note = "two images, three channels, stride (2, 3), padding (1, 2)"
    tags = "batch channels kernel stride padding"
    yield drawn(note, tags, (2, 3, 7, 9), kernel_size, stride=(2, 3), padding=(1, 2))
    yield drawn(note, f"{tags} dtype", (2, 3, 8, 10), kernel_size, torch.float64, stride=(2, 3), padding=(1, 2))


def add_window_mistakes(pool, ceil, one_sided):
    """Register the mistakes that any pooling invites.

    Parameters
    ----------
    pool : Exercise
    ceil : callable
        The same pooling with the output's size rounded up.
    one_sided : callable
        The same pooling with padding only before each axis.
    """
    pool.mistake("Without `stride` the window moves by 1: by default it moves by its own size.", "stride-one")(
        pool.edited("stride = (kh, kw) if", "stride = 1 if")
    )
    pool.mistake("`stride` is ignored: use the window's size only when `stride` is None.", "stride-ignored")(
        pool.edited("sh, sw = (stride, stride) if isinstance(stride, int) else stride", "sh, sw = kh, kw")
    )
    pool.mistake(
        "The windows start at neighbouring pixels: that of output (r, c) starts at row r * stride, column c * stride.",
        "windows-at-every-pixel",
    )(pool.edited("row * sh", "row", "column * sw", "column"))
    pool.mistake(
        "Without `stride` the window moves by its height along both axes: across the image it moves by its width.",
        "height-as-stride",
    )(pool.edited("stride = (kh, kw) if", "stride = kh if"))
    pool.mistake("A pair of numbers breaks it: `kernel_size`, `stride` and `padding` may be pairs.", "pairs-refused")(
        pool.edited(
            "(kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size",
            "(kernel_size + 0, kernel_size + 0)",
            "(stride, stride) if isinstance(stride, int) else stride",
            "(stride, stride) if stride == (kh, kw) else (stride + 0, stride + 0)",
            "(padding, padding) if isinstance(padding, int) else padding",
            "(padding + 0, padding + 0)",
            "stride = (kh, kw) if",
            "stride = kh if",
        )
    )
    pool.mistake("Every pair is taken as (width, height): the first number is for the height.", "pairs-swapped")(
        pool.edited(
            "kh, kw = (k",
            "kw, kh = (k",
            "sh, sw =",
            "sw, sh =",
            "ph, pw =",
            "pw, ph =",
            "stride = (kh, kw)",
            "stride = (kw, kh)",
        )
    )
    pool.mistake("The window is treated as square: read its height and its width separately.", "square-window")(
        pool.edited("    sh, sw =", "    kw = kh\n    sh, sw =")
    )
    pool.mistake("The window's two numbers are swapped: the first is its height.", "swapped-window")(
        pool.edited("    sh, sw =", "    kh, kw = kw, kh\n    sh, sw =")
    )
    pool.mistake("The stride's two numbers are swapped: the first is for the height.", "swapped-stride")(
        pool.edited("stride = (kh, kw)", "stride = (kw, kh)", "sh, sw =", "sw, sh =")
    )
    pool.same_mistake("swapped-stride")(pool.edited("sh, sw =", "sw, sh ="))
    pool.mistake(
        "The padding's two numbers are swapped: the first is for the height. (`F.pad` expects the width first.)",
        "swapped-padding",
    )(pool.edited("ph, pw =", "pw, ph ="))
    pool.mistake("The padding is ignored: pad the image before the windows are placed.", "padding-ignored")(
        pool.edited("(pw, pw, ph, ph)", "(0, 0, 0, 0)")
    )
    pool.mistake("The image is padded on one side only: pad before and after it, on both axes.", "one-sided-padding")(
        one_sided
    )
    pool.mistake("Windows that extend beyond the padded image are kept: take whole ones only.", "partial-windows")(ceil)
    pool.mistake(
        "The last row and column of windows are missing: n steps visit n + 1 positions.", "missing-last-position"
    )(pool.edited("// sh + 1", "// sh", "// sw + 1", "// sw"))
    pool.mistake("Every image gets the first one's output: pool each image by itself.", "first-image-for-all")(
        pool.edited("= padded[:, :,", "= padded[:1, :,")
    )
