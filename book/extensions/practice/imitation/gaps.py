"""Tell apart what torch refuses, which is the learner's mistake, and what this imitation lacks, which is nobody's.

`refuse` raises what torch raises. Everything else that goes wrong inside the imitation is a gap: it is recorded in
`FOUND` and raised as `Gap`, so that no verdict depends on it, even where an answer catches the exception.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

FOUND: list[str] = []  # what was asked for and is not imitated; whoever runs an answer clears and reads it
Operation = TypeVar("Operation", bound=Callable)


class Gap(BaseException):
    """The imitation does not know what torch would do. It says nothing about the answer."""


def gap(what: str) -> NoReturn:
    """Record a gap and stop.

    Parameters
    ----------
    what : str
        What is missing, as the learner wrote it: ``"torch.fft"``.

    Raises
    ------
    Gap
    """
    FOUND.append(what)
    raise Gap(what)


def refuse(kind: type[Exception], message: str) -> NoReturn:
    """Raise what torch raises for the same call.

    Parameters
    ----------
    kind : type
        The exception's class.
    message : str
        Torch's words.
    """
    error = kind(message)
    error.refused = True  # type: ignore[attr-defined]
    raise error


def guarded(operation: Operation) -> Operation:
    """Let refusals of an operation through and turn every other exception into a gap."""

    @functools.wraps(operation)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return operation(*args, **kwargs)
        except Exception as error:
            if getattr(error, "refused", False):
                raise
            gap(f"{operation.__name__} ({type(error).__name__}: {error})")

    return call  # type: ignore[return-value]
