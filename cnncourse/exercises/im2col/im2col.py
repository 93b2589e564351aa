"""Exercise: unfold an image's windows into columns."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=6, minutes=15, after="conv2d", refuses="unfold")
def im2col(input, kernel_size, stride=1, padding=0):
    """Unfold every window of every image into a column, as `torch.nn.functional.unfold` does.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C, H, W)
    kernel_size, stride, padding : int or (int, int)
        An int stands for both axes; a pair is (height, width).

    Returns
    -------
    torch.Tensor, shape (N, C * kh * kw, L)
        One column for each of the L = H_out * W_out positions, in row order. A column holds the window's pixels channel
        by channel, each channel in row order.
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    padded = F.pad(input, (pw, pw, ph, ph))
    columns = [
        padded[:, :, top : top + kh, left : left + kw].reshape(len(input), -1)  # (N, C*kh*kw)
        for top in range(0, padded.shape[2] - kh + 1, sh)
        for left in range(0, padded.shape[3] - kw + 1, sw)
    ]
    return torch.stack(columns, dim=2)


IMAGE = torch.arange(1.0, 13).reshape(1, 1, 3, 4)
BOTH = torch.cat([IMAGE, -IMAGE], dim=1)

im2col.add_visible(
    case("four windows", varies="basic", input=torch.arange(1.0, 10).reshape(1, 1, 3, 3), kernel_size=2),
    case("a window that is not square", varies="kernel", input=IMAGE, kernel_size=(2, 3)),
    case("padding", varies="padding kernel", input=torch.tensor([[[[1.0, 2]]]]), kernel_size=(1, 2), padding=(0, 1)),
    case("a stride with a remainder", varies="stride kernel", input=IMAGE, kernel_size=(2, 1), stride=(2, 3)),
    case("two channels", varies="channels stride", input=BOTH, kernel_size=(2, 2), stride=(1, 2)),
)


def window_settings(generator):
    """Yield (note, tags, dtype, input shape, settings); no two axes of the combined cases are alike."""
    for note, tags, shape, settings in (
        ("one image, one channel", "basic", (1, 1, 4, 5), {"kernel_size": 2}),
        ("a tall window", "kernel", (1, 1, 5, 7), {"kernel_size": (3, 2)}),
        ("one stride for both axes", "stride", (1, 1, 5, 8), {"kernel_size": 2, "stride": 3}),
        ("stride (2, 3)", "stride", (1, 1, 6, 10), {"kernel_size": 3, "stride": (2, 3)}),
        ("one padding for both axes", "padding", (1, 1, 4, 5), {"kernel_size": 2, "padding": 1}),
        ("padding (1, 2)", "padding", (1, 1, 3, 5), {"kernel_size": 2, "padding": (1, 2)}),
        ("three channels", "channels", (1, 3, 4, 5), {"kernel_size": 2}),
        ("two images", "batch", (2, 1, 4, 5), {"kernel_size": 2}),
        ("gaps between windows", "kernel stride channels", (1, 2, 6, 8), {"kernel_size": (1, 2), "stride": (3, 4)}),
    ):
        yield note, tags, torch.float32, shape, settings
    yield "float64", "dtype", torch.float64, (1, 1, 4, 5), {"kernel_size": 2}
    for dtype, tag in ((torch.float32, ""), (torch.float64, " dtype")):
        kh, kw = integer(generator, 1, 2), integer(generator, 3, 4)
        height = kh - 2 + 2 * integer(generator, 2, 3) + 1
        width = kw - 4 + 3 * integer(generator, 2, 3) + integer(generator, 1, 2)
        settings = {"kernel_size": (kh, kw), "stride": (2, 3), "padding": (1, 2)}
        note = f"two images, three channels, stride (2, 3), padding (1, 2), {dtype}"
        yield note, f"batch channels kernel stride padding{tag}", dtype, (2, 3, height, width), settings


@im2col.random_cases
def fresh(generator):
    for note, tags, dtype, shape, settings in window_settings(generator):
        yield case(note, varies=tags, input=tensor(generator, *shape, dtype=dtype), **settings)


im2col.mistake(
    "The windows are reshaped before their axes are in order, which scrambles them: permute to "
    "(N, C, kh, kw, rows, columns), then flatten.",
    "reshape-without-permute",
)(
    im2col.edited(
        "torch.stack(columns, dim=2)",
        "padded.unfold(2, kh, sh).unfold(3, kw, sw).reshape(len(input), -1, len(columns))",
    )
)


