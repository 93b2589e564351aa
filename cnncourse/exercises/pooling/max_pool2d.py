"""Exercise: max pooling."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import exercise
from cnncourse.exercises.random_inputs import tensor

from .windows import add_window_mistakes, pool_case, window_cases


@exercise(points=6, minutes=15, after="calculate_output_shape conv2d")
def max_pool2d(input, kernel_size, stride=None, padding=0):
    """Keep the largest value of each window, as `torch.nn.functional.max_pool2d` does.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C, H, W)
    kernel_size : int or (int, int)
        The window; an int stands for both axes, a pair is (height, width).
    stride : int or (int, int), optional
        By default the window's size.
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


SQUARE = torch.tensor([[3.0, 0, 5, 2], [1, 2, 7, 5], [4, 3, 2, 1], [3, 1, 0, 4]])[None, None]
WIDE = torch.tensor([[1.0, 5, 2, 0, 3, 4], [6, 0, 1, 2, 2, 1]])[None, None]
NEGATIVE = torch.tensor([[-1.0, -2, -3], [-4, -5, -6]])[None, None]
EIGHT = torch.arange(8.0).reshape(2, 4)

max_pool2d.add_visible(
    pool_case("windows side by side", "basic default", SQUARE, 2),
    pool_case("a window that is not square", "kernel default stride", WIDE, (1, 3)),
    pool_case("overlapping windows", "stride", torch.arange(9.0).reshape(1, 1, 3, 3), 2, stride=1),
    pool_case("negative numbers, padded", "negative padding", NEGATIVE, 2, stride=1, padding=1),
    pool_case("two channels", "channels default", torch.stack([EIGHT, 9 - EIGHT])[None], 2),
)


@max_pool2d.random_cases
def fresh(generator):
    yield from window_cases(generator)
    images = 1 + tensor(generator, 1, 1, 5, 7).abs()
    yield pool_case("positive numbers, padded", "padding", images, 4, stride=2, padding=(1, 2))
    yield pool_case("one padding for both axes", "padding", images, 2, stride=2, padding=1)
    yield pool_case("all numbers negative", "negative", -images, 2, stride=2)
    yield pool_case("all numbers negative, padded", "negative padding", -images, (2, 4), stride=(1, 2), padding=(1, 2))
    lowest = images.clamp(max=3) * -1e38  # below -3e38 float32 ends
    yield pool_case("numbers lower than any finite padding", "negative padding", lowest, 2, stride=2, padding=(1, 1))


max_pool2d.mistake("The padding is 0, which is larger than negative numbers: pad with -inf.", "padding-with-zeros")(
    max_pool2d.edited("value=-torch.inf", "value=0")
)
max_pool2d.mistake(
    "The padding is a finite number, and the image may contain lower ones: pad with -inf.", "padding-with-a-low-number"
)(max_pool2d.edited("value=-torch.inf", "value=-1e9"))
max_pool2d.same_mistake("padding-with-a-low-number")(max_pool2d.edited("value=-torch.inf", "value=-1e30"))
max_pool2d.mistake("The running maximum starts at 0, so negative numbers are lost: start at -inf.", "starts-at-zero")(
    max_pool2d.edited(".amax(dim=(2, 3))", ".amax(dim=(2, 3)).clamp(0)")
)


@max_pool2d.mistake("The smallest number of each window is kept: keep the largest.", "smallest")
@max_pool2d.variant("Keep the smallest value of each window instead of the largest. Padded positions must never be it.")
def minimum(input, kernel_size, stride=None, padding=0):
    """Keep the smallest value of each window.

    Parameters
    ----------
    padding : int or (int, int)
        At most half the window; it is never the smallest value.
    """
    return -F.max_pool2d(-input, kernel_size, stride, padding)


max_pool2d.mistake("Each window is averaged: keep its largest number.", "mean")(
    max_pool2d.edited("value=-torch.inf", "value=0", "amax", "mean")
)
max_pool2d.mistake(
    "Magnitudes are compared: -5 is smaller than 1, so compare the numbers themselves.", "largest-magnitude"
)(max_pool2d.edited("F.pad(input,", "F.pad(input.abs(),"))
max_pool2d.mistake("The maximum is taken over the channels as well: pool each channel by itself.", "channels-mixed")(
    max_pool2d.edited("amax(dim=(2, 3))", "amax(dim=(1, 2, 3))[:, None]")
)


@max_pool2d.variant(
    "Round the output's size up instead of down: also take a last window that extends beyond the end, and keep the "
    "largest value of its part on the image. Leave out only a window that would start in the padding after the image."
)
def ceil(input, kernel_size, stride=None, padding=0):
    """Keep the largest value of each window, also of one that extends beyond the end.

    Returns
    -------
    torch.Tensor, shape (N, C, H_out, W_out)
        The sizes are rounded up; a window that would start in the padding after the image is left out.
    """
    return F.max_pool2d(input, kernel_size, stride, padding, ceil_mode=True)


add_window_mistakes(max_pool2d, ceil, max_pool2d.edited("(pw, pw, ph, ph)", "(pw, 0, ph, 0)"))
