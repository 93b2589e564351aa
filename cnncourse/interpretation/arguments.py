"""What callers of the explanations pass: an image or a batch, and the class to explain."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cnncourse.geometry import as_integer
from cnncourse.tensors import INTEGERS, check_tensor


def as_batch(image: Tensor, name: str = "image", model: nn.Module | None = None) -> Tensor:
    """Give a single image (C, H, W) a batch axis, leave a batch (N, C, H, W) as it is.

    Raises
    ------
    TypeError
        If `image` is not a tensor of floating-point numbers, of the type of the model's parameters.
    ValueError
        For another shape, no pixels, or numbers that are not finite: a map of them would be NaN.
    """
    check_tensor(image, name, floating=True)
    if image.ndim not in (3, 4):
        raise ValueError(f"`{name}` must be (C, H, W) or (N, C, H, W), not of shape {tuple(image.shape)}")
    if image.numel() == 0:
        raise ValueError(f"`{name}` must hold at least one image with pixels, not the shape {tuple(image.shape)}")
    check_tensor(image, name, finite=True)
    wanted = next((parameter.dtype for parameter in model.parameters()), image.dtype) if model else image.dtype
    if image.dtype != wanted:
        raise TypeError(f"`{name}` must have the dtype of the model's parameters, {wanted}, not {image.dtype}")
    return image[None] if image.ndim == 3 else image


def target_logits(logits: Tensor, target: int | Tensor) -> Tensor:
    """Pick one logit per image.

    Parameters
    ----------
    logits : Tensor
        ``(N, K)``.
    target : int or Tensor
        One class for all images, or ``(N,)`` int64.

    Returns
    -------
    Tensor
        ``(N,)``.

    Raises
    ------
    ValueError
        If there is no such class, or not one target per image.

    Examples
    --------
    >>> target_logits(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1, 0]))
    tensor([2., 3.])
    """
    if not isinstance(logits, Tensor) or logits.ndim != 2:
        shape = f"a tensor of shape {tuple(logits.shape)}" if isinstance(logits, Tensor) else type(logits).__name__
        raise ValueError(f"`model` must return logits (N, K), not {shape}")
    if not torch.isfinite(logits).all():
        wrong = logits[~torch.isfinite(logits)][0].item()
        raise ValueError(f"`model` must return finite logits, not {wrong}: look for nan in its weights")
    if not isinstance(target, Tensor):
        target = as_integer(target, "target", minimum=0)
    targets = torch.as_tensor(target, device=logits.device)
    if targets.dtype not in INTEGERS:
        raise TypeError(f"`target` must hold integers, not {targets.dtype}")
    if targets.ndim and targets.shape != logits.shape[:1]:
        raise ValueError(
            f"`target` must be one class, or one per image in shape ({len(logits)},), not {tuple(targets.shape)}"
        )
    if targets.min() < 0 or targets.max() >= logits.shape[1]:
        raise ValueError(f"`target` must be from 0 to {logits.shape[1] - 1}, not {target}")
    return logits.gather(1, targets.long().expand(len(logits))[:, None])[:, 0]
