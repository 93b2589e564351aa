"""Exercise: average pooling."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor

from .windows import add_window_mistakes, padded_cases, pair, plain_cases


@exercise(points=6, minutes=15, after="max_pool2d")
def avg_pool2d(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Average each window, as `torch.nn.functional.avg_pool2d` does.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C, H, W)
    kernel_size : int or (int, int)
        The window; an int stands for both axes, a pair is (height, width).
    stride : int or (int, int), optional
        Without it the windows lie side by side.
    padding : int or (int, int)
        Zeros on every side, at most half the window.
    count_include_pad : bool
        Whether the padding counts in the divisor.

    Returns
    -------
    torch.Tensor, shape (N, C, H_out, W_out)
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    stride = (kh, kw) if stride is None else stride
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    padded = F.pad(input, (pw, pw, ph, ph))
    counts = F.pad(torch.ones_like(input[0, 0]), (pw, pw, ph, ph), value=float(count_include_pad))
    rows = (padded.shape[2] - kh) // sh + 1
    columns = (padded.shape[3] - kw) // sw + 1
    output = padded.new_empty(*input.shape[:2], rows, columns)
    for row in range(rows):
        for column in range(columns):
            below, right = slice(row * sh, row * sh + kh), slice(column * sw, column * sw + kw)
            output[:, :, row, column] = padded[:, :, below, right].sum(dim=(2, 3)) / counts[below, right].sum()
    return output


def _sum(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    return F.avg_pool2d(input, kernel_size, stride, padding, divisor_override=1)


def _flag(rule):
    def answer(input, kernel_size, stride=None, padding=0, count_include_pad=True):
        return avg_pool2d(input, kernel_size, stride, padding, rule(count_include_pad))

    return answer


_ROW = torch.tensor([[4.0, 8, 2, 6]]).reshape(1, 1, 1, 4)


avg_pool2d.add_visible(
    case("windows side by side", varies="basic", input=torch.arange(16.0).reshape(1, 1, 4, 4), kernel_size=2),
    case(
        "a window that is not square",
        varies="kernel axis",
        input=torch.arange(12.0).reshape(1, 1, 2, 6) ** 2,
        kernel_size=(2, 3),
    ),
    case("padding counts", varies="padding", input=_ROW, kernel_size=(1, 2), padding=(0, 1)),
    case(
        "padding does not count",
        varies="padding default",
        input=_ROW,
        kernel_size=(1, 2),
        padding=(0, 1),
        count_include_pad=False,
    ),
    case(
        "overlapping windows",
        varies="overlap stride",
        input=torch.arange(9.0).reshape(1, 1, 3, 3) ** 2,
        kernel_size=2,
        stride=1,
    ),
)


@avg_pool2d.random_cases
def _fresh(generator):
    yield from padded_cases(generator)
    yield from padded_cases(generator, count_include_pad=False)
    yield from plain_cases(generator)
    yield case(
        "zeros in the image, padding not counted",
        varies="padding zero",
        input=tensor(generator, 1, 2, 4, 5) * torch.tensor([1.0, 0, 1, 0, 1]),
        kernel_size=(2, 3),
        padding=(1, 1),
        count_include_pad=False,
    )
    yield case(
        "all numbers negative",
        varies="negative",
        input=-1 - tensor(generator, 1, 2, 5, 6).abs(),
        kernel_size=(3, 2),
        stride=(2, 1),
        padding=(1, 0),
    )


@avg_pool2d.variant(
    "Return the square root of the mean of each window's squares (L2 pooling); the divisor follows "
    "`count_include_pad` as before."
)
def root_mean_square(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Take the root of the mean square of each window."""
    return F.avg_pool2d(input**2, kernel_size, stride, padding, count_include_pad=count_include_pad).sqrt()


@avg_pool2d.variant(
    "Round the output's size up instead of down: a last window that hangs over the end is taken too, and "
    "divided by what it covers of the image (and of the padding, with `count_include_pad`). Only a window that "
    "would start in the padding after the image is left out."
)
def ceil(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Average each window, also one that hangs over the end.

    Parameters
    ----------
    count_include_pad : bool
        Whether the padding counts in the divisor; what hangs over beyond the padding never does.

    Returns
    -------
    torch.Tensor, shape (N, C, H_out, W_out)
        The sizes rounded up; a window that would start in the padding after the image is not taken.
    """
    return F.avg_pool2d(input, kernel_size, stride, padding, ceil_mode=True, count_include_pad=count_include_pad)


avg_pool2d.mistake(
    "The padding is never counted: with `count_include_pad`, the default, divide by the whole window.",
    "padding-never-counted",
)(_flag(lambda flag: False))
avg_pool2d.mistake(
    "The padding is always counted: without `count_include_pad`, divide by the pixels that lie on the image.",
    "padding-always-counted",
)(_flag(lambda flag: True))
avg_pool2d.mistake(
    "`count_include_pad` is understood the wrong way round: True means that padding counts in the divisor.",
    "flag-inverted",
)(_flag(lambda flag: not flag))


@avg_pool2d.mistake("Zeros of the image are taken for padding: count positions, not numbers that differ from 0.")
def zeros_not_counted(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    if count_include_pad:
        return avg_pool2d(input, kernel_size, stride, padding)
    total, count = (_sum(numbers, kernel_size, stride, padding) for numbers in (input, (input != 0).to(input.dtype)))
    return total / count


avg_pool2d.mistake("The windows are summed: divide by the number of pixels.", "sum")(_sum)


@avg_pool2d.mistake("It keeps the largest number of each window: average the window.")
def largest(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    return F.max_pool2d(input, kernel_size, stride, padding)


@avg_pool2d.mistake("The divisor is the window's height squared: it is height times width.")
def square_divisor(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    kh, kw = pair(kernel_size)
    return avg_pool2d(input, kernel_size, stride, padding, count_include_pad) * kw / kh


@avg_pool2d.mistake("The padding repeats the border's pixels: it consists of zeros.")
def edge_repeated(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    ph, pw = pair(padding)
    return avg_pool2d(F.pad(input, (pw, pw, ph, ph), mode="replicate"), kernel_size, stride or kernel_size)


@avg_pool2d.mistake("The mean is taken over the channels as well: each channel is pooled by itself.")
def channels_mixed(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    output = avg_pool2d(input, kernel_size, stride, padding, count_include_pad)
    return output.mean(dim=1, keepdim=True).expand_as(output)


add_window_mistakes(avg_pool2d, F.avg_pool2d, 0.0)
