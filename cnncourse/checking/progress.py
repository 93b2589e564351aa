"""What a learner has passed so far: one small JSON file, theirs to delete."""

import json
import os
import tempfile
from pathlib import Path


def progress_file():
    """Return where progress is kept: ``cnncourse/progress.json`` in the user's state folder.

    Returns
    -------
    pathlib.Path
        Below ``$XDG_STATE_HOME``, or ``~/.local/state`` without it.
    """
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "cnncourse" / "progress.json"


def read():
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
    return (
        {name: status for name, status in recorded.items() if isinstance(status, str)}
        if isinstance(recorded, dict)
        else {}
    )


def record(report):
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
    target = progress_file()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as file:
            json.dump(statuses, file, indent=1, sort_keys=True)
        os.replace(file.name, target)
    except OSError:
        return  # a home that cannot be written to is no reason to fail a check
