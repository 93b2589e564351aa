"""Announce calls of operators and functions to whoever watches: torch.utils._python_dispatch and torch.overrides."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, TypeVar

Watched = TypeVar("Watched", bound="Watcher")
_watchers: list[Watcher] = []


class Watcher:
    """A block in which calls are announced."""

    def __enter__(self: Watched) -> Watched:
        _watchers.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _watchers.remove(self)


class DispatchMode(Watcher):
    """Hears of operators by name: its ``__torch_dispatch__`` gets one to call."""


class FunctionMode(Watcher):
    """Hears of functions of torch.nn.functional: its ``__torch_function__`` gets one to call."""


@contextmanager
def _without(watcher: Watcher) -> Iterator[None]:
    """Let a watcher call operators without hearing of them."""
    place = _watchers.index(watcher)
    _watchers.pop(place)
    try:
        yield
    finally:
        _watchers.insert(place, watcher)


def dispatch(name: str, args: Sequence[Any], compute: Callable[[], Any]) -> Any:
    """Compute an operator's result, past all who watch operators.

    Parameters
    ----------
    name : str
        Torch's, such as "aten::convolution".
    args : sequence
        In the order of torch's schema.
    compute : callable
    """
    watcher = next((each for each in reversed(_watchers) if isinstance(each, DispatchMode)), None)
    if watcher is None:
        return compute()

    def operator(*_: Any, **__: Any) -> Any:
        return dispatch(name, args, compute)

    operator._schema = SimpleNamespace(name=name)  # type: ignore[attr-defined]
    with _without(watcher):
        return watcher.__torch_dispatch__(operator, (), tuple(args), {})  # type: ignore[attr-defined]


def announced(function: Callable) -> Callable:
    """Let calls of a function be heard of by those who watch functions."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        watcher = next((each for each in reversed(_watchers) if isinstance(each, FunctionMode)), None)
        if watcher is None:
            return function(*args, **kwargs)
        with _without(watcher):
            return watcher.__torch_function__(call, (), args, kwargs)  # type: ignore[attr-defined]

    return call
