"""Evaluation mode for a while: dropout off, batch normalisation with its stored statistics."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


def check_module(model: Any, name: str = "model") -> None:
    """Refuse what is no network.

    Raises
    ------
    TypeError
        If `model` is not an `nn.Module`.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"`{name}` must be a torch.nn.Module, not {type(model).__name__}")


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Switch `model` to eval mode for a while; afterwards each of its modules has the mode it had, even after an error.

    Examples
    --------
    >>> model = nn.Sequential(nn.Dropout()).train()
    >>> with evaluation_mode(model):
    ...     model.training
    False
    >>> model.training
    True
    """
    check_module(model)
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