@im2col.mistake("Each window is a row: make it a column, so that the result is (N, C * kh * kw, L).")
@im2col.variant("Let each window be a row instead of a column: return (N, L, C * kh * kw).")
def windows_as_rows(input, kernel_size, stride=1, padding=0):
    """Unfold every window of every image into a row.

    Returns
    -------
    torch.Tensor, shape (N, L, C * kh * kw)
        One row for each of the L = H_out * W_out positions, in row order. A row holds the window's pixels channel by
        channel, each channel in row order.
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    windows = F.pad(input, (pw, pw, ph, ph)).unfold(2, kh, sh).unfold(3, kw, sw)  # (N, C, H_out, W_out, kh, kw)
    return windows.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


@im2col.mistake(
    "A column holds all channels of one pixel, then those of the next: put one channel after the other.",
    "channels-inside",
)
@im2col.variant("Inside a column the order is row, column, channel instead of channel, row, column.")
def channels_last(input, kernel_size, stride=1, padding=0):
    """Unfold every window of every image into a column, pixel by pixel.

    Returns
    -------
    torch.Tensor, shape (N, kh * kw * C, L)
        One column for each of the L = H_out * W_out positions, in row order. A column holds the window's pixels in row
        order, for each pixel all of its channels.
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    windows = F.pad(input, (pw, pw, ph, ph)).unfold(2, kh, sh).unfold(3, kw, sw)  # (N, C, H_out, W_out, kh, kw)
    return windows.permute(0, 4, 5, 1, 2, 3).flatten(4).flatten(1, 3)


im2col.mistake("A window is read down its columns: read it along its rows.", "window-transposed")(
    im2col.edited(".reshape(len(input), -1)", ".mT.flatten(1)")
)
im2col.mistake("The positions go down the image first: let them go along its rows.", "positions-transposed")(
    im2col.edited("dim=2)", "dim=2).unflatten(2, (-1, (padded.shape[3] - kw) // sw + 1)).mT.flatten(2)")
)
im2col.mistake("All images are in one matrix: keep the batch axis in front.", "batch-in-the-matrix")(
    im2col.edited("columns, dim=2)", "columns, dim=2).transpose(0, 1).flatten(1)")
)
im2col.mistake("The window is treated as square: read its height and its width separately.", "square-window")(
    im2col.edited("padded = ", "kw = kh\n    padded = ")
)
im2col.mistake("The stride is ignored: move the window on by `stride` pixels.", "stride-ignored")(
    im2col.edited("padded = ", "sh = sw = 1\n    padded = ")
)
im2col.mistake(
    "The window moves on by its own size, as in pooling: move it by `stride` pixels.", "stride-is-the-window"
)(im2col.edited("padded = ", "sh, sw = kh, kw\n    padded = "))
im2col.mistake("The stride's two numbers are swapped: the first is for the height.", "swapped-stride")(
    im2col.edited("sh, sw = ", "sw, sh = ")
)
im2col.mistake("The padding is ignored: put zeros around the image first.", "padding-ignored")(
    im2col.edited("(pw, pw, ph, ph)", "(0, 0, 0, 0)")
)
im2col.mistake(
    "The padding's two numbers are swapped: the first is for the height. (`F.pad` expects the width first.)",
    "swapped-padding",
)(im2col.edited("ph, pw = ", "pw, ph = "))
im2col.mistake("The image is padded on one side only: pad before and after it, on both axes.", "one-sided-padding")(
    im2col.edited("(pw, pw, ph, ph)", "(pw, 0, ph, 0)")
)
im2col.mistake(
    "The last row and column of positions are missing: n steps visit n + 1 positions.", "missing-last-position"
)(
    im2col.edited(
        "torch.stack(columns, dim=2)",
        "padded.unfold(2, kh, sh).unfold(3, kw, sw)[:, :, :-1, :-1].permute(0, 1, 4, 5, 2, 3).flatten(4).flatten(1, 3)",
    )
)
im2col.mistake(
    "Every image of the batch gets the first one's columns: unfold each image by itself.", "first-image-for-all"
)(im2col.edited("F.pad(input,", "F.pad(input[:1].expand_as(input),"))
