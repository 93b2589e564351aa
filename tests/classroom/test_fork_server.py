"""The process inside the sandbox, spoken to directly and without isolation."""

import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from cnncourse.checking import runner
from cnncourse.classroom import fork_server
from cnncourse.classroom.fork_server import namespaces

SECONDS = 120


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A running fork server: (its process, the socket to it)."""
    folder = tmp_path_factory.mktemp("server")
    for package in (fork_server, runner):
        (folder / package.__name__.rpartition(".")[2]).symlink_to(Path(package.__file__).parent)
    control, theirs = socket.socketpair()
    with control, theirs:
        command = [sys.executable, "-m", "fork_server", "open", str(theirs.fileno())]
        with subprocess.Popen(command, cwd=folder, pass_fds=[theirs.fileno()]) as process:
            control.settimeout(SECONDS)
            assert control.recv(1) == b"r"
            yield process, control
            control.close()
            assert process.wait(SECONDS) == 0  # the end of the grader ends everything


@contextlib.contextmanager
def child(server):
    """A fresh child: the file to write requests to and read replies from; ended after the block."""
    _, control = server
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(SECONDS)
        socket.send_fds(control, [b"e"], [theirs.fileno()])
        theirs.close()
        with ours.makefile("rw", encoding="utf-8") as line:
            yield line
            control.sendall(b"s")
            assert control.recv(1) == b"d"


def ask(line, content):
    line.write(json.dumps(content) + "\n")
    line.flush()
    return json.loads(line.readline())


def task(source, name="twice"):
    return {"cells": [["own", source]], "name": name, "refuses": []}


def test_a_child_reads_a_task_and_answers_case_after_case(server):
    with child(server) as line:
        assert ask(line, task("def twice(x):\n    return 2 * x")) == {"needs others": False}
        assert json.loads(line.readline()) == {"fault": ""}
        for x in (1, 2):
            reply = ask(line, {"probe": "call", "inputs": runner.encode({"args": (x,), "kwargs": {}})})
            assert (reply["outcome"], runner.decode(reply["value"])) == ("returned", 2 * x)


def test_a_task_that_is_no_json_ends_its_child_only(server):
    with child(server) as line:
        line.write("no json\n")
        line.flush()
        assert line.readline() == ""
    test_a_child_reads_a_task_and_answers_case_after_case(server)


def test_a_value_too_large_to_send_is_replaced(server):
    with child(server) as line:
        ask(line, task("def twice(x):\n    return 'x' * 9_000_000"))
        line.readline()
        reply = ask(line, {"probe": "call", "inputs": runner.encode({"args": (1,), "kwargs": {}})})
        assert len(json.dumps(reply)) < 8_000_000


def _is_sleep(process):
    with contextlib.suppress(psutil.Error):
        return process.cmdline()[:1] == ["sleep"]


def test_what_a_child_started_ends_with_it(server):
    process, _ = server
    with child(server) as line:
        ask(line, task("import subprocess\nsubprocess.Popen(['sleep', '98766'])\ndef twice(x): pass"))
        line.readline()
        deadline = time.monotonic() + 20  # between fork and exec the process has another name
        while not any(map(_is_sleep, inside := psutil.Process(process.pid).children(recursive=True))):
            assert time.monotonic() < deadline, inside
    assert not psutil.wait_procs(inside, timeout=20)[1]


def test_limits_hold_for_a_process_and_what_it_starts():
    limits = {"memory": 1 << 30, "processes": 64, "file_bytes": 1000, "cpu_seconds": 30}
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        with contextlib.suppress(BaseException):
            namespaces.limit(limits)
            kinds = (resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_CORE)
            os.write(writer, json.dumps([resource.getrlimit(kind) for kind in kinds]).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        assert json.loads(pipe.read()) == [[64, 64], [1000, 1000], [30, 30], [0, 0]]


def run_in_child(*lines):
    """Run Python in a session of its own that then waits; yield its process number once the code has run."""
    code = "\n".join([*lines, "print(flush=True)", "input()"])
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )


@pytest.mark.parametrize(
    "lines",
    [
        ["held = b'x' * (64 << 20)"],
        ["import mmap", "held = mmap.mmap(-1, 64 << 20)", "held.write(bytes(64 << 20))"],
        [
            "import mmap",
            "held = mmap.mmap(-1, 64 << 20)",
            "held.write(bytes(64 << 20))",
            "held.madvise(mmap.MADV_DONTNEED)",
        ],
        ["import mmap, os", "held = mmap.mmap(-1, 64 << 20)", "held.write(bytes(64 << 20))", "os.fork()"],
    ],
    ids=["private", "shared", "shared and mapped by nobody", "shared by two"],
)
def test_memory_is_measured_for_one_child_alone(lines):
    with run_in_child(*lines) as child, run_in_child("held = b'x' * (200 << 20)") as neighbour:
        child.stdout.readline(), neighbour.stdout.readline()
        held = namespaces.memory_in_use(namespaces.processes_of(child.pid, isolated=False))
        os.killpg(child.pid, 9)
        os.killpg(neighbour.pid, 9)
    assert 64 << 20 < held < 128 << 20


@pytest.mark.parametrize(
    ("lines", "least", "most"),
    [
        (["import time", "print(flush=True)", "while True: pass"], 0.05, 1.5),
        (["import time", "print(flush=True)", "time.sleep(60)"], 0.9, 1.5),
        (["print(flush=True)", "import os", "os.fork()", "while True: pass"], 0.1, 3),
        (["print(flush=True)", "import os", "if os.fork(): input()", "while True: pass"], 0.05, 1.5),
    ],
    ids=["computes", "sleeps", "two compute", "waits for what it started"],
)
def test_a_clock_counts_processor_time_and_sleep(lines, least, most):
    with run_in_child(*lines) as child:
        child.stdout.readline()
        clock = namespaces.Clock(child.pid, isolated=False)
        start, first = time.monotonic(), clock.look()
        for _ in range(4):
            time.sleep(0.25)
            clock.look()
        passed = time.monotonic() - start
        used = clock.look() - first
        os.killpg(child.pid, 9)
    assert least < used < most * passed


def test_waiting_for_a_processor_costs_no_time():
    load = [run_in_child("print(flush=True)", "while True: pass") for _ in range(4 * os.cpu_count())]
    with run_in_child("print(flush=True)", "while True: pass") as child:
        child.stdout.readline()
        clock = namespaces.Clock(child.pid, isolated=False)
        start, first = time.monotonic(), clock.look()
        for _ in range(8):
            time.sleep(0.25)
            clock.look()
        used, passed = clock.look() - first, time.monotonic() - start
        for each in (child, *load):
            os.killpg(each.pid, 9)
            each.communicate()
    assert used < 0.6 * passed


def test_a_system_call_that_fails_is_an_os_error_with_its_name():
    with pytest.raises(OSError, match="mount: "):
        namespaces._mount(b"none", b"/nowhere-at-all", b"no-such-kind", 0)
