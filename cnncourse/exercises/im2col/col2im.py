"""Exercise: fold columns back into images."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor

from .im2col import window_settings


@exercise(points=6, minutes=20, after="im2col", refuses="fold")
def col2im(columns, input_shape, kernel_size, stride=1, padding=0):
    """Add every column back where its window was, as `torch.nn.functional.fold` does.

    Parameters
    ----------
    columns : torch.Tensor, shape (N, C * kh * kw, L)
        As `im2col` lays them out.
    input_shape : tuple of four ints
        (N, C, H, W) of the images to build.
    kernel_size, stride, padding : int or (int, int)
        As they were in `im2col`.

    Returns
    -------
    torch.Tensor, shape (N, C, H, W)
        Where windows overlap, their pixels are summed; what fell on padding is dropped.
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    images, channels, height, width = input_shape
    padded = columns.new_zeros(images, channels, height + 2 * ph, width + 2 * pw)
    positions_per_row = (width + 2 * pw - kw) // sw + 1
    for position in range(columns.shape[2]):
        row, column = divmod(position, positions_per_row)
        window = columns[:, :, position].reshape(images, channels, kh, kw)
        padded[:, :, row * sh : row * sh + kh, column * sw : column * sw + kw] += window
    return padded[:, :, ph : ph + height, pw : pw + width]


EIGHT = torch.arange(1.0, 9).reshape(1, 4, 2)
PAIRS = {"input_shape": (1, 1, 1, 2), "kernel_size": (1, 2), "padding": (0, 1)}
GAP = {"input_shape": (1, 2, 1, 5), "kernel_size": (1, 2), "stride": (1, 2)}

col2im.add_visible(
    case("windows side by side", varies="basic", columns=EIGHT, input_shape=(1, 1, 2, 4), kernel_size=2, stride=2),
    case("overlaps are summed", varies="stride", columns=torch.ones(1, 4, 4), input_shape=(1, 1, 3, 3), kernel_size=2),
    case("padding is dropped", varies="padding kernel", columns=torch.arange(1.0, 7).reshape(1, 2, 3), **PAIRS),
    case("two channels, a column that no window covers", varies="channels kernel stride", columns=EIGHT, **GAP),
)


@col2im.random_cases
def fresh(generator):
    for note, tags, dtype, shape, settings in window_settings(generator):
        columns = tensor(generator, *F.unfold(torch.zeros(shape), **settings).shape, dtype=dtype)
        yield case(note, varies=tags, columns=columns, input_shape=shape, **settings)
    columns = tensor(generator, 1, 4, 56)
    note = "padding wider than the kernel"
    yield case(note, varies="padding", columns=columns, input_shape=(1, 1, 2, 3), kernel_size=2, padding=3)


col2im.mistake("Where windows overlap, the last one overwrites the others: sum them.", "overwritten")(
    col2im.edited("+= window", "= window")
)
col2im.same_mistake("overwritten")(  # as `output[:, places] += columns` does
    col2im.edited("+= window", "= window", "range(columns.shape[2])", "reversed(range(columns.shape[2]))")
)


@col2im.mistake(
    "Where windows overlap, they are averaged, which would undo `im2col`: its adjoint sums them.", "averaged"
)
@col2im.variant("Where windows overlap, return the mean of their pixels instead of the sum.")
def mean(columns, input_shape, kernel_size, stride=1, padding=0):
    """Put every column back where its window was, and average where windows overlap.

    Returns
    -------
    torch.Tensor, shape (N, C, H, W)
        What fell on padding is dropped; a pixel that no window covers is 0.
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    images, channels, height, width = input_shape
    total = columns.new_zeros(images, channels, height + 2 * ph, width + 2 * pw)
    covered = torch.zeros_like(total)
    positions_per_row = (width + 2 * pw - kw) // sw + 1
    for position in range(columns.shape[2]):
        top, left = position // positions_per_row * sh, position % positions_per_row * sw
        window = (..., slice(top, top + kh), slice(left, left + kw))
        total[window] += columns[:, :, position].reshape(images, channels, kh, kw)
        covered[window] += 1
    return (total / covered.clamp(min=1))[:, :, ph : ph + height, pw : pw + width]


col2im.mistake("The padding is still there: crop the result to the height and width of `input_shape`.", "not-cropped")(
    col2im.edited("[:, :, ph : ph + height, pw : pw + width]", "")
)
col2im.mistake(
    "The padding is cropped after the image only: it is in front of it as well, so start at (ph, pw).",
    "cropped-from-the-corner",
)(col2im.edited("ph : ph + height, pw : pw + width", ":height, :width"))
col2im.mistake("`[pad:-pad]` is empty where the padding is 0: crop with `[ph : ph + height]`.", "negative-crop")(
    col2im.edited("ph : ph + height, pw : pw + width", "ph:-ph, pw:-pw")
)
col2im.mistake(
    "A column is read as all channels of one pixel, then those of the next: it holds one channel after the other.",
    "channels-inside",
)(col2im.edited("reshape(images, channels, kh, kw)", "reshape(images, kh, kw, channels).permute(0, 3, 1, 2)"))
col2im.mistake("A column is read down the window's columns: it holds the window row by row.", "window-transposed")(
    col2im.edited("reshape(images, channels, kh, kw)", "reshape(images, channels, kw, kh).mT")
)
col2im.mistake("The positions go down the image first: let them go along its rows.", "positions-transposed")(
    col2im.edited("row, column", "column, row", "position, positions", "position, columns.shape[2] // positions")
)
col2im.mistake(
    "The columns are reshaped as if the positions came first, which scrambles them: their axes are "
    "(N, C, kh, kw, rows, columns).",
    "reshape-without-permute",
)(
    col2im.edited(
        "columns[", "columns.reshape(images, channels, -1, kh, kw)[", "].reshape(images, channels, kh, kw)", "]"
    )
)
col2im.mistake("The channels are summed: fold each channel by itself.", "channels-summed")(
    col2im.edited("+= window", "+= window.sum(dim=1, keepdim=True)")
)
col2im.mistake("Every image of the batch gets the first one's columns: fold each image's own.", "first-image-for-all")(
    col2im.edited("+= window", "+= window[:1]")
)


def rows_for_columns(case):
    return case.with_inputs(columns=case.inputs["columns"].mT.contiguous())


@col2im.variant("The windows come as rows: `columns` has the shape (N, L, C * kh * kw).", adapt=rows_for_columns)
def windows_as_rows(columns, input_shape, kernel_size, stride=1, padding=0):
    """Add every row back where its window was.

    Parameters
    ----------
    columns : torch.Tensor, shape (N, L, C * kh * kw)
        One row for each position.
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    images, channels, height, width = input_shape
    padded = columns.new_zeros(images, channels, height + 2 * ph, width + 2 * pw)
    positions_per_row = (width + 2 * pw - kw) // sw + 1
    for position in range(columns.shape[1]):
        top, left = position // positions_per_row * sh, position % positions_per_row * sw
        window = columns[:, position].reshape(images, channels, kh, kw)
        padded[:, :, top : top + kh, left : left + kw] += window
    return padded[:, :, ph : ph + height, pw : pw + width]
