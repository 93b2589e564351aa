"""Sizes and positions: output sizes, padding and receptive fields.

Everything here is integer arithmetic on one axis or on a pair of axes in the order (height, width);
no tensor is touched. Taught in the chapters *Convolution* and *Architectures*.

References
----------
V. Dumoulin and F. Visin, "A guide to convolution arithmetic for deep learning", 2016, https://arxiv.org/abs/1603.07285
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import index
from typing import Any

Pair = Sequence[int]  # two numbers: height and width, or rows and columns
IntOrPair = int | Sequence[int]  # one number for both


def as_integer(value: Any, name: str, minimum: int = 1) -> int:
    """Return `value` as an int of at least `minimum`, or say which argument is wrong.

    Parameters
    ----------
    value : int
        Any integer type; a float or a bool is refused, even if it is whole.
    name : str
        The argument's name, for the error message.
    minimum : int
        The smallest value allowed.

    Raises
    ------
    TypeError
        If `value` is not an integer.
    ValueError
        If `value` is less than `minimum`.

    Examples
    --------
    >>> as_integer(3, "stride")
    3
    """
    if isinstance(value, bool):
        raise TypeError(f"`{name}` must be an integer, not {value!r}")
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"`{name}` must be an integer, not {value!r}") from None
    if number < minimum:
        raise ValueError(f"`{name}` must be at least {minimum}, not {number}")
    return number


def as_pair(value: Any, name: str, minimum: int = 1) -> tuple[int, int]:
    """Return `value` as two ints (height, width); one int stands for both.

    Parameters
    ----------
    value : int or sequence of two ints
    name : str
        The argument's name, for the error message.
    minimum : int
        The smallest value allowed: 1 for a kernel, a stride or a dilation, 0 for a padding.

    Raises
    ------
    TypeError
        If `value` is neither an int nor a sequence of ints.
    ValueError
        If the sequence does not have two members, or one of them is less than `minimum`.

    Examples
    --------
    >>> as_pair(3, "kernel_size")
    (3, 3)
    >>> as_pair((0, 2), "padding", minimum=0)
    (0, 2)
    >>> as_pair(0, "stride")
    Traceback (most recent call last):
        ...
    ValueError: `stride` must be at least 1, not 0
    """
    if not isinstance(value, Sequence) or isinstance(value, str):
        number = as_integer(value, name, minimum)
        return number, number
    if len(value) != 2:
        raise ValueError(f"`{name}` must be one int or a pair of ints (height, width), not {value!r}")
    height, width = value
    return as_integer(height, name, minimum), as_integer(width, name, minimum)


def output_size(size: int, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Count the positions of a kernel along one axis.

    The kernel covers ``dilation * (kernel_size - 1) + 1`` pixels; the rest of the padded axis is walked in steps
    of `stride`, and a last step that would leave the image is not taken (hence the floor)::

        floor((size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride) + 1

    Parameters
    ----------
    size, kernel_size, stride, padding, dilation : int
        Lengths along one axis, in pixels. `padding` is added on both sides and may be 0; the others are at least 1.

    Returns
    -------
    int
        The length of the output, at least 1.

    Raises
    ------
    ValueError
        If a value is out of its range, or the kernel is larger than the padded image.

    Examples
    --------
    >>> output_size(28, 3)
    26
    >>> output_size(224, 7, stride=2, padding=3)
    112
    >>> output_size(4, 7)
    Traceback (most recent call last):
        ...
    ValueError: the kernel must cover at most the 4 pixels of the padded image (size 4, padding 0), not 7
    """
    size = as_integer(size, "size")
    kernel_size = as_integer(kernel_size, "kernel_size")
    stride = as_integer(stride, "stride")
    padding = as_integer(padding, "padding", minimum=0)
    dilation = as_integer(dilation, "dilation")
    covered = dilation * (kernel_size - 1) + 1
    padded = size + 2 * padding
    if covered > padded:
        raise ValueError(
            f"the kernel must cover at most the {padded} pixels of the padded image (size {size}, padding {padding}), "
            f"not {covered}"
        )
    return (padded - covered) // stride + 1


def output_shape(
    input_size: IntOrPair,
    kernel_size: IntOrPair,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
) -> tuple[int, int]:
    """Count the positions of a kernel along both axes.

    Parameters
    ----------
    input_size, kernel_size, stride, padding, dilation : int or pair of ints
        As for `output_size`, in the order (height, width).

    Returns
    -------
    tuple of two ints
        (H_out, W_out).

    Raises
    ------
    ValueError
        As `output_size`.

    Examples
    --------
    >>> output_shape((10, 12), (3, 5), stride=(1, 2), padding=(1, 2))
    (10, 6)
    """
    axes = zip(
        as_pair(input_size, "input_size"),
        as_pair(kernel_size, "kernel_size"),
        as_pair(stride, "stride"),
        as_pair(padding, "padding", minimum=0),
        as_pair(dilation, "dilation"),
        strict=True,
    )
    height, width = (output_size(*axis) for axis in axes)
    return height, width


def same_padding(input_size: int, kernel_size: int, stride: int) -> tuple[int, int]:
    """Find the smallest padding for which the output has length ``ceil(input_size / stride)``.

    When the padding is odd, the extra pixel goes after.

    Parameters
    ----------
    input_size, kernel_size, stride : int
        Lengths along one axis, in pixels, at least 1.

    Returns
    -------
    tuple of two ints
        Pixels to add (before, after), never negative.

    Examples
    --------
    >>> same_padding(28, 3, 1)
    (1, 1)
    >>> same_padding(28, 4, 1)
    (1, 2)
    >>> same_padding(10, 1, 3)
    (0, 0)
    """
    input_size = as_integer(input_size, "input_size")
    kernel_size = as_integer(kernel_size, "kernel_size")
    stride = as_integer(stride, "stride")
    positions = -(-input_size // stride)
    total = max(0, (positions - 1) * stride + kernel_size - input_size)
    return total // 2, total - total // 2


def receptive_field(layers: Iterable[Sequence[int]]) -> int:
    """Compute the receptive field of one output pixel of a stack of layers.

    Each layer widens the field by ``(kernel - 1) * dilation`` steps. A step is the distance of neighbouring pixels of
    the layer's input, in image pixels: the product of the strides before the layer.

    Parameters
    ----------
    layers : iterable of (kernel, stride) or (kernel, stride, dilation)
        Convolutions and poolings along one axis, the first layer first.

    Returns
    -------
    int
        Image pixels from the first to the last that is seen, gaps counted; 1 for no layers.

    Raises
    ------
    ValueError
        If a layer is not two or three integers of at least 1.

    Examples
    --------
    Two 3x3 convolutions see as far as one 5x5; a pooling between them makes the second reach further:

    >>> receptive_field([(3, 1), (3, 1)])
    5
    >>> receptive_field([(3, 1), (2, 2), (3, 1)])
    8
    """
    field = jump = 1
    if not isinstance(layers, Iterable):
        raise TypeError(f"`layers` must be a list of (kernel, stride), not {layers!r}")
    for layer in layers:
        if not isinstance(layer, Sequence) or len(layer) not in (2, 3):
            raise ValueError(f"`layers` must hold (kernel, stride) or (kernel, stride, dilation), not {layer!r}")
        kernel, stride, dilation = (*layer, 1)[:3]
        field += (as_integer(kernel, "kernel") - 1) * as_integer(dilation, "dilation") * jump
        jump *= as_integer(stride, "stride")
    return field
