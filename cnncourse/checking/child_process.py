"""Observe an answer in a child process, so that an endless loop or a crash ends the child and not the caller."""

from __future__ import annotations

import json
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from .compare import Observation
from .record import Case, Exercise

SECONDS_PER_CASE = 30
START_SECONDS = 90  # to start Python, import torch and run the cells
MAX_LINE = 100_000_000  # characters of one observation
MAX_FAULTS, MAX_SHOWN = 3, 120  # exceptions that are told, characters of a line that is shown
PLACE_SAID = re.compile(r" \(<cell \d+>, line \d+\)$")  # how Python ends the message of a SyntaxError
TOO_LATE, ENDED = object(), object()


class NotDefinedError(Exception):
    """No cell defines the answer, or the cells do not come to their end; the message says why, in lines."""


def observe_in_child(
    exercise: Exercise,
    cells: Sequence[str],
    cases: Sequence[Case],
    seconds: float = SECONDS_PER_CASE,
    folder: Path | None = None,
) -> tuple[list[Observation], str]:
    """Observe an answer on cases in a child process.

    Parameters
    ----------
    exercise : Exercise
    cells : sequence of str
        Plain Python sources that define the answer under the exercise's name.
    cases : sequence of Case
    seconds : float, default 30
        For one case. After the first that takes longer the child is stopped, and the remaining cases count as wrong.
    folder : pathlib.Path, optional
        Where the cells run, and import modules from; this process's own without one.

    Returns
    -------
    observed : list of Observation
        One per case.
    fault : str
        The exceptions that cells raised, each with its line; else "".

    Raises
    ------
    NotDefinedError
        If there is no answer to observe.
    """
    command = [sys.executable, "-m", f"{__package__}.runner"]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert child.stdin is not None  # it is a pipe
    replies: queue.Queue = queue.Queue()
    threading.Thread(target=_forward, args=(child.stdout, replies), daemon=True).start()
    observed: list[Observation] = []
    task = {"cells": list(cells), "name": exercise.name, "refuses": exercise.refuses}
    try:
        _send(child.stdin, task | {"folder": str(folder.resolve()) if folder else None})
        start = _next(replies, START_SECONDS)
        if start is TOO_LATE:
            raise NotDefinedError(f"it did not run to its end within {START_SECONDS} s; take out what takes long")
        if start is ENDED:
            raise NotDefinedError(f"its process ended ({_ending(child)}) before {exercise.name} was called")
        ran = json.loads(start)
        faults = [_described(fault, cells) for fault in ran["faults"][:MAX_FAULTS]]
        if not ran["defined"]:
            raise NotDefinedError("\n".join(faults or _without(exercise.name, cells)))
        for number, case in enumerate(cases):
            _send(child.stdin, {"probe": case.probe, "inputs": exercise.material(case)})
            line = _next(replies, seconds)
            if line in (TOO_LATE, ENDED):
                why = f"no answer after {seconds:g} s" if line is TOO_LATE else "the process ended"
                observed += [_unanswered(why)] * (len(cases) - number)
                break
            observed.append(_read(line))
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
    return observed, "\n".join(faults)


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


def _ending(child: subprocess.Popen) -> str:
    try:
        code = child.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return "it closed its output"
    return f"exit code {code}" if code >= 0 else f"signal {-code}"


def _send(stdin: IO[str], message: dict) -> None:
    try:
        stdin.write(json.dumps(message) + "\n")
        stdin.flush()
    except BrokenPipeError:
        return  # the child is gone; its end shows as an empty reply


def _forward(stream: IO[str], replies: queue.Queue) -> None:
    with stream:
        while line := stream.readline(MAX_LINE):
            replies.put(line)
    replies.put(ENDED)


def _next(replies: queue.Queue, seconds: float) -> Any:
    try:
        return replies.get(timeout=seconds)
    except queue.Empty:
        return TOO_LATE


def _read(line: str) -> Observation:
    try:
        return Observation.read(json.loads(line))
    except ValueError:
        return _unanswered("the reply cannot be read")


def _unanswered(why: str) -> Observation:
    return Observation("raised", exception="NoAnswer", message=why)
