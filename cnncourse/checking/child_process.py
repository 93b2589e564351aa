"""Observe an answer in a child process, so that an endless loop or a crash costs a case and not the caller."""

import json
import queue
import subprocess
import sys
import threading

from .compare import Observation

SECONDS_A_CASE = 30
START_SECONDS = 60  # to start Python, import torch and run the cells
MAX_LINE = 100_000_000  # characters of one observation
TOO_LATE, ENDED = object(), object()


def observe_in_child(exercise, cells, cases, seconds=SECONDS_A_CASE):
    """Observe an answer on cases in a child process.

    Parameters
    ----------
    exercise : Exercise
    cells : sequence of str
        Sources that define the answer under the exercise's name.
    cases : sequence of Case
    seconds : float, default 30
        For one case. After the first that takes longer the child is stopped, and the remaining cases count as wrong.

    Returns
    -------
    list of Observation
        One a case.
    """
    command = [sys.executable, "-m", f"{__package__}.runner"]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    replies = queue.Queue()
    threading.Thread(target=_forward, args=(child.stdout, replies), daemon=True).start()
    observed = []
    try:
        _send(child, {"cells": list(cells), "name": exercise.name, "refuses": exercise.refuses})
        for number, case in enumerate(cases):
            _send(child, {"probe": case.probe, "inputs": exercise.material(case)})
            line = _next(replies, seconds if number else seconds + START_SECONDS)
            if line in (TOO_LATE, ENDED):
                why = f"no answer after {seconds:g} s" if line is TOO_LATE else "the process ended"
                observed += [_unanswered(why)] * (len(cases) - number)
                break
            observed.append(_read(line))
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
    return observed


def _send(child, message):
    try:
        child.stdin.write(json.dumps(message) + "\n")
        child.stdin.flush()
    except BrokenPipeError:
        return  # the child is gone; its end shows as an empty reply


def _forward(stream, replies):
    with stream:
        while line := stream.readline(MAX_LINE):
            replies.put(line)
    replies.put(ENDED)


def _next(replies, seconds):
    try:
        return replies.get(timeout=seconds)
    except queue.Empty:
        return TOO_LATE


def _read(line):
    try:
        return Observation.read(json.loads(line))
    except ValueError:
        return _unanswered("the reply cannot be read")


def _unanswered(why):
    return Observation("raised", exception="NoAnswer", message=why)
