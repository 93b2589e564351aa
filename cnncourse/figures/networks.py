"""The two trained networks that run inside a page: their weights as bytes, their layers as plain values.

`tools/train_inside_networks.py` trains them and writes `weights/`. A number is kept in 16 bits, which halves the file;
PyTorch here and the page there compute with the same rounded weights.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from cnncourse import models
from cnncourse.data import FASHION_CLASSES, SHAPE_CLASSES

FOLDER = Path(__file__).parent / "weights"
NETWORKS = {"shapes": "shapes", "fashion": "pocket"}  # by the word in the figure: the name in `cnncourse.models`
CLASSES = {"shapes": SHAPE_CLASSES, "fashion": FASHION_CLASSES}

_NUMBER = np.dtype("<f2")


def export_weights(model: nn.Module) -> bytes:
    """Return all parameters of a network as bytes, rounded to 16 bits.

    Parameters
    ----------
    model : nn.Module

    Returns
    -------
    bytes
        Little-endian IEEE half floats, the parameters in the order of ``model.parameters()``, each one row by row.

    Raises
    ------
    ValueError
        If a parameter does not fit into 16 bits.

    Examples
    --------
    >>> len(export_weights(models.pocket_net())) / 2
    9098.0
    """
    flat = torch.cat([parameter.detach().flatten() for parameter in model.parameters()]).cpu()
    if not flat.half().isfinite().all():
        raise ValueError(f"`model` must have parameters of at most 65504, as 16 bits hold, not {flat.abs().max():g}")
    return flat.half().numpy().astype(_NUMBER).tobytes()


def import_weights(model: nn.Module, data: bytes) -> nn.Module:
    """Give a network the parameters that `export_weights` wrote, and return it in eval mode.

    Raises
    ------
    ValueError
        If there are more or fewer numbers than the network has parameters.

    Examples
    --------
    >>> model = models.build("pocket", torch.Generator().manual_seed(0))
    >>> export_weights(import_weights(models.pocket_net(), export_weights(model))) == export_weights(model)
    True
    """
    numbers = torch.from_numpy(np.frombuffer(data, _NUMBER).astype(np.float32))
    sizes = [parameter.numel() for parameter in model.parameters()]
    if sum(sizes) != len(numbers):
        raise ValueError(f"`data` must hold {sum(sizes)} numbers, one for each parameter, not {len(numbers)}")
    with torch.no_grad():
        for parameter, values in zip(model.parameters(), numbers.split(sizes), strict=True):
            parameter.copy_(values.view_as(parameter))
    return model.eval()


def layer_rules(model: nn.Module) -> list[dict[str, Any]]:
    """Return what a page needs to know to run a network: its layers as plain values, without the flattening.

    Raises
    ------
    TypeError
        If a layer is of a kind that the page cannot compute.

    Examples
    --------
    >>> layer_rules(models.one_kernel_net())[:3]
    [{'name': 'conv1', 'kind': 'conv', 'maps': 1, 'size': 3, 'padding': 1}, {'name': 'tanh1', 'kind': 'tanh'},
     {'name': 'pool1', 'kind': 'pool', 'size': 3}]
    """
    rules: list[dict[str, Any]] = []
    for name, layer in model.named_children():
        if isinstance(layer, nn.Conv2d):
            rule = {"maps": layer.out_channels, "size": layer.kernel_size[0], "padding": layer.padding[0]}
            rules.append({"name": name, "kind": "conv", **rule})
        elif isinstance(layer, nn.MaxPool2d):
            rules.append({"name": name, "kind": "pool", "size": layer.kernel_size})
        elif isinstance(layer, nn.Linear):
            rules.append({"name": name, "kind": "linear", "maps": layer.out_features})
        elif isinstance(layer, (nn.Tanh, nn.ReLU)):
            rules.append({"name": name, "kind": type(layer).__name__.lower()})
        elif not isinstance(layer, nn.Flatten):
            raise TypeError(f"`model` must have layers that the page can compute, not {name}, a {type(layer).__name__}")
    return rules


def weights(name: str) -> bytes:
    """Return the stored weights of "shapes" or "fashion"."""
    return (FOLDER / f"{name}.f16").read_bytes()


@functools.cache
def trained(name: str) -> nn.Module:
    """Return "shapes" or "fashion" with the stored weights; shared, so do not change it.

    Examples
    --------
    >>> from cnncourse.data import draw_circle
    >>> logits = trained("shapes")(draw_circle(28, row=12, column=15, radius=6)[None, None])
    >>> SHAPE_CLASSES[logits.argmax()]
    'circle'
    """
    return import_weights(models.build(NETWORKS[name]), weights(name)).requires_grad_(False)


@functools.cache
def record() -> dict[str, Any]:
    """Return how the networks were trained and what they reached: the content of `weights/networks.json`."""
    return json.loads((FOLDER / "networks.json").read_text(encoding="utf-8"))
