"""Exercise: average pooling."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import exercise
from cnncourse.exercises.random_inputs import tensor

from .windows import add_window_mistakes, pool_case, window_cases


@exercise(points=6, minutes=15, after="max_pool2d")
def avg_pool2d(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Average each window, as `torch.nn.functional.avg_pool2d` does.

    Parameters
    ----------
    input : torch.Tensor, shape (N, C, H, W)
    kernel_size : int or (int, int)
        The window; an int stands for both axes, a pair is (height, width).
    stride : int or (int, int), optional
        By default the window's size.
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


ROW = torch.tensor([[[[4.0, 8, 2, 6]]]])
SQUARES = torch.arange(12.0) ** 2

avg_pool2d.add_visible(
    pool_case("windows side by side", "basic default", torch.arange(16.0).reshape(1, 1, 4, 4), 2),
    pool_case("a window that is not square", "kernel default stride", SQUARES.reshape(1, 1, 2, 6), (2, 3)),
    pool_case("padding counts", "padding kernel stride", ROW, (1, 2), stride=2, padding=(0, 1)),
    pool_case(
        "padding does not count",
        "padding kernel stride",
        ROW,
        (1, 2),
        stride=2,
        padding=(0, 1),
        count_include_pad=False,
    ),
    pool_case("overlapping windows", "stride", SQUARES[:9].reshape(1, 1, 3, 3), 2, stride=1),
)


@avg_pool2d.random_cases
def fresh(generator):
    yield from window_cases(generator)
    images = 1 + tensor(generator, 1, 1, 5, 7).abs()
    for counted in (True, False):
        options = {"stride": 2, "padding": (1, 2), "count_include_pad": counted}
        yield pool_case(f"padded, count_include_pad={counted}", "padding", images, 4, **options)
    yield pool_case("one padding for both axes", "padding", images, 2, stride=2, padding=1)
    zeros = images * torch.tensor([1.0, 0, 1, 0, 1, 1, 0])
    yield pool_case("zeros in the image", "zero", zeros, 3, stride=3, count_include_pad=False)
    options = {"stride": (2, 1), "padding": (1, 0)}
    yield pool_case("all numbers negative, padded", "padding stride kernel", -images, (3, 2), **options)


@avg_pool2d.variant(
    "Return the square root of the mean of each window's squares (L2 pooling); the divisor follows "
    "`count_include_pad` as before."
)
def root_mean_square(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Take the root of the mean square of each window."""
    return F.avg_pool2d(input**2, kernel_size, stride, padding, count_include_pad=count_include_pad).sqrt()


@avg_pool2d.variant(
    "Round the output's size up instead of down: also take a last window that extends beyond the end, and divide "
    "by the number of positions that it covers on the image (and on the padding, with `count_include_pad`). Leave out "
    "only a window that would start in the padding after the image."
)
def ceil(input, kernel_size, stride=None, padding=0, count_include_pad=True):
    """Average each window, also one that extends beyond the end.

    Parameters
    ----------
    count_include_pad : bool
        Whether the padding counts in the divisor; positions beyond the padding never count.

    Returns
    -------
    torch.Tensor, shape (N, C, H_out, W_out)
        The sizes are rounded up; a window that would start in the padding after the image is left out.
    """
    return F.avg_pool2d(input, kernel_size, stride, padding, ceil_mode=True, count_include_pad=count_include_pad)


avg_pool2d.mistake(
    "The padding is never counted: with `count_include_pad`, the default, divide by the size of the whole window.",
    "padding-never-counted",
)(avg_pool2d.edited("float(count_include_pad)", "0"))
avg_pool2d.mistake(
    "The padding is always counted: without `count_include_pad`, divide by the number of pixels on the image.",
    "padding-always-counted",
)(avg_pool2d.edited("float(count_include_pad)", "1"))
avg_pool2d.mistake("`count_include_pad` is inverted: True means that padding counts in the divisor.", "flag-inverted")(
    avg_pool2d.edited("float(count_include_pad)", "float(not count_include_pad)")
)
avg_pool2d.mistake(
    "Zeros in the image are treated as padding: count positions, not numbers that differ from 0.", "zeros-not-counted"
)(
    avg_pool2d.edited(
        "torch.ones_like(input[0, 0])",
        "((input != 0) | count_include_pad).float()",
        "counts[below, right].sum()",
        "counts[:, :, below, right].sum(dim=(2, 3))",
    )
)
avg_pool2d.mistake("The windows are summed: divide by the number of pixels.", "sum")(
    avg_pool2d.edited(" / counts[below, right].sum()", "")
)
avg_pool2d.mistake("The largest number of each window is kept: average the window.", "largest")(
    avg_pool2d.edited(
        "F.pad(input, (pw, pw, ph, ph))",
        "F.pad(input, (pw, pw, ph, ph), value=-torch.inf)",
        "sum(dim=(2, 3)) / counts[below, right].sum()",
        "amax(dim=(2, 3))",
    )
)
avg_pool2d.mistake("The divisor is the window's height squared: it is height times width.", "square-divisor")(
    avg_pool2d.edited("counts[below, right].sum()", "counts[below, right].sum() * kw / kh")
)
avg_pool2d.mistake("The padding repeats the pixels at the border: pad with zeros.", "edge-repeated")(
    avg_pool2d.edited(
        "F.pad(input, (pw, pw, ph, ph))",
        'F.pad(input, (pw, pw, ph, ph), mode="replicate")',
        "float(count_include_pad)",
        "1",
    )
)
avg_pool2d.mistake("The mean is taken over the channels as well: pool each channel by itself.", "channels-mixed")(
    avg_pool2d.edited("sum(dim=(2, 3))", "sum(dim=(2, 3)).mean(dim=1, keepdim=True)")
)

add_window_mistakes(
    avg_pool2d,
    ceil,
    avg_pool2d.edited("(pw, pw, ph, ph)", "(pw, 0, ph, 0)", "float(count_include_pad)", "1"),
)
