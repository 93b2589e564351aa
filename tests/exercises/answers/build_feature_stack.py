"""Answers to the exercise `build_feature_stack`: right ones in several styles, and wrong ones."""

from torch import nn

from cnncourse import models


def stack_padded():
    return nn.Sequential(
        nn.Conv2d(1, 16, (5, 5), padding=2),
        nn.Tanh(),
        nn.MaxPool2d(2, 2),
        nn.Conv2d(16, 64, 3, stride=2, padding=1),
        nn.LeakyReLU(),
        nn.MaxPool2d((7, 7)),
    )


def stack_plain():
    return nn.Sequential(nn.Conv2d(1, 16, 5), nn.MaxPool2d(4), nn.Conv2d(16, 64, 5), nn.MaxPool2d(2))


def stack_nested():
    block = nn.Sequential(nn.Conv2d(1, 16, 5, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3))
    stack = nn.Sequential()
    stack.add_module("first", block)
    stack.add_module("second", nn.Sequential(nn.LazyConv2d(64, 3), nn.GELU(), nn.AdaptiveMaxPool2d(1)))
    return stack


def sequence(*layers):
    return lambda: nn.Sequential(*(layer() for layer in layers))


CONV1, CONV2 = lambda: nn.Conv2d(1, 16, 5), lambda: nn.Conv2d(16, 64, 5)
POOL2, POOL8 = lambda: nn.MaxPool2d(2), lambda: nn.MaxPool2d(8)


RIGHT = [
    stack_padded,
    stack_plain,
    stack_nested,
    models.build_feature_stack,
    lambda: nn.Sequential(*stack_plain()).double().float(),
]

WRONG = [
    sequence(CONV1, POOL2, CONV2),
    sequence(CONV1, CONV2, POOL2, POOL8),
    sequence(CONV1, POOL2, CONV2, POOL8, nn.Flatten, lambda: nn.Linear(64, 10)),
    sequence(lambda: nn.Conv2d(3, 16, 5), POOL2, CONV2, POOL8),
    sequence(lambda: nn.Conv2d(1, 32, 5), POOL2, lambda: nn.Conv2d(32, 64, 5), POOL8),
    sequence(lambda: nn.Conv2d(1, 16, 3), POOL2, CONV2, POOL8),
    sequence(lambda: nn.Conv2d(1, 16, (5, 3)), POOL2, CONV2, POOL8),
    sequence(CONV1, POOL2, lambda: nn.Conv2d(16, 16, 5), POOL8),
    sequence(CONV1, POOL2, CONV2, lambda: nn.AvgPool2d(8)),
    sequence(CONV1, lambda: nn.AvgPool2d(2), CONV2, POOL8),
    sequence(CONV1, POOL2, CONV2, lambda: nn.MaxPool2d(4)),
    sequence(CONV1, POOL2, CONV2, lambda: nn.MaxPool2d(9)),
    sequence(CONV1, POOL2, CONV2, POOL2, POOL2, POOL2),
    sequence(CONV1, lambda: nn.BatchNorm2d(16), nn.ReLU, POOL2, CONV2, POOL8),
    sequence(CONV1, POOL2, CONV2, nn.Dropout, POOL8),
    sequence(CONV1, POOL2, lambda: nn.GroupNorm(4, 16), CONV2, POOL8),
    sequence(lambda: nn.LazyConv2d(16, 5, stride=2), lambda: nn.LazyConv2d(64, 12)),
    sequence(nn.Flatten, lambda: nn.Linear(784, 64), lambda: nn.Unflatten(1, (64, 1, 1))),
    lambda: [CONV1(), POOL2(), CONV2(), POOL8()],
    lambda: nn.ModuleList([CONV1(), POOL2(), CONV2(), POOL8()]),
    lambda: nn.Sequential,
    lambda: lambda input: stack_plain()(input),
    models.FashionCNN,
]
