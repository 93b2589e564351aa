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


def _altered(change):
    def answer(input, kernel_size, stride=1, padding=0):
        return im2col(*change(input, pair(kernel_size), pair(stride), pair(padding)))

    return answer


def _one_sided(input, kernel_size, stride, padding):
    return F.pad(input, (padding[1], 0, padding[0], 0)), kernel_size, stride, 0


def window_settings(generator):
    """Yield (dtype, input shape, settings) in which no two axes are alike."""
    for dtype in (torch.float32, torch.float64):
        kh, kw = integer(generator, 1, 2), integer(generator, 3, 4)
        height = kh - 2 + 2 * integer(generator, 2, 3) + 1
        width = kw - 4 + 3 * integer(generator, 2, 3) + integer(generator, 1, 2)
        yield dtype, (2, 3, height, width), {"kernel_size": (kh, kw), "stride": (2, 3), "padding": (1, 2)}
    yield torch.float32, (1, 2, 5, 6), {"kernel_size": (3, 2)}
    yield torch.float32, (2, 1, 5, 8), {"kernel_size": 3, "stride": 2, "padding": 1}
    yield torch.float32, (1, 1, 3, 4), {"kernel_size": (2, 3), "padding": (0, 2)}
    yield torch.float32, (1, 2, 6, 8), {"kernel_size": (1, 2), "stride": (3, 4)}


_IMAGE = torch.arange(1.0, 13).reshape(1, 1, 3, 4)


im2col.add_visible(
    case("four windows", varies="basic", input=torch.arange(1.0, 10).reshape(1, 1, 3, 3), kernel_size=2),
    case("a window that is not square", varies="kernel axis", input=_IMAGE, kernel_size=(2, 3)),
    case("padding", varies="padding", input=torch.tensor([[[[1.0, 2.0]]]]), kernel_size=(1, 2), padding=(0, 1)),
    case("a stride with a remainder", varies="stride remainder", input=_IMAGE, kernel_size=(2, 1), stride=(2, 3)),
    case(
        "two channels", varies="channels", input=torch.cat([_IMAGE, -_IMAGE], dim=1), kernel_size=(2, 2), stride=(1, 2)
    ),
)


@im2col.random_cases
def _fresh(generator):
    for dtype, shape, settings in window_settings(generator):
        note = ", ".join([str(dtype).removeprefix("torch."), *(f"{name} {value}" for name, value in settings.items())])
        yield case(
            note,
            varies=" ".join(settings).replace("kernel_size", "kernel"),
            input=tensor(generator, *shape, dtype=dtype),
            **settings,
        )


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


im2col.mistake(
    "The windows are reshaped before their axes are in order, which scrambles them: the order is "
    "(N, C, kh, kw, rows, columns), then flatten.",
    "reshape-without-permute",
)(_ordered(0, 1, 4, 5, 2, 3))


@im2col.mistake("Each window is a row: make it a column, so that the result is (N, C * kh * kw, L).", "windows-as-rows")
def _as_rows(input, kernel_size, stride=1, padding=0):
    return im2col(input, kernel_size, stride, padding).mT


im2col.mistake(
    "A column runs through the channels of each pixel: it holds one channel after the other.", "channels-inside"
)(_ordered(0, 2, 3, 1, 4, 5))
im2col.mistake("A window is read down its columns: read it along its rows.", "window-transposed")(
    _ordered(0, 1, 3, 2, 4, 5)
)
im2col.mistake("The positions go down the image first: they go along its rows.", "positions-transposed")(
    _ordered(0, 1, 2, 3, 5, 4)
)


@im2col.mistake("All images are in one matrix: keep the batch axis in front.")
def batch_in_the_matrix(input, kernel_size, stride=1, padding=0):
    return im2col(input, kernel_size, stride, padding).transpose(0, 1).flatten(1)


im2col.mistake("The window is treated as square: its height is used for its width as well.", "square-window")(
    _altered(lambda x, k, s, p: (x, k[0], s, p))
)
im2col.mistake("The stride is ignored: the window moves on by `stride` pixels.", "stride-ignored")(
    _altered(lambda x, k, s, p: (x, k, 1, p))
)
im2col.mistake(
    "The window moves on by its own size, as in pooling: here it moves on by `stride` pixels.", "stride-is-the-window"
)(_altered(lambda x, k, s, p: (x, k, k, p)))
im2col.mistake("The stride's two numbers are swapped: the first is for the height.", "swapped-stride")(
    _altered(lambda x, k, s, p: (x, k, s[::-1], p))
)
im2col.mistake("The padding is ignored: zeros go around the image first.", "padding-ignored")(
    _altered(lambda x, k, s, p: (x, k, s, 0))
)
im2col.mistake(
    "The padding's two numbers are swapped: the first is for the height. (`F.pad` wants the width first.)",
    "swapped-padding",
)(_altered(lambda x, k, s, p: (x, k, s, p[::-1])))
im2col.mistake("Padding is put on one side only: it goes before and after, on both axes.", "one-sided-padding")(
    _altered(_one_sided)
)


@im2col.mistake("The last row and column of positions are missing: n steps visit n + 1 positions.")
def missing_last_position(input, kernel_size, stride=1, padding=0):
    return _windows(input, kernel_size, stride, padding)[..., :-1, :-1].flatten(4).flatten(1, 3)


@im2col.mistake("Every image of the batch gets the first one's columns.")
def first_image_for_all(input, kernel_size, stride=1, padding=0):
    return im2col(input[:1], kernel_size, stride, padding).expand(len(input), -1, -1)
