"""Layers that learn with this course's own forward and backward passes.

Each has the arguments, parameters, initial values, state dict and printed form of the layer of the same name in
`torch.nn`, so a network can use either; only the arithmetic is the course's own. Taught in the chapter *How libraries
compute it*.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from cnncourse.convolution import conv2d
from cnncourse.convolution.dispatch import check_method
from cnncourse.geometry import IntOrPair, as_integer, as_pair
from cnncourse.pooling import avg_pool2d, max_pool2d
from cnncourse.tensors import check_tensor


class Conv2d(nn.Conv2d):
    """A convolution layer, as `torch.nn.Conv2d`, computed by `cnncourse.conv2d`.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype
        As `torch.nn.Conv2d`; `padding_mode` can only be "zeros".
    method : str
        The algorithm, as `cnncourse.conv2d`.

    Raises
    ------
    ValueError
        If `padding_mode` or `method` is not available, or as `torch.nn.Conv2d`.

    Examples
    --------
    >>> import torch
    >>> layer = Conv2d(1, 16, 3, padding=1)
    >>> layer
    Conv2d(1, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    >>> layer(torch.zeros(10, 1, 28, 28)).shape
    torch.Size([10, 16, 28, 28])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrPair,
        stride: IntOrPair | None = 1,
        padding: IntOrPair | str = 0,
        dilation: IntOrPair = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: torch.dtype | None = None,
        method: str = "auto",
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'`padding_mode` must be "zeros", not {padding_mode!r}: pad the input yourself')
        check_method(method)
        _check_window(kernel_size, stride, 0 if isinstance(padding, str) else padding, dilation)
        in_channels, out_channels, groups = (
            as_integer(value, name)
            for name, value in (("in_channels", in_channels), ("out_channels", out_channels), ("groups", groups))
        )
        pairs: Any = {"kernel_size": kernel_size, "stride": stride, "padding": padding, "dilation": dilation}
        super().__init__(in_channels, out_channels, groups=groups, bias=bias, device=device, dtype=dtype, **pairs)
        self.method = method

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Convolve (N, C, H, W), or one image (C, H, W)."""
        geometry = self.stride, self.padding, self.dilation, self.groups
        return _batched(conv2d, input, self.weight, self.bias, *geometry, self.method)


class MaxPool2d(nn.MaxPool2d):
    """A max pooling layer, as `torch.nn.MaxPool2d`, computed by `cnncourse.max_pool2d`.

    Parameters
    ----------
    kernel_size, stride, padding, dilation, return_indices, ceil_mode
        As `torch.nn.MaxPool2d`; the last three keep their defaults.

    Raises
    ------
    ValueError
        If one of the last three is changed.

    Examples
    --------
    >>> import torch
    >>> MaxPool2d(2)(torch.zeros(10, 16, 28, 28)).shape
    torch.Size([10, 16, 14, 14])
    """

    def __init__(
        self,
        kernel_size: IntOrPair,
        stride: IntOrPair | None = None,
        padding: IntOrPair | str = 0,
        dilation: IntOrPair = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        _refuse(dilation=dilation != 1, return_indices=return_indices, ceil_mode=ceil_mode)
        _check_window(kernel_size, stride, padding)
        window: Any = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
        super().__init__(**window)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Pool (N, C, H, W), or one image (C, H, W)."""
        return _batched(max_pool2d, input, self.kernel_size, self.stride, self.padding)


class AvgPool2d(nn.AvgPool2d):
    """An average pooling layer, as `torch.nn.AvgPool2d`, computed by `cnncourse.avg_pool2d`.

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        As `torch.nn.AvgPool2d`; `ceil_mode` and `divisor_override` keep their defaults.

    Raises
    ------
    ValueError
        If one of those two is changed.

    Examples
    --------
    >>> import torch
    >>> AvgPool2d(2)(torch.ones(1, 1, 4, 4)).flatten().tolist()
    [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(
        self,
        kernel_size: IntOrPair,
        stride: IntOrPair | None = None,
        padding: IntOrPair | str = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        _refuse(ceil_mode=ceil_mode, divisor_override=divisor_override is not None)
        _check_window(kernel_size, stride, padding)
        window: Any = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
        super().__init__(count_include_pad=count_include_pad, **window)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Pool (N, C, H, W), or one image (C, H, W)."""
        return _batched(avg_pool2d, input, self.kernel_size, self.stride, self.padding, self.count_include_pad)


def _batched(operation: Callable, input: torch.Tensor, *arguments: Any) -> torch.Tensor:
    """Apply an operation on batches to one image as well, as the layers of `torch.nn` do."""
    check_tensor(input, "input")
    if input.ndim == 3:
        return operation(input.unsqueeze(0), *arguments).squeeze(0)
    return operation(input, *arguments)


def _check_window(kernel_size: Any, stride: Any, padding: Any, dilation: Any = 1) -> None:
    """Refuse sizes that no input fits, when the layer is made."""
    for name, value, minimum in (("kernel_size", kernel_size, 1), ("padding", padding, 0), ("dilation", dilation, 1)):
        as_pair(value, name, minimum)
    if stride is not None:
        as_pair(stride, "stride")


def _refuse(**changed: Any) -> None:
    """Refuse arguments of `torch.nn` that this course's layers do not have."""
    for name, is_changed in changed.items():
        if is_changed:
            raise ValueError(f"{name} is not available in cnncourse.layers: use torch.nn's layer for it")
