"""Observe an answer in a child process, so that an endless loop or a crash ends the child and not the caller."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from .compare import Observation
from .faults import NotDefinedError, faults_of
from .record import Case, Exercise

SECONDS_PER_CASE = 30
START_SECONDS = 90  # to start Python, import torch and run the cells
MAX_LINE = 100_000_000  # characters of one observation
TOO_LATE, ENDED = object(), object()


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
        fault = faults_of(json.loads(start), exercise.name, cells)
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
    return observed, fault


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
