"""Exercise: slide a kernel over an image (cross-correlation)."""

import torch
import torch.nn.functional as F

from .. import drawing
from ..record import Exercise, Misconception, Variant, case


def corr2d(image, kernel):
    """Slide a kernel over an image: cross-correlation, without padding.

    Parameters
    ----------
    image : torch.Tensor, shape (H, W)
    kernel : torch.Tensor, shape (kh, kw)

    Returns
    -------
    torch.Tensor, shape (H - kh + 1, W - kw + 1)
    """
    height, width = image.shape
    kh, kw = kernel.shape
    output = torch.zeros(height - kh + 1, width - kw + 1, dtype=torch.result_type(image, kernel))
    for row in range(output.shape[0]):
        for column in range(output.shape[1]):
            output[row, column] = (image[row : row + kh, column : column + kw] * kernel).sum()
    return output


def corr2d_flipped(image, kernel):
    """Slide a flipped kernel over an image: convolution, without padding.

    Parameters
    ----------
    image : torch.Tensor, shape (H, W)
    kernel : torch.Tensor, shape (kh, kw)

    Returns
    -------
    torch.Tensor, shape (H - kh + 1, W - kw + 1)
    """
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)  # (H_out, W_out, kh, kw)
    return (windows * kernel.flip(0, 1)).sum(dim=(2, 3))


def corr2d_mean(image, kernel):
    """Slide a kernel over an image and average the products, without padding.

    Parameters
    ----------
    image : torch.Tensor, shape (H, W)
    kernel : torch.Tensor, shape (kh, kw)

    Returns
    -------
    torch.Tensor, shape (H - kh + 1, W - kw + 1), floating point
    """
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)  # (H_out, W_out, kh, kw)
    return (windows * kernel).double().mean(dim=(2, 3))


def _missing_last(image, kernel):
    return corr2d(image, kernel)[:-1, :-1]


def _square_kernel(image, kernel):
    kh, kw = kernel.shape
    side = min(kh, kw)
    return corr2d(image, kernel[:side, :side])


def _padded(image, kernel):
    kh, kw = kernel.shape
    return corr2d(F.pad(image, (kw // 2, (kw - 1) // 2, kh // 2, (kh - 1) // 2)), kernel)


def _swapped_offsets(image, kernel):
    return corr2d(image.T, kernel)


VISIBLE = (
    case("one pixel", image=torch.tensor([[3.0]]), kernel=torch.tensor([[2.0]])),
    case(
        "an asymmetric kernel",
        image=torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]),
        kernel=torch.tensor([[0.0, 1.0], [2.0, 3.0]]),
    ),
    case(
        "image and kernel not square",
        image=torch.tensor([[1.0, 0.0, 2.0, -1.0], [0.0, 3.0, 1.0, 2.0], [2.0, -2.0, 0.0, 1.0]]),
        kernel=torch.tensor([[1.0, -1.0, 2.0], [0.0, 4.0, 1.0]]),
    ),
    case("a row kernel", image=torch.tensor([[1.0, 1.0, 0.0, 0.0, 1.0]] * 2), kernel=torch.tensor([[1.0, -1.0]])),
)


def fresh(generator):
    for dtype in (torch.float32, torch.float64, torch.float32, torch.int64):
        kh, kw = drawing.integer(generator, 1, 3), drawing.integer(generator, 2, 4)
        height, width = kh + drawing.integer(generator, 1, 4), kw + drawing.integer(generator, 2, 6)
        yield case(
            f"numbers drawn at random, {str(dtype).removeprefix('torch.')}",
            image=drawing.tensor(generator, height, width, dtype=dtype),
            kernel=drawing.tensor(generator, kh, kw, dtype=dtype),
        )


MISTAKES = (
    Misconception(
        "missing-last-position",
        "The last row and column of positions are missing: there are H - kh + 1 of them, not H - kh.",
        _missing_last,
    ),
    Misconception(
        "square-kernel",
        "The kernel is treated as square: its height and its width are read from one number.",
        _square_kernel,
    ),
    Misconception("mean", "The products are averaged: they should be summed.", corr2d_mean),
    Misconception(
        "padded",
        "The image is padded to keep its size: here the kernel stays inside the image.",
        _padded,
    ),
    Misconception("transposed-image", "Rows and columns of the image are swapped.", _swapped_offsets),
)

EXERCISE = Exercise(
    solved=corr2d,
    chapter="convolution",
    prompt="""
This one operation is what a convolutional layer does. Lay the kernel on the image, multiply number by number, add the
products up, write the sum down; then move on by one pixel. The kernel stays inside the image, and it is not flipped.
""",
    objectives=("turn the definition into two loops", "get the output's size right"),
    out_of_scope=("padding and stride", "batches and channels", "speed"),
    visible=VISIBLE,
    fresh=fresh,
    misconceptions=(
        Misconception(
            "flipped-kernel",
            "The kernel is flipped on both axes: that is convolution; cross-correlation lays it down as it is.",
            lambda image, kernel: corr2d(image, kernel.flip(0, 1)),
        ),
        *MISTAKES,
    ),
    hints=(
        "How many places are there for the kernel's top left corner, down and across?",
        "At row r and column c the kernel lies on `image[r : r + kh, c : c + kw]`.",
        "Make `torch.zeros(H - kh + 1, W - kw + 1)`, then fill `output[r, c]` with the sum of patch times kernel.",
    ),
    points=4,
    minutes=10,
    prerequisites=("calculate_output_shape",),
    refuses=("convolution",),
    variants=(
        Variant(
            "flipped",
            "Flip the kernel, top to bottom and left to right, before it slides.",
            corr2d_flipped,
        ),
        Variant("mean", "Write down the mean of the products instead of their sum.", corr2d_mean),
    ),
)
