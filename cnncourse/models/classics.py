"""Networks from LeNet-5 to MobileNet; chapter `architectures`.

References
----------
- LeCun et al., "Gradient-based learning applied to document recognition" (1998): LeNet-5.
- Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (2012): AlexNet.
- Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition" (2015): VGG.
- He et al., "Deep residual learning for image recognition" (2016): ResNet.
- Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications" (2017): MobileNet.
"""

from torch import Tensor, nn

from cnncourse.geometry import as_integer

from .parts import named, normed_conv


def lenet5() -> nn.Sequential:
    """LeNet-5 as it is drawn today, for 28x28 images padded to 32x32: 61,706 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> c1 ``(N, 6, 28, 28)`` -> s2 ``(N, 6, 14, 14)`` -> c3 ``(N, 16, 10, 10)`` -> s4
    ``(N, 16, 5, 5)`` -> c5 ``(N, 120, 1, 1)`` -> flatten ``(N, 120)`` -> f6 ``(N, 84)`` -> output ``(N, 10)``.
    The original scaled its subsamplings, wired c3 to some of the maps only and ended in radial basis functions.
    """
    return named(
        c1=nn.Conv2d(1, 6, 5, padding=2),
        tanh1=nn.Tanh(),
        s2=nn.AvgPool2d(2),
        c3=nn.Conv2d(6, 16, 5),
        tanh3=nn.Tanh(),
        s4=nn.AvgPool2d(2),
        c5=nn.Conv2d(16, 120, 5),
        tanh5=nn.Tanh(),
        flatten=nn.Flatten(),
        f6=nn.Linear(120, 84),
        tanh6=nn.Tanh(),
        output=nn.Linear(84, 10),
    )


def alexnet() -> nn.Sequential:
    """AlexNet with the two halves of the original as groups: 60,965,224 parameters.

    Shapes: ``(N, 3, 227, 227)`` -> conv1 ``(N, 96, 55, 55)`` -> pool1 ``(N, 96, 27, 27)`` -> conv2 ``(N, 256, 27, 27)``
    -> pool2 ``(N, 256, 13, 13)`` -> conv3, conv4 ``(N, 384, 13, 13)`` -> conv5 ``(N, 256, 13, 13)`` -> pool5
    ``(N, 256, 6, 6)`` -> flatten ``(N, 9216)`` -> fc6, fc7 ``(N, 4096)`` -> fc8 ``(N, 1000)``. The paper gives an input
    of 224, but its 55 follows from 227 only.
    """
    return named(
        conv1=nn.Conv2d(3, 96, 11, stride=4),
        relu1=nn.ReLU(),
        norm1=nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0),
        pool1=nn.MaxPool2d(3, stride=2),
        conv2=nn.Conv2d(96, 256, 5, padding=2, groups=2),
        relu2=nn.ReLU(),
        norm2=nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0),
        pool2=nn.MaxPool2d(3, stride=2),
        conv3=nn.Conv2d(256, 384, 3, padding=1),
        relu3=nn.ReLU(),
        conv4=nn.Conv2d(384, 384, 3, padding=1, groups=2),
        relu4=nn.ReLU(),
        conv5=nn.Conv2d(384, 256, 3, padding=1, groups=2),
        relu5=nn.ReLU(),
        pool5=nn.MaxPool2d(3, stride=2),
        flatten=nn.Flatten(),
        drop6=nn.Dropout(),
        fc6=nn.Linear(256 * 6 * 6, 4096),
        relu6=nn.ReLU(),
        drop7=nn.Dropout(),
        fc7=nn.Linear(4096, 4096),
        relu7=nn.ReLU(),
        fc8=nn.Linear(4096, 1000),
    )


