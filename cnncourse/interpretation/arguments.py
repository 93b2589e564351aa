"""What callers of the explanations pass: an image or a batch, and the class to explain."""

import torch
from torch import Tensor


def as_batch(image: Tensor) -> Tensor:
    """Give a single image (C, H, W) a batch axis, leave a batch (N, C, H, W) as it is, refuse anything else."""
    if image.ndim not in (3, 4):
        raise ValueError(f"`image` must be (C, H, W) or (N, C, H, W), not of shape {tuple(image.shape)}")
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
    if logits.ndim != 2:
        raise ValueError(f"`model` must return logits (N, K), not a tensor of shape {tuple(logits.shape)}")
    targets = torch.as_tensor(target, device=logits.device)
    if targets.ndim and targets.shape != logits.shape[:1]:
        raise ValueError(
            f"`target` must be one class, or one per image in shape ({len(logits)},), not {tuple(targets.shape)}"
        )
    if targets.min() < 0 or targets.max() >= logits.shape[1]:
        raise ValueError(f"`target` must be from 0 to {logits.shape[1] - 1}, not {target}")
    return logits.gather(1, targets.long().expand(len(logits))[:, None])[:, 0]
