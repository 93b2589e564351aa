"""How much of the image a unit sees: in theory, from the layers' sizes, and in practice, from its gradient.

References
----------
W. Luo, Y. Li, R. Urtasun and R. Zemel, "Understanding the Effective Receptive Field in Deep Convolutional Neural
Networks", 2016, https://arxiv.org/abs/1701.04128
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, fx, nn

from cnncourse.geometry import as_pair
from cnncourse.models.modes import check_module

from .arguments import as_batch
from .hooks import capture, first_output

SLIDING = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
ONE_TO_ONE = (  # each position by itself
    nn.ReLU,
    nn.LeakyReLU,
    nn.ReLU6,
    nn.ELU,
    nn.GELU,
    nn.SiLU,
    nn.Softplus,
    nn.Hardtanh,
    nn.Tanh,
    nn.Sigmoid,
    nn.BatchNorm2d,
    nn.LocalResponseNorm,
    nn.Dropout,
    nn.Dropout2d,
    nn.Identity,
)
ONE_TO_ONE_FUNCTIONS = ("relu", "relu_", "leaky_relu", "tanh", "tanh_", "sigmoid", "gelu", "silu", "mul", "neg")
JOINING = ("add", "iadd", "sub", "cat", "concat")  # an output depends on each of the inputs at its place


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
        Takes one batch of images. What runs inside is found by `torch.fx`; sums of branches, as in residual blocks,
        are followed too.
    layer_name : str
        Dotted name of a layer or of a container of layers (a block, a stage), whose output is meant.

    Returns
    -------
    Window

    Raises
    ------
    ValueError
        If there is no such layer, `torch.fx` cannot follow the model, or something before the layer neither slides over
        the image nor works on each position alone.

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
    check_module(model)
    if not isinstance(layer_name, str) or layer_name not in dict(model.named_modules()):
        raise ValueError(f"`layer_name` must be a layer of the model, not {layer_name!r}")
    try:
        graph = _Tracer().trace(model)
    except Exception as error:
        raise ValueError(
            f"`model` must be a network whose layers torch.fx can follow; {type(model).__name__} raised "
            f"{type(error).__name__}: {error}"
        ) from error
    windows: dict[fx.Node, Window | str] = {}
    found: Window | str | None = None
    for node in graph.nodes:
        if node.op == "output":
            break
        windows[node] = _window_after(node, [windows[given] for given in node.all_input_nodes], model)
        inside = node.meta.get("nn_module_stack", {})  # a second run of a layer has another key, "name@1"
        if layer_name in inside or (not layer_name and node.op != "placeholder"):
            found = windows[node]
    if found is None:
        raise ValueError(f"`layer_name` must name a layer that runs in the forward pass, not {layer_name!r}")
    if isinstance(found, str):
        raise ValueError(f"`layer_name` must come after layers that slide a window, not after {found}")
    return found


class _Tracer(fx.Tracer):
    """Follows a network into its containers, but not into layers without parts."""

    def is_leaf_module(self, layer: nn.Module, name: str) -> bool:
        return not list(layer.children())


def _window_after(node: fx.Node, before: list[Window | str], model: nn.Module) -> Window | str:
    """Return the window that one step of the forward pass sees, or the name of the step that has none."""
    if node.op == "placeholder":
        return Window((1, 1), (1, 1), (0, 0))
    for window in before:
        if isinstance(window, str):
            return window
    known = [window for window in before if isinstance(window, Window)]
    if node.op == "call_module":
        layer = model.get_submodule(str(node.target))
        if isinstance(layer, SLIDING) and len(known) == 1:
            return _slide(known[0], layer)
        if isinstance(layer, ONE_TO_ONE) and len(known) == 1:
            return known[0]
        return f"{node.target!r} ({type(layer).__name__})"
    name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target))
    if node.op != "get_attr" and name in ONE_TO_ONE_FUNCTIONS and len(known) == 1:
        return known[0]
    if node.op != "get_attr" and name in JOINING and known and len({window.step for window in known}) == 1:
        return _union(known)
    return f"{name!r}"


def _slide(window: Window, layer: Any) -> Window:
    """Widen a window by a layer's kernel, in steps of all strides before it; move its start by the padding."""
    kernel, stride = as_pair(layer.kernel_size, "kernel_size"), as_pair(layer.stride, "stride")
    dilation = as_pair(getattr(layer, "dilation", 1), "dilation")
    padding = _padding(layer, kernel, dilation)
    size, step, start = (
        [old + more for old, more in zip(window.size, map(_reach, kernel, dilation, window.step), strict=True)],
        [old * times for old, times in zip(window.step, stride, strict=True)],
        [old - border * jump for old, border, jump in zip(window.start, padding, window.step, strict=True)],
    )
    return Window((size[0], size[1]), (step[0], step[1]), (start[0], start[1]))


def _reach(kernel: int, dilation: int, step: int) -> int:
    return (kernel - 1) * dilation * step


def _union(windows: list[Window]) -> Window:
    """Return the smallest window that holds those of several branches with the same step."""
    start = [min(window.start[axis] for window in windows) for axis in range(2)]
    stop = [max(window.start[axis] + window.size[axis] for window in windows) for axis in range(2)]
    return Window((stop[0] - start[0], stop[1] - start[1]), windows[0].step, (start[0], start[1]))


def _padding(layer: nn.Module, kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int]:
    """Return the pixels added before each axis."""
    if layer.padding == "same":
        return (kernel[0] - 1) * dilation[0] // 2, (kernel[1] - 1) * dilation[1] // 2
    return (0, 0) if layer.padding == "valid" else as_pair(layer.padding, "padding", minimum=0)


def receptive_field_map(
    model: nn.Module, images: Tensor, layer_name: str, place: tuple[int, int] | None = None
) -> Tensor:
    """Measure how much each pixel of the image affects one unit: the mean size of the unit's gradient.

    Parameters
    ----------
    model : nn.Module
        Takes batches (N, C, H, W).
    images : Tensor
        (N, C, H, W), to average over. A maximum passes its gradient to one pixel only, so a network that pools needs
        many images until every pixel has been a maximum.
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
    check_module(model)
    images = as_batch(images, "images", model).detach().clone().requires_grad_()
    with torch.enable_grad(), capture(model, layer_name) as outputs:
        model(images)
    maps = first_output(outputs, layer_name)
    if maps.ndim != 4:
        raise ValueError(
            f"`layer_name` must name a layer that returns maps (N, C, H, W), not a tensor of shape {tuple(maps.shape)}"
        )
    if place is None:
        place = maps.shape[2] // 2, maps.shape[3] // 2
    row, column = as_pair(place, "place", minimum=0)
    if not (0 <= row < maps.shape[2] and 0 <= column < maps.shape[3]):
        raise ValueError(f"`place` must lie in the map of {maps.shape[2]} x {maps.shape[3]}, not {place}")
    with torch.enable_grad():
        unit = maps[:, :, row, column].sum()
    (gradient,) = torch.autograd.grad(unit, images)
    return gradient.abs().sum(dim=1).mean(dim=0)
