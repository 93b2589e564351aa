"""What `conv2d` and its backward pass accept: everything is checked here, once, before any arithmetic."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from cnncourse.geometry import IntOrPair, Pair, as_pair, output_shape, same_padding
from cnncourse.tensors import FLOATS, check_tensor


def as_autocast(*tensors: Any) -> tuple[Any, ...]:
    """Convert what autocast converts for PyTorch's own convolution, where it is on; return the rest as it is.

    Examples
    --------
    >>> with torch.autocast("cpu", torch.bfloat16):
    ...     [tensor.dtype for tensor in as_autocast(torch.zeros(1), torch.zeros(1, dtype=torch.float64))]
    [torch.bfloat16, torch.float64]
    """
    device = tensors[0].device.type if isinstance(tensors[0], torch.Tensor) else "cpu"
    if not (torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)):
        return tensors
    dtype = torch.get_autocast_dtype(device)

    def convert(tensor: Any) -> Any:
        converted = isinstance(tensor, torch.Tensor) and tensor.dtype in FLOATS and tensor.dtype != torch.float64
        return tensor.to(dtype) if converted else tensor

    return tuple(map(convert, tensors))


def check_tensors(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, groups: int) -> None:
    """Refuse tensors that do not fit together, naming the argument, its value and what was expected.

    Parameters
    ----------
    input, weight : torch.Tensor
        (N, C, H, W) and (O, C // groups, kh, kw).
    bias : torch.Tensor, optional
        (O,).
    groups : int

    Raises
    ------
    TypeError
        If an argument is not a tensor of real numbers, or the dtypes differ.
    ValueError
        If the shapes or devices do not fit together, or `groups` does not divide the output channels.

    Examples
    --------
    >>> check_tensors(torch.zeros(4, 1, 28, 28), torch.zeros(8, 3, 3, 3), None, groups=1)
    Traceback (most recent call last):
        ...
    ValueError: weight expects 3 input channels (shape (8, 3, 3, 3), groups 1) but input has 1 (shape (4, 1, 28, 28))
    """
    for name, tensor, axes in (("input", input, "(N, C, H, W)"), ("weight", weight, "(O, C // groups, kh, kw)")):
        check_tensor(tensor, name, axes)
    if input.dtype != weight.dtype:
        raise TypeError(
            f"`weight` must have the dtype of `input`, {input.dtype}, not {weight.dtype}: convert one of them"
        )
    if input.device != weight.device:
        raise ValueError(
            f"`weight` must be on the device of `input`, {input.device}, not {weight.device}: move one of them"
        )
    if 0 in input.shape[1:]:
        raise ValueError(f"`input` must have at least one channel and one pixel, not the shape {tuple(input.shape)}")
    expected = weight.shape[1] * groups
    if input.shape[1] != expected:
        raise ValueError(
            f"weight expects {expected} input channels (shape {tuple(weight.shape)}, groups {groups}) "
            f"but input has {input.shape[1]} (shape {tuple(input.shape)})"
        )
    if 0 in weight.shape:
        raise ValueError(
            f"`weight` must have at least one number along every axis, not the shape {tuple(weight.shape)}"
        )
    if weight.shape[0] % groups:
        raise ValueError(
            f"`groups` must be a divisor of the {weight.shape[0]} output channels of `weight`, not {groups}"
        )
    if bias is not None:
        check_tensor(bias, "bias")
        if bias.shape != weight.shape[:1]:
            raise ValueError(f"`bias` must have the shape ({weight.shape[0]},), not {tuple(bias.shape)}")
        if bias.dtype != weight.dtype:
            raise TypeError(
                f"`bias` must have the dtype of `weight`, {weight.dtype}, not {bias.dtype}: convert one of them"
            )
        if bias.device != weight.device:
            raise ValueError(
                f"`bias` must be on the device of `weight`, {weight.device}, not {bias.device}: move one of them"
            )


def resolve_padding(
    input: torch.Tensor, kernel_size: Pair, stride: Pair, padding: IntOrPair | str, dilation: Pair
) -> tuple[torch.Tensor, Pair]:
    """Turn ``"same"`` and ``"valid"`` into numbers.

    Parameters
    ----------
    input : torch.Tensor
        (N, C, H, W).
    kernel_size, stride, dilation : pair of ints
    padding : int, pair of ints, "valid" or "same"

    Returns
    -------
    input : torch.Tensor
        With "same" and a kernel that covers an even number of pixels, one row or column of zeros longer: such a kernel
        needs one more pixel after the image than before it.
    padding : pair of ints
        Zeros on both sides.

    Raises
    ------
    TypeError
        If `padding` holds something else than integers.
    ValueError
        If `padding` is negative or another word, or "same" meets a stride above 1.

    Examples
    --------
    >>> image = torch.zeros(1, 1, 5, 5)
    >>> padded, padding = resolve_padding(image, (3, 2), (1, 1), "same", (1, 1))
    >>> tuple(padded.shape), padding
    ((1, 1, 5, 6), (1, 0))
    """
    if padding == "valid":
        return input, (0, 0)
    if padding != "same":
        if isinstance(padding, str):
            raise ValueError(f'`padding` must be "same", "valid", an int or a pair of ints, not {padding!r}')
        return input, as_pair(padding, "padding", minimum=0)
    if stride != (1, 1):
        raise ValueError(
            f'`stride` must be 1 with padding "same", not {stride}: with a stride, give the padding as numbers'
        )
    (above, below), (left, right) = (
        same_padding(size, spacing * (length - 1) + 1, 1)
        for size, length, spacing in zip(input.shape[2:], kernel_size, dilation, strict=True)
    )
    return F.pad(input, (0, right - left, 0, below - above)), (above, left)


def check_geometry(
    input: torch.Tensor, weight: torch.Tensor, stride: IntOrPair, padding: IntOrPair | str, dilation: IntOrPair
) -> tuple[torch.Tensor, tuple[Pair, Pair, Pair]]:
    """Return the input and (stride, padding, dilation) as pairs, or refuse what leaves no output."""
    stride, dilation = as_pair(stride, "stride"), as_pair(dilation, "dilation")
    input, padding = resolve_padding(input, weight.shape[2:], stride, padding, dilation)
    output_shape(input.shape[2:], weight.shape[2:], stride, padding, dilation)
    return input, (stride, padding, dilation)
