"""Answers to the exercise `ResidualBlock`: right ones in several styles, and wrong ones."""

import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import models

from . import edited


class Functional(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.c1 = nn.Conv2d(
            in_channels, out_channels, kernel_size=3, stride=stride, padding="same" if stride == 1 else 1, bias=False
        )
        self.c2 = nn.Conv2d(out_channels, out_channels, kernel_size=(3, 3), padding="same", bias=False)
        self.n1, self.n2 = nn.BatchNorm2d(out_channels), nn.BatchNorm2d(out_channels)
        self.changes = not (stride == 1 and in_channels == out_channels)
        if self.changes:
            self.c3, self.n3 = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)

    def forward(self, x):
        shortcut = self.n3(self.c3(x)) if self.changes else x
        y = F.relu(self.n1(self.c1(x)), inplace=True)
        y = self.n2(self.c2(y))
        y += shortcut
        return F.relu(y)


class ShortcutFirst(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        fits = in_channels == out_channels and stride == 1
        one = (
            [] if fits else [nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)]
        )
        self.shortcut = nn.Sequential(*one)
        self.main = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )

    def forward(self, x):
        return (self.shortcut(x) + self.main(x)).clamp(min=0)


class Lazy(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.layers = nn.ModuleList(
            [
                nn.LazyConv2d(out_channels, 3, stride, 1, bias=False),
                nn.LazyBatchNorm2d(),
                nn.LazyConv2d(out_channels, 3, 1, 1, bias=False),
                nn.LazyBatchNorm2d(),
            ]
        )
        if stride > 1 or in_channels != out_channels:
            self.layers.extend([nn.LazyConv2d(out_channels, 1, stride, bias=False), nn.LazyBatchNorm2d()])

    def forward(self, x):
        first, norm, second, other, *rest = self.layers
        y = other(second(torch.maximum(norm(first(x)), torch.zeros(()))))
        for layer in rest:
            x = layer(x)
        return torch.add(y, x).relu()


class OwnCode(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.stride = stride
        self.w1 = nn.Parameter(torch.randn(out_channels, in_channels, 3, 3))
        self.w2 = nn.Parameter(torch.randn(out_channels, out_channels, 3, 3))
        self.n1, self.n2, self.n3 = (nn.BatchNorm2d(out_channels) for _ in range(3))
        self.w3 = nn.Parameter(torch.randn(out_channels, in_channels, 1, 1))
        if stride == 1 and in_channels == out_channels:
            self.w3 = self.n3 = None

    def forward(self, x):
        y = self.n2(F.conv2d(self.n1(F.conv2d(x, self.w1, stride=self.stride, padding=1)).relu(), self.w2, padding=1))
        return F.relu(y + (x if self.w3 is None else self.n3(F.conv2d(x, self.w3, stride=self.stride))))


class Plain(Functional):
    def forward(self, x):
        return self.n2(self.c2(F.relu(self.n1(self.c1(x)))))


class InPlace(ShortcutFirst):
    def forward(self, x):
        x.mul_(2)
        return super().forward(x / 2)


class Random(Functional):
    def forward(self, x):
        return torch.rand_like(super().forward(x))


class PreActivation(Functional):
    def forward(self, x):
        shortcut = self.n3(self.c3(x)) if self.changes else x
        return self.c2(F.relu(self.n2(self.c1(F.relu(x))))) + shortcut


class Halved(ShortcutFirst):
    def forward(self, x):
        return ((self.shortcut(x) + self.main(x)) / 2).clamp(min=0)


class Pooled(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.main = ShortcutFirst(in_channels, out_channels, stride).main
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(stride, ceil_mode=True),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )

    def forward(self, x):
        return F.relu(self.main(x) + self.shortcut(x))


RIGHT = [Functional, ShortcutFirst, Lazy, OwnCode, models.ResidualBlock]

WRONG = [
    Plain,
    InPlace,
    Random,
    PreActivation,
    Halved,
    Pooled,
    models.DepthwiseSeparable,
    lambda in_channels, out_channels, stride=1: nn.Conv2d(in_channels, out_channels, 3, stride, 1),
    lambda in_channels, out_channels, stride=1: models.ResidualBlock(in_channels, out_channels),
    lambda in_channels, out_channels, stride=1: models.ResidualBlock(out_channels, out_channels, stride),
    lambda in_channels, out_channels, stride=1: torch.relu,
    edited("ResidualBlock", ("super().__init__()", "pass")),
    edited("ResidualBlock", ("BatchNorm2d", "InstanceNorm2d")),
    edited("ResidualBlock", ("nn.BatchNorm2d(out_channels)", "nn.GroupNorm(1, out_channels)")),
    edited("ResidualBlock", ("torch.relu", "torch.sigmoid")),
    edited("ResidualBlock", ("output + self", "output - self")),
    edited("ResidualBlock", ("output + self", "output * self")),
    edited("ResidualBlock", ("3, stride, padding=1", "5, stride, padding=2")),
    edited("ResidualBlock", ("3, padding=1", "3, padding=2, dilation=2")),
]
