"""The verdict on one student's submission, as plain data, and the file that keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from cnncourse.files import atomic_write

from .course import Assignment, Course, CourseError

GRADED, MISSING, FAILED, PERSON = "graded", "missing", "failed to run", "needs a person"
NOT_GRADED = "not graded yet"  # of who has no verdict
VERDICT = "verdict.json"


@dataclass
class Verdict:
    """All that is known about one student's submission.

    Parameters
    ----------
    student : str
    status : str
        "graded", "missing", "failed to run" or "needs a person".
    submitted_at : str or None
        ISO 8601.
    days_late : int
    exercises : dict of str to dict
        By name: ``mark``, ``points``, ``status``, ``misconception``, ``sentence`` and ``call`` (of a visible case).
    notes : list of str
        What a person should know.
    key : str
        Hash of the submission and of everything that a mark depends on: what is unchanged is not graded again.
    figures : list of str
        The student's own pictures, PNG in base64.
    """

    student: str
    status: str
    submitted_at: str | None = None
    days_late: int = 0
    exercises: dict[str, dict] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    key: str = ""
    figures: list[str] = field(default_factory=list)

    def needs_person(self, reason: str) -> None:
        """Note that a person must look at it, and why."""
        self.status = PERSON
        self.notes.append(reason)


def result_of(record: Mapping) -> str:
    """Name the result of an exercise: its status, or "did not run" where there was an attempt that defines no answer.

    Examples
    --------
    >>> result_of({"status": "not attempted", "sentence": "Its cell raised SyntaxError."})
    'did not run'
    """
    return "did not run" if record["status"] == "not attempted" and record["sentence"] else record["status"]


def save_verdict(course: Course, assignment: str, verdict: Verdict) -> None:
    """Write a verdict into the student's folder of graded work."""
    path = course.graded(verdict.student, assignment) / VERDICT
    atomic_write(path, json.dumps(asdict(verdict), indent=1) + "\n")


def read_verdict(course: Course, student: str, assignment: str) -> Verdict | None:
    """Read the verdict of an earlier run; None if there is none that can be read."""
    try:
        text = (course.graded(student, assignment) / VERDICT).read_text(encoding="utf-8")
        return Verdict(**json.loads(text))
    except (OSError, ValueError, TypeError):
        return None


def current_verdict(course: Course, student: str, assignment: Assignment) -> Verdict | None:
    """Read the verdict under the assignment's exercises, points and due time of now; None if none can be read.

    Raises
    ------
    CourseError
        If the exercises or their points were changed and the student's work was not graded since.
    """
    verdict = read_verdict(course, student, assignment.name)
    if verdict is None:
        return None
    if verdict.exercises.keys() != assignment.points.keys():
        change = "was made anew"
    elif any(verdict.exercises[name]["points"] != points for name, points in assignment.points.items()):
        change = "got other points"
    else:
        verdict.days_late = assignment.days_late(student, verdict.submitted_at)
        return verdict
    raise CourseError(
        f"{student} was graded before {assignment.name} {change}; run cnncourse grade {assignment.name} first"
    )
