"""Exercise: convolution as mathematics defines it."""

import torch
import torch.nn.functional as F

from ..record import Exercise, Misconception, Variant
from .corr2d import MISTAKES, VISIBLE, corr2d, fresh


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


def convolve2d_full(image, kernel):
    """Convolve an image with a kernel, as mathematics defines it, wherever the two touch.

    Parameters
    ----------
    image : torch.Tensor, shape (H, W)
    kernel : torch.Tensor, shape (kh, kw)

    Returns
    -------
    torch.Tensor, shape (H + kh - 1, W + kw - 1)
    """
    kh, kw = kernel.shape
    padded = F.pad(image, (kw - 1, kw - 1, kh - 1, kh - 1))
    windows = padded.unfold(0, kh, 1).unfold(1, kw, 1)
    return (windows * kernel.flip(0, 1)).sum(dim=(2, 3))


EXERCISE = Exercise(
    solved=convolve2d,
    chapter="convolution",
    prompt="""
Mathematics means something else by convolution than deep learning does: the kernel is flipped, top to bottom and left
to right, before it slides. With the flip the operation is commutative, and a single bright pixel paints a copy of the
kernel instead of its mirror image. Write this convolution, without padding.
""",
    objectives=("tell convolution from cross-correlation",),
    out_of_scope=("padding and stride", "batches and channels"),
    visible=VISIBLE,
    fresh=fresh,
    misconceptions=(
        Misconception(
            "not-flipped",
            "The kernel is not flipped: this is the cross-correlation of `corr2d`.",
            corr2d,
        ),
        Misconception(
            "flipped-rows-only",
            "The kernel is flipped top to bottom only; flip it left to right as well.",
            lambda image, kernel: corr2d(image, kernel.flip(0)),
        ),
        Misconception(
            "flipped-columns-only",
            "The kernel is flipped left to right only; flip it top to bottom as well.",
            lambda image, kernel: corr2d(image, kernel.flip(1)),
        ),
        *(
            Misconception(known.id, known.sentence, lambda image, kernel, w=known.wrong: w(image, kernel.flip(0, 1)))
            for known in MISTAKES
        ),
    ),
    hints=(
        "You have `corr2d`. Which kernel must you give it?",
        "`tensor.flip(0, 1)` reverses rows and columns.",
        "`corr2d(image, kernel.flip(0, 1))`, with its loops written out or called.",
    ),
    points=2,
    minutes=5,
    prerequisites=("corr2d",),
    refuses=("convolution",),
    variants=(
        Variant(
            "full",
            "The kernel goes wherever it touches the image, which is 0 outside: the output is (H+kh-1, W+kw-1).",
            convolve2d_full,
        ),
    ),
)
