"""Exercise: convolution as mathematics defines it."""

import torch
import torch.nn.functional as F

from cnncourse.checking.record import exercise

from .corr2d import corr2d


@exercise(points=2, minutes=5, after="corr2d", refuses="convolution")
def convolve2d(image, kernel):
    """Convolve an image with a kernel, as mathematics defines it and without padding.

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
    flipped = kernel.flip(0, 1)
    output = torch.zeros(height - kh + 1, width - kw + 1, dtype=torch.result_type(image, kernel))
    for row in range(output.shape[0]):
        for column in range(output.shape[1]):
            output[row, column] = (image[row : row + kh, column : column + kw] * flipped).sum()
    return output


convolve2d.add_visible(*corr2d.visible)
convolve2d.random_cases(corr2d.fresh)


convolve2d.mistake("The kernel is not flipped: this is the cross-correlation of `corr2d`.", "not-flipped")(corr2d)
convolve2d.mistake("The kernel is flipped top to bottom only: flip it left to right as well.", "flipped-rows-only")(
    lambda image, kernel: corr2d(image, kernel.flip(0))
)
convolve2d.mistake("The kernel is flipped left to right only: flip it top to bottom as well.", "flipped-columns-only")(
    lambda image, kernel: corr2d(image, kernel.flip(1))
)
for known in corr2d.mistakes[1:]:  # all but "flipped-kernel"
    convolve2d.mistake(known.sentence, known.id)(lambda image, kernel, way=known.ways[0]: way(image, kernel.flip(0, 1)))


@convolve2d.variant(
    "Include every position where the kernel touches the image, which is 0 outside: return (H + kh - 1, W + kw - 1)."
)
def full(image, kernel):
    """Convolve an image with a kernel, as mathematics defines it, at every position where they overlap.

    Returns
    -------
    torch.Tensor, shape (H + kh - 1, W + kw - 1)
    """
    kh, kw = kernel.shape
    padded = F.pad(image, (kw - 1, kw - 1, kh - 1, kh - 1))
    windows = padded.unfold(0, kh, 1).unfold(1, kw, 1)
    return (windows * kernel.flip(0, 1)).sum(dim=(2, 3))
