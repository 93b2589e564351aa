"""Exercise: unfold an image's windows into columns."""

import torch
import torch.nn.functional as F

from .. import drawing
from ..record import Exercise, Misconception, Variant, case


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


def im2col_windows_as_rows(input, kernel_size, stride=1, padding=0):
    """Unfold every window of every image into a row.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C, H, W)
    kernel_size, stride, padding : int or (int, int)
        An int stands for both axes; a pair is (height, width).

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


def im2col_channels_last(input, kernel_size, stride=1, padding=0):
    """Unfold every window of every image into a column, pixel by pixel.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C, H, W)
    kernel_size, stride, padding : int or (int, int)
        An int stands for both axes; a pair is (height, width).

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


def pair(value):
    """Return an int or a pair as a pair."""
    return (value, value) if isinstance(value, int) else tuple(value)


def _windows(input, kernel_size, stride, padding):
    """Lay the windows out: (N, C, kh, kw, rows, columns)."""
    (kh, kw), (sh, sw), (ph, pw) = map(pair, (kernel_size, stride, padding))
    padded = F.pad(input, (pw, pw, ph, ph))
    return padded.unfold(2, kh, sh).unfold(3, kw, sw).permute(0, 1, 4, 5, 2, 3)


def _ordered(*axes):
    """Make a wrong answer that lays the windows' axes out in another order before it flattens them."""

    def answer(input, kernel_size, stride=1, padding=0):
        windows = _windows(input, kernel_size, stride, padding)
        return windows.permute(axes).reshape(len(input), -1, windows.shape[4] * windows.shape[5])

    return answer


def _as_rows(input, kernel_size, stride=1, padding=0):
    return im2col(input, kernel_size, stride, padding).mT


def _batch_in_the_matrix(input, kernel_size, stride=1, padding=0):
    return im2col(input, kernel_size, stride, padding).transpose(0, 1).flatten(1)


def _altered(change):
    def answer(input, kernel_size, stride=1, padding=0):
        return im2col(*change(input, pair(kernel_size), pair(stride), pair(padding)))

    return answer


def _one_sided(input, kernel_size, stride, padding):
    return F.pad(input, (padding[1], 0, padding[0], 0)), kernel_size, stride, 0


def _first_image_for_all(input, kernel_size, stride=1, padding=0):
    return im2col(input[:1], kernel_size, stride, padding).expand(len(input), -1, -1)


def _last_missing(input, kernel_size, stride=1, padding=0):
    return _windows(input, kernel_size, stride, padding)[..., :-1, :-1].flatten(4).flatten(1, 3)


def window_settings(generator):
    """Yield (dtype, input shape, settings) in which no two axes are alike."""
    for dtype in (torch.float32, torch.float64):
        kh, kw = drawing.integer(generator, 1, 2), drawing.integer(generator, 3, 4)
        height = kh - 2 + 2 * drawing.integer(generator, 2, 3) + 1
        width = kw - 4 + 3 * drawing.integer(generator, 2, 3) + drawing.integer(generator, 1, 2)
        yield dtype, (2, 3, height, width), {"kernel_size": (kh, kw), "stride": (2, 3), "padding": (1, 2)}
    yield torch.float32, (1, 2, 5, 6), {"kernel_size": (3, 2)}
    yield torch.float32, (2, 1, 5, 8), {"kernel_size": 3, "stride": 2, "padding": 1}
    yield torch.float32, (1, 1, 3, 4), {"kernel_size": (2, 3), "padding": (0, 2)}
    yield torch.float32, (1, 2, 6, 8), {"kernel_size": (1, 2), "stride": (3, 4)}


def _fresh(generator):
    for dtype, shape, settings in window_settings(generator):
        note = ", ".join([str(dtype).removeprefix("torch."), *(f"{name} {value}" for name, value in settings.items())])
        yield case(note, input=drawing.tensor(generator, *shape, dtype=dtype), **settings)


_IMAGE = torch.arange(1.0, 13).reshape(1, 1, 3, 4)

