"""Answers to the exercise `DepthwiseSeparable`: right ones in several styles, and wrong ones."""

import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import models

from . import edited


class Functional(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.stride, self.padding = stride, (kernel_size - 1) // 2
        self.depthwise = nn.Parameter(torch.randn(in_channels, 1, kernel_size, kernel_size))
        self.pointwise = nn.Parameter(torch.randn(out_channels, in_channels, 1, 1))
        self.n1, self.n2 = nn.BatchNorm2d(in_channels), nn.BatchNorm2d(out_channels)

    def forward(self, x):
        x = F.conv2d(x, self.depthwise, None, self.stride, self.padding, groups=len(self.depthwise))
        return F.relu(self.n2(F.conv2d(F.relu(self.n1(x)), self.pointwise)))


class TwoParts(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()

        def part(*sizes, **options):
            return nn.Sequential(
                nn.Conv2d(*sizes, bias=False, **options), nn.BatchNorm2d(sizes[1]), nn.ReLU(inplace=True)
            )

        half = kernel_size // 2
        options = {"stride": (stride, stride), "padding": (half, half), "groups": in_channels}
        self.first = part(in_channels, in_channels, kernel_size, **options)
        self.second = part(in_channels, out_channels, 1)

    def forward(self, x):
        return self.second(self.first(x))


class Lazy(nn.Sequential):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__(
            nn.LazyConv2d(in_channels, kernel_size, stride, kernel_size // 2, groups=in_channels, bias=False),
            nn.LazyBatchNorm2d(),
            nn.ReLU(),
            nn.LazyConv2d(out_channels, 1, bias=False),
            nn.LazyBatchNorm2d(),
            nn.ReLU(),
        )


class Padded(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1):
        super().__init__()
        self.pad = nn.ZeroPad2d(kernel_size // 2)
        self.d = nn.Conv2d(in_channels, in_channels, kernel_size, stride, groups=in_channels, bias=False)
        self.dn, self.pn = nn.BatchNorm2d(in_channels), nn.BatchNorm2d(out_channels)
        self.p = nn.Conv2d(in_channels, out_channels, 1, bias=False)

    def forward(self, x):
        return self.pn(self.p(self.dn(self.d(self.pad(x))).clamp_min(0))).clamp_min(0)


class Reversed(TwoParts):
    def forward(self, x):
        return super().forward(x.flip(1))


class Residual(TwoParts):
    def forward(self, x):
        y = super().forward(x)
        return y + x if y.shape == x.shape else y


class Random(TwoParts):
    def forward(self, x):
        return torch.rand_like(super().forward(x))


class InPlace(TwoParts):
    def forward(self, x):
        x.add_(1)
        return super().forward(x - 1)


RIGHT = [Functional, TwoParts, Lazy, Padded, models.DepthwiseSeparable]

WRONG = [
    Reversed,
    Residual,
    Random,
    InPlace,
    models.ResidualBlock,
    lambda in_channels, out_channels, kernel_size=3, stride=1: nn.Conv2d(
        in_channels, out_channels, kernel_size, stride
    ),
    lambda in_channels, out_channels, kernel_size=3, stride=1: models.DepthwiseSeparable(in_channels, in_channels),
    lambda in_channels, out_channels, kernel_size=3, stride=1: torch.relu,
    edited("DepthwiseSeparable", ("super().__init__()", "pass")),
    edited("DepthwiseSeparable", ("BatchNorm2d", "InstanceNorm2d")),
    edited("DepthwiseSeparable", ("nn.ReLU()", "nn.ReLU6()"), ("nn.BatchNorm2d(out_channels)", "nn.Identity()")),
    edited("DepthwiseSeparable", ("nn.ReLU()", "nn.GELU()")),
    edited("DepthwiseSeparable", ("nn.ReLU()", "nn.Sigmoid()")),
    edited("DepthwiseSeparable", ("stride, padding", "padding, stride")),
    edited("DepthwiseSeparable", ("padding, groups", "padding, 2, groups")),
    edited("DepthwiseSeparable", ("kernel_size // 2", "'same'")),
    edited("DepthwiseSeparable", ("out_channels, 1, bias", "out_channels, 1, dilation=2, padding=1, bias")),
]
