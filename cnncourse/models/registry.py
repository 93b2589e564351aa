"""All networks by name: how to make one, and what each of its layers does to the shape of a batch."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cnncourse.geometry import as_integer
from cnncourse.tensors import check_generator

from .classics import alexnet, lenet5, mobilenet, resnet8, vgg16
from .fashion import HALVINGS, FashionCNN, batch_norm_net, fast_fashion_net, halving_net, pocket_net, two_conv_net
from .modes import check_module, evaluation_mode
from .parts import seeded
from .shapes import colour_net, dense_shapes_net, one_kernel_net, planted_net, shapes_net


class Entry(NamedTuple):
    """A network of the course: how to make it, and the shape of one batch that it takes."""

    make: Callable[[], nn.Module]
    input_shape: tuple[int, int, int, int]


MODELS: dict[str, Entry] = {
    "dense_shapes": Entry(dense_shapes_net, (1, 1, 28, 28)),
    "one_kernel": Entry(one_kernel_net, (1, 1, 28, 28)),
    "shapes": Entry(shapes_net, (1, 1, 28, 28)),
    "colour": Entry(colour_net, (1, 3, 28, 28)),
    "planted": Entry(planted_net, (1, 1, 28, 28)),
    "two_conv": Entry(two_conv_net, (1, 1, 28, 28)),
    "pocket": Entry(pocket_net, (1, 1, 28, 28)),
    "fashion": Entry(FashionCNN, (1, 1, 28, 28)),
    "batch_norm": Entry(batch_norm_net, (1, 1, 28, 28)),
    "fast_fashion": Entry(fast_fashion_net, (1, 1, 28, 28)),
    **{f"{halving}_halving": Entry(partial(halving_net, halving), (1, 1, 28, 28)) for halving in HALVINGS},
    "lenet5": Entry(lenet5, (1, 1, 28, 28)),
    "alexnet": Entry(alexnet, (1, 3, 227, 227)),
    "vgg16": Entry(vgg16, (1, 3, 224, 224)),
    "resnet8": Entry(resnet8, (1, 1, 28, 28)),
    "mobilenet": Entry(mobilenet, (1, 3, 224, 224)),
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
    if not isinstance(name, str) or name not in MODELS:
        raise ValueError(f"`name` must be one of {', '.join(MODELS)}, not {name!r}")
    check_generator(generator)
    with torch.device(device or "cpu"):
        return seeded(MODELS[name].make, generator)


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
    check_module(model)
    if not isinstance(input_shape, Sequence) or len(input_shape) != 4:
        raise ValueError(f"`input_shape` must be (N, C, H, W), not {input_shape!r}")
    input_shape = tuple(as_integer(length, "input_shape") for length in input_shape)
    rows: list[LayerTrace] = []

    def note(name: str) -> Callable:
        def hook(layer: nn.Module, _input: Any, output: Tensor) -> None:
            count = sum(parameter.numel() for parameter in layer.parameters())
            rows.append(LayerTrace(name, type(layer).__name__, tuple(output.shape), count))

        return hook

    handles = [layer.register_forward_hook(note(name)) for name, layer in model.named_children()]
    device = next((parameter.device for parameter in model.parameters()), None)
    try:
        with torch.no_grad(), evaluation_mode(model):
            model(torch.zeros(input_shape, device=device))
    finally:
        for handle in handles:
            handle.remove()
    return rows
