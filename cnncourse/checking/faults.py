"""Say in lines what kept the cells of an answer from defining it: exceptions with their lines, other names."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_FAULTS, MAX_SHOWN = 3, 120  # exceptions that are told, characters of a line that is shown
PLACE_SAID = re.compile(r" \(<cell \d+>, line \d+\)$")  # how Python ends the message of a SyntaxError


class NotDefinedError(Exception):
    """No cell defines the answer, or the cells do not come to their end; the message says why, in lines."""


def faults_of(start: dict, name: str, cells: Sequence[str]) -> str:
    """Describe the exceptions that cells raised.

    Parameters
    ----------
    start : dict
        The reply of `runner.__main__.run`, with ``defined`` and ``faults``.
    name : str
        Of the exercise.
    cells : sequence of str

    Returns
    -------
    str
        Each exception with its line; "" without any.

    Raises
    ------
    NotDefinedError
        If no cell defines the answer; with these lines, or with the names that cells do define.

    Examples
    --------
    >>> start = {"defined": True, "faults": [{"exception": "KeyError", "message": "'a'", "cell": 1, "line": 2}]}
    >>> print(faults_of(start, "corr2d", ["def corr2d(image, kernel): ...\\n{}['a']"]))
    KeyError: 'a'
      line 2: {}['a']
    """
    lines = [_described(fault, cells) for fault in start["faults"][:MAX_FAULTS]]
    if not start["defined"]:
        raise NotDefinedError("\n".join(lines or _without(name, cells)))
    return "\n".join(lines)


def _described(fault: dict, cells: Sequence[str]) -> str:
    """Say what a cell raised, and show the line."""
    said = PLACE_SAID.sub("", fault["message"])
    message = ": ".join(part for part in (fault["exception"], said) if part)
    if not fault["line"]:
        return message
    lines = cells[fault["cell"] - 1].splitlines()
    where = f"line {fault['line']}" if len(cells) == 1 else f"code cell {fault['cell']}, line {fault['line']}"
    shown = f": {lines[fault['line'] - 1].strip()[:MAX_SHOWN]}" if fault["line"] <= len(lines) else ""
    return f"{message}\n  {where}{shown}"


def _without(name: str, cells: Sequence[str]) -> list[str]:
    """Say that cells define other names than the answer's."""
    others = re.findall(r"^(?:def|class) +(\w+)", "\n".join(cells), re.MULTILINE)[:MAX_FAULTS]
    return [f"it does not define {name}", *([f"  it defines {', '.join(others)}"] if others else [])]
