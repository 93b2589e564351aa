"""What several networks are built from."""

from collections import OrderedDict

from torch import nn


def named(**layers: nn.Module) -> nn.Sequential:
    """Chain layers that can be reached by their names.

    Examples
    --------
    >>> named(flatten=nn.Flatten(), linear=nn.Linear(4, 2)).linear.out_features
    2
    """
    return nn.Sequential(OrderedDict(layers))


def normed_conv(
    channels_in: int, channels_out: int, kernel_size: int, padding: int = 0, stride: int = 1
) -> nn.Sequential:
    """Chain a convolution, batch normalisation and a ReLU; the normalisation makes a bias useless.

    Shapes: ``(N, C_in, H, W)`` -> ``(N, C_out, H', W')``.
    """
    return named(
        conv=nn.Conv2d(channels_in, channels_out, kernel_size, stride, padding, bias=False),
        norm=nn.BatchNorm2d(channels_out),
        relu=nn.ReLU(),
    )
