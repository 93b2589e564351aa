"""What `conv2d` and its backward pass accept: everything is checked here, once, before any arithmetic."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from cnncourse.geometry import IntOrPair, Pair, as_pair, output_shape, same_padding


def check_tensors(input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, groups: int) -> None:
    """Refuse tensors that do not fit together, naming the argument, its value and what was expected."""
    for name, tensor, axes in (("input", input, "(N, C, H, W)"), ("weight", weight, "(O, C // groups, kh, kw)")):
        if not isinstance(tensor, torch.Tensor):
            raise TypeError(f"`{name}` must be a torch.Tensor, not {type(tensor).__name__}")
        if tensor.ndim != 4:
            raise ValueError(f"`{name}` must have the shape {axes}, not {tuple(tensor.shape)}")
        if tensor.is_complex() or tensor.dtype == torch.bool:
            raise TypeError(f"`{name}` must be of a real number type, not {tensor.dtype}")
    if input.dtype != weight.dtype:
        raise TypeError(f"input is {input.dtype} but weight is {weight.dtype}: convert one of them")
    if input.device != weight.device:
        raise ValueError(f"input is on {input.device} but weight is on {weight.device}: move one of them")
    expected = weight.shape[1] * groups
    if input.shape[1] != expected:
        raise ValueError(
            f"weight expects {expected} input channels (shape {tuple(weight.shape)}, groups {groups}) "
            f"but input has {input.shape[1]} (shape {tuple(input.shape)})"
        )
    if 0 in weight.shape:
        raise ValueError(f"`weight` must not be empty, but its shape is {tuple(weight.shape)}")
    if weight.shape[0] % groups:
        raise ValueError(f"groups ({groups}) must divide the {weight.shape[0]} output channels of weight")
    if bias is not None:
        if bias.shape != weight.shape[:1]:
            raise ValueError(f"`bias` must have the shape ({weight.shape[0]},), not {tuple(bias.shape)}")
        if bias.dtype != weight.dtype:
            raise TypeError(f"bias is {bias.dtype} but weight is {weight.dtype}: convert one of them")


def resolve_padding(
    input: torch.Tensor, kernel_size: Pair, stride: Pair, padding: IntOrPair | str, dilation: Pair
) -> tuple[torch.Tensor, Pair]:
    """Turn ``"same"`` and ``"valid"`` into numbers.

    Returns the input and the padding on both sides. A kernel that covers an even number of pixels needs one more after
    than before: the input then comes back with that pixel added.
    """
    if padding == "valid":
        return input, (0, 0)
    if padding != "same":
        if isinstance(padding, str):
            raise ValueError(f'`padding` must be "same", "valid", an int or a pair of ints, not {padding!r}')
        return input, as_pair(padding, "padding", minimum=0)
    if stride != (1, 1):
        raise ValueError(f'padding "same" needs stride 1, not {stride}: with a stride, give the padding as numbers')
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
