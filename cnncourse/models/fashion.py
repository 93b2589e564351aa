"""Networks for Fashion-MNIST: plain, with batch normalisation, made for speed, and with three ways to halve a map."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from cnncourse.geometry import as_pair

from .augmentation import RandomShiftAndMirror
from .parts import BlurPool2d, named, normed_conv, seeded

MEAN, STD = 0.2860, 0.3530  # of the 60,000 training images of Fashion-MNIST
HALVINGS = ("stride", "max", "blur")


def two_conv_net(layers: Any = nn, filters: tuple[int, int] = (16, 32)) -> nn.Sequential:
    """A network for garments with two convolutions of 16 and 32 filters, trained from scratch in the chapter.

    Shapes: ``(N, 1, 28, 28)`` -> conv1, relu1 ``(N, 16, 28, 28)`` -> pool1 ``(N, 16, 14, 14)`` -> conv2, relu2
    ``(N, 32, 14, 14)`` -> pool2 ``(N, 32, 7, 7)`` -> flatten ``(N, 1568)`` -> linear ``(N, 10)``.

    Parameters
    ----------
    layers : module, default torch.nn
        Where ``Conv2d`` and ``MaxPool2d`` come from: `torch.nn`, or `cnncourse.layers` for the ones of this
        course.
    filters : (int, int), default (16, 32)
        How many filters the two convolutions have.
    """
    first, second = as_pair(filters, "filters")
    return named(
        conv1=layers.Conv2d(1, first, 3, padding=1),
        relu1=nn.ReLU(),
        pool1=layers.MaxPool2d(2),
        conv2=layers.Conv2d(first, second, 3, padding=1),
        relu2=nn.ReLU(),
        pool2=layers.MaxPool2d(2),
        flatten=nn.Flatten(),
        linear=nn.Linear(second * 7 * 7, 10),
    )


def pocket_net() -> nn.Sequential:
    """A network for garments with 8 and 16 filters, small enough to run inside a web page: 9,098 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> conv1, relu1 ``(N, 8, 28, 28)`` -> pool1 ``(N, 8, 14, 14)`` -> conv2, relu2
    ``(N, 16, 14, 14)`` -> pool2 ``(N, 16, 7, 7)`` -> flatten ``(N, 784)`` -> linear ``(N, 10)``.
    """
    return two_conv_net(filters=(8, 16))


def build_feature_stack() -> nn.Sequential:
    """Turn garments into 64 features: two convolutions, each pooled.

    Shapes: ``(N, 1, 28, 28)`` -> conv1, relu1 ``(N, 16, 24, 24)`` -> pool1 ``(N, 16, 12, 12)`` -> conv2, relu2
    ``(N, 64, 8, 8)`` -> pool2 ``(N, 64, 1, 1)``.
    """
    return named(
        conv1=nn.Conv2d(1, 16, 5),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(16, 64, 5),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(8),
    )


class FashionCNN(nn.Module):
    """A network for garments: the feature stack, then one linear layer; 26,730 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> features ``(N, 64, 1, 1)`` -> flatten ``(N, 64)`` -> linear ``(N, 10)``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = build_feature_stack()
        self.flatten = nn.Flatten()  # keeps the batch axis, also for a batch of one
        self.linear = nn.Linear(64, 10)

    def forward(self, input: Tensor) -> Tensor:
        return self.linear(self.flatten(self.features(input)))


def batch_norm_net() -> nn.Sequential:
    """A network for garments with batch normalisation: two blocks of three convolutions, then 1x1 layers.

    Shapes: ``(N, 1, 28, 28)`` -> block1 ``(N, 20, 14, 14)`` -> block2 ``(N, 40, 7, 7)`` -> conv1
    ``(N, 60, 5, 5)`` -> conv2 ``(N, 40, 5, 5)`` -> conv3 ``(N, 20, 5, 5)`` -> average ``(N, 20, 1, 1)`` ->
    flatten ``(N, 20)`` -> linear ``(N, 10)``. No convolution has a bias: the normalisation behind it would
    subtract it again.
    """
    return named(
        block1=nn.Sequential(
            normed_conv(1, 20, 3, padding=1),
            normed_conv(20, 20, 3, padding=1),
            normed_conv(20, 20, 3, padding=1),
            nn.MaxPool2d(2),
        ),
        block2=nn.Sequential(
            normed_conv(20, 40, 3, padding=1),
            normed_conv(40, 40, 3, padding=1),
            normed_conv(40, 40, 3, padding=1),
            nn.MaxPool2d(2),
        ),
        conv1=normed_conv(40, 60, 3),
        conv2=normed_conv(60, 40, 1),
        conv3=normed_conv(40, 20, 1),
        average=nn.AvgPool2d(5),
        flatten=nn.Flatten(),
        linear=nn.Linear(20, 10),
    )


