"""What a learner has passed so far: one small JSON file in the user's state folder, theirs to delete."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from cnncourse.files import atomic_write, state_folder

from .report import Report


def progress_file() -> Path:
    """Return where progress is kept: ``progress.json`` in :func:`cnncourse.files.state_folder`."""
    return state_folder() / "progress.json"


def read() -> dict[str, str]:
    """Read the recorded statuses.

    Returns
    -------
    dict of str to str
        Exercise name to status; empty if nothing is recorded or the file cannot be read as such.
    """
    try:
        recorded = json.loads(progress_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(recorded, dict):
        return {}
    return {name: status for name, status in recorded.items() if isinstance(status, str)}


def record(report: Report) -> None:
    """Record a report's status, unless `CI` or `CNNCOURSE_NO_PROGRESS` is set; an exercise once passed stays passed.

    Parameters
    ----------
    report : Report
    """
    if os.environ.get("CI") or os.environ.get("CNNCOURSE_NO_PROGRESS"):
        return
    statuses = read()
    if statuses.get(report.exercise.name) == "passed" or report.status == "not attempted":
        return
    statuses[report.exercise.name] = report.status
    with contextlib.suppress(OSError):  # a home that cannot be written to is no reason to fail a check
        atomic_write(progress_file(), json.dumps(statuses, indent=1, sort_keys=True))
