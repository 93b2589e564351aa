"""What several networks are built from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor, nn

from cnncourse.geometry import IntOrPair, as_pair
from cnncourse.pooling import blur_pool2d


def named(**layers: nn.Module) -> nn.Sequential:
    """Chain layers that can be reached by their names.

    Examples
    --------
    >>> named(flatten=nn.Flatten(), linear=nn.Linear(4, 2)).linear.out_features
    2
    """
    return nn.Sequential(OrderedDict(layers))


def seeded(make: Callable[[], nn.Module], generator: torch.Generator | None) -> nn.Module:
    """Make a network whose weights `generator` decides; torch's global generator, if it is None.

    Examples
    --------
    >>> first, second = (seeded(lambda: nn.Linear(2, 1), torch.Generator().manual_seed(3)) for _ in range(2))
    >>> torch.equal(first.weight, second.weight)
    True
    """
    if generator is None:
        return make()
    with torch.random.fork_rng():
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        return make()


def normed_conv(
    in_channels: int, out_channels: int, kernel_size: int, padding: int = 0, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """Chain a convolution, batch normalisation and a ReLU; the normalisation makes a bias useless.

    Shapes: ``(N, C_in, H, W)`` -> ``(N, C_out, H', W')``.
    """
    return named(
        conv=nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, groups=groups, bias=False),
        norm=nn.BatchNorm2d(out_channels),
        relu=nn.ReLU(),
    )


class BlurPool2d(nn.Module):
    """`cnncourse.pooling.blur_pool2d` as a layer.

    Shapes: ``(N, C, H, W)`` -> ``(N, C, ceil(H / stride), ceil(W / stride))``.

    Examples
    --------
    >>> BlurPool2d()
    BlurPool2d(kernel_size=3, stride=2)
    """

    def __init__(self, kernel_size: IntOrPair = 3, stride: IntOrPair = 2) -> None:
        super().__init__()
        as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")
        self.kernel_size, self.stride = kernel_size, stride

    def forward(self, input: Tensor) -> Tensor:
        return blur_pool2d(input, self.kernel_size, self.stride)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}"
