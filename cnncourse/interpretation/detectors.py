"""A network of one kernel as large as the image: its weights are a picture of what it learned.

Taught in the chapter *Interpretation*: a detector of the digit 3 looks like the mean 3 minus the mean of the rest.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from cnncourse.geometry import as_integer
from cnncourse.tensors import as_number, check_classes, check_generator, check_tensor
from cnncourse.training import minibatches

BATCH_SIZE = 100
LEARNING_RATE = 0.05


def train_detector(
    images: Tensor,
    labels: Tensor,
    digit: int,
    epochs: int = 20,
    generator: torch.Generator | None = None,
    weight_decay: float = 0.0,
) -> tuple[Tensor, float]:
    """Train the one-kernel detector "this digit against the rest", by logistic loss with targets 1 and 0.

    Parameters
    ----------
    images : Tensor
        ``(N, 8, 8)``, pixels from 0 to 1 or from 0 to 16.
    labels : Tensor
        ``(N,)`` int64: which digit each image shows.
    digit : int
        The one to detect.
    epochs : int, default 20
    generator : torch.Generator, optional
        Decides on the order of the samples; torch's global generator without one.
    weight_decay : float, default 0.0
        How strongly weights are pulled towards 0. Without it, the weights of pixels that hardly ever hold ink are
        arbitrary.

    Returns
    -------
    kernel : Tensor
        ``(8, 8)``, for pixels as they were given.
    bias : float
        An image is detected if ``(image * kernel).sum() + bias > 0``.

    Raises
    ------
    ValueError
        If images and labels do not pair up, or no image shows the digit, or all do.

    Examples
    --------
    >>> from cnncourse.data import load_digits
    >>> kernel, bias = train_detector(*load_digits("train"), digit=0)
    >>> images, labels = load_digits("test")
    >>> detected = (images * kernel).sum((1, 2)) + bias > 0
    >>> (detected == (labels == 0)).double().mean().item() > 0.97
    True
    """
    check_tensor(images, "images", floating=True, finite=True)
    check_classes(labels, "labels")
    check_generator(generator)
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise ValueError(
            "`images` and `labels` must have shapes (N, 8, 8) and (N,), "
            f"not {tuple(images.shape)} and {tuple(labels.shape)}"
        )
    epochs, digit = as_integer(epochs, "epochs"), as_integer(digit, "digit", minimum=0)
    weight_decay = as_number(weight_decay, "weight_decay", low=0)
    if images.numel() == 0 or not images.max() > 0:
        raise ValueError("`images` must hold at least one image with a pixel above 0")
    targets = (labels == digit).to(images.dtype)
    if targets.min() == targets.max():
        raise ValueError(f"`labels` must hold the digit {digit} and others: a detector learns from both")
    scale = images.max()
    inputs = (images / scale).flatten(1)  # (N, 64), from 0 to 1
    weight = torch.zeros(inputs.shape[1], dtype=inputs.dtype, requires_grad=True)
    bias = torch.zeros((), dtype=inputs.dtype, requires_grad=True)
    optimizer = torch.optim.Adam([weight, bias], lr=LEARNING_RATE, weight_decay=weight_decay)
    for _ in range(epochs):
        for batch, wanted in minibatches(inputs, targets, BATCH_SIZE, generator):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(batch @ weight + bias, wanted).backward()
            optimizer.step()
    return (weight.detach() / scale).reshape(images.shape[1:]), bias.item()