def vgg16() -> nn.Sequential:
    """VGG with 16 weight layers, 3x3 kernels only: 138,357,544 parameters, nine tenths of them in the linear layers.

    Shapes: ``(N, 3, 224, 224)`` -> five blocks, each halved by its pool: ``(N, 64, 112, 112)``,
    ``(N, 128, 56, 56)``, ``(N, 256, 28, 28)``, ``(N, 512, 14, 14)``, ``(N, 512, 7, 7)`` -> flatten
    ``(N, 25088)`` -> ``(N, 4096)`` twice -> ``(N, 1000)``.
    """
    layers: dict[str, nn.Module] = {}
    channels = 3
    for block, (width, depth) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), start=1):
        for number in range(1, depth + 1):
            layers[f"conv{block}_{number}"] = nn.Conv2d(channels, width, 3, padding=1)
            layers[f"relu{block}_{number}"] = nn.ReLU()
            channels = width
        layers[f"pool{block}"] = nn.MaxPool2d(2)
    return named(
        **layers,
        flatten=nn.Flatten(),
        fc6=nn.Linear(512 * 7 * 7, 4096),
        relu6=nn.ReLU(),
        drop6=nn.Dropout(),
        fc7=nn.Linear(4096, 4096),
        relu7=nn.ReLU(),
        drop7=nn.Dropout(),
        fc8=nn.Linear(4096, 1000),
    )


class ResidualBlock(nn.Module):
    """Two normed 3x3 convolutions whose result is *added* to their input.

    Shapes: ``(N, C_in, H, W)`` -> ``(N, C_out, ceil(H / stride), ceil(W / stride))``. Where the shape changes,
    a 1x1 convolution fits the input to the sum.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1):
        super().__init__()
        for name, value in (("in_channels", in_channels), ("out_channels", out_channels), ("stride", stride)):
            as_integer(value, name)
        self.first = normed_conv(in_channels, out_channels, 3, padding=1, stride=stride)
        self.second = named(
            conv=nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False), norm=nn.BatchNorm2d(out_channels)
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = named(
                conv=nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), norm=nn.BatchNorm2d(out_channels)
            )
        self.relu = nn.ReLU()

    def forward(self, input: Tensor) -> Tensor:
        return self.relu(self.second(self.first(input)) + self.shortcut(input))


def resnet8() -> nn.Sequential:
    """A small residual network for garments: one block at each of three resolutions.

    Shapes: ``(N, 1, 28, 28)`` -> stem, stage1 ``(N, 16, 28, 28)`` -> stage2 ``(N, 32, 14, 14)`` -> stage3
    ``(N, 64, 7, 7)`` -> average ``(N, 64, 1, 1)`` -> flatten ``(N, 64)`` -> linear ``(N, 10)``.
    """
    return named(
        stem=normed_conv(1, 16, 3, padding=1),
        stage1=ResidualBlock(16, 16),
        stage2=ResidualBlock(16, 32, stride=2),
        stage3=ResidualBlock(32, 64, stride=2),
        average=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(),
        linear=nn.Linear(64, 10),
    )


class DepthwiseSeparable(nn.Module):
    """A convolution of each channel by itself, then one of 1x1 that mixes the channels; each with norm and ReLU.

    Shapes: ``(N, C_in, H, W)`` -> ``(N, C_out, ceil(H / stride), ceil(W / stride))``, for an odd `kernel_size`.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, stride: int = 1):
        super().__init__()
        sizes = {"in_channels": in_channels, "out_channels": out_channels, "kernel_size": kernel_size, "stride": stride}
        for name, value in sizes.items():
            as_integer(value, name)
        padding = kernel_size // 2
        self.depthwise = normed_conv(in_channels, in_channels, kernel_size, padding, stride, groups=in_channels)
        self.pointwise = normed_conv(in_channels, out_channels, 1)

    def forward(self, input: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(input))


def mobilenet() -> nn.Sequential:
    """MobileNet of 2017 at full width: 4,231,976 parameters.

    Shapes: ``(N, 3, 224, 224)`` -> stem ``(N, 32, 112, 112)`` -> thirteen blocks, of which block2, block4, block6 and
    block12 halve, to ``(N, 1024, 7, 7)`` -> average ``(N, 1024, 1, 1)`` -> flatten ``(N, 1024)`` -> ``(N, 1000)``.
    """
    widths = (64, 128, 128, 256, 256, *(512,) * 6, 1024, 1024)
    layers: dict[str, nn.Module] = {"stem": normed_conv(3, 32, 3, padding=1, stride=2)}
    channels = 32
    for block, width in enumerate(widths, start=1):
        layers[f"block{block}"] = DepthwiseSeparable(channels, width, stride=2 if block in (2, 4, 6, 12) else 1)
        channels = width
    return named(**layers, average=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), linear=nn.Linear(channels, 1000))
