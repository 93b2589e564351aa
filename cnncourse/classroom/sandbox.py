"""The sandbox from outside: start it, hand it one exercise of one submission, read observations back as plain values.

bubblewrap gives a system without network, home, checkout or environment variables, in which everything is read-only;
`inside` forks a child with walls of its own for each exercise. Nothing is written outside: all that a student's code
can write to is memory that ends with its process.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cnncourse.checking.compare import Observation

from . import walls
from .inside.cells import OTHER

START_SECONDS = 300  # to start Python and import torch
CELLS_SECONDS = 20  # to run a submission's cells
CALL_SECONDS = 10
EXERCISE_SECONDS = 120
END_SECONDS = 20
MAX_REPLY = 10_000_000  # bytes of one line; `inside` stays under it, whoever does not is not heard further


class SandboxError(RuntimeError):
    """The sandbox itself does not start or does not answer: no fault of a submission."""


@dataclass(frozen=True)
class Testimony:
    """What the sandbox told about one exercise of one submission.

    Parameters
    ----------
    observed : list of Observation
        One a case; cases after the exercise was over are there as unanswered.
    over : str
        Why the exercise ended early: "", "time" or "ended" (its process crashed, left, or took too much memory).
    fault : str
        The type of the exception that ended the exercise's own cell, or "".
    helped : bool
        Whether statements of other exercises' cells were to run, as far as that is known.
    """

    observed: list
    over: str
    fault: str
    helped: bool


class Sandbox:
    """A running sandbox; use it in a ``with`` block, in the thread that made it.

    Parameters
    ----------
    walled : bool, default True
        False runs submissions unprotected, as this user: only for work that is trusted.

    Raises
    ------
    SandboxError
        If it does not start.
    """

    def __init__(self, walled=True):
        self.walled, self.over = walled, False
        self.process = self.control = self.folder = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Start the process that imports torch, and wait until it has."""
        if self.over:
            raise SandboxError("the sandbox was ended")
        self.control, theirs = socket.socketpair()
        inner = [sys.executable, "-s", "-m", "inside", "walled" if self.walled else "open", str(theirs.fileno())]
        with theirs, walls.syscall_filter() as filters:
            if self.walled:
                command, settings = [*walls.command(filters), *inner], {"cwd": "/", "env": {}}
            else:
                self.folder, command = _open_folder(), inner
                home = {"HOME": self.folder.name}
                settings = {"cwd": self.folder.name, "env": {**os.environ, **walls.ENVIRONMENT, **home}}
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno(), *filters],
                start_new_session=True,  # Ctrl-C is for us, and we end the sandbox
                **settings,
            )
        self.control.settimeout(START_SECONDS)
        if self._hear() != b"r":
            self.process.kill()
            said = self.process.stderr.read(10_000).decode(errors="replace").strip()
            self.stop()
            raise SandboxError(f"the sandbox does not start: {said.splitlines()[-1] if said else 'no word from it'}")

    def stop(self):
        """End every process of the sandbox, and remove what it wrote."""
        if self.process is None:
            return
        self.control.close()  # the far end sees this, ends its child and leaves
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()  # bubblewrap takes everything inside along
            self.process.wait()
        self.process.stderr.close()
        self.process = None
        if self.folder:
            self.folder.cleanup()

    def restart(self):
        """Begin anew, after something ended it."""
        self.stop()
        self.start()

    def interrupt(self):
        """End it at once, from another thread; the thread that uses it sees a `SandboxError`."""
        self.over = True
        if self.process is not None:
            self.process.kill()

    def examine(self, cells, exercise, cases):
        """Run a submission's cells and observe its answer on cases.

        Parameters
        ----------
        cells : sequence of (role, source)
            See `inside.cells.run_cells`.
        exercise : Exercise
        cases : sequence of Case

        Returns
        -------
        Testimony

        Raises
        ------
        SandboxError
            If the sandbox is lost and cannot be started again.
        """
        ours, theirs = socket.socketpair()
        with ours, theirs:
            try:
                socket.send_fds(self.control, [b"e"], [theirs.fileno()])
            except OSError:
                self.restart()
                socket.send_fds(self.control, [b"e"], [theirs.fileno()])
            theirs.close()
            testimony = _converse(_Line(ours), cells, exercise, cases)
        self._end_child()
        return testimony

    def _end_child(self):
        self.control.settimeout(END_SECONDS)
        with contextlib.suppress(OSError):
            self.control.sendall(b"s")
        if self._hear() != b"d":
            self.restart()

    def _hear(self):
        try:
            return self.control.recv(1)
        except OSError:
            return b""


def _converse(line, cells, exercise, cases):
    over = time.monotonic() + EXERCISE_SECONDS
    observed, fault, helped = [], "", any(role == OTHER for role, _ in cells)
    try:
        task = {"cells": [list(cell) for cell in cells], "name": exercise.name, "refuses": list(exercise.refuses)}
        line.send(task, CELLS_SECONDS)
        plan = line.hear(CELLS_SECONDS)
        if isinstance(plan, dict) and "walls" in plan:
            raise SandboxError(f"no walls can be built in the sandbox: {str(plan['walls'])[:200]}")
        helped = helped and isinstance(plan, dict) and plan.get("needs others") is True
        opening = line.hear(CELLS_SECONDS)
        if isinstance(opening, dict):
            fault = opening.get("fault", "")
        for case in cases:
            seconds = min(CALL_SECONDS, over - time.monotonic())
            line.send({"probe": case.probe, "inputs": exercise.material(case)}, seconds)
            observed.append(_read(line.hear(seconds)))
        why = ""
    except TimeoutError:
        why = "time"
    except OSError:
        why = "ended"
    observed += [Observation("raised", exception="NoAnswer", message=why)] * (len(cases) - len(observed))
    return Testimony(observed, why, fault if isinstance(fault, str) else "", helped)


def _read(reply):
    """Read an observation; whatever is wrong with it, in whatever way, is a wrong answer and no error of ours."""
    try:
        return Observation.read(reply)
    except Exception:
        return Observation("raised", exception="Unreadable", message="its value cannot be read")


class _Line:
    """Lines of JSON out and back, each within a time that the far end cannot stretch."""

    def __init__(self, connection):
        self.connection, self.received = connection, bytearray()

    def send(self, content, seconds):
        """Send JSON material.

        Raises
        ------
        TimeoutError
            If the far end does not read it in time.
        OSError
            If it is gone.
        """
        self._wait(time.monotonic() + seconds)
        self.connection.sendall(json.dumps(content).encode() + b"\n")

    def hear(self, seconds):
        """Return the next line as JSON material, None if it is no JSON.

        Raises
        ------
        TimeoutError
            If none comes in time.
        OSError
            If the far end is gone, or talks without end.
        """
        deadline = time.monotonic() + seconds
        while (end := self.received.find(b"\n")) < 0:
            self._wait(deadline)
            chunk = self.connection.recv(1 << 20)
            if not chunk or len(self.received) > MAX_REPLY:
                raise ConnectionError("no reply")
            self.received += chunk
        reply = bytes(self.received[:end])
        del self.received[: end + 1]
        try:
            return json.loads(reply)
        except (ValueError, RecursionError):
            return None

    def _wait(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.connection.settimeout(left)


def _open_folder():
    """A temporary folder in which Python finds `inside` and `probes`, for submissions that are trusted."""
    folder = tempfile.TemporaryDirectory(prefix="cnncourse-")
    Path(folder.name, "inside").symlink_to(Path(__file__).with_name("inside"))
    Path(folder.name, "probes").symlink_to(Path(runner.__file__).parent)
    return folder
