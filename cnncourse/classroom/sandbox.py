"""The sandbox from outside: start it, send it one exercise of one submission, read observations back as plain values.

bubblewrap makes a system without network, home, checkout or environment variables, in which everything is read-only.
In it, `fork_server` forks an isolated child for each exercise. A student's code can write only to memory that ends with
its process.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cnncourse.checking import runner
from cnncourse.checking.compare import Observation
from cnncourse.checking.record import Case, Exercise
from cnncourse.checking.runner.program import OTHER

from . import isolation

START_SECONDS = 300  # to start Python and import torch
END_SECONDS = 60
# What an answer may use: processor time, and time in which all its processes sleep; waiting for a processor is free.
CELLS_SECONDS = 20  # to run a submission's cells
CALL_SECONDS = 10
EXERCISE_SECONDS = 120
PATIENCE = 8  # seconds by the clock for each second of these
LOOK_SECONDS = 1  # how often the time used is looked at
MAX_REPLY = 10_000_000  # bytes of one line; `fork_server` stays under it; a longer line ends the exercise


class SandboxError(RuntimeError):
    """The sandbox itself does not start or does not answer: no fault of a submission."""


@dataclass(frozen=True)
class SandboxResult:
    """What the sandbox reported about one exercise of one submission.

    Parameters
    ----------
    observed : list of Observation
        One per case; cases after the end of the exercise are there as unanswered.
    ended_by : str
        Why the exercise ended early: "", "time", "memory" or "ended" (its process crashed or left).
    fault : str
        The type of the exception that ended the exercise's own cell, or "".
    used_other_cells : bool
        Whether statements of other exercises' cells were to run, as far as that is known.
    """

    observed: list[Observation]
    ended_by: str
    fault: str
    used_other_cells: bool


class Sandbox:
    """A running sandbox; use it in a ``with`` block, in a thread that outlives it: bubblewrap ends
    with the thread that started it.

    Parameters
    ----------
    isolated : bool, default True
        False runs submissions unprotected, as this user: only for work that is trusted.

    Raises
    ------
    SandboxError
        If it does not start.
    """

    def __init__(self, isolated: bool = True) -> None:
        self.isolated, self.interrupted = isolated, False
        self.process: subprocess.Popen | None = None
        self.control: socket.socket
        self.folder: tempfile.TemporaryDirectory | None = None

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process that imports torch, and wait until it has."""
        if self.interrupted:
            raise SandboxError("the sandbox was ended")
        self.control, theirs = socket.socketpair()
        inner = [
            sys.executable,
            "-s",
            "-m",
            "fork_server",
            "isolated" if self.isolated else "open",
            str(theirs.fileno()),
        ]
        with theirs, isolation.syscall_filter() as filters:
            environment: dict[str, str] = {}
            if self.isolated:
                command, place = [*isolation.command(filters), *inner, *isolation.kept()], "/"
            else:
                self.folder = _open_folder()
                command, place = inner, self.folder.name
                environment = {**os.environ, **isolation.ENVIRONMENT, "HOME": place}
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno(), *filters],
                start_new_session=True,  # Ctrl-C is for us, and we end the sandbox
                cwd=place,
                env=environment,
            )
        if self.interrupted:  # meanwhile, by another thread
            self.process.kill()
        self.control.settimeout(START_SECONDS)
        if self._receive() != b"r":
            self.process.kill()
            errors = self.process.stderr
            said = errors.read(10_000).decode(errors="replace").strip() if errors else ""
            self.stop()
            raise SandboxError(f"the sandbox does not start: {said.splitlines()[-1] if said else 'no word from it'}")

    def stop(self) -> None:
        """End every process of the sandbox, and remove what it wrote."""
        if self.process is None:
            return
        self.control.close()  # the far end sees this, ends its child and leaves
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()  # bubblewrap takes everything inside along
            self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()
        self.process = None
        if self.folder:
            self.folder.cleanup()

    def restart(self) -> None:
        """Begin anew, after something ended it."""
        self.stop()
        self.start()

    def interrupt(self) -> None:
        """End it at once, from another thread; the thread that uses it sees a `SandboxError`."""
        self.interrupted = True
        if self.process is not None:
            self.process.kill()

    def observe(self, cells: Sequence[tuple[str, str]], exercise: Exercise, cases: Sequence[Case]) -> SandboxResult:
        """Run a submission's cells and observe its answer on cases.

        Parameters
        ----------
        cells : sequence of (role, source)
            See `Program`.
        exercise : Exercise
        cases : sequence of Case

        Returns
        -------
        SandboxResult

        Raises
        ------
        SandboxError
            If the sandbox is lost and cannot be started again.
        """
        result, begun = self._observe(cells, exercise, cases)
        if result.ended_by == "ended" and not begun:  # the sandbox was lost before any submitted code ran
            result, _ = self._observe(cells, exercise, cases)
        return result

    def _observe(
        self, cells: Sequence[tuple[str, str]], exercise: Exercise, cases: Sequence[Case]
    ) -> tuple[SandboxResult, bool]:
        """Observe in a fresh child; return the result, and whether the child replied at all."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            try:
                socket.send_fds(self.control, [b"e"], [theirs.fileno()])
            except OSError:
                self.restart()
                socket.send_fds(self.control, [b"e"], [theirs.fileno()])
            theirs.close()
            line = _Line(ours, self._time_used)
            result = _converse(line, cells, exercise, cases)
        if self._end_child() == b"m":
            result = replace(result, ended_by=result.ended_by and "memory")
        return result, line.replied

    def _time_used(self) -> float:
        """Ask for the seconds that the child has used."""
        self.control.settimeout(END_SECONDS)
        self.control.sendall(b"t")
        reply = self.control.recv(8, socket.MSG_WAITALL)
        if len(reply) < 8:
            raise ConnectionError("the sandbox is lost")
        return struct.unpack("<d", reply)[0]

    def _end_child(self) -> bytes:
        """End the child; return the last word on it."""
        self.control.settimeout(END_SECONDS)
        with contextlib.suppress(OSError):
            self.control.sendall(b"s")
        last_word = self._receive()
        if last_word not in (b"d", b"m"):
            self.restart()
        return last_word

    def _receive(self) -> bytes:
        try:
            return self.control.recv(1)
        except OSError:
            return b""


def _converse(
    line: _Line, cells: Sequence[tuple[str, str]], exercise: Exercise, cases: Sequence[Case]
) -> SandboxResult:
    observed, fault, used_other_cells = [], "", any(role == OTHER for role, _ in cells)
    try:
        task = {"cells": [list(cell) for cell in cells], "name": exercise.name, "refuses": list(exercise.refuses)}
        line.send(task, CELLS_SECONDS)
        plan = line.receive(CELLS_SECONDS)
        if isinstance(plan, dict) and "isolation" in plan:
            raise SandboxError(f"the sandbox cannot isolate an answer: {str(plan['isolation'])[:200]}")
        used_other_cells = used_other_cells and isinstance(plan, dict) and plan.get("needs others") is True
        opening = line.receive(CELLS_SECONDS)
        if isinstance(opening, dict):
            fault = opening.get("fault", "")
        for case in cases:
            seconds = min(CALL_SECONDS, EXERCISE_SECONDS - line.used)
            line.send({"probe": case.probe, "inputs": exercise.material(case)}, seconds)
            observed.append(_read(line.receive(seconds)))
        why = ""
    except TimeoutError:
        why = "time"
    except OSError:
        why = "ended"
    observed += [Observation("raised", exception="NoAnswer", message=why)] * (len(cases) - len(observed))
    return SandboxResult(observed, why, fault if isinstance(fault, str) else "", used_other_cells)


def _read(reply: object) -> Observation:
    """Read an observation; whatever is wrong with it, in whatever way, is a wrong answer and no error of ours."""
    try:
        return Observation.read(reply)
    except Exception:
        return Observation("raised", exception="Unreadable", message="its value cannot be read")


class _Line:
    """Lines of JSON out and back, each within a time that the far end cannot stretch.

    Parameters
    ----------
    connection : socket.socket
    time_used : callable
        Returns the seconds that the far end has used.
    """

    def __init__(self, connection: socket.socket, time_used: Callable[[], float]) -> None:
        self.connection, self.time_used = connection, time_used
        self.received, self.replied, self.used = bytearray(), False, 0.0

    def send(self, content: object, seconds: float) -> None:
        """Send JSON material.

        Raises
        ------
        TimeoutError
            If the far end does not read it in time.
        OSError
            If it is gone.
        """
        if seconds <= 0:
            raise TimeoutError
        self.connection.settimeout(PATIENCE * seconds)
        self.connection.sendall(json.dumps(content).encode() + b"\n")

    def receive(self, seconds: float) -> object:
        """Return the next line as JSON material, None if it is no JSON.

        Parameters
        ----------
        seconds : float
            That the far end may use for it.

        Raises
        ------
        TimeoutError
            If none comes in time.
        OSError
            If the far end is gone, or talks without end.
        """
        start = time.monotonic()
        looks: list[float] = []  # none if the reply comes quickly
        next_look = start + LOOK_SECONDS
        while (end := self.received.find(b"\n")) < 0:
            self.connection.settimeout(max(0.001, next_look - time.monotonic()))
            with contextlib.suppress(TimeoutError):
                chunk = self.connection.recv(1 << 20)
                if not chunk or len(self.received) > MAX_REPLY:
                    raise ConnectionError("no reply")
                self.received += chunk
            if (now := time.monotonic()) >= next_look:
                looks.append(self.time_used())
                next_look = now + LOOK_SECONDS
                if LOOK_SECONDS + looks[-1] - looks[0] > seconds or now - start > PATIENCE * seconds:
                    raise TimeoutError
        self.used += LOOK_SECONDS + looks[-1] - looks[0] if looks else time.monotonic() - start
        reply = bytes(self.received[:end])
        del self.received[: end + 1]
        self.replied = True
        try:
            return json.loads(reply)
        except (ValueError, RecursionError):
            return None


def _open_folder() -> tempfile.TemporaryDirectory:
    """Make a temporary folder in which Python finds `fork_server` and `runner`, for submissions that are trusted."""
    folder = tempfile.TemporaryDirectory(prefix="cnncourse-")
    Path(folder.name, "fork_server").symlink_to(Path(__file__).with_name("fork_server"))
    Path(folder.name, "runner").symlink_to(Path(runner.__file__).parent)
    return folder
