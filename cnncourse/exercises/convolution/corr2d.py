"""Exercise: slide a kernel over an image (cross-correlation)."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=4, minutes=10, after="calculate_output_shape", refuses="convolution")
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


corr2d.add_visible(
    case("one pixel", varies="basic", image=torch.tensor([[3.0]]), kernel=torch.tensor([[2.0]])),
    case(
        "an asymmetric kernel",
        varies="kernel",
        image=torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]]),
        kernel=torch.tensor([[0.0, 1.0], [2.0, 3.0]]),
    ),
    case(
        "image and kernel not square",
        varies="axis kernel",
        image=torch.tensor([[1.0, 0.0, 2.0, -1.0], [0.0, 3.0, 1.0, 2.0], [2.0, -2.0, 0.0, 1.0]]),
        kernel=torch.tensor([[1.0, -1.0, 2.0], [0.0, 4.0, 1.0]]),
    ),
    case(
        "a row kernel",
        varies="kernel axis",
        image=torch.tensor([[1.0, 1.0, 0.0, 0.0, 1.0]] * 2),
        kernel=torch.tensor([[1.0, -1.0]]),
    ),
)


@corr2d.random_cases
def fresh(generator):
    for dtype in (torch.float32, torch.float64, torch.float32, torch.int64):
        kh, kw = integer(generator, 1, 3), integer(generator, 2, 4)
        height, width = kh + integer(generator, 1, 4), kw + integer(generator, 2, 6)
        yield case(
            f"numbers drawn at random, {str(dtype).removeprefix('torch.')}",
            varies="axis kernel dtype",
            image=tensor(generator, height, width, dtype=dtype),
            kernel=tensor(generator, kh, kw, dtype=dtype),
        )


@corr2d.variant("Flip the kernel, top to bottom and left to right, before it slides.")
def flipped(image, kernel):
    """Slide a flipped kernel over an image: convolution, without padding."""
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)  # (H_out, W_out, kh, kw)
    return (windows * kernel.flip(0, 1)).sum(dim=(2, 3))


@corr2d.variant("Write down the mean of the products instead of their sum.")
def mean(image, kernel):
    """Slide a kernel over an image and average the products, without padding.

    Returns
    -------
    torch.Tensor, shape (H - kh + 1, W - kw + 1), floating point
    """
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)  # (H_out, W_out, kh, kw)
    return (windows * kernel).double().mean(dim=(2, 3))


corr2d.mistake(
    "The kernel is flipped on both axes: that is convolution; cross-correlation lays it down as it is.",
    "flipped-kernel",
)(lambda image, kernel: corr2d(image, kernel.flip(0, 1)))


@corr2d.mistake("The last row and column of positions are missing: there are H - kh + 1 of them, not H - kh.")
def missing_last_position(image, kernel):
    return corr2d(image, kernel)[:-1, :-1]


@corr2d.mistake("The kernel is treated as square: its height and its width are read from one number.")
def square_kernel(image, kernel):
    kh, kw = kernel.shape
    side = min(kh, kw)
    return corr2d(image, kernel[:side, :side])


corr2d.mistake("The products are averaged: they should be summed.", "mean")(mean)


@corr2d.mistake("The image is padded to keep its size: here the kernel stays inside the image.")
def padded(image, kernel):
    kh, kw = kernel.shape
    return corr2d(F.pad(image, (kw // 2, (kw - 1) // 2, kh // 2, (kh - 1) // 2)), kernel)


@corr2d.mistake("Rows and columns of the image are swapped.")
def transposed_image(image, kernel):
    return corr2d(image.T, kernel)