def fast_fashion_net() -> nn.Sequential:
    """A fast network for garments: three normed convolutions that pool *before* they normalise; 94,186 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> block1 ``(N, 32, 14, 14)`` -> block2 ``(N, 64, 7, 7)`` -> block3 ``(N, 128, 7, 7)``
    -> maximum ``(N, 128, 1, 1)`` -> flatten ``(N, 128)`` -> linear ``(N, 10)``. Normalisation and activation then see
    a quarter of the values.
    """
    return named(
        block1=_pooled_conv(1, 32),
        block2=_pooled_conv(32, 64),
        block3=normed_conv(64, 128, 3, padding=1),
        maximum=nn.AdaptiveMaxPool2d(1),
        flatten=nn.Flatten(),
        linear=nn.Linear(128, 10),
    )


def _pooled_conv(in_channels: int, out_channels: int) -> nn.Sequential:
    return named(
        conv=nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
        pool=nn.MaxPool2d(2),
        norm=nn.BatchNorm2d(out_channels),
        relu=nn.ReLU(),
    )


class FashionClassifier(nn.Module):
    """`fast_fashion_net` with augmentation, normalisation and bfloat16.

    In evaluation the logits are the mean over an image and its mirror image.

    Shapes: ``(N, 1, 28, 28)`` in [0, 1] -> ``(N, 10)`` logits, float32.

    Parameters
    ----------
    generator : torch.Generator, optional
        Decides the weights of ``network``; torch's global generator without one.
    """

    def __init__(self, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.augment = RandomShiftAndMirror()
        self.network = seeded(fast_fashion_net, generator).to(memory_format=torch.channels_last)

    def forward(self, input: Tensor) -> Tensor:
        images = (self.augment(input) - MEAN) / STD
        if self.training:
            return self._logits(images)
        return (self._logits(images) + self._logits(images.flip(3))) / 2

    def _logits(self, images: Tensor) -> Tensor:
        images = images.contiguous(memory_format=torch.channels_last)
        with torch.autocast(images.device.type, torch.bfloat16, enabled=_fast_bfloat16(images.device)):
            logits = self.network(images)
        return logits.float()


def _fast_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    return device.type == "cpu" and torch.cpu._is_avx512_bf16_supported()


def halving_net(halving: str) -> nn.Sequential:
    """A network for garments that halves its maps twice, in one of three ways with the same 23,834 parameters.

    Shapes: ``(N, 1, H, W)`` -> block1 ``(N, 16, H/2, W/2)`` -> block2 ``(N, 32, H/4, W/4)`` -> conv3, relu3
    ``(N, 64, H/4, W/4)`` -> maximum ``(N, 64, 1, 1)`` -> flatten ``(N, 64)`` -> linear ``(N, 10)``. No convolution has
    a bias, so a black background is 0 in every layer, as padding is: what changes when a garment moves comes from the
    halving, not from the border.

    Parameters
    ----------
    halving : {"stride", "max", "blur"}
        "stride": the convolution takes every second place. "max": 2x2 max pooling. "blur": the same maxima at every
        place, then `blur_pool2d`.

    Raises
    ------
    ValueError
        If `halving` is another word.
    """
    if not isinstance(halving, str) or halving not in HALVINGS:
        raise ValueError(f"`halving` must be one of {', '.join(HALVINGS)}, not {halving!r}")
    return named(
        block1=_halved_conv(1, 16, halving),
        block2=_halved_conv(16, 32, halving),
        conv3=nn.Conv2d(32, 64, 3, padding=1, bias=False),
        relu3=nn.ReLU(),
        maximum=nn.AdaptiveMaxPool2d(1),
        flatten=nn.Flatten(),
        linear=nn.Linear(64, 10),
    )


def _halved_conv(in_channels: int, out_channels: int, halving: str) -> nn.Sequential:
    stride = 2 if halving == "stride" else 1
    conv = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
    if halving == "stride":
        return named(conv=conv, relu=nn.ReLU())
    if halving == "max":
        return named(conv=conv, relu=nn.ReLU(), pool=nn.MaxPool2d(2))
    return named(conv=conv, relu=nn.ReLU(), pool=nn.MaxPool2d(2, stride=1), blur=BlurPool2d())
