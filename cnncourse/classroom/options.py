"""What the classroom's commands share: their options, their faults, and who is in a course."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from cnncourse.files import atomic_write

from .course import Assignment, Course, CourseError, owner_only
from .names import is_valid_name

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
COURSE = click.option("--course", "folder", type=FOLDER, default=".", help="The course folder; default: this one.")


def command(group: click.Group | None = None, **settings: Any) -> Callable[[Callable], click.Command]:
    """Make a click command whose files are the owner's alone and whose faults are one sentence."""

    def decorate(function: Callable) -> click.Command:
        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            try:
                with owner_only():
                    return function(*args, **kwargs)
            except CourseError as error:
                raise click.UsageError(str(error)) from error
            except OSError as error:
                where = error.filename or "a file"
                raise click.UsageError(f"{where}: {error.strerror}; correct that and try again") from error

        return (group.command if group else click.command)(**settings)(run)

    return decorate


def find_students(course: Course, assignment: Assignment, only: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """List who has a folder or is on the roster, and say which folders are passed over.

    Returns
    -------
    students : list of str
    passed_over : list of str
        Sentences.
    """
    students, passed_over = set(assignment.roster), []
    entries = sorted(os.scandir(course.submitted), key=lambda entry: entry.name) if course.submitted.is_dir() else []
    for entry in entries:
        if not entry.is_dir() and not entry.is_symlink():
            continue
        if is_valid_name(entry.name):
            students.add(entry.name)
        else:
            passed_over.append(f"passed over: {entry.name!r} in {course.submitted} is no name of a student")
    unknown = set(only) - students
    if unknown:
        raise CourseError(f"{course.submitted} has no {', '.join(sorted(unknown))}; see who is there with ls")
    return sorted(set(only) or students), passed_over


def write_output(path: Path, content: str | bytes) -> None:
    """Write a file that the user named: whole or not at all; into a pipe, a device or a link as it is.

    Raises
    ------
    CourseError
        If it cannot be written.
    """
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            with open(path, "wb") as file:
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
        else:
            atomic_write(path, content)
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written: {error.strerror}; correct that or choose another place"
        ) from error
