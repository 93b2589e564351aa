"""What a learner has passed so far: one small JSON file in the user's state folder, which they may delete."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock

from cnncourse.files import atomic_write, state_folder

from .report import Report

SECONDS_TO_WAIT = 10  # for another process that is writing; it takes milliseconds


class BrokenError(ValueError):
    """The file is there and is no record of progress."""


def progress_file() -> Path:
    """Return where progress is kept: ``progress.json`` in :func:`cnncourse.files.state_folder`."""
    return state_folder() / "progress.json"


def read() -> dict[str, str]:
    """Read the recorded statuses.

    Returns
    -------
    dict of str to str
        Exercise name to status; empty if nothing is recorded. If the file cannot be read, this is said on standard
        error and the dict is empty, too.
    """
    path = progress_file()
    try:
        recorded = _load(path)
    except BrokenError:
        _say(f"{path} is damaged, so that no progress is shown; the next check keeps it under another name")
        return {}
    except OSError as error:
        _say(f"{path} cannot be read ({_reason(error)}), so that no progress is shown")
        return {}
    return {name: status for name, status in recorded.items() if isinstance(status, str)}


def record(report: Report) -> None:
    """Record a report's status, unless `CI` or `CNNCOURSE_NO_PROGRESS` is set; an exercise once passed stays passed.

    What cannot be recorded is said on standard error, once, and raises nothing. A damaged file is kept beside the new
    one.

    Parameters
    ----------
    report : Report
    """
    if os.environ.get("CI") or os.environ.get("CNNCOURSE_NO_PROGRESS") or report.status == "not attempted":
        return
    path = progress_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=SECONDS_TO_WAIT):  # other notebooks write here, too
            _update(path, report.exercise.name, report.status)
    except (OSError, NotImplementedError) as error:  # the latter where a file system has no locks
        _say(f"progress is not kept, since {path} cannot be written ({_reason(error)}); your answer was checked")


def _update(path: Path, name: str, status: str) -> None:
    try:
        recorded = _load(path)
    except BrokenError:
        kept = next(each for each in _names_beside(path) if not each.exists())
        path.replace(kept)
        _say(f"{path} was damaged; it is kept as {kept.name}, and recording begins anew")
        recorded = {}
    if recorded.get(name) != "passed":
        atomic_write(path, json.dumps(recorded | {name: status}, indent=1, sort_keys=True))


def _load(path: Path) -> dict[str, Any]:
    try:
        recorded = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise BrokenError from error
    if not isinstance(recorded, dict):
        raise BrokenError
    return recorded


def _names_beside(path: Path) -> Iterator[Path]:
    """Names for copies of a damaged file."""
    return (path.with_name(f"{path.stem}-damaged-{number}{path.suffix}") for number in itertools.count(1))


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


@functools.cache
def _say(sentence: str) -> None:
    """Write a sentence to standard error, where it is no part of a report or a table; each once."""
    with contextlib.suppress(OSError, ValueError):  # a stream that is full or closed
        print(f"cnncourse: {sentence}", file=sys.stderr)
