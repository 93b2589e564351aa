"""Training, validation and test images.

A network is tested on images that were used neither to train it nor to choose its size or learning rate. Hence three
sets: train, validation (`hold_out`) and test.
"""

import torch
from torch import Tensor

from cnncourse.geometry import as_integer
from cnncourse.tensors import INTEGERS, check_generator

SPLITS = ("train", "test")


def hold_out(
    images: Tensor, labels: Tensor, count: int, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Set some training images aside for validation, the same share of each class.

    Which images of a class are held out is random. Their number is the class's share of `count`, rounded down or up,
    and both parts keep the order that the images had.

    Parameters
    ----------
    images : Tensor
        `(N, ...)`, of any type and on any device.
    labels : Tensor
        Integers, `(N,)`: the class of each image.
    count : int
        How many images to hold out, from 1 to N - 1.
    generator : torch.Generator, optional
        Where the random numbers come from; without one, torch's global generator, which is never seeded here.

    Returns
    -------
    train_images, train_labels : Tensor
        The N - count pairs that remain.
    held_images, held_labels : Tensor
        The `count` pairs held out.

    Raises
    ------
    TypeError
        If `count` or the labels are not integers.
    ValueError
        If `count` is not in 1..N - 1, or `images` and `labels` do not pair up.

    Examples
    --------
    >>> images, labels = torch.arange(8.0), torch.tensor([0, 0, 1, 0, 1, 0, 0, 0])
    >>> *_, held_labels = hold_out(images, labels, count=4)
    >>> held_labels.bincount()
    tensor([3, 1])
    """
    count = as_integer(count, "count")
    check_generator(generator)
    if not isinstance(images, Tensor):
        raise TypeError(f"`images` must be a torch.Tensor, not {type(images).__name__}")
    if not isinstance(labels, Tensor) or labels.dtype not in INTEGERS:
        given = labels.dtype if isinstance(labels, Tensor) else type(labels).__name__
        raise TypeError(f"`labels` must be a tensor of integers, not {given}")
    if labels.ndim != 1 or images.ndim == 0 or len(images) != len(labels):
        raise ValueError(
            "`images` and `labels` must pair up as (N, ...) and (N,), "
            f"not {tuple(images.shape)} and {tuple(labels.shape)}"
        )
    if count >= len(labels):
        raise ValueError(f"`count` must leave at least one of the {len(labels)} images for training, not {count}")
    device = None if generator is None else generator.device
    order = torch.randperm(len(labels), generator=generator, device=device).to(labels.device)
    order = order[labels[order].argsort(stable=True)]  # class after class, shuffled within each
    every = torch.arange(count, device=labels.device) * len(labels) // count  # evenly spaced: the same share of each
    held = torch.zeros_like(labels, dtype=torch.bool)
    held[order[every]] = True
    return images[~held], labels[~held], images[held], labels[held]


def expect_split(split: str) -> None:
    """Refuse a `split` that is neither "train" nor "test".

    Raises
    ------
    ValueError
        For another word.
    """
    if not isinstance(split, str) or split not in SPLITS:
        raise ValueError(f"`split` must be 'train' or 'test', not {split!r}")
