"""Colour and channels: layouts, 1x1 convolutions, and what a layer's weights cost and mean.

Taught in the chapter *Channels*.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from cnncourse.geometry import IntOrPair, as_integer, as_pair
from cnncourse.tensors import check_tensor


def to_channels_first(images: Any) -> torch.Tensor:
    """Turn photographs as files hold them into a batch as layers expect it.

    Parameters
    ----------
    images : numpy.ndarray or torch.Tensor, uint8
        (N, H, W, 3), values 0..255. Not changed.

    Returns
    -------
    torch.Tensor, float32
        (N, 3, H, W), values 0..1, in memory of its own.

    Raises
    ------
    TypeError
        If the values are not uint8.
    ValueError
        If the shape is not (N, H, W, 3).

    Notes
    -----
    The axes are *transposed*: a reshape gives the same shape and a scrambled picture.

    Examples
    --------
    >>> red_pixel = torch.tensor([[[[255, 0, 0]]]], dtype=torch.uint8)
    >>> to_channels_first(red_pixel).flatten().tolist()
    [1.0, 0.0, 0.0]
    """
    if not isinstance(images, torch.Tensor):
        array = np.array(images)
        if array.dtype != np.uint8:
            raise TypeError(f"`images` must be uint8 (0..255), not {array.dtype}")
        images = torch.from_numpy(array)  # a copy: PyTorch takes no read-only arrays and no negative strides
    if images.dtype != torch.uint8:
        raise TypeError(f"`images` must be uint8 (0..255), not {images.dtype}")
    if images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(f"`images` must have the shape (N, H, W, 3), not {tuple(images.shape)}")
    return images.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format) / 255


def pointwise_conv(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """Mix the channels of every pixel: a 1x1 convolution, written as a matrix product.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W).
    weight : torch.Tensor
        (O, C), one row of channel weights per output channel.
    bias : torch.Tensor, optional
        (O,).

    Returns
    -------
    torch.Tensor
        (N, O, H, W).

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    Yellow is red plus green:

    >>> pixel = torch.tensor([1.0, 1.0, 0.0]).view(1, 3, 1, 1)
    >>> pointwise_conv(pixel, torch.tensor([[0.5, 0.5, -1.0]])).item()
    1.0
    """
    check_tensor(input, "input", "(N, C, H, W)")
    check_tensor(weight, "weight")
    if weight.ndim != 2 or weight.shape[1] != input.shape[1]:
        raise ValueError(
            f"`weight` must have the shape (O, {input.shape[1]}) for an input of shape {tuple(input.shape)}, "
            f"not {tuple(weight.shape)}"
        )
    tensors = {"weight": weight} if bias is None else {"weight": weight, "bias": bias}
    for name, tensor in tensors.items():
        check_tensor(tensor, name)
        if tensor.dtype != input.dtype:
            raise TypeError(f"`{name}` must have the dtype of `input`, {input.dtype}, not {tensor.dtype}")
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"`bias` must have the shape ({weight.shape[0]},), not {tuple(bias.shape)}")
    output = (weight @ input.flatten(2)).unflatten(2, input.shape[2:])  # (O, C) @ (N, C, H*W)
    return output if bias is None else output + bias.view(-1, 1, 1)


def count_parameters(
    in_channels: int, out_channels: int, kernel_size: IntOrPair, bias: bool = True, groups: int = 1
) -> int:
    """Count the numbers that a convolution layer learns; the size of the image does not matter.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int or pair of ints
    bias : bool
        Whether each output channel has one.
    groups : int
        Must divide both channel counts; each output channel then sees ``in_channels / groups`` inputs.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If a count is less than 1 or `groups` does not divide the channels.

    Examples
    --------
    >>> count_parameters(3, 16, (3, 3))
    448
    >>> count_parameters(16, 16, 3, bias=False, groups=16)
    144
    """
    in_channels = as_integer(in_channels, "in_channels")
    out_channels = as_integer(out_channels, "out_channels")
    groups = as_integer(groups, "groups")
    height, width = as_pair(kernel_size, "kernel_size")
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"`groups` must be a divisor of in_channels ({in_channels}) and out_channels ({out_channels}), not {groups}"
        )
    return out_channels * (in_channels // groups * height * width + bool(bias))


def channel_sums(weight: torch.Tensor) -> torch.Tensor:
    """Sum each kernel: how strongly an output channel responds to a flat patch of each input channel.

    Parameters
    ----------
    weight : torch.Tensor
        (O, C, kh, kw).

    Returns
    -------
    torch.Tensor
        (O, C).

    Raises
    ------
    ValueError
        If `weight` does not have four axes.

    Examples
    --------
    >>> channel_sums(torch.ones(1, 2, 3, 3)).tolist()
    [[9.0, 9.0]]
    """
    check_tensor(weight, "weight", "(O, C, kh, kw)")
    return weight.sum(dim=(2, 3))
