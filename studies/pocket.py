"""Data and measurements that several studies of `pocket_net` share."""

import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse.data import load_digits, load_fashion_mnist
from cnncourse.training import evaluate, ordered_batches, predict


def large_digits(split: str) -> tuple[Tensor, Tensor]:
    """Return the digits, enlarged from 8x8 to 28x28 pixels, and their labels."""
    images, labels = load_digits(split)
    return F.interpolate(images[:, None], size=28, mode="bilinear", align_corners=False), labels


def loss_and_test(model: nn.Module, train: tuple[Tensor, Tensor]) -> tuple[float, float]:
    """Return the loss on the training images and the accuracy on 1000 other garments, both rounded."""
    loss = F.cross_entropy(*predict(model, ordered_batches(*train))).item()
    return round(loss, 4), round(evaluate(model, ordered_batches(*load_fashion_mnist("test"))), 4)
