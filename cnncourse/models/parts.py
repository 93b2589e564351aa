"""What several networks are built from."""

from collections import OrderedDict

from torch import Tensor, nn

from cnncourse.pooling import blur_pool2d


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


class BlurPool2d(nn.Module):
    """`cnncourse.pooling.blur_pool2d` as a layer.

    Shapes: ``(N, C, H, W)`` -> ``(N, C, ceil(H / stride), ceil(W / stride))``.

    Examples
    --------
    >>> BlurPool2d()
    BlurPool2d(kernel_size=3, stride=2)
    """

    def __init__(self, kernel_size=3, stride=2):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, stride

    def forward(self, input: Tensor) -> Tensor:
        return blur_pool2d(input, self.kernel_size, self.stride)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}"
