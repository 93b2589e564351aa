"""What switches gradients on and off for a block or a function."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from . import autograd


class GradMode:
    """A block, or a decorated function, with gradients switched on or off.

    Parameters
    ----------
    mode : bool
    """

    def __init__(self, mode: bool) -> None:
        self.mode = mode
        self.before: list[bool] = []

    def __enter__(self) -> None:
        self.before.append(autograd.is_enabled())
        autograd.set_enabled(self.mode)

    def __exit__(self, *_: object) -> None:
        autograd.set_enabled(self.before.pop())

    def __call__(self, function: Callable) -> Callable:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with GradMode(self.mode):
                return function(*args, **kwargs)

        return call


def no_grad(function: Any = None) -> Any:
    """Switch gradients off for a block or a function."""
    return GradMode(False)(function) if callable(function) else GradMode(False)


def enable_grad(function: Any = None) -> Any:
    """Switch gradients on for a block or a function."""
    return GradMode(True)(function) if callable(function) else GradMode(True)


def inference_mode(mode: Any = True) -> Any:
    """Switch gradients off; that torch refuses to use the results with gradients later is not imitated."""
    return GradMode(False)(mode) if callable(mode) else GradMode(not mode and autograd.is_enabled())


class set_grad_enabled(GradMode):
    """Switch gradients on or off, at once; as a block until its end."""

    def __init__(self, mode: bool) -> None:
        super().__init__(bool(mode))
        self.before.append(autograd.is_enabled())
        autograd.set_enabled(self.mode)

    def __enter__(self) -> None:
        autograd.set_enabled(self.mode)
