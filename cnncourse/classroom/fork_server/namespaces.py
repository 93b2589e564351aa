"""Isolate a freshly forked process: processes, mounts, network, memory, files (Linux, see namespaces(7))."""

from __future__ import annotations

import ctypes
import os
import resource
import time
from collections.abc import Sequence

NEWNS, NEWIPC, NEWPID, NEWNET = 0x20000, 0x8000000, 0x20000000, 0x40000000
PR_SET_CHILD_SUBREAPER = 36
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 0x1000, 0x4000, 0x40000
CAPABILITY_VERSION = 0x20080522
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
WRITABLE = {"/tmp": 60, "/home/student": 30, "/dev/shm": 10}  # megabytes: together the 100 that a student may write

libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Let this process be the parent of whatever loses its own (needed once, before `fork_into_new_processes`)."""
    _try(libc.prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def fork_into_new_processes() -> int:
    """Fork; the child is the first process of a process namespace, and all of that end with it.

    Returns
    -------
    int
        As `os.fork`.
    """
    reader, writer = os.pipe()
    between = os.fork()  # unsharing moves all later children of a process: done in between, it moves only one
    if not between:
        try:
            _try(libc.unshare, NEWPID)
            child = os.fork()
            if not child:
                return 0
            os.write(writer, str(child).encode())
        finally:
            if not between and os.getpid() != 1:
                os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        number = pipe.read()
    os.waitpid(between, 0)
    if not number:
        raise OSError("no process namespace can be made here")
    return int(number)


def enter(limits: dict, kept: Sequence[str] = ()) -> None:
    """Give this process its own mounts, network and message queues, empty folders to write to, limits, no privilege.

    Parameters
    ----------
    limits : dict
        ``memory`` in bytes beyond what is mapped now, ``processes``, ``file_bytes`` and ``cpu_seconds``.
    kept : sequence of str
        What is to be seen below the folders to write to: Python's environment may be there.
    """
    _try(libc.unshare, NEWNS | NEWIPC | NEWNET)
    _mount(b"none", b"/", None, MS_REC | MS_PRIVATE)
    _mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV)
    sources = {place: os.open(place, os.O_PATH) for place in kept}
    for folder, size in WRITABLE.items():
        _mount(b"tmpfs", folder.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, f"size={size}m,mode=700".encode())
    for place, source in sources.items():
        os.makedirs(place, exist_ok=True)
        _mount(f"/proc/self/fd/{source}".encode(), place.encode(), None, MS_BIND | MS_REC)
        os.close(source)
    os.chdir("/home/student")
    limit(limits)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    _try(libc.capset, header, (ctypes.c_uint32 * 6)())


def limit(limits: dict) -> None:
    """Set the limits of this process and all that it starts."""
    with open("/proc/self/statm") as statm:
        mapped = int(statm.read().split()[0]) * resource.getpagesize()
    for kind, value in (
        (resource.RLIMIT_AS, mapped + limits["memory"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def processes_of(child: int, isolated: bool) -> list[int]:
    """List a child's processes.

    Parameters
    ----------
    child : int
        A process that leads a session.
    isolated : bool
        Then every process but this one and the first belongs to the child, whatever session it is in.

    Returns
    -------
    list of int
    """
    every = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    if isolated:
        return [process for process in every if process not in (1, os.getpid())]
    return [process for process in every if (stat := _stat(f"{process}")) and int(stat[3]) == child]


def memory_in_use(processes: Sequence[int]) -> int:
    """Return the bytes that processes hold: of private memory what is there, of shared memory what was asked for.

    Shared memory counts whether it is mapped by several processes or is there without being mapped.
    """
    private, shared = 0, dict[str, int]()
    for process in processes:
        try:
            with open(f"/proc/{process}/smaps_rollup") as rollup:
                private += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss_Anon:"))
            with open(f"/proc/{process}/maps") as maps:
                for line in maps:
                    if line.endswith("/dev/zero (deleted)\n"):  # anonymous and shared; each has an inode of its own
                        addresses, _, _, _, inode, *_ = line.split()
                        start, end = (int(address, 16) for address in addresses.split("-"))
                        shared[inode] = max(shared.get(inode, 0), end - start)
        except (OSError, ValueError):
            continue  # it ended meanwhile
    return private * 1024 + sum(shared.values())


class Clock:
    """Time that a child has used: processor time, and time in which all its processes slept.

    A process that waits for a processor is not asleep, so that the load of the machine does not count.

    Parameters
    ----------
    child, isolated
        See `processes_of`.
    """

    def __init__(self, child: int, isolated: bool) -> None:
        self.child, self.isolated, self.used = child, isolated, 0.0
        self.then, self.ticks = time.monotonic(), dict[tuple[int, str], int]()

    def look(self) -> float:
        """Return the seconds used until now; the more often it is called, the more exact."""
        now, awake, ticks = time.monotonic(), False, {}
        for process in processes_of(self.child, self.isolated):
            stat = _stat(f"{process}")
            if stat:
                ticks[process, stat[19]] = int(stat[11]) + int(stat[12])
                awake = awake or stat[0] in "RD" or _has_a_thread_awake(process)
        ran = sum(count - self.ticks.get(process, 0) for process, count in ticks.items()) / TICKS_PER_SECOND
        self.used += max(ran, 0.0 if awake else now - self.then)
        self.then, self.ticks = now, ticks
        return self.used


def _has_a_thread_awake(process: int) -> bool:
    try:
        threads = os.listdir(f"/proc/{process}/task")
    except OSError:
        return False
    return any(stat[0] in "RD" for thread in threads if (stat := _stat(f"{process}/task/{thread}")))


def _stat(process: str) -> list[str]:
    """Return the fields of /proc/PROCESS/stat from the state on (the third of proc(5)); empty if it has ended."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


def _mount(source: bytes, target: bytes, kind: bytes | None, flags: int, options: bytes | None = None) -> None:
    _try(libc.mount, source, target, kind, ctypes.c_ulong(flags), options)


def _try(function: ctypes._NamedFuncPointer, *arguments: object) -> None:
    if function(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{function.__name__}: {os.strerror(code)}")
