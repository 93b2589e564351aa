"""The course's networks, by name: from forty parameters to sixty million.

Every network returns *logits*, one score a class; none ends in a softmax. `build` makes one by its name,
`shape_trace` says what each layer does to the shape and how many parameters it has. Chapters `training` and
`architectures`.

References
----------
- LeCun et al., "Gradient-based learning applied to document recognition" (1998): LeNet-5.
- Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (2012): AlexNet.
- Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition" (2015): VGG.
- He et al., "Deep residual learning for image recognition" (2016): ResNet.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn


def dense_shapes_net() -> nn.Sequential:
    """Squares against circles without convolution: 784-20-2, 15,742 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> flatten ``(N, 784)`` -> linear, tanh ``(N, 20)`` -> linear ``(N, 2)``.

    Examples
    --------
    >>> sum(parameter.numel() for parameter in dense_shapes_net().parameters())
    15742
    """
    return _named(flatten=nn.Flatten(), hidden=nn.Linear(28 * 28, 20), tanh=nn.Tanh(), linear=nn.Linear(20, 2))


def one_kernel_net() -> nn.Sequential:
    """Squares against circles with one 3x3 kernel a layer: 40 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> conv1, tanh1 ``(N, 1, 28, 28)`` -> pool1 ``(N, 1, 9, 9)`` -> conv2, tanh2
    ``(N, 1, 9, 9)`` -> pool2 ``(N, 1, 3, 3)`` -> flatten ``(N, 9)`` -> linear ``(N, 2)``.

    Examples
    --------
    >>> sum(parameter.numel() for parameter in one_kernel_net().parameters())
    40
    """
    return _two_pooled_convs(1, 1, 1)


def shapes_net() -> nn.Sequential:
    """Squares against circles with 8 and 16 kernels: 1,538 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> conv1 ``(N, 8, 28, 28)`` -> pool1 ``(N, 8, 9, 9)`` -> conv2 ``(N, 16, 9, 9)``
    -> pool2 ``(N, 16, 3, 3)`` -> flatten ``(N, 144)`` -> linear ``(N, 2)``.
    """
    return _two_pooled_convs(1, 8, 16)


def colour_net() -> nn.Sequential:
    """Yellow squares against yellow circles and red squares, 3 -> 2 -> 2 channels: 132 parameters.

    Shapes: ``(N, 3, 28, 28)`` -> conv1 ``(N, 2, 28, 28)`` -> pool1 ``(N, 2, 9, 9)`` -> conv2 ``(N, 2, 9, 9)``
    -> pool2 ``(N, 2, 3, 3)`` -> flatten ``(N, 18)`` -> linear ``(N, 2)``.
    """
    return _two_pooled_convs(3, 2, 2)


def _two_pooled_convs(colours: int, first: int, second: int) -> nn.Sequential:
    return _named(
        conv1=nn.Conv2d(colours, first, 3, padding=1),
        tanh1=nn.Tanh(),
        pool1=nn.MaxPool2d(3),
        conv2=nn.Conv2d(first, second, 3, padding=1),
        tanh2=nn.Tanh(),
        pool2=nn.MaxPool2d(3),
        flatten=nn.Flatten(),
        linear=nn.Linear(second * 3 * 3, 2),
    )


def two_conv_net(layers=nn) -> nn.Sequential:
    """Garments with two convolutions of 16 and 32 filters: the network trained from scratch in the chapter.

    Shapes: ``(N, 1, 28, 28)`` -> conv1, relu1 ``(N, 16, 28, 28)`` -> pool1 ``(N, 16, 14, 14)`` -> conv2, relu2
    ``(N, 32, 14, 14)`` -> pool2 ``(N, 32, 7, 7)`` -> flatten ``(N, 1568)`` -> linear ``(N, 10)``.

    Parameters
    ----------
    layers : module, default torch.nn
        Where ``Conv2d`` and ``MaxPool2d`` come from: `torch.nn`, or `cnncourse.layers` for the ones of this
        course.
    """
    return _named(
        conv1=layers.Conv2d(1, 16, 3, padding=1),
        relu1=nn.ReLU(),
        pool1=layers.MaxPool2d(2),
        conv2=layers.Conv2d(16, 32, 3, padding=1),
        relu2=nn.ReLU(),
        pool2=layers.MaxPool2d(2),
        flatten=nn.Flatten(),
        linear=nn.Linear(32 * 7 * 7, 10),
    )


def build_feature_stack() -> nn.Sequential:
    """Garments turned into 64 features: two convolutions, each pooled.

    Shapes: ``(N, 1, 28, 28)`` -> conv1, relu1 ``(N, 16, 24, 24)`` -> pool1 ``(N, 16, 12, 12)`` -> conv2, relu2
    ``(N, 64, 8, 8)`` -> pool2 ``(N, 64, 1, 1)``.
    """
    return _named(
        conv1=nn.Conv2d(1, 16, 5),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(16, 64, 5),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(8),
    )


class FashionCNN(nn.Module):
    """Garments: the feature stack, then one linear layer; 26,730 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> features ``(N, 64, 1, 1)`` -> flatten ``(N, 64)`` -> linear ``(N, 10)``.
    """

    def __init__(self):
        super().__init__()
        self.features = build_feature_stack()
        self.flatten = nn.Flatten()  # keeps the batch axis, also for a batch of one
        self.linear = nn.Linear(64, 10)

    def forward(self, input: Tensor) -> Tensor:
        return self.linear(self.flatten(self.features(input)))


def batch_norm_net() -> nn.Sequential:
    """Garments with batch normalisation: two blocks of three convolutions, then 1x1 layers.

    Shapes: ``(N, 1, 28, 28)`` -> block1 ``(N, 20, 14, 14)`` -> block2 ``(N, 40, 7, 7)`` -> conv1
    ``(N, 60, 5, 5)`` -> conv2 ``(N, 40, 5, 5)`` -> conv3 ``(N, 20, 5, 5)`` -> average ``(N, 20, 1, 1)`` ->
    flatten ``(N, 20)`` -> linear ``(N, 10)``. No convolution has a bias: the normalisation behind it would
    subtract it again.
    """
    return _named(
        block1=nn.Sequential(
            _normed_conv(1, 20, 3, padding=1),
            _normed_conv(20, 20, 3, padding=1),
            _normed_conv(20, 20, 3, padding=1),
            nn.MaxPool2d(2),
        ),
        block2=nn.Sequential(
            _normed_conv(20, 40, 3, padding=1),
            _normed_conv(40, 40, 3, padding=1),
            _normed_conv(40, 40, 3, padding=1),
            nn.MaxPool2d(2),
        ),
        conv1=_normed_conv(40, 60, 3),
        conv2=_normed_conv(60, 40, 1),
        conv3=_normed_conv(40, 20, 1),
        average=nn.AvgPool2d(5),
        flatten=nn.Flatten(),
        linear=nn.Linear(20, 10),
    )


def _normed_conv(
    channels_in: int, channels_out: int, kernel_size: int, padding: int = 0, stride: int = 1
) -> nn.Sequential:
    return _named(
        conv=nn.Conv2d(channels_in, channels_out, kernel_size, stride, padding, bias=False),
        norm=nn.BatchNorm2d(channels_out),
        relu=nn.ReLU(),
    )


def garment_net() -> nn.Sequential:
    """Garments in little time: three normed convolutions that pool *before* they normalise; 94,186 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> block1 ``(N, 32, 14, 14)`` -> block2 ``(N, 64, 7, 7)`` -> block3 ``(N, 128, 7, 7)``
    -> maximum ``(N, 128, 1, 1)`` -> flatten ``(N, 128)`` -> linear ``(N, 10)``. Normalisation and activation then see
    a quarter of the values.
    """
    return _named(
        block1=_pooled_conv(1, 32),
        block2=_pooled_conv(32, 64),
        block3=_normed_conv(64, 128, 3, padding=1),
        maximum=nn.AdaptiveMaxPool2d(1),
        flatten=nn.Flatten(),
        linear=nn.Linear(128, 10),
    )


def _pooled_conv(channels_in: int, channels_out: int) -> nn.Sequential:
    return _named(
        conv=nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False),
        pool=nn.MaxPool2d(2),
        norm=nn.BatchNorm2d(channels_out),
        relu=nn.ReLU(),
    )


def lenet5() -> nn.Sequential:
    """LeNet-5 as it is drawn today, for 28x28 images padded to 32x32: 61,706 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> c1 ``(N, 6, 28, 28)`` -> s2 ``(N, 6, 14, 14)`` -> c3 ``(N, 16, 10, 10)`` -> s4
    ``(N, 16, 5, 5)`` -> c5 ``(N, 120, 1, 1)`` -> flatten ``(N, 120)`` -> f6 ``(N, 84)`` -> output ``(N, 10)``.
    The original scaled its subsamplings, wired c3 to some of the maps only and ended in radial basis functions.
    """
    return _named(
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

    Shapes: ``(N, 3, 227, 227)`` -> conv1 ``(N, 96, 55, 55)`` -> pool1 ``(N, 96, 27, 27)`` -> conv2
    ``(N, 256, 27, 27)`` -> pool2 ``(N, 256, 13, 13)`` -> conv3, conv4 ``(N, 384, 13, 13)`` -> conv5
    ``(N, 256, 13, 13)`` -> pool5 ``(N, 256, 6, 6)`` -> flatten ``(N, 9216)`` -> fc6, fc7 ``(N, 4096)`` -> fc8
    ``(N, 1000)``. The paper says 224; only 227 gives its 55.
    """
    return _named(
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
    layers, channels = OrderedDict(), 3
    for block, (width, depth) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), start=1):
        for number in range(1, depth + 1):
            layers[f"conv{block}_{number}"] = nn.Conv2d(channels, width, 3, padding=1)
            layers[f"relu{block}_{number}"] = nn.ReLU()
            channels = width
        layers[f"pool{block}"] = nn.MaxPool2d(2)
    return _named(
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

    def __init__(self, channels_in: int, channels_out: int, stride: int = 1):
        super().__init__()
        self.first = _normed_conv(channels_in, channels_out, 3, padding=1, stride=stride)
        self.second = _named(
            conv=nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False), norm=nn.BatchNorm2d(channels_out)
        )
        self.shortcut = nn.Identity()
        if stride != 1 or channels_in != channels_out:
            self.shortcut = _named(
                conv=nn.Conv2d(channels_in, channels_out, 1, stride, bias=False), norm=nn.BatchNorm2d(channels_out)
            )
        self.relu = nn.ReLU()

    def forward(self, input: Tensor) -> Tensor:
        return self.relu(self.second(self.first(input)) + self.shortcut(input))


