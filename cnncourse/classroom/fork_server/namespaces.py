"""Isolate a freshly forked process: processes, mounts, memory, files (Linux, see namespaces(7))."""

from __future__ import annotations

import ctypes
import os
import resource

NEWNS, NEWIPC, NEWPID = 0x20000, 0x8000000, 0x20000000
PR_SET_CHILD_SUBREAPER = 36
MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 2, 4, 0x4000, 0x40000
CAPABILITY_VERSION = 0x20080522
MEGABYTE = 1 << 20
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


def enter(limits: dict) -> None:
    """Give this process its own mounts and message queues, empty folders to write to, the limits, and no privilege.

    Parameters
    ----------
    limits : dict
        ``memory`` in bytes beyond what is mapped now, ``processes``, ``file_bytes`` and ``cpu_seconds``.
    """
    _try(libc.unshare, NEWNS | NEWIPC)
    _mount(b"none", b"/", None, MS_REC | MS_PRIVATE)
    _mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV)
    for folder, size in WRITABLE.items():
        _mount(b"tmpfs", folder.encode(), b"tmpfs", MS_NOSUID | MS_NODEV, f"size={size}m,mode=700".encode())
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


def memory_in_use() -> int:
    """Return the bytes held by all processes but this one and the first, shared pages divided among the sharers."""
    total = 0
    for pid in (entry for entry in os.listdir("/proc") if entry.isdigit() and int(entry) not in (1, os.getpid())):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        except (OSError, ValueError):
            continue  # it ended meanwhile
    return total * 1024


def shared_memory() -> int:
    """Return the bytes of memory files and shared memory on this machine, which no process need map to hold them."""
    with open("/proc/meminfo") as meminfo:
        return next(int(line.split()[1]) for line in meminfo if line.startswith("Shmem:")) * 1024


def _mount(source: bytes, target: bytes, kind: bytes | None, flags: int, options: bytes | None = None) -> None:
    _try(libc.mount, source, target, kind, ctypes.c_ulong(flags), options)


def _try(function: ctypes._NamedFuncPointer, *arguments: object) -> None:
    if function(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{function.__name__}: {os.strerror(code)}")
