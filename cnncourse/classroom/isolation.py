"""Isolation of submitted code: the bubblewrap command, and what is visible in the sandbox."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cnncourse
from cnncourse.checking import runner

from .fork_server.namespaces import WRITABLE

NOBODY = 65534
PLACE = "/grader"  # of the grader's own code in the sandbox
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/home/student",
    "USER": "student",
    "LOGNAME": "student",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "CUDA_VISIBLE_DEVICES": "",
}
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}  # as seccomp calls it, column below
REFUSED_CALLS = {  # that no answer needs: memory and keys that outlive a process, the kernel's odder corners, and
    # what tells one process about another's use of the files that all sandboxes share
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "ptrace": (101, 117), "perf_event_open": (298, 241),
    "bpf": (321, 280), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "flock": (73, 32), "mincore": (27, 232), "cachestat": (451, 451),
    "inotify_init1": (294, 26), "fanotify_init": (300, 262),
}  # fmt: skip
FAMILIES = (1, 2, 10, 16)  # of sockets that there may be: AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; all have namespaces
LOCKS = (5, 6, 7, 36, 37, 38, 1024, 1025, 1026)  # commands of fcntl: locks and leases on files, and who holds them
CONDITIONAL_CALLS = {  # numbers, which argument decides, its values, and whether these or all others are refused
    "socket": ((41, 198), 0, FAMILIES, "others"),
    "fcntl": ((72, 25), 1, LOCKS, "these"),
}


@contextlib.contextmanager
def syscall_filter() -> Iterator[list[int]]:
    """Prepare bubblewrap's filter of system calls.

    Yields
    ------
    list of int
        The descriptor to hand on to `command` and to its process; empty on a processor that is not known here.

    References
    ----------
    .. [1] The Linux kernel's user-space API guide, "Seccomp BPF (SECure COMPuting with filters)".
    """
    if platform.machine() not in ARCHITECTURES:
        yield []
        return
    reader, writer = os.pipe()
    try:
        os.write(writer, _filter_program(*ARCHITECTURES[platform.machine()]))
        os.close(writer)
        yield [reader]
    finally:
        os.close(reader)


def _filter_program(architecture: int, column: int) -> bytes:
    """Write the filter in classic BPF: steps of (operation, where to go if true, where if not, number)."""
    load, equal, at_least, leave = 0x20, 0x15, 0x35, 0x06
    number, processor, arguments = 0, 4, 16  # offsets in the kernel's struct seccomp_data; arguments have 8 bytes
    steps: list[tuple[int, str, str, int]] = [
        (load, "", "", processor),
        (equal, "", "refuse", architecture),
        (load, "", "", number),
        (at_least, "refuse", "", 0x40000000),  # x86-64 calls with 32-bit pointers
    ]
    steps += [(equal, "refuse", "", numbers[column]) for numbers in REFUSED_CALLS.values()]
    labels = {}
    for name, (numbers, argument, values, refused) in CONDITIONAL_CALLS.items():
        met, otherwise = ("refuse", "allow") if refused == "these" else ("allow", "refuse")
        steps += [(equal, "", f"after {name}", numbers[column]), (load, "", "", arguments + 8 * argument)]
        steps += [(equal, met, otherwise if value == values[-1] else "", value) for value in values]
        labels[f"after {name}"] = len(steps)
    labels |= {"allow": len(steps), "refuse": len(steps) + 1}
    steps += [(leave, "", "", 0x7FFF0000), (leave, "", "", 0x00050001)]  # SECCOMP_RET_ALLOW, EPERM
    return b"".join(
        struct.pack("<HBBI", operation, *(labels[go] - place - 1 if go else 0 for go in (true, false)), value)
        for place, (operation, true, false, value) in enumerate(steps)
    )


def why_unavailable() -> str:
    """Say in one sentence why there is no sandbox on this machine; "" if there is one."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed; on Debian and Ubuntu: apt-get install bubblewrap"
    with syscall_filter() as filters:
        tried = subprocess.run(
            [*command(filters), "/usr/bin/true"], env={}, pass_fds=filters, capture_output=True, text=True
        )
    if tried.returncode == 0:
        return ""
    return f"bubblewrap does not work here ({tried.stderr.strip() or tried.returncode}); allow user namespaces"


def command(filters: Sequence[int] = ()) -> list[str]:
    """The command before Python: as root, first the same folders for an unprivileged user, then the sandbox proper."""
    bwrap, shown = shutil.which("bwrap") or "bwrap", _shown()
    sandbox = [
        bwrap, "--unshare-all", "--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000",
        "--die-with-parent", "--new-session", "--hostname", "sandbox",
        "--tmpfs", "/tmp", *_binds(shown, nested=os.geteuid() == 0),  # the environment may itself lie below /tmp
        "--proc", "/proc", "--dev", "/dev", "--dir", "/dev/shm", "--dir", "/home/student",
        "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", PLACE,
        "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SYS_PTRACE",
        *(part for name, value in ENVIRONMENT.items() for part in ("--setenv", name, value)),
        *(part for descriptor in filters for part in ("--seccomp", str(descriptor))),
    ]  # fmt: skip
    if os.geteuid() != 0:
        return sandbox
    # Only root can look into every folder that is to be shown, and only somebody else may run what is shown.
    outer = [
        bwrap, "--die-with-parent", *_binds(shown), "--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev",
        "--dir", "/tmp", "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID",
    ]  # fmt: skip
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]
    return [*outer, *drop, *sandbox]


def _binds(shown: dict[str, str], nested: bool = False) -> list[str]:
    """Return bubblewrap's arguments; nested, the places themselves are the sources."""
    above = {parent for place in shown for parent in Path(place).parents if parent != Path("/")}
    arguments = [part for parent in sorted(above) for part in ("--perms", "0755", "--dir", str(parent))]
    for place, source in shown.items():
        if Path(place).is_symlink() and not source.startswith("/"):
            arguments += ["--symlink", source, place]
        else:
            arguments += ["--ro-bind-try", place if nested else source, place]
    # Where the course is installed, and wherever else a copy of it lies, its solutions are not to be seen.
    copies = {Path(place, "cnncourse") for place in sys.path} | {Path(cnncourse.__file__).parent}
    for copy in sorted(copies):
        if copy.is_dir() and any(copy.is_relative_to(place) for place in shown):
            arguments += ["--tmpfs", str(copy)]
    return arguments


def kept() -> list[str]:
    """List what is shown of Python's environment below the folders that a child may write to."""
    return [place for place in _shown() if any(Path(place).is_relative_to(folder) for folder in WRITABLE)]


def _shown() -> dict[str, str]:
    """Map places in the sandbox to sources: the system, this Python, its packages and the runner; all read-only."""
    folders = ["/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts"]
    folders += [folder for folder in (sys.base_prefix, sys.prefix) if folder != "/usr"]
    shown = {folder: folder for folder in folders}
    for place in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        shown[place] = os.readlink(place) if Path(place).is_symlink() else place
    shown[f"{PLACE}/runner"] = str(Path(runner.__file__).parent)
    shown[f"{PLACE}/fork_server"] = str(Path(__file__).with_name("fork_server"))
    return shown
