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
        varies="basic",
        image=torch.tensor([[0.0, 1, 2], [3, 4, 5], [6, 7, 8]]),
        kernel=torch.tensor([[0.0, 1], [2, 3]]),
    ),
    case(
        "image and kernel not square",
        varies="axis kernel",
        image=torch.tensor([[1.0, 0, 2, -1], [0, 3, 1, 2], [2, -2, 0, 1]]),
        kernel=torch.tensor([[1.0, -1, 2], [0, 4, 1]]),
    ),
    case(
        "a row kernel",
        varies="kernel axis",
        image=torch.tensor([[1.0, 1, 0, 0, 1]] * 2),
        kernel=torch.tensor([[1.0, -1]]),
    ),
)


@corr2d.random_cases
def fresh(generator):
    for note, varies, image, kernel, dtype in (
        ("a square kernel", "basic", (5, 5), (2, 2), torch.float32),
        ("a larger kernel", "kernel", (6, 6), (3, 3), torch.float32),
        ("a kernel as large as the image", "kernel", (4, 4), (4, 4), torch.float32),
        ("an image that is not square", "axis", (4, integer(generator, 6, 9)), (2, 2), torch.float32),
        ("a kernel that is not square", "axis", (6, 6), (2, integer(generator, 3, 5)), torch.float32),
        ("float64", "dtype", (5, 5), (2, 2), torch.float64),
        ("int64", "dtype", (5, 5), (2, 2), torch.int64),
        ("a tall kernel on a wide image", "axis kernel", (5, 9), (4, 3), torch.float32),
        ("a wide kernel, float64", "axis kernel dtype", (7, 5), (1, integer(generator, 3, 4)), torch.float64),
    ):
        drawn = torch.int64 if dtype == torch.float32 else dtype  # whole numbers: fractions are a matter of the dtype
        image, kernel = (tensor(generator, *shape, dtype=drawn).to(dtype) for shape in (image, kernel))
        yield case(note, varies=varies, image=image, kernel=kernel)


@corr2d.mistake(
    "The kernel is flipped on both axes: that is convolution; cross-correlation does not flip it.", "flipped-kernel"
)
@corr2d.variant("Flip the kernel, top to bottom and left to right, before it slides.")
def flipped(image, kernel):
    """Slide a flipped kernel over an image: convolution, without padding."""
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)  # (H_out, W_out, kh, kw)
    return (windows * kernel.flip(0, 1)).sum(dim=(2, 3))


@corr2d.mistake("The last row and column of positions are missing: there are H - kh + 1 rows of them, not H - kh.")
def missing_last_position(image, kernel):
    return corr2d(image, kernel)[:-1, :-1]


@corr2d.mistake("The kernel is treated as square: read its height and its width separately.")
def square_kernel(image, kernel):
    side = min(kernel.shape)
    return corr2d(image, kernel[:side, :side])


@corr2d.mistake("The products are averaged: sum them.")
@corr2d.variant("Write down the mean of the products instead of their sum.")
def mean(image, kernel):
    """Slide a kernel over an image and average the products, without padding.

    Returns
    -------
    torch.Tensor, shape (H - kh + 1, W - kw + 1), floating point
    """
    windows = image.unfold(0, kernel.shape[0], 1).unfold(1, kernel.shape[1], 1)  # (H_out, W_out, kh, kw)
    return (windows * kernel).double().mean(dim=(2, 3))


@corr2d.mistake("The image is padded to keep its size: do not pad; the kernel stays inside the image.")
def padded(image, kernel):
    kh, kw = kernel.shape
    return corr2d(F.pad(image, (kw // 2, (kw - 1) // 2, kh // 2, (kh - 1) // 2)), kernel)


@corr2d.mistake("Rows and columns of the image are swapped: do not transpose it.")
def transposed_image(image, kernel):
    return corr2d(image.T, kernel)
