"""Run one probe on an answer: nothing that it does reaches the caller, and only plain values come back."""

from __future__ import annotations

import io
import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import Any

import numpy as np
import torch

from .calls import PROBES
from .settings import standard_settings
from .values import MAX_TEXT, decode, encode
from .watching import watch

SETTINGS: dict[str, tuple[Callable, Callable]] = {  # global ones: how to read and to write each
    "grad mode": (torch.is_grad_enabled, torch.set_grad_enabled),
    "default dtype": (torch.get_default_dtype, torch.set_default_dtype),
    "default device": (torch.get_default_device, torch.set_default_device),
    "number of threads": (torch.get_num_threads, torch.set_num_threads),
    "anomaly detection": (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
}
SEED = 20_261_122  # an answer that uses a global generator gets the same random numbers every time


class Sink(io.TextIOBase):
    """A stream that keeps the beginning of what is printed: an answer may print as much as it likes.

    Parameters
    ----------
    most : int, default 0
        Characters that are kept.
    """

    def __init__(self, most: int = 0) -> None:
        super().__init__()
        self.most, self.kept, self.used = most, "", False

    def writable(self) -> bool:
        """Tell that one can write here."""
        return True

    def write(self, text: str) -> int:
        """Keep the text if there is room for it."""
        self.used = self.used or bool(text.strip())
        self.kept += text[: self.most - len(self.kept)]
        return len(text)


def observe(
    answer: Any,
    probe: str,
    inputs: dict,
    refuses: Sequence[str] = (),
    silent: bool = True,
    printed: Sink | None = None,
) -> dict:
    """Run a probe on an answer and describe what happened.

    Parameters
    ----------
    answer : object
        What the learner wrote: a function, a class, or anything at all.
    probe : str
        Name in `PROBES`.
    inputs : dict
        Encoded plain values (see `values.encode`): the probe's arguments.
    refuses : sequence of str, optional
        Families of functions (see `watching.OPERATORS`) to look out for.
    silent : bool, default True
        Whether to catch what the answer prints. Not in a thread beside one that prints: there is one standard output.
    printed : Sink, optional
        Where it goes.

    Returns
    -------
    dict
        JSON material with ``outcome`` ("returned", "raised" or "not implemented"), ``value`` (encoded) or ``exception``
        and ``message``; ``changed``, the names of inputs that were changed in place; ``refused``, the families called;
        ``left``, the global settings not put back; ``printed``, whether anything was printed.

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C passes through; no other exception of the answer does.

    Examples
    --------
    >>> observe(lambda a, b: a + b, "call", encode({"args": (1, 2), "kwargs": {}}))["value"]
    3
    >>> observe(lambda a: a / 0, "call", encode({"args": (1,), "kwargs": {}}))["exception"]
    'ZeroDivisionError'
    """
    printed = printed or Sink()
    left: list[str] = []
    observation: dict[str, Any] = {"left": left}
    with standard_settings():
        arguments = decode(inputs)
        with ExitStack() as streams, _contained(left), watch(refuses) as refused:
            if silent:
                streams.enter_context(redirect_stdout(printed))
                streams.enter_context(redirect_stderr(printed))
            try:
                observation |= {"outcome": "returned", "value": encode(PROBES[probe](answer, **arguments))}
            except NotImplementedError as error:
                # Torch raises a NotImplementedError with a message for operators that it lacks; a stub says nothing.
                stub = not error.args
                observation |= {"outcome": "not implemented" if stub else "raised"} | describe(error)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                observation |= {"outcome": "raised"} | describe(error)
        observation["changed"] = _changed(inputs, arguments)
    observation["refused"] = sorted(refused)
    observation["printed"] = printed.used
    return observation


def describe(error: BaseException) -> dict:
    """Return the type and the message of an exception, whatever its code does."""
    try:
        message = str(error)
    except Exception:
        message = "(a message that cannot be read)"
    return {"exception": type(error).__name__[:100], "message": message[:MAX_TEXT]}


def _changed(inputs: dict, arguments: dict) -> list[str]:
    """Name what differs after the run; the probe "call" hands its arguments on, other probes make their own copies."""
    before, after = inputs["dict"], encode(arguments).get("dict", {})
    return sorted(_leaves(before, after, ""))


def _leaves(before: Any, after: Any, path: str) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        for key, content in before.items():
            if key in ("tensor", "array", "float"):
                yield path
                return
            wrapper = key in ("dict", "list", "tuple")
            yield from _leaves(content, after[key], path if wrapper else f"{path}.{key}".lstrip("."))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _leaves(old, new, f"{path}.{index}".lstrip("."))
    else:
        yield path


@contextmanager
def _contained(left: list[str]) -> Iterator[None]:
    """Seed the global generators for the run; restore every global setting afterwards and note those that changed."""
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    was_enabled = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    before = [read() for read, _ in SETTINGS.values()]
    try:
        with torch.random.fork_rng(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.default_generator.manual_seed(SEED)  # torch.manual_seed also queues a call for each absent device
            np.random.seed(SEED % 2**32)  # noqa: NPY002 - the global generator is what an answer may use
            random.seed(SEED)
            yield
    finally:
        for (name, (read, write)), value in zip(SETTINGS.items(), before, strict=True):
            if read() != value:
                left.append(name)
                write(value)
        torch.set_grad_enabled(was_enabled)
        random.setstate(python_state)
        np.random.set_state(numpy_state)  # noqa: NPY002
