"""Images whose class is decided by a small mark at a known place: a test for explanations.

Nobody can say where the evidence for "shirt" lies in a photograph, so a map that looks sensible proves little. Here the
evidence is planted. A 5x5 mark decides the class, plus or cross; a large bright square, the distractor, is in every
image of both classes; the rest is faint noise. A good explanation points at the mark.

References
----------
M. Yang and B. Kim, "Benchmarking Attribution Methods with Relative Feature Importance", 2019,
https://arxiv.org/abs/1907.09701
"""

from typing import NamedTuple

import torch
from torch import Tensor

from cnncourse.geometry import as_integer
from cnncourse.tensors import check_generator, check_tensor

MARKS = torch.zeros(2, 5, 5)
MARKS[0, 2, :] = MARKS[0, :, 2] = 1  # 0, a plus
MARKS[1] = torch.eye(5).maximum(torch.eye(5).flip(0))  # 1, a cross: also nine pixels
MARK_CLASSES = ("plus", "cross")
DISTRACTOR = 9  # pixels, height and width
NOISE = 0.2  # the brightest that noise can be
MIN_SIZE = 20  # the mark finds a place beside every distractor


class Planted(NamedTuple):
    """Images with planted evidence.

    Attributes
    ----------
    images : Tensor
        float32 ``(N, 1, size, size)``, 0 to 1.
    labels : Tensor
        int64 ``(N,)``, positions in `MARK_CLASSES`.
    marks, distractors : Tensor
        bool ``(N, size, size)``: the 5x5 box around the mark, and the distractor. They do not touch.
    """

    images: Tensor
    labels: Tensor
    marks: Tensor
    distractors: Tensor


def make_planted(num_images: int, size: int = 28, generator: torch.Generator | None = None) -> Planted:
    """Draw images whose class is decided by a planted mark.

    Parameters
    ----------
    num_images : int
    size : int, default 28
        Height and width in pixels, at least 20.
    generator : torch.Generator, optional
        Where the random numbers come from; torch's global generator without one.

    Returns
    -------
    Planted

    Raises
    ------
    ValueError
        If `num_images` is less than 1, or `size` less than 20.

    Examples
    --------
    >>> planted = make_planted(100, generator=torch.Generator().manual_seed(0))
    >>> planted.images.shape, planted.marks.sum((1, 2)).unique().tolist()
    (torch.Size([100, 1, 28, 28]), [25])
    """
    count, size = as_integer(num_images, "num_images"), as_integer(size, "size", minimum=MIN_SIZE)
    check_generator(generator)
    labels = torch.randint(len(MARKS), (count,), generator=generator)
    images = NOISE * torch.rand(count, 1, size, size, generator=generator)
    marks, distractors = torch.zeros(2, count, size, size, dtype=torch.bool)
    for index, label in enumerate(labels.tolist()):
        square = _place(size, DISTRACTOR, generator)
        box = _place(size, MARKS.shape[1], generator)
        while _touch(box, square):
            box = _place(size, MARKS.shape[1], generator)
        distractors[index][square] = True
        marks[index][box] = True
        images[index, 0][square] = 1.0
        images[index, 0][box] = torch.maximum(images[index, 0][box], MARKS[label])
    return Planted(images, labels, marks, distractors)


def localisation_score(maps: Tensor, regions: Tensor) -> float:
    """Measure the share of the maps' evidence that lies in the regions where the true evidence is.

    Parameters
    ----------
    maps : Tensor
        ``(N, H, W)``: explanations. What is positive counts as evidence, what is negative as none.
    regions : Tensor
        bool ``(N, H, W)``.

    Returns
    -------
    float
        The mean over the images, 0 to 1; an image whose map has no evidence at all counts 0. A map that is the same
        everywhere gets the region's share of the image.

    Raises
    ------
    ValueError
        If the shapes differ, or `regions` is not boolean.

    Examples
    --------
    >>> region = torch.tensor([[[True, False], [False, False]]])
    >>> localisation_score(torch.tensor([[[3.0, 1.0], [0.0, -5.0]]]), region)
    0.75
    >>> localisation_score(torch.ones(1, 2, 2), region)
    0.25
    """
    check_tensor(maps, "maps", finite=True)
    if not isinstance(regions, Tensor):
        raise TypeError(f"`regions` must be a torch.Tensor, not {type(regions).__name__}")
    if maps.ndim == 3 and len(maps) == 0:
        raise ValueError(f"`maps` must hold at least one map, not the shape {tuple(maps.shape)}")
    if maps.ndim != 3 or maps.shape != regions.shape or regions.dtype != torch.bool:
        raise ValueError(
            "`maps` and `regions` must have the same shape (N, H, W), `regions` boolean, "
            f"not {tuple(maps.shape)} and {tuple(regions.shape)} {regions.dtype}"
        )
    evidence = maps.detach().double().relu()
    total = evidence.sum((1, 2))
    inside = (evidence * regions).sum((1, 2))
    return (inside / torch.where(total > 0, total, 1.0)).mean().item()


def _place(size: int, side: int, generator: torch.Generator | None) -> tuple[slice, slice]:
    """Draw a square's place in the image: its rows and its columns."""
    top, left = torch.randint(size - side + 1, (2,), generator=generator).tolist()
    return slice(top, top + side), slice(left, left + side)


def _touch(one: tuple[slice, slice], other: tuple[slice, slice]) -> bool:
    """Whether two boxes overlap or lie side by side."""
    return all(a.start <= b.stop and b.start <= a.stop for a, b in zip(one, other, strict=True))
