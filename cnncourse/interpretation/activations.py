"""The output of a layer: its maps for an image, and the pieces of images that excite one of its channels most.

References
----------
M. D. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", 2014,
https://arxiv.org/abs/1311.2901
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from cnncourse.geometry import as_integer
from cnncourse.models.modes import check_module
from cnncourse.tensors import check_tensor

from .arguments import as_batch
from .hooks import capture, first_output
from .receptive_field import window_of


@torch.no_grad()
def activation_maps(model: nn.Module, image: Tensor, layer_name: str) -> Tensor:
    """Run the model and return the output of one of its layers.

    Parameters
    ----------
    model : nn.Module
        Takes batches (N, C, H, W). It runs in eval mode; afterwards its mode is what it was.
    image : Tensor
        (C, H, W) or (N, C, H, W). A single image runs as a batch of one.
    layer_name : str
        Dotted name, as in ``model.named_modules()``: "features.0".

    Returns
    -------
    Tensor
        That layer's output with its batch axis, detached; of a layer that runs several times, the first output.

    Raises
    ------
    ValueError
        If `image` has another shape, or the model has no such layer.

    Examples
    --------
    >>> from cnncourse import models
    >>> activation_maps(models.shapes_net(), torch.zeros(1, 28, 28), "pool1").shape
    torch.Size([1, 8, 9, 9])
    """
    check_module(model)
    batch = as_batch(image, model=model)
    with capture(model, layer_name) as outputs:
        model(batch)
    return first_output(outputs, layer_name)


class Patches(NamedTuple):
    """Pieces of images that excite a channel, the strongest first.

    Attributes
    ----------
    patches : Tensor
        ``(count, C, h, w)``: what the channel saw, as large as its receptive field; 0 where it saw padding.
    responses : Tensor
        ``(count,)``, falling.
    images : Tensor
        ``(count,)`` int64: from which image each piece is; every image at most once.
    """

    patches: Tensor
    responses: Tensor
    images: Tensor


def strongest_patches(model: nn.Module, images: Tensor, layer_name: str, channel: int, count: int = 8) -> Patches:
    """Find the pieces of images to which a channel responds most strongly.

    Parameters
    ----------
    model : nn.Module
        A network that `window_of` can follow.
    images : Tensor
        (N, C, H, W), to search in.
    layer_name : str
        Dotted name of a layer with maps (N, C', H', W').
    channel : int
    count : int, default 8
        How many to return, at most N.

    Returns
    -------
    Patches

    Raises
    ------
    ValueError
        If there is no such layer or channel, or fewer images than `count`.

    Examples
    --------
    A kernel that asks for a bright pixel with a dark one at its left finds left borders:

    >>> from cnncourse.data import make_shapes
    >>> model = nn.Sequential(nn.Conv2d(1, 1, (1, 2), bias=False))
    >>> _ = model[0].weight.data.copy_(torch.tensor([[[[-1.0, 1.0]]]]))
    >>> found = strongest_patches(model, make_shapes(20)[0], "0", channel=0, count=2)
    >>> found.patches.tolist()
    [[[[0.0, 1.0]]], [[[0.0, 1.0]]]]
    """
    check_tensor(images, "images", "(N, C, H, W)", floating=True, finite=True)
    window = window_of(model, layer_name)
    maps = activation_maps(model, images, layer_name)
    channel = as_integer(channel, "channel", minimum=0)
    if not 0 <= channel < maps.shape[1]:
        raise ValueError(f"`channel` must be from 0 to {maps.shape[1] - 1}, not {channel}")
    if as_integer(count, "count") > len(images):
        raise ValueError(f"`count` must be at most {len(images)}, the number of images, not {count}")
    best, places = maps[:, channel].flatten(1).max(dim=1)  # (N,): the strongest place of each image
    responses, chosen = best.topk(count)
    pieces = []
    for index in chosen.tolist():
        row, column = divmod(int(places[index]), maps.shape[3])
        pieces.append(_cut(images[index], window.at(row, column), window.size))
    return Patches(torch.stack(pieces), responses, chosen)


def _cut(image: Tensor, corner: tuple[int, int], size: tuple[int, int]) -> Tensor:
    """Cut a window out of (C, H, W); what lies outside the image is 0."""
    rows, columns = (
        torch.arange(first, first + length, device=image.device) for first, length in zip(corner, size, strict=True)
    )
    inside = ((rows >= 0) & (rows < image.shape[1]))[:, None] & ((columns >= 0) & (columns < image.shape[2]))
    nearest = rows.clamp(0, image.shape[1] - 1), columns.clamp(0, image.shape[2] - 1)
    return torch.where(inside, image[:, nearest[0][:, None], nearest[1]], 0)
