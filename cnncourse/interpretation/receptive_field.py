"""How much of the image a unit sees: in theory, from the layers' sizes, and in practice, from its gradient.

References
----------
W. Luo, Y. Li, R. Urtasun and R. Zemel, "Understanding the Effective Receptive Field in Deep Convolutional Neural
Networks", 2016, https://arxiv.org/abs/1701.04128
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from cnncourse.geometry import as_pair

from .arguments import as_batch
from .hooks import capture, first_output

SLIDING = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
ONE_TO_ONE = (  # each position by itself
    nn.ReLU,
    nn.LeakyReLU,
    nn.Tanh,
    nn.Sigmoid,
    nn.BatchNorm2d,
    nn.LocalResponseNorm,
    nn.Dropout,
    nn.Dropout2d,
    nn.Identity,
)


class Window(NamedTuple):
    """The window of the image that the units of a layer see, each axis (height, width).

    Attributes
    ----------
    size : (int, int)
        Its pixels: the theoretical receptive field.
    step : (int, int)
        By how many pixels the windows of neighbouring units are apart.
    start : (int, int)
        Where the window of the first unit begins; negative, when padding reaches over the border.
    """

    size: tuple[int, int]
    step: tuple[int, int]
    start: tuple[int, int]

    def at(self, row: int, column: int) -> tuple[int, int]:
        """Return the first row and column of the window that the unit at this place sees."""
        return self.start[0] + row * self.step[0], self.start[1] + column * self.step[1]


def window_of(model: nn.Module, layer_name: str) -> Window:
    """Work out which window of the image the units of a layer see.

    Parameters
    ----------
    model : nn.Module
        A chain: its layers run one after another in the order of ``model.named_modules()``.
    layer_name : str
        Dotted name of one of them.

    Returns
    -------
    Window

    Raises
    ------
    ValueError
        If there is no such layer, or one before it neither slides over the image nor works on each position alone.

    Notes
    -----
    The arithmetic of `cnncourse.geometry.receptive_field`, with places: each layer widens the window by its
    kernel, in steps of all strides before it, and moves its start to the left by its padding.

    Examples
    --------
    >>> from cnncourse import models
    >>> window_of(models.shapes_net(), "pool2")
    Window(size=(17, 17), step=(9, 9), start=(-4, -4))
    """
    size, step, start = [1, 1], [1, 1], [0, 0]
    for name, layer in model.named_modules():
        if isinstance(layer, SLIDING):
            kernel, dilation = (
                as_pair(layer.kernel_size, "kernel_size"),
                as_pair(getattr(layer, "dilation", 1), "dilation"),
            )
            stride, padding = as_pair(layer.stride, "stride"), _padding(layer, kernel, dilation)
            for axis in range(2):
                size[axis] += (kernel[axis] - 1) * dilation[axis] * step[axis]
                start[axis] -= padding[axis] * step[axis]
                step[axis] *= stride[axis]
        elif not isinstance(layer, ONE_TO_ONE) and not list(layer.children()):
            raise ValueError(f"layer {name!r} ({type(layer).__name__}) comes before {layer_name!r} and does not slide")
        if name == layer_name:
            return Window((size[0], size[1]), (step[0], step[1]), (start[0], start[1]))
    raise ValueError(f"`layer_name` must be a layer of the model, not {layer_name!r}")


def _padding(layer: nn.Module, kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """Return the pixels added before each axis."""
    if layer.padding == "same":
        return (kernel[0] - 1) * dilation[0] // 2, (kernel[1] - 1) * dilation[1] // 2
    return (0, 0) if layer.padding == "valid" else as_pair(layer.padding, "padding", minimum=0)


def receptive_field_map(
    model: nn.Module, images: Tensor, layer_name: str, place: tuple[int, int] | None = None
) -> Tensor:
    """Measure how much each pixel of the image moves one unit: the mean size of the unit's gradient.

    Parameters
    ----------
    model : nn.Module
        Takes batches (N, C, H, W).
    images : Tensor
        (N, C, H, W), to average over. A maximum passes its gradient to one pixel only, so a network that pools needs
        many images until every pixel had its turn.
    layer_name : str
        Dotted name of a layer with maps (N, C', H', W').
    place : (int, int), optional
        Row and column of the unit; the middle of the map without it. Its channels are added up.

    Returns
    -------
    Tensor
        ``(H, W)``, at least 0; exactly 0 outside the theoretical receptive field.

    Raises
    ------
    ValueError
        If there is no such layer, or `place` lies outside its map.

    Examples
    --------
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Tanh(), nn.Conv2d(4, 4, 3))
    >>> seen = receptive_field_map(model, torch.randn(10, 1, 9, 9), "2") > 0
    >>> seen.any(1).sum().item(), seen.any(0).sum().item()
    (5, 5)
    """
    images = as_batch(images).detach().clone().requires_grad_()
    with torch.enable_grad(), capture(model, layer_name) as outputs:
        model(images)
    maps = first_output(outputs, layer_name)
    if maps.ndim != 4:
        raise ValueError(
            f"`layer_name` must name a layer that returns maps (N, C, H, W), not a tensor of shape {tuple(maps.shape)}"
        )
    row, column = (side // 2 for side in maps.shape[2:]) if place is None else place
    if not (0 <= row < maps.shape[2] and 0 <= column < maps.shape[3]):
        raise ValueError(f"`place` must lie in the map of {maps.shape[2]} x {maps.shape[3]}, not {place}")
    with torch.enable_grad():
        unit = maps[:, :, row, column].sum()
    (gradient,) = torch.autograd.grad(unit, images)
    return gradient.abs().sum(dim=1).mean(dim=0)
