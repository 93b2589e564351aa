"""The networks for squares, circles and coloured shapes: from 40 parameters to 15,742."""

from torch import nn

from .parts import named


def dense_shapes_net() -> nn.Sequential:
    """A network for squares against circles without convolution: 784-20-2, 15,742 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> flatten ``(N, 784)`` -> linear, tanh ``(N, 20)`` -> linear ``(N, 2)``.

    Examples
    --------
    >>> sum(parameter.numel() for parameter in dense_shapes_net().parameters())
    15742
    """
    return named(flatten=nn.Flatten(), hidden=nn.Linear(28 * 28, 20), tanh=nn.Tanh(), linear=nn.Linear(20, 2))


def one_kernel_net() -> nn.Sequential:
    """A network for squares against circles with one 3x3 kernel per layer: 40 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> conv1, tanh1 ``(N, 1, 28, 28)`` -> pool1 ``(N, 1, 9, 9)`` -> conv2, tanh2
    ``(N, 1, 9, 9)`` -> pool2 ``(N, 1, 3, 3)`` -> flatten ``(N, 9)`` -> linear ``(N, 2)``.

    Examples
    --------
    >>> sum(parameter.numel() for parameter in one_kernel_net().parameters())
    40
    """
    return _two_pooled_convs(1, 1, 1)


def shapes_net() -> nn.Sequential:
    """A network for squares against circles with 8 and 16 kernels: 1,538 parameters.

    Shapes: ``(N, 1, 28, 28)`` -> conv1 ``(N, 8, 28, 28)`` -> pool1 ``(N, 8, 9, 9)`` -> conv2 ``(N, 16, 9, 9)``
    -> pool2 ``(N, 16, 3, 3)`` -> flatten ``(N, 144)`` -> linear ``(N, 2)``.
    """
    return _two_pooled_convs(1, 8, 16)


def colour_net() -> nn.Sequential:
    """A network for yellow squares against yellow circles and red squares, 3 -> 2 -> 2 channels: 132 parameters.

    Shapes: ``(N, 3, 28, 28)`` -> conv1 ``(N, 2, 28, 28)`` -> pool1 ``(N, 2, 9, 9)`` -> conv2 ``(N, 2, 9, 9)``
    -> pool2 ``(N, 2, 3, 3)`` -> flatten ``(N, 18)`` -> linear ``(N, 2)``.
    """
    return _two_pooled_convs(3, 2, 2)


def _two_pooled_convs(colours: int, first: int, second: int) -> nn.Sequential:
    return named(
        conv1=nn.Conv2d(colours, first, 3, padding=1),
        tanh1=nn.Tanh(),
        pool1=nn.MaxPool2d(3),
        conv2=nn.Conv2d(first, second, 3, padding=1),
        tanh2=nn.Tanh(),
        pool2=nn.MaxPool2d(3),
        flatten=nn.Flatten(),
        linear=nn.Linear(second * 3 * 3, 2),
    )


def planted_net() -> nn.Sequential:
    """A small network for planted evidence: 1,410 parameters.

    Shapes: ``(N, 1, H, W)`` -> conv1, relu1 ``(N, 8, H, W)`` -> pool1 ``(N, 8, H/2, W/2)`` -> conv2, relu2
    ``(N, 16, H/2, W/2)`` -> maximum ``(N, 16, 1, 1)`` -> flatten -> linear ``(N, 2)``. The global maximum detects a
    pattern anywhere in the image.
    """
    return named(
        conv1=nn.Conv2d(1, 8, 5, padding=2),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(8, 16, 3, padding=1),
        relu2=nn.ReLU(),
        maximum=nn.AdaptiveMaxPool2d(1),
        flatten=nn.Flatten(),
        linear=nn.Linear(16, 2),
    )
