"""Handwritten digits of 8x8 pixels, from scikit-learn: the smallest real images in the course.

Used in the chapters *Convolution* (one digit through one layer) and *Interpretation* (a kernel that looks like a 3).

References
----------
E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49 (CC BY 4.0). scikit-learn ships the 1,797 images of the test part.
"""

import torch
from torch import Tensor

from cnncourse.data.splits import expect_split

LARGEST = 16  # each pixel counts the ink in 4x4 pixels of the scan


def load_digits(split: str) -> tuple[Tensor, Tensor]:
    """Load the handwritten digits 0 to 9, split once and for all into training and test images.

    Every fifth image of each digit is a test image, so both parts hold the ten digits in the same proportions. No
    random number is involved. Both parts come from the same people: the test measures new images, not new writers.

    Parameters
    ----------
    split : str
        "train" (1,442 images) or "test" (355 images).

    Returns
    -------
    images : Tensor
        float32, `(N, 8, 8)`, ink from 0 to 1 (0 to 16 in the source).
    labels : Tensor
        int64, `(N,)`, 0 to 9.

    Raises
    ------
    ValueError
        If `split` is neither "train" nor "test".

    Examples
    --------
    >>> images, labels = load_digits("train")
    >>> images.shape, labels[:10].tolist()
    (torch.Size([1442, 8, 8]), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    expect_split(split)
    from sklearn import datasets  # takes a second to import, and only this function needs it

    digits = datasets.load_digits()
    images = torch.from_numpy(digits.images).float() / LARGEST
    labels = torch.from_numpy(digits.target).long()
    turn = (labels == torch.arange(10)[:, None]).cumsum(1)[labels, torch.arange(len(labels))]  # 1 for the first 3, ...
    chosen = (turn % 5 == 0) == (split == "test")
    return images[chosen], labels[chosen]
