"""Explanations from one backward pass: saliency and Grad-CAM.

References
----------
- K. Simonyan, A. Vedaldi and A. Zisserman, "Deep Inside Convolutional Networks", 2013,
  https://arxiv.org/abs/1312.6034: saliency.
- R. R. Selvaraju et al., "Grad-CAM", 2017, https://arxiv.org/abs/1610.02391.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnncourse.models import evaluation_mode
from cnncourse.models.modes import check_module
from cnncourse.tensors import check_tensor

from .arguments import as_batch, target_logits
from .hooks import capture, first_output


def saliency_map(model: nn.Module, image: Tensor, target: int | Tensor) -> Tensor:
    """Measure how steeply the target logit changes with each pixel: the size of its gradient.

    Parameters
    ----------
    model : nn.Module
        Takes batches (N, C, H, W), returns logits (N, K). It runs in eval mode; afterwards its mode is what it
        was, and its parameters have no new gradients.
    image : Tensor
        (C, H, W) or (N, C, H, W). Not changed.
    target : int or Tensor
        The class, or ``(N,)``, one per image.

    Returns
    -------
    Tensor
        ``(H, W)``, or ``(N, H, W)`` for a batch, at least 0: of several channels the largest counts.

    Raises
    ------
    ValueError
        If `image` has another shape, or there is no such class.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    >>> _ = model[1].weight.data.copy_(torch.tensor([[0.0, 0, 0, 0], [1, -2, 0, 3]]))
    >>> saliency_map(model, torch.rand(1, 2, 2), target=1)
    tensor([[1., 2.],
            [0., 3.]])
    """
    check_module(model)
    batch = as_batch(image, model=model).detach().clone().requires_grad_()
    with torch.enable_grad(), evaluation_mode(model):
        total = target_logits(model(batch), target).sum()  # each logit depends on its own image alone
    (gradient,) = torch.autograd.grad(total, batch)
    maps = gradient.abs().amax(dim=1)
    return maps[0] if image.ndim == 3 else maps


def grad_cam(activations: Tensor, gradients: Tensor) -> Tensor:
    """Weigh the channels by their mean gradient, add them up, keep what is positive, and scale each map to 1.

    Parameters
    ----------
    activations, gradients : Tensor
        ``(N, C, H, W)``: a layer's output, and the gradient of the target logits by it.

    Returns
    -------
    Tensor
        ``(N, H, W)``, from 0 to 1; each map is divided by its own maximum, and a map of zeros stays one.

    Raises
    ------
    ValueError
        If the two do not have the same shape (N, C, H, W).

    Examples
    --------
    >>> activations = torch.tensor([[[[1.0, 2.0]], [[3.0, 0.0]]]])  # two channels of 1x2
    >>> gradients = torch.tensor([[[[2.0, 2.0]], [[-1.0, 1.0]]]])
    >>> grad_cam(activations, gradients)  # the second channel's mean gradient is 0
    tensor([[[0.5000, 1.0000]]])
    """
    for name, tensor in (("activations", activations), ("gradients", gradients)):
        check_tensor(tensor, name, floating=True, finite=True)
        if 0 in tensor.shape[1:]:
            raise ValueError(f"`{name}` must have at least one channel and one pixel, not {tuple(tensor.shape)}")
    if activations.ndim != 4 or activations.shape != gradients.shape:
        raise ValueError(
            "`activations` and `gradients` must have the same shape (N, C, H, W), "
            f"not {tuple(activations.shape)} and {tuple(gradients.shape)}"
        )
    weights = gradients.mean(dim=(2, 3), keepdim=True)
    maps = (weights * activations).sum(dim=1).relu()
    largest = maps.amax(dim=(1, 2), keepdim=True)
    return maps / torch.where(largest > 0, largest, 1.0)


def grad_cam_map(model: nn.Module, image: Tensor, target: int | Tensor, layer_name: str) -> Tensor:
    """Run Grad-CAM on a layer of the model, and enlarge the map to the image.

    Parameters
    ----------
    model, image, target
        As for `saliency_map`.
    layer_name : str
        Dotted name of a layer with maps (N, C, H, W), usually the last one before they are flattened or averaged.

    Returns
    -------
    Tensor
        ``(H, W)``, or ``(N, H, W)`` for a batch, from 0 to 1: `grad_cam`, enlarged by bilinear interpolation.

    Raises
    ------
    ValueError
        If there is no such layer or class, or the layer gives no maps.

    Examples
    --------
    >>> from cnncourse import models
    >>> grad_cam_map(models.two_conv_net(), torch.rand(5, 1, 28, 28), target=3, layer_name="relu2").shape
    torch.Size([5, 28, 28])
    """
    check_module(model)
    batch = as_batch(image, model=model)
    with torch.enable_grad(), capture(model, layer_name) as outputs:
        total = target_logits(model(batch), target).sum()
    activations = first_output(outputs, layer_name)
    (gradients,) = torch.autograd.grad(total, activations)
    maps = grad_cam(activations.detach(), gradients)
    maps = F.interpolate(maps[:, None], batch.shape[2:], mode="bilinear", align_corners=False)[:, 0]
    return maps[0] if image.ndim == 3 else maps
