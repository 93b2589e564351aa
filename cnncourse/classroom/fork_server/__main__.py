"""Serve exercises: ``python -m fork_server isolated|open FD [FOLDER ...]``, where FD is a socket to the grader.

For every exercise the grader sends one byte and, with it, one end of a fresh socket. A child is forked, before any
answer is known, and speaks over that socket alone: it reads the task (cells, name, refuses), says whether it needs
cells of other exercises, runs the cells, then reads the cases one by one and writes an observation after each. The
grader sends ``t`` to ask how much time the child has used (a double comes back), and ``s`` to end the child and all
that it started: then one byte is sent back, ``m`` if it had been ended for its memory, else ``d``. The end of the
grader ends everything. FOLDERs stay visible where a child gets an empty folder to write to.
"""

import contextlib
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from typing import IO

import matplotlib.pyplot  # noqa: F401 - imported once here, and not by each child that draws
import numpy  # noqa: F401
import torch
from runner import encode, observe
from runner.program import Program, install_stand_in
from runner.watching import OPERATORS

from . import namespaces

LIMITS = {"memory": 4 << 30, "processes": 64, "file_bytes": 100_000_000, "cpu_seconds": 150}
MAX_REPLY = 8_000_000  # characters of one observation
CHANNEL = 3  # descriptor of the child's socket
LOOK_SECONDS = 0.25  # how often memory is measured


def serve(control: socket.socket, isolated: bool, kept: Sequence[str] = ()) -> None:
    """Fork a child for each socket that comes, until the grader is gone.

    Parameters
    ----------
    control : socket.socket
    isolated : bool
        Whether bubblewrap has given this process what it needs to isolate each child.
    kept : sequence of str
        See `namespaces.enter`.
    """
    warm_up()
    if isolated:
        namespaces.adopt_orphans()
    control.sendall(b"r")  # ready: torch is imported
    while True:
        control.settimeout(None)
        message, sockets, *_ = socket.recv_fds(control, 1, 1)
        if not message or not sockets:
            return
        child = namespaces.fork_into_new_processes() if isolated else os.fork()
        if not child:
            answer_alone(sockets[0], isolated, kept)
        os.close(sockets[0])
        last_word = supervise(control, child, isolated)
        end(child, isolated)
        os.waitpid(child, 0)  # isolated: the whole process namespace has ended when this returns
        if not last_word:
            return
        control.sendall(last_word)


def warm_up() -> None:
    """Let torch import what it imports on first use, so that no child has to; no gradients, which start threads."""
    observe(torch.relu, "call", encode({"args": (torch.ones(1),), "kwargs": {}}), tuple(OPERATORS))
    torch.optim.SGD([torch.zeros(1)], 0.1).step()


def supervise(control: socket.socket, child: int, isolated: bool) -> bytes:
    """Wait for the grader's message, ending the child if it takes too much memory.

    Returns
    -------
    bytes
        What to answer to the grader, empty if it is gone.
    """
    control.settimeout(LOOK_SECONDS)
    clock, last_word = namespaces.Clock(child, isolated), b"d"
    while True:
        try:
            message = control.recv(1)
        except TimeoutError:
            clock.look()
            if namespaces.memory_in_use(namespaces.processes_of(child, isolated)) > LIMITS["memory"]:
                last_word = b"m"
                end(child, isolated)  # the grader sees the socket close
            continue
        if message != b"t":
            return message and last_word
        control.sendall(struct.pack("<d", clock.look()))


def end(child: int, isolated: bool) -> None:
    """Kill the child with its process namespace or, if it is not isolated, its process group."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL) if isolated else os.killpg(child, signal.SIGKILL)


def answer_alone(descriptor: int, isolated: bool, kept: Sequence[str]) -> None:
    """Be the child: close everything but one socket, isolate the process, answer; never return."""
    try:
        os.setsid()  # a signal to its process group must not reach this process
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        os.dup2(descriptor, CHANNEL)
        os.closerange(CHANNEL + 1, 256)
        requests, replies = (os.fdopen(os.dup(CHANNEL), mode, encoding="utf-8") for mode in "rw")
        try:
            namespaces.enter(LIMITS, kept) if isolated else namespaces.limit(LIMITS)
        except OSError as error:
            _reply(replies, {"isolation": str(error)})
            return
        converse(requests, replies)
    finally:
        os._exit(0)


def converse(requests: IO[str], replies: IO[str]) -> None:
    """Read the task, run the cells, and answer case after case."""
    task = json.loads(requests.readline())
    install_stand_in()
    program = Program(task["cells"])
    _reply(replies, {"needs others": program.needs_others})
    answer, error = program.run(task["name"])
    _reply(replies, {"fault": type(error).__name__[:100] if error else ""})
    for line in requests:
        case = json.loads(line)
        _reply(replies, observe(answer, case["probe"], case["inputs"], task["refuses"]))


def _reply(replies: IO[str], content: dict) -> None:
    text = json.dumps(content)
    if len(text) > MAX_REPLY:
        text = json.dumps({"outcome": "returned", "value": {"opaque": "a value too large to read"}})
    replies.write(text + "\n")
    replies.flush()


if __name__ == "__main__":
    mode, descriptor, *folders = sys.argv[1:]
    with socket.socket(fileno=int(descriptor)) as grader:
        serve(grader, isolated=mode == "isolated", kept=folders)
