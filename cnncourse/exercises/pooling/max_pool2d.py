"""Exercise: max pooling."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor

from .windows import add_window_mistakes, altered, padded_cases, plain_cases


@exercise(points=6, minutes=15, after="calculate_output_shape conv2d")
def max_pool2d(input, kernel_size, stride=None, padding=0):
    """Keep the largest value of each window, as `torch.nn.functional.max_pool2d` does.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C, H, W)
    kernel_size : int or (int, int)
        The window; an int stands for both axes, a pair is (height, width).
    stride : int or (int, int), optional
        Without it the windows lie side by side.
    padding : int or (int, int)
        At most half the window.

    Returns
    -------
    torch.Tensor, shape (N, C, H_out, W_out)
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    stride = (kh, kw) if stride is None else stride
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    padded = F.pad(input, (pw, pw, ph, ph), value=-torch.inf)
    rows = (padded.shape[2] - kh) // sh + 1
    columns = (padded.shape[3] - kw) // sw + 1
    output = padded.new_empty(*input.shape[:2], rows, columns)
    for row in range(rows):
        for column in range(columns):
            top, left = row * sh, column * sw
            output[:, :, row, column] = padded[:, :, top : top + kh, left : left + kw].amax(dim=(2, 3))
    return output


def _zero_padded(input, kernel_size, stride, padding):
    return F.pad(input, (padding[1], padding[1], padding[0], padding[0])), kernel_size, stride, 0


def _low_constant(input, kernel_size, stride, padding):
    ph, pw = padding
    return F.pad(input, (pw, pw, ph, ph), value=-1e9), kernel_size, stride, 0


max_pool2d.add_visible(
    case(
        "windows side by side",
        varies="basic",
        input=torch.tensor([[3.0, 0, 5, 2], [1, 2, 7, 5], [4, 3, 2, 1], [3, 1, 0, 4]]).reshape(1, 1, 4, 4),
        kernel_size=2,
    ),
    case(
        "a window that is not square",
        varies="kernel axis",
        input=torch.tensor([[1.0, 5, 2, 0, 3, 4], [6, 0, 1, 2, 2, 1]]).reshape(1, 1, 2, 6),
        kernel_size=(1, 3),
    ),
    case(
        "overlapping windows",
        varies="overlap stride",
        input=torch.arange(9.0).reshape(1, 1, 3, 3),
        kernel_size=2,
        stride=1,
    ),
    case(
        "negative numbers, padded",
        varies="negative padding",
        input=torch.tensor([[-1.0, -2, -3], [-4, -5, -6]]).reshape(1, 1, 2, 3),
        kernel_size=2,
        stride=1,
        padding=1,
    ),
    case(
        "two channels",
        varies="channels",
        input=torch.stack([torch.arange(8.0).reshape(2, 4), 9 - torch.arange(8.0).reshape(2, 4)])[None],
        kernel_size=2,
    ),
)


@max_pool2d.random_cases
def _fresh(generator):
    yield from padded_cases(generator)
    yield from plain_cases(generator)
    yield case(
        "all numbers negative, padded",
        varies="negative padding batch",
        input=-1 - tensor(generator, 2, 2, 4, 7).abs(),
        kernel_size=(2, 4),
        stride=(1, 2),
        padding=(1, 2),
    )
    yield case(
        "numbers below any that one might pad with",
        varies="extreme padding",
        input=-1e20 - 1e20 * tensor(generator, 1, 1, 3, 5).abs(),
        kernel_size=(2, 3),
        padding=(1, 1),
    )


@max_pool2d.variant("Keep the smallest value of each window instead of the largest. Padding must still never win.")
def minimum(input, kernel_size, stride=None, padding=0):
    """Keep the smallest value of each window.

    Parameters
    ----------
    padding : int or (int, int)
        At most half the window; it never wins.
    """
    kh, kw = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    stride = (kh, kw) if stride is None else stride
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    padded = F.pad(input, (pw, pw, ph, ph), value=torch.inf)
    windows = padded.unfold(2, kh, sh).unfold(3, kw, sw)  # (N, C, H_out, W_out, kh, kw)
    return windows.amin(dim=(4, 5))


@max_pool2d.variant(
    "Round the output's size up instead of down: a last window that hangs over the end is taken too, and keeps "
    "the largest of what lies on the image. Only a window that would start in the padding after the image is "
    "left out."
)
def ceil(input, kernel_size, stride=None, padding=0):
    """Keep the largest value of each window, also of one that hangs over the end.

    Returns
    -------
    torch.Tensor, shape (N, C, H_out, W_out)
        The sizes rounded up; a window that would start in the padding after the image is not taken.
    """
    return F.max_pool2d(input, kernel_size, stride, padding, ceil_mode=True)


max_pool2d.mistake(
    "The padding is 0, which beats negative numbers: pad with -inf, which never wins.", "padding-with-zeros"
)(altered(max_pool2d, _zero_padded))
max_pool2d.mistake(
    "The padding is some very low number, and the image may hold a lower one: pad with -inf.",
    "padding-with-a-low-number",
)(altered(max_pool2d, _low_constant))
max_pool2d.mistake("The running maximum starts at 0, so negative numbers are lost: start at -inf.", "starts-at-zero")(
    lambda input, kernel_size, stride=None, padding=0: max_pool2d(input, kernel_size, stride, padding).clamp(0)
)


@max_pool2d.mistake("It keeps the smallest number of each window: keep the largest.")
def smallest(input, kernel_size, stride=None, padding=0):
    return -max_pool2d(-input, kernel_size, stride, padding)


@max_pool2d.mistake("It averages each window: keep the largest number.")
def mean(input, kernel_size, stride=None, padding=0):
    return F.avg_pool2d(input, kernel_size, stride, padding)


@max_pool2d.mistake("It compares magnitudes: -5 is smaller than 1, so compare the numbers themselves.")
def largest_magnitude(input, kernel_size, stride=None, padding=0):
    return max_pool2d(input.abs(), kernel_size, stride, padding)


@max_pool2d.mistake("The maximum is taken over the channels as well: each channel is pooled by itself.")
def channels_mixed(input, kernel_size, stride=None, padding=0):
    output = max_pool2d(input, kernel_size, stride, padding)
    return output.amax(dim=1, keepdim=True).expand_as(output)


add_window_mistakes(max_pool2d, F.max_pool2d, -torch.inf)
