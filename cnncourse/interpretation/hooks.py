"""Forward hooks as context managers: the outputs of a layer, and the number of passes.

After the ``with`` block, also after an error in it, the model has no hook left and every module has its old mode.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from cnncourse.models import evaluation_mode
from cnncourse.models.modes import check_module


@contextmanager
def capture(model: nn.Module, layer_name: str) -> Iterator[list[Tensor]]:
    """Collect the outputs of a layer in evaluation mode; gradients with respect to them can be taken.

    Parameters
    ----------
    model : nn.Module
    layer_name : str
        Dotted name, as in ``model.named_modules()``.

    Yields
    ------
    list of Tensor
        One output for each time the layer ran inside the ``with`` block. The rest of the network gets a copy, so
        that an in-place ReLU after the layer does not change what is kept.

    Raises
    ------
    ValueError
        If the model has no such layer.
    TypeError
        If the layer does not return a tensor.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(inplace=True))
    >>> with capture(model, "0") as outputs:
    ...     _ = model(torch.zeros(1, 2))
    >>> outputs[0].shape
    torch.Size([1, 3])
    """
    check_module(model)
    layers = dict(model.named_modules())
    if not isinstance(layer_name, str) or layer_name not in layers:
        raise ValueError(f"`layer_name` must be one of {', '.join(filter(None, layers))}, not {layer_name!r}")
    outputs: list[Tensor] = []

    def keep(_layer: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        if not isinstance(output, Tensor):
            raise TypeError(f"layer {layer_name!r} must return a tensor, not {type(output).__name__}")
        if torch.is_grad_enabled() and not output.requires_grad:  # every parameter before it is frozen
            output = output.detach().requires_grad_()
        outputs.append(output)
        return output.clone()

    handle = layers[layer_name].register_forward_hook(keep)
    try:
        with evaluation_mode(model):
            yield outputs
    finally:
        handle.remove()


def first_output(outputs: list[Tensor], layer_name: str) -> Tensor:
    """Return the first output that `capture` collected.

    Raises
    ------
    ValueError
        If the layer never ran.
    """
    if not outputs:
        raise ValueError(f"`layer_name` must name a layer that runs in the forward pass, not {layer_name!r}")
    return outputs[0]


@dataclass
class Passes:
    """How many images went through a network, and through how many a gradient came back."""

    forward: int = 0
    backward: int = 0


@contextmanager
def counted_passes(model: nn.Module) -> Iterator[Passes]:
    """Count the work of an explanation: images sent forwards, and images with a gradient sent back.

    Parameters
    ----------
    model : nn.Module
        Takes batches (N, ...) and returns one tensor.

    Examples
    --------
    >>> model = nn.Linear(2, 1)
    >>> with counted_passes(model) as passes:
    ...     model(torch.zeros(5, 2)).sum().backward()
    >>> passes
    Passes(forward=5, backward=5)
    """
    check_module(model)
    passes = Passes()

    def note(_model: nn.Module, _inputs: Any, output: Tensor) -> None:
        passes.forward += len(output)
        if output.requires_grad:
            output.register_hook(note_gradient)

    def note_gradient(gradient: Tensor) -> None:
        passes.backward += len(gradient)

    handle = model.register_forward_hook(note)
    try:
        yield passes
    finally:
        handle.remove()
