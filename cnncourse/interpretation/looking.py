"""Looking into a network without leaving a trace: recorded layers, a quiet model, counted passes.

Everything here is a context manager. Whatever happens inside, an error included, afterwards no hook is left on the
model, every module has the mode that it had, and no parameter has got a gradient.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnncourse.training.metrics import evaluation_mode


@contextmanager
def recorded(model: nn.Module, layer_name: str) -> Iterator[list[Tensor]]:
    """Collect what a layer gives, in eval mode, ready to be differentiated by.

    Parameters
    ----------
    model : nn.Module
    layer_name : str
        Dotted name, as in ``model.named_modules()``.

    Yields
    ------
    list of Tensor
        One output for each time the layer ran inside the ``with`` block. The rest of the network gets a copy, so
        that an in-place ReLU behind the layer does not overwrite what is kept.

    Raises
    ------
    ValueError
        If the model has no such layer.
    TypeError
        If the layer returns something else than a tensor.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(inplace=True))
    >>> with recorded(model, "0") as outputs:
    ...     _ = model(torch.zeros(1, 2))
    >>> outputs[0].shape
    torch.Size([1, 3])
    """
    layers = dict(model.named_modules())
    if layer_name not in layers:
        raise ValueError(f"layer_name must be one of {', '.join(filter(None, layers))}, not {layer_name!r}")
    outputs: list[Tensor] = []

    def keep(_layer: nn.Module, _inputs, output: Tensor) -> Tensor:
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


def first(outputs: list[Tensor], layer_name: str) -> Tensor:
    """Return what a recorded layer gave first, or raise ValueError if it never ran."""
    if not outputs:
        raise ValueError(f"layer {layer_name!r} took no part in the forward pass")
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
    passes = Passes()

    def note(_model: nn.Module, _inputs, output: Tensor) -> None:
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


def as_batch(image: Tensor) -> Tensor:
    """Give a single image (C, H, W) a batch axis, leave a batch (N, C, H, W) as it is, refuse anything else."""
    if image.ndim not in (3, 4):
        raise ValueError(f"image must be (C, H, W) or (N, C, H, W), not of shape {tuple(image.shape)}")
    return image[None] if image.ndim == 3 else image


def target_logits(logits: Tensor, target: int | Tensor) -> Tensor:
    """Pick one logit an image.

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
        If there is no such class, or not one target an image.

    Examples
    --------
    >>> target_logits(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1, 0]))
    tensor([2., 3.])
    """
    if logits.ndim != 2:
        raise ValueError(f"the model must return logits (N, K), not a tensor of shape {tuple(logits.shape)}")
    targets = torch.as_tensor(target, device=logits.device)
    if targets.ndim and targets.shape != logits.shape[:1]:
        raise ValueError(f"target must be one class or {len(logits)}, one an image; got shape {tuple(targets.shape)}")
    if targets.min() < 0 or targets.max() >= logits.shape[1]:
        raise ValueError(f"target must be from 0 to {logits.shape[1] - 1}, not {target}")
    return logits.gather(1, targets.long().expand(len(logits))[:, None])[:, 0]
