"""Occlusion: cover the image patch by patch, and measure how far the logit drops.

References
----------
M. D. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", 2014,
https://arxiv.org/abs/1311.2901
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse.geometry import IntOrPair, as_integer, as_pair, output_shape
from cnncourse.models import evaluation_mode
from cnncourse.models.modes import check_module
from cnncourse.tensors import as_number, check_tensor

from .arguments import as_batch, target_logits

AT_ONCE = 128  # covered copies of the image in one batch: enough to be quick, few enough for any memory


@torch.no_grad()
def occlusion_map(
    model: nn.Module, image: Tensor, target: int, patch_size: IntOrPair, stride: IntOrPair, fill: float = 0.0
) -> Tensor:
    """Measure by how much the target logit drops when a patch of the image is covered.

    Parameters
    ----------
    model : nn.Module
        Takes batches (N, C, H, W), returns logits (N, K). It runs in eval mode; afterwards its mode is what it was.
    image : Tensor
        (C, H, W). Not changed.
    target : int
        The class whose logit is looked at.
    patch_size, stride : int or (int, int)
        Height and width.
    fill : float, default 0.0
        What a covered pixel becomes, in all channels. Choose what means "nothing is here" in your images.

    Returns
    -------
    Tensor
        ``(rows, columns)``: the drop for each patch that lies wholly in the image, rows = (H - patch height) // stride
        height + 1. Above 0 the patch is evidence for the class, below 0 against it.

    Raises
    ------
    ValueError
        If `image` is not (C, H, W), a patch is larger than it, or there is no such class.

    Notes
    -----
    One forward pass for each patch and one for the whole image; no backward pass.

    Examples
    --------
    A "network" whose logit for class 1 is the brightness of the upper half:

    >>> class Upper(nn.Module):
    ...     def forward(self, input):
    ...         return torch.stack([torch.zeros(len(input)), input[:, :, :2].sum((1, 2, 3))], dim=1)
    >>> occlusion_map(Upper(), torch.ones(1, 4, 4), target=1, patch_size=2, stride=2)
    tensor([[4., 4.],
            [0., 0.]])
    """
    check_module(model)
    check_tensor(image, "image", floating=True, finite=True)
    target, fill = as_integer(target, "target", minimum=0), as_number(fill, "fill")
    if image.ndim != 3:
        raise ValueError(f"`image` must be (C, H, W), not of shape {tuple(image.shape)}")
    (height, width), (down, right) = as_pair(patch_size, "patch_size"), as_pair(stride, "stride")
    rows, columns = output_shape(tuple(image.shape[1:]), (height, width), (down, right))
    places = [(row * down, column * right) for row in range(rows) for column in range(columns)]
    as_batch(image, model=model)
    drops = []
    with evaluation_mode(model):
        whole = target_logits(model(image[None]), target)
        for start in range(0, len(places), AT_ONCE):
            some = places[start : start + AT_ONCE]
            covered = image.expand(len(some), *image.shape).clone()
            for copy, (top, left) in zip(covered, some, strict=True):
                copy[:, top : top + height, left : left + width] = fill
            drops.append(whole - target_logits(model(covered), target))
    return torch.cat(drops).reshape(rows, columns)


def spread_patches(drops: Tensor, image_size: IntOrPair, patch_size: IntOrPair, stride: IntOrPair) -> Tensor:
    """Give each pixel the mean of the patches that covered it, so that the map lies on the image.

    Parameters
    ----------
    drops : Tensor
        ``(rows, columns)``, from `occlusion_map`.
    image_size, patch_size, stride : int or (int, int)
        Those of the image and of the call of `occlusion_map`.

    Returns
    -------
    Tensor
        ``(H, W)``; 0 where no patch came.

    Raises
    ------
    ValueError
        If `drops` does not have as many rows and columns as there are patches.

    Examples
    --------
    >>> spread_patches(torch.tensor([[1.0, 3.0]]), (2, 3), patch_size=2, stride=1)
    tensor([[1., 2., 3.],
            [1., 2., 3.]])
    """
    check_tensor(drops, "drops", "(rows, columns)", floating=True, finite=True)
    size, patch, step = as_pair(image_size, "image_size"), as_pair(patch_size, "patch_size"), as_pair(stride, "stride")
    if tuple(drops.shape) != (expected := output_shape(size, patch, step)):
        raise ValueError(f"`drops` must have shape {expected} for this image and patch, not {tuple(drops.shape)}")
    columns = drops.flatten().expand(1, patch[0] * patch[1], -1)  # (1, kh*kw, L), as im2col lays windows out
    total, count = (F.fold(each, size, patch, stride=step)[0, 0] for each in (columns, torch.ones_like(columns)))
    return total / count.clamp(min=1)
