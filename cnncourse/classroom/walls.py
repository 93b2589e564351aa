"""The walls around submitted code: the bubblewrap command, and what can be seen behind it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cnncourse

from ..exercises import probes

NOBODY = 65534
PLACE = "/grader"  # where our own code lies inside
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


def why_unavailable():
    """Say in one sentence why there is no sandbox on this machine; "" if there is one."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed; on Debian and Ubuntu: apt-get install bubblewrap"
    tried = subprocess.run([*command(), "/usr/bin/true"], env={}, capture_output=True, text=True)
    if tried.returncode == 0:
        return ""
    return f"bubblewrap does not work here ({tried.stderr.strip() or tried.returncode}); allow user namespaces"


def command():
    """The command before Python: as root, first the same folders for an unprivileged user, then the sandbox proper."""
    bwrap, shown = shutil.which("bwrap"), _shown()
    walls = [
        bwrap, "--unshare-all", "--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000",
        "--die-with-parent", "--new-session", "--hostname", "sandbox",
        "--tmpfs", "/tmp", *_binds(shown, nested=os.geteuid() == 0),  # the environment may itself lie below /tmp
        "--proc", "/proc", "--dev", "/dev", "--dir", "/dev/shm", "--dir", "/home/student",
        "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", PLACE,
        "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SYS_PTRACE",
        *(part for name, value in ENVIRONMENT.items() for part in ("--setenv", name, value)),
    ]  # fmt: skip
    if os.geteuid() != 0:
        return walls
    # Only root can look into every folder that is to be shown, and only somebody else may run what is shown.
    outer = [
        bwrap, "--die-with-parent", *_binds(shown), "--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev",
        "--dir", "/tmp", "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID",
    ]  # fmt: skip
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]
    return [*outer, *drop, *walls]


def _binds(shown, nested=False):
    """Write the arguments down; nested, the places themselves are the sources."""
    above = {parent for place in shown for parent in Path(place).parents if parent != Path("/")}
    arguments = [part for parent in sorted(above) for part in ("--perms", "0755", "--dir", str(parent))]
    for place, source in shown.items():
        if Path(place).is_symlink() and not source.startswith("/"):
            arguments += ["--symlink", source, place]
        else:
            arguments += ["--ro-bind-try", place if nested else source, place]
    course = Path(cnncourse.__file__).parent
    if any(course.is_relative_to(place) for place in shown):
        arguments += ["--tmpfs", str(course)]  # installed, and not from a checkout: its solutions are not to be seen
    return arguments


def _shown():
    """Place inside -> source: the system, this Python and its packages, our own part; all of it read-only."""
    folders = ["/usr", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts"]
    folders += [folder for folder in (sys.base_prefix, sys.prefix) if folder != "/usr"]
    shown = {folder: folder for folder in folders}
    for place in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        shown[place] = os.readlink(place) if Path(place).is_symlink() else place
    shown[f"{PLACE}/probes"] = str(Path(probes.__file__).parent)
    shown[f"{PLACE}/inside"] = str(Path(__file__).with_name("inside"))
    return shown
