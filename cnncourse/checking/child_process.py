"""Observe an answer in a child process, so that an endless loop or a crash costs a case and not the caller."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any, TextIO

from .compare import Observation
from .record import Case, Exercise

SECONDS_PER_CASE = 30
START_SECONDS = 90  # to start Python, import torch and run the cells
MAX_LINE = 100_000_000  # characters of one observation
TOO_LATE, ENDED = object(), object()


def observe_in_child(
    exercise: Exercise, cells: Sequence[str], cases: Sequence[Case], seconds: float = SECONDS_PER_CASE
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

    Returns
    -------
    observed : list of Observation
        One per case.
    fault : str
        The exception that a cell raised, or that no cell defines the answer; else "".
    """
    command = [sys.executable, "-m", f"{__package__}.runner"]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    replies: queue.Queue = queue.Queue()
    threading.Thread(target=_forward, args=(child.stdout, replies), daemon=True).start()
    observed: list[Observation] = []
    fault = ""
    try:
        _send(child, {"cells": list(cells), "name": exercise.name, "refuses": exercise.refuses})
        start = _next(replies, START_SECONDS)
        if isinstance(start, str):
            fault = str(json.loads(start)["fault"])
        for number, case in enumerate(cases):
            _send(child, {"probe": case.probe, "inputs": exercise.material(case)})
            line = start if start in (TOO_LATE, ENDED) else _next(replies, seconds)
            if line in (TOO_LATE, ENDED):
                waited = START_SECONDS if line is start else seconds
                why = f"no answer after {waited:g} s" if line is TOO_LATE else "the process ended"
                observed += [_unanswered(why)] * (len(cases) - number)
                break
            observed.append(_read(line))
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
    return observed, fault


def _send(child: subprocess.Popen, message: dict) -> None:
    try:
        child.stdin.write(json.dumps(message) + "\n")
        child.stdin.flush()
    except BrokenPipeError:
        return  # the child is gone; its end shows as an empty reply


def _forward(stream: TextIO, replies: queue.Queue) -> None:
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
