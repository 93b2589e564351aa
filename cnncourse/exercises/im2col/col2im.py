"""Exercise: fold columns back into images."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor

from .im2col import pair, window_settings


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


def _rows_for_columns(case):
    return case.with_inputs(columns=case.inputs["columns"].mT.contiguous())


def _not_cropped(columns, input_shape, kernel_size, stride=1, padding=0):
    (ph, pw), (images, channels, height, width) = pair(padding), input_shape
    return col2im(columns, (images, channels, height + 2 * ph, width + 2 * pw), kernel_size, stride)


def _axes(columns, input_shape, kernel_size, stride, padding):
    """Give the columns their six axes: (N, C, kh, kw, rows, columns)."""
    (kh, kw), (sh, _), (ph, _) = map(pair, (kernel_size, stride, padding))
    rows = (input_shape[2] + 2 * ph - kh) // sh + 1
    return columns.unflatten(2, (rows, -1)).unflatten(1, (input_shape[1], kh, kw))


def _read_as(read):
    """Make a wrong answer that reads the columns' axes in another order."""

    def answer(columns, input_shape, kernel_size, stride=1, padding=0):
        six = _axes(columns, input_shape, kernel_size, stride, padding)
        return col2im(read(columns, six.shape).reshape(columns.shape), input_shape, kernel_size, stride, padding)

    return answer


def _channels_inside(columns, axes):
    n, c, kh, kw, _, _ = axes
    return columns.reshape(n, kh, kw, c, -1).permute(0, 3, 1, 2, 4)


def _window_transposed(columns, axes):
    n, c, kh, kw, _, _ = axes
    return columns.reshape(n, c, kw, kh, -1).transpose(2, 3)


def _positions_transposed(columns, axes):
    return columns.unflatten(2, axes[:3:-1]).mT


def _scrambled(columns, axes):
    n, c, kh, kw, rows, lines = axes
    return columns.reshape(n, c, rows, lines, kh, kw).permute(0, 1, 4, 5, 2, 3)


col2im.add_visible(
    case(
        "windows side by side",
        varies="basic",
        columns=torch.arange(1.0, 9).reshape(1, 4, 2),
        input_shape=(1, 1, 2, 4),
        kernel_size=2,
        stride=2,
    ),
    case("overlaps are summed", varies="overlap", columns=torch.ones(1, 4, 4), input_shape=(1, 1, 3, 3), kernel_size=2),
    case(
        "padding is dropped",
        varies="padding",
        columns=torch.arange(1.0, 7).reshape(1, 2, 3),
        input_shape=(1, 1, 1, 2),
        kernel_size=(1, 2),
        padding=(0, 1),
    ),
    case(
        "two channels, a column that no window covers",
        varies="channels remainder",
        columns=torch.arange(1.0, 9).reshape(1, 4, 2),
        input_shape=(1, 2, 1, 5),
        kernel_size=(1, 2),
        stride=(1, 2),
    ),
)


@col2im.random_cases
def _fresh(generator):
    for dtype, shape, settings in window_settings(generator):
        probe = F.unfold(torch.zeros(shape), **settings)
        note = ", ".join([str(dtype).removeprefix("torch."), *(f"{name} {value}" for name, value in settings.items())])
        columns = tensor(generator, *probe.shape, dtype=dtype)
        yield case(
            note,
            varies=" ".join(settings).replace("kernel_size", "kernel"),
            columns=columns,
            input_shape=shape,
            **settings,
        )
    yield case(
        "padding wider than the kernel",
        varies="padding extreme",
        columns=tensor(generator, 1, 4, 56),
        input_shape=(1, 1, 2, 3),
        kernel_size=2,
        padding=3,
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


@col2im.variant("The windows come as rows: `columns` has the shape (N, L, C * kh * kw).", adapt=_rows_for_columns)
def windows_as_rows(columns, input_shape, kernel_size, stride=1, padding=0):
    """Add every row back where its window was.

    Parameters
    ----------
    columns : torch.Tensor, shape (N, L, C * kh * kw)
        One row for each position.
    kernel_size, stride, padding : int or (int, int)
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


@col2im.mistake("Where windows overlap, the last one overwrites the others: sum them.")
def overwritten(columns, input_shape, kernel_size, stride=1, padding=0):
    (kh, kw), (sh, sw), (ph, pw) = map(pair, (kernel_size, stride, padding))
    images, channels, height, width = input_shape
    padded = columns.new_zeros(images, channels, height + 2 * ph, width + 2 * pw)
    per_row = (width + 2 * pw - kw) // sw + 1
    for position in range(columns.shape[2]):
        top, left = position // per_row * sh, position % per_row * sw
        padded[:, :, top : top + kh, left : left + kw] = columns[:, :, position].reshape(images, channels, kh, kw)
    return padded[:, :, ph : ph + height, pw : pw + width]


col2im.mistake(
    "Where windows overlap, they are averaged: that would undo `im2col`; its adjoint sums them.", "averaged"
)(mean)
col2im.mistake("The padding is still there: crop the result to the height and width of `input_shape`.", "not-cropped")(
    _not_cropped
)


@col2im.mistake("The padding is cropped after the image only: it lies before it as well, so start at (ph, pw).")
def cropped_from_the_corner(columns, input_shape, kernel_size, stride=1, padding=0):
    return _not_cropped(columns, input_shape, kernel_size, stride, padding)[:, :, : input_shape[2], : input_shape[3]]


col2im.mistake("A column is read with the channel innermost: it holds one channel after the other.", "channels-inside")(
    _read_as(_channels_inside)
)
col2im.mistake("A column is read down the window's columns: it holds the window row by row.", "window-transposed")(
    _read_as(_window_transposed)
)
col2im.mistake("The positions are taken down the image first: they go along its rows.", "positions-transposed")(
    _read_as(_positions_transposed)
)
col2im.mistake(
    "The columns are reshaped as if the positions came first, which scrambles them: they are "
    "(N, C, kh, kw, rows, columns).",
    "reshape-without-permute",
)(_read_as(_scrambled))


@col2im.mistake("The channels are added up: each channel comes back by itself.")
def channels_summed(columns, input_shape, kernel_size, stride=1, padding=0):
    image = col2im(columns, input_shape, kernel_size, stride, padding)
    return image.sum(dim=1, keepdim=True).expand_as(image)


@col2im.mistake("Every image of the batch gets the first one's columns.")
def first_image_for_all(columns, input_shape, kernel_size, stride=1, padding=0):
    return col2im(columns[:1].expand_as(columns), input_shape, kernel_size, stride, padding)