def resnet8() -> nn.Sequential:
    """A small residual network for garments: one block at each of three resolutions.

    Shapes: ``(N, 1, 28, 28)`` -> stem, stage1 ``(N, 16, 28, 28)`` -> stage2 ``(N, 32, 14, 14)`` -> stage3
    ``(N, 64, 7, 7)`` -> average ``(N, 64, 1, 1)`` -> flatten ``(N, 64)`` -> linear ``(N, 10)``.
    """
    return _named(
        stem=_normed_conv(1, 16, 3, padding=1),
        stage1=ResidualBlock(16, 16),
        stage2=ResidualBlock(16, 32, stride=2),
        stage3=ResidualBlock(32, 64, stride=2),
        average=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(),
        linear=nn.Linear(64, 10),
    )


def _named(**layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(OrderedDict(layers))


class Entry(NamedTuple):
    """A network of the course: how to make it, and the shape of one batch that it takes."""

    make: Callable[[], nn.Module]
    input_shape: tuple[int, int, int, int]


MODELS: dict[str, Entry] = {
    "dense_shapes": Entry(dense_shapes_net, (1, 1, 28, 28)),
    "one_kernel": Entry(one_kernel_net, (1, 1, 28, 28)),
    "shapes": Entry(shapes_net, (1, 1, 28, 28)),
    "colour": Entry(colour_net, (1, 3, 28, 28)),
    "two_conv": Entry(two_conv_net, (1, 1, 28, 28)),
    "fashion": Entry(FashionCNN, (1, 1, 28, 28)),
    "batch_norm": Entry(batch_norm_net, (1, 1, 28, 28)),
    "garments": Entry(garment_net, (1, 1, 28, 28)),
    "lenet5": Entry(lenet5, (1, 1, 28, 28)),
    "alexnet": Entry(alexnet, (1, 3, 227, 227)),
    "vgg16": Entry(vgg16, (1, 3, 224, 224)),
    "resnet8": Entry(resnet8, (1, 1, 28, 28)),
}


def build(name: str, generator: torch.Generator | None = None, device: str | None = None) -> nn.Module:
    """Make a network with fresh random weights.

    Parameters
    ----------
    name : str
        A key of `MODELS`.
    generator : torch.Generator, optional
        Decides the weights; torch's global generator without one.
    device : str, optional
        For instance ``"meta"``: shapes without memory, for the networks that are too large to hold.

    Raises
    ------
    ValueError
        If there is no such network.

    Examples
    --------
    >>> first, second = (build("one_kernel", generator=torch.Generator().manual_seed(3)) for _ in range(2))
    >>> torch.equal(first.conv1.weight, second.conv1.weight)
    True
    """
    if name not in MODELS:
        raise ValueError(f"name must be one of {', '.join(MODELS)}, but is {name!r}")
    if generator is None:
        with torch.device(device or "cpu"):
            return MODELS[name].make()
    with torch.random.fork_rng():
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        return build(name, device=device)


class LayerTrace(NamedTuple):
    """One layer in a shape trace."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int


def shape_trace(model: nn.Module, input_shape: tuple[int, ...]) -> list[LayerTrace]:
    """Follow the shape of a batch through the top layers of `model`.

    Parameters
    ----------
    model : nn.Module
        Its direct children are the rows; build it on the device ``"meta"`` and nothing is computed.
    input_shape : tuple of int
        ``(N, C, H, W)``.

    Returns
    -------
    list of LayerTrace
        In the order of execution: name, class, output shape, parameters inside.

    Examples
    --------
    >>> for row in shape_trace(build("one_kernel", device="meta"), (1, 1, 28, 28)):
    ...     if row.parameters:
    ...         print(row.name, row.output_shape, row.parameters)
    conv1 (1, 1, 28, 28) 10
    conv2 (1, 1, 9, 9) 10
    linear (1, 2) 20
    """
    rows: list[LayerTrace] = []

    def note(name: str) -> Callable:
        def hook(layer: nn.Module, _input, output: Tensor) -> None:
            count = sum(parameter.numel() for parameter in layer.parameters())
            rows.append(LayerTrace(name, type(layer).__name__, tuple(output.shape), count))

        return hook

    handles = [layer.register_forward_hook(note(name)) for name, layer in model.named_children()]
    modes = [(module, module.training) for module in model.modules()]
    device = next((parameter.device for parameter in model.parameters()), None)
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(input_shape, device=device))
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
    return rows
