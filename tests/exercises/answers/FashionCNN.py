"""Answers to the exercise `FashionCNN`: right ones in several styles, and wrong ones."""

import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import models

from .build_feature_stack import CONV1, CONV2, POOL2, sequence, stack_padded, stack_plain


class FunctionalCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 5), nn.Conv2d(16, 64, 5)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 8)
        return self.fc(self.drop(x.view(x.size(0), -1)))


class SequentialCNN(nn.Sequential):
    def __init__(self):
        super().__init__(stack_plain(), nn.Flatten(), nn.Linear(64, 10, bias=False))


class LazyCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([stack_padded(), nn.Flatten(), nn.LazyLinear(10)])

    def forward(self, image):
        for layer in self.layers:
            image = layer(image)
        return image


class ReversedCNN(SequentialCNN):
    def forward(self, input):
        return super().forward(input).flip(0)


class OneOutputCNN(SequentialCNN):
    def forward(self, input):
        return super().forward(input).argmax(1)


class TanhCNN(SequentialCNN):
    def forward(self, input):
        return super().forward(input).tanh()


class BatchSoftmaxCNN(SequentialCNN):
    def forward(self, input):
        return super().forward(input).softmax(0)


class NoSuperCNN(nn.Module):
    def __init__(self):
        self.stack = stack_plain()


class NoForwardCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.stack = stack_plain()


RIGHT = [FunctionalCNN, SequentialCNN, LazyCNN, models.FashionCNN, lambda: FunctionalCNN().eval()]

WRONG = [
    ReversedCNN,
    OneOutputCNN,
    TanhCNN,
    BatchSoftmaxCNN,
    NoSuperCNN,
    NoForwardCNN,
    stack_plain,
    sequence(nn.Flatten, lambda: nn.Linear(784, 10)),
    sequence(CONV1, POOL2, nn.Flatten, lambda: nn.Linear(16 * 144, 10)),
    sequence(stack_plain, nn.Flatten, lambda: nn.Linear(64, 11)),
    sequence(stack_plain, nn.Flatten, lambda: nn.Linear(64, 10), lambda: nn.Softmax(1)),
    sequence(stack_plain, nn.Flatten, lambda: nn.Linear(64, 10), nn.ReLU),
    sequence(stack_plain, nn.Flatten, lambda: nn.Linear(64, 32), nn.ReLU, lambda: nn.Linear(32, 10)),
    sequence(stack_plain, lambda: nn.Linear(64, 10)),
    sequence(stack_plain, lambda: nn.Flatten(0), lambda: nn.Linear(64, 10)),
    sequence(stack_plain, nn.Flatten, lambda: nn.BatchNorm1d(64), lambda: nn.Linear(64, 10)),
    sequence(stack_plain, lambda: nn.Conv2d(64, 10, 1), nn.Flatten),
    sequence(CONV1, POOL2, CONV2, nn.Flatten, lambda: nn.Linear(64 * 64, 10)),
    lambda: lambda images: torch.randn(len(images), 10),
]
