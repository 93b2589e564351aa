"""Where an operation is found: in the namespace torch, in torch.nn.functional, among the methods of a tensor."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .gaps import guarded

TORCH: dict[str, Any] = {}
FUNCTIONAL: dict[str, Any] = {}
METHODS: dict[str, Any] = {}
HOMES = {"torch": TORCH, "F": FUNCTIONAL, "method": METHODS}
NUMPY_NAMES = {"axis": "dim", "keepdims": "keepdim"}


def operation(*homes: str, names: tuple[str, ...] = ()) -> Callable[[Callable], Callable]:
    """Register a function of the imitation.

    Parameters
    ----------
    *homes : {"torch", "F", "method"}
    names : tuple of str, optional
        Other names under which it is found as well.

    Returns
    -------
    callable
        A decorator. It also takes NumPy's words `axis` and `keepdims` where the function has `dim` and `keepdim`, as
        torch does.
    """

    def register(function: Callable) -> Callable:
        translated = {
            word: own
            for word, own in NUMPY_NAMES.items()
            if own in function.__code__.co_varnames[: _arguments(function)]
        }
        call = guarded(function)
        if translated:
            inner = call

            @functools.wraps(function)
            def call(*args: Any, **kwargs: Any) -> Any:
                if kwargs:
                    kwargs = {translated.get(word, word): value for word, value in kwargs.items()}
                return inner(*args, **kwargs)

        for home in homes:
            for name in (function.__name__.rstrip("_") if home != "method" else function.__name__, *names):
                HOMES[home][name] = call
        return call

    return register


def _arguments(function: Callable) -> int:
    return function.__code__.co_argcount + function.__code__.co_kwonlyargcount
