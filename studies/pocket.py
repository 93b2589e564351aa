"""What several studies do with a trained `pocket_net`."""

import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse.data import load_fashion_mnist
from cnncourse.training import evaluate, ordered_batches, predict


def loss_and_test(model: nn.Module, train: tuple[Tensor, Tensor]) -> tuple[float, float]:
    """Return the loss on the training images and the accuracy on 1000 other garments, both rounded."""
    loss = F.cross_entropy(*predict(model, ordered_batches(*train))).item()
    return round(loss, 4), round(evaluate(model, ordered_batches(*load_fashion_mnist("test"))), 4)