EXERCISE = Exercise(
    solved=im2col,
    chapter="im2col",
    prompt="""
Machines multiply large matrices very fast, and loop over small windows slowly. So libraries copy every window of the
image into a column of one matrix; a pixel that lies in four windows is copied four times. Build that matrix for each
image of a batch. Inside a column the order is channel, row, column of the window; the columns follow the positions row
by row. `F.unfold` is what you build, so it is refused; `Tensor.unfold`, which shows windows as a view, is not.
""",
    objectives=("see convolution's windows as a matrix", "keep six axes in order"),
    out_of_scope=("dilation", "speed"),
    visible=(
        case("four windows", input=torch.arange(1.0, 10).reshape(1, 1, 3, 3), kernel_size=2),
        case("a window that is not square", input=_IMAGE, kernel_size=(2, 3)),
        case("padding", input=torch.tensor([[[[1.0, 2.0]]]]), kernel_size=(1, 2), padding=(0, 1)),
        case("a stride with a remainder", input=_IMAGE, kernel_size=(2, 1), stride=(2, 3)),
        case("two channels", input=torch.cat([_IMAGE, -_IMAGE], dim=1), kernel_size=(2, 2), stride=(1, 2)),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "reshape-without-permute",
            "The windows are reshaped before their axes are in order, which scrambles them: the order is "
            "(N, C, kh, kw, rows, columns), then flatten.",
            _ordered(0, 1, 4, 5, 2, 3),
        ),
        Misconception(
            "windows-as-rows",
            "Each window is a row: make it a column, so that the result is (N, C * kh * kw, L).",
            _as_rows,
        ),
        Misconception(
            "channels-inside",
            "A column runs through the channels of each pixel: it holds one channel after the other.",
            _ordered(0, 2, 3, 1, 4, 5),
        ),
        Misconception(
            "window-transposed",
            "A window is read down its columns: read it along its rows.",
            _ordered(0, 1, 3, 2, 4, 5),
        ),
        Misconception(
            "positions-transposed",
            "The positions go down the image first: they go along its rows.",
            _ordered(0, 1, 2, 3, 5, 4),
        ),
        Misconception(
            "batch-in-the-matrix",
            "All images are in one matrix: keep the batch axis in front.",
            _batch_in_the_matrix,
        ),
        Misconception(
            "square-window",
            "The window is treated as square: its height is used for its width as well.",
            _altered(lambda x, k, s, p: (x, k[0], s, p)),
        ),
        Misconception(
            "stride-ignored",
            "The stride is ignored: the window moves on by `stride` pixels.",
            _altered(lambda x, k, s, p: (x, k, 1, p)),
        ),
        Misconception(
            "stride-is-the-window",
            "The window moves on by its own size, as in pooling: here it moves on by `stride` pixels.",
            _altered(lambda x, k, s, p: (x, k, k, p)),
        ),
        Misconception(
            "swapped-stride",
            "The stride's two numbers are swapped: the first is for the height.",
            _altered(lambda x, k, s, p: (x, k, s[::-1], p)),
        ),
        Misconception(
            "padding-ignored",
            "The padding is ignored: zeros go around the image first.",
            _altered(lambda x, k, s, p: (x, k, s, 0)),
        ),
        Misconception(
            "swapped-padding",
            "The padding's two numbers are swapped: the first is for the height. (`F.pad` wants the width first.)",
            _altered(lambda x, k, s, p: (x, k, s, p[::-1])),
        ),
        Misconception(
            "one-sided-padding",
            "Padding is put on one side only: it goes before and after, on both axes.",
            _altered(_one_sided),
        ),
        Misconception(
            "missing-last-position",
            "The last row and column of positions are missing: n steps visit n + 1 positions.",
            _last_missing,
        ),
        Misconception(
            "first-image-for-all",
            "Every image of the batch gets the first one's columns.",
            _first_image_for_all,
        ),
    ),
    hints=(
        "What is the first column for a 3x3 image and a 2x2 window? And the second?",
        "`padded[:, :, top : top + kh, left : left + kw].reshape(N, -1)` is one column of every image.",
        "Collect these for every top (step sh), then every left (step sw), and `torch.stack(columns, dim=2)`.",
    ),
    points=6,
    minutes=15,
    prerequisites=("conv2d",),
    refuses=("unfold",),
    variants=(
        Variant(
            "windows-as-rows",
            "Let each window be a row instead of a column: return (N, L, C * kh * kw).",
            im2col_windows_as_rows,
        ),
        Variant(
            "channels-last",
            "Inside a column the order is row, column, channel instead of channel, row, column.",
            im2col_channels_last,
        ),
    ),
)
