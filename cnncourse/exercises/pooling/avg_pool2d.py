"""Exercise: average pooling."""

import torch
import torch.nn.functional as F

from .. import drawing
from ..record import Exercise, Misconception, Variant, case
from .windows import padded_cases, pair, plain_cases, window_mistakes


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


def avg_pool2d_root_mean_square(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Take the root of the mean square of each window.

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
    return F.avg_pool2d(input**2, kernel_size, stride, padding, count_include_pad=count_include_pad).sqrt()


def avg_pool2d_ceil(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Average each window, also one that hangs over the end.

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
        Whether the padding counts in the divisor; what hangs over beyond the padding never does.

    Returns
    -------
    torch.Tensor, shape (N, C, H_out, W_out)
        The sizes rounded up; a window that would start in the padding after the image is not taken.
    """
    return F.avg_pool2d(input, kernel_size, stride, padding, ceil_mode=True, count_include_pad=count_include_pad)


def _sum(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    return F.avg_pool2d(input, kernel_size, stride, padding, divisor_override=1)


def _largest(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    return F.max_pool2d(input, kernel_size, stride, padding)


def _flag(rule):
    def answer(input, kernel_size, stride=None, padding=0, count_include_pad=True):
        return avg_pool2d(input, kernel_size, stride, padding, rule(count_include_pad))

    return answer


def _square_divisor(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    kh, kw = pair(kernel_size)
    return avg_pool2d(input, kernel_size, stride, padding, count_include_pad) * kw / kh


def _zeros_not_counted(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    if count_include_pad:
        return avg_pool2d(input, kernel_size, stride, padding)
    total, count = (_sum(numbers, kernel_size, stride, padding) for numbers in (input, (input != 0).to(input.dtype)))
    return total / count


def _channels_mixed(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    output = avg_pool2d(input, kernel_size, stride, padding, count_include_pad)
    return output.mean(dim=1, keepdim=True).expand_as(output)


def _edge_repeated(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    ph, pw = pair(padding)
    return avg_pool2d(F.pad(input, (pw, pw, ph, ph), mode="replicate"), kernel_size, stride or kernel_size)


def _fresh(generator):
    yield from padded_cases(generator)
    yield from padded_cases(generator, count_include_pad=False)
    yield from plain_cases(generator)
    yield case(
        "zeros in the image, padding not counted",
        input=drawing.tensor(generator, 1, 2, 4, 5) * torch.tensor([1.0, 0, 1, 0, 1]),
        kernel_size=(2, 3),
        padding=(1, 1),
        count_include_pad=False,
    )
    yield case(
        "all numbers negative",
        input=-1 - drawing.tensor(generator, 1, 2, 5, 6).abs(),
        kernel_size=(3, 2),
        stride=(2, 1),
        padding=(1, 0),
    )


_ROW = torch.tensor([[4.0, 8, 2, 6]]).reshape(1, 1, 1, 4)

EXERCISE = Exercise(
    solved=avg_pool2d,
    chapter="pooling",
    prompt="""
Max pooling asks for the strongest answer; average pooling asks how much there is in all. Average each window of each
channel. At the border it matters what the mean is of: with `count_include_pad` the zeros of the padding count as
pixels, so the sum is divided by the window's size everywhere; without it the sum is divided by the number of pixels
that lie on the image.
""",
    objectives=("compute a mean with the right divisor", "tell both conventions for the border apart"),
    out_of_scope=("windows that hang over the end", "integer images"),
    visible=(
        case("windows side by side", input=torch.arange(16.0).reshape(1, 1, 4, 4), kernel_size=2),
        case("a window that is not square", input=torch.arange(12.0).reshape(1, 1, 2, 6) ** 2, kernel_size=(2, 3)),
        case("padding counts", input=_ROW, kernel_size=(1, 2), padding=(0, 1)),
        case("padding does not count", input=_ROW, kernel_size=(1, 2), padding=(0, 1), count_include_pad=False),
        case("overlapping windows", input=torch.arange(9.0).reshape(1, 1, 3, 3) ** 2, kernel_size=2, stride=1),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "padding-never-counted",
            "The padding is never counted: with `count_include_pad`, the default, divide by the whole window.",
            _flag(lambda flag: False),
        ),
        Misconception(
            "padding-always-counted",
            "The padding is always counted: without `count_include_pad`, divide by the pixels that lie on the image.",
            _flag(lambda flag: True),
        ),
        Misconception(
            "flag-inverted",
            "`count_include_pad` is understood the wrong way round: True means that padding counts in the divisor.",
            _flag(lambda flag: not flag),
        ),
        Misconception(
            "zeros-not-counted",
            "Zeros of the image are taken for padding: count positions, not numbers that differ from 0.",
            _zeros_not_counted,
        ),
        Misconception("sum", "The windows are summed: divide by the number of pixels.", _sum),
        Misconception("largest", "It keeps the largest number of each window: average the window.", _largest),
        Misconception(
            "square-divisor",
            "The divisor is the window's height squared: it is height times width.",
            _square_divisor,
        ),
        Misconception(
            "edge-repeated",
            "The padding repeats the border's pixels: it consists of zeros.",
            _edge_repeated,
        ),
        Misconception(
            "channels-mixed",
            "The mean is taken over the channels as well: each channel is pooled by itself.",
            _channels_mixed,
        ),
        *window_mistakes(avg_pool2d, F.avg_pool2d, 0.0),
    ),
    hints=(
        "Write it for `count_include_pad=True` first: pad with zeros, then take the mean of each window.",
        "For the other convention, sum the same windows of an image of ones that is padded with zeros: what is that?",
        "Pad a tensor of ones like the image, with 1 or 0; each window's sum of it is the divisor.",
    ),
    points=6,
    minutes=15,
    prerequisites=("max_pool2d",),
    variants=(
        Variant(
            "root-mean-square",
            "Return the square root of the mean of each window's squares (L2 pooling); the divisor follows "
            "`count_include_pad` as before.",
            avg_pool2d_root_mean_square,
        ),
        Variant(
            "ceil",
            "Round the output's size up instead of down: a last window that hangs over the end is taken too, and "
            "divided by what it covers of the image (and of the padding, with `count_include_pad`). Only a window that "
            "would start in the padding after the image is left out.",
            avg_pool2d_ceil,
        ),
    ),
)
