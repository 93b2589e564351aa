"""What a process in the sandbox can see and do; each test runs one short Python in bubblewrap."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cnncourse.classroom import isolation

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("bubblewrap")]


def inside(code):
    """Run code in the sandbox; return what it prints as JSON."""
    with isolation.syscall_filter() as filters:
        command = [*isolation.command(filters), sys.executable, "-I", "-c", f"import json, os\n{code}"]
        done = subprocess.run(
            command, env={}, pass_fds=filters, capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_environment_is_the_sandboxes_own():
    assert inside("print(json.dumps(dict(os.environ)))").items() >= isolation.ENVIRONMENT.items()


def test_no_file_of_the_course_or_of_this_machine_is_there(tmp_path):
    (tmp_path / "secret").write_text("hidden")
    course = Path(isolation.__file__).parents[1]
    seen = inside(
        f"""
course = {str(course)!r}
print(json.dumps([os.path.exists(course) and os.listdir(course), os.listdir('/home/student'),
                  os.path.exists({str(tmp_path / "secret")!r}), sorted(os.listdir('/grader'))]))"""
    )
    assert not seen[0]
    assert seen[1:] == [[], False, ["fork_server", "runner"]]


def test_nothing_can_be_written_outside_of_a_childs_own_folders():
    seen = inside(
        """
failed = []
for folder in ('/', '/usr', '/etc', '/grader', '/dev', '/home/student'):
    try:
        open(folder + '/planted', 'w').close()
    except OSError:
        failed.append(folder)
print(json.dumps(failed))"""
    )
    assert seen == ["/", "/usr", "/etc", "/grader", "/dev", "/home/student"]


def test_there_is_no_network():
    seen = inside(
        """
import socket
try:
    socket.create_connection(('127.0.0.1', 9), timeout=2)
except OSError as error:
    refused = type(error).__name__
print(json.dumps([refused, [name for _, name in socket.if_nameindex()]]))"""
    )
    assert seen[1] in ([], ["lo"])


def test_refused_system_calls_fail_and_others_work():
    seen = inside(
        """
import errno
try:
    os.memfd_create('x')
    code = 0
except OSError as error:
    code = error.errno
print(json.dumps([code == errno.EPERM, os.getpid() > 0]))"""
    )
    assert seen == [True, True]


def test_sockets_and_locks_that_no_namespace_divides_are_refused():
    seen = inside(
        """
import fcntl, socket, sys
failed = []
shared = open(os.path.realpath(sys.executable), "rb")
for attempt in (lambda: socket.socket(40, socket.SOCK_STREAM), lambda: fcntl.flock(shared, fcntl.LOCK_SH),
                lambda: fcntl.lockf(shared, fcntl.LOCK_SH), lambda: fcntl.fcntl(shared, 1024, fcntl.F_RDLCK)):
    try:
        attempt()
    except PermissionError:
        failed.append(True)
for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6):
    socket.socket(family).close()
socket.socketpair()
failed.append(fcntl.fcntl(shared, fcntl.F_GETFD) >= 0)
print(json.dumps(failed))"""
    )
    assert seen == [True] * 5


def test_the_user_is_nobody_that_the_machine_knows():
    assert inside("print(json.dumps([os.getuid(), os.getgid(), os.uname().nodename]))") == [1000, 1000, "sandbox"]


def test_an_unknown_processor_has_no_filter(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "m68k")
    with isolation.syscall_filter() as filters:
        assert filters == []


def test_the_filter_is_closed_after_its_block():
    with isolation.syscall_filter() as (descriptor,):
        os.fstat(descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_without_bubblewrap_the_reason_names_the_package(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install bubblewrap" in isolation.why_unavailable()


def test_a_bubblewrap_that_fails_is_quoted(monkeypatch, tmp_path):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: No permissions' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert "bubblewrap does not work here (bwrap: No permissions)" in isolation.why_unavailable()
