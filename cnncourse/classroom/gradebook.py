"""Keep the marks in nbgrader's gradebook, so that its tools work on them."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from cnncourse.checking.wording import counted

from .course import Assignment, Course, CourseError, parse_time
from .submission import flags
from .verdict import MISSING, NOT_GRADED, Verdict, current_verdict

if TYPE_CHECKING:
    from nbgrader.api import Gradebook, SubmittedNotebook


CURES = {
    "locked": "close what else uses it",
    "full": "make room on the disk",
    "readonly": "make the folder writable",
    "unable to open": "make the folder writable",
}


@contextlib.contextmanager
def gradebook(course: Course) -> Iterator[Gradebook]:
    """Open the course's gradebook.

    Parameters
    ----------
    course : Course

    Yields
    ------
    nbgrader.api.Gradebook

    Raises
    ------
    CourseError
        If the file is locked, is no database or cannot be written, on opening or inside the block.
    """
    with warnings.catch_warnings(), _environment_on_path():
        warnings.simplefilter("ignore")  # nbgrader warns when it is imported and at every submission
        from nbgrader.api import Gradebook, InvalidEntry, app_log  # of the extra `classroom`, and slow to import
        from sqlalchemy.exc import DatabaseError

        quiet, app_log.disabled = app_log.disabled, True  # what it logs is in the exception
        try:
            book = Gradebook(f"sqlite:///{course.database.resolve()}", course_id=course.folder.resolve().name)
            with contextlib.closing(book):
                yield book
        except (DatabaseError, InvalidEntry) as error:  # nbgrader turns some of the former into the latter
            why = str(error.orig if isinstance(error, DatabaseError) else error).removeprefix(
                "(sqlite3.OperationalError) "
            )
            todo = next((cure for fault, cure in CURES.items() if fault in why), "restore it from a backup")
            raise CourseError(f"{course.database}: {why.splitlines()[0]}; {todo} and try again") from error
        finally:
            app_log.disabled = quiet


@contextlib.contextmanager
def _environment_on_path() -> Iterator[None]:
    """nbgrader starts a bare `alembic` to make a gradebook: let it be found where this Python is."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def register(book: Gradebook, assignment: Assignment, release: nbformat.NotebookNode) -> None:
    """Enter an assignment with its cells and points.

    Parameters
    ----------
    book : nbgrader.api.Gradebook
    assignment : Assignment
    release : nbformat.NotebookNode
    """
    from nbgrader.utils import compute_checksum

    name = assignment.name
    book.update_or_create_assignment(name, duedate=_nbgrader_time(assignment.due) if assignment.due else None)
    notebook = book.update_or_create_notebook(name, name)
    names = {flags(cell).get("grade_id") for cell in release.cells}
    for old in [cell for cell in (*notebook._base_cells, *notebook.source_cells) if cell.name not in names]:
        for remark in (*getattr(old, "grades", ()), *getattr(old, "comments", ())):
            book.db.delete(remark)
        book.db.delete(old)  # the assignment was made anew, without this exercise
    book.db.commit()
    for cell in release.cells:
        known = flags(cell)
        if not known:
            continue
        what = {"cell_type": cell.cell_type}
        kept = {"source": cell.source, "locked": known["locked"], "checksum": compute_checksum(cell)}
        book.update_or_create_source_cell(known["grade_id"], name, name, **kept, **what)
        if known["grade"]:
            book.update_or_create_grade_cell(known["grade_id"], name, name, max_score=known["points"], **what)
        elif known["solution"]:
            book.update_or_create_solution_cell(known["grade_id"], name, name)


def record(book: Gradebook, assignment: Assignment, verdict: Verdict) -> list[str]:
    """Enter what one student's submission earned; marks and comments given by hand stay.

    Parameters
    ----------
    book : nbgrader.api.Gradebook
    assignment : Assignment
    verdict : Verdict

    Returns
    -------
    list of str
        A sentence for each mark that was given by hand to a version that was handed in at another time: it is taken
        back, and the automatic mark counts until a person enters one again.
    """
    book.update_or_create_student(verdict.student)
    if verdict.status == MISSING:
        return []
    before = _time_in_book(book, assignment.name, verdict.student)
    when = {"timestamp": _nbgrader_time(verdict.submitted_at)} if verdict.submitted_at else {}
    submission = book.update_or_create_submission(assignment.name, verdict.student, **when)
    notes = []
    resubmitted = None not in (before, submission.timestamp) and before != submission.timestamp
    for notebook in submission.notebooks:
        _complete(notebook)
        notebook.failed_tests = verdict.status != "graded"
        notebook.late_submission_penalty = penalty(assignment, verdict.days_late)
        for grade in notebook.grades:
            earned = verdict.exercises[grade.cell.name.removesuffix("-check")]
            grade.auto_score = earned["mark"]
            grade.needs_manual_grade = False
            if resubmitted and grade.manual_score is not None:
                exercise = grade.cell.name.removesuffix("-check")
                notes.append(
                    f"{exercise}: by hand, an earlier version got {counted(grade.manual_score, 'point')}; the "
                    "automatic mark counts until they are entered again"
                )
                grade.manual_score = None
    book.db.commit()
    return notes


def _time_in_book(book: Gradebook, assignment: str, student: str) -> datetime | None:
    """When the version that was graded last was handed in; None if nobody knows."""
    from nbgrader.api import MissingEntry

    with contextlib.suppress(MissingEntry):
        return book.find_submission(assignment, student).timestamp
    return None


def _complete(notebook: SubmittedNotebook) -> None:
    """Give a submission a mark and a comment for each cell that the assignment has got since it was first graded."""
    from nbgrader.api import Comment, Grade

    graded, commented = ({kept.cell for kept in kind} for kind in (notebook.grades, notebook.comments))
    notebook.grades += [Grade(cell=cell) for cell in notebook.notebook.grade_cells if cell not in graded]
    notebook.comments += [Comment(cell=cell) for cell in notebook.notebook.solution_cells if cell not in commented]


def penalty(assignment: Assignment, days_late: int) -> float:
    """Points that lateness costs."""
    return min(1.0, assignment.late_cap, assignment.late_penalty * days_late) * assignment.maximum


def rows(course: Course, assignment: Assignment, students: Sequence[str]) -> list[dict]:
    """List the marks, those given by hand before those of the machine.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    students : sequence of str

    Returns
    -------
    list of dict
        With ``student``, a key per exercise, ``total``, ``max``, ``late`` and ``status``; who is not graded yet has
        None for marks.
    """
    with gradebook(course) as book:
        return [_row(book, course, assignment, student) for student in students]


def _row(book: Gradebook, course: Course, assignment: Assignment, student: str) -> dict:
    verdict = current_verdict(course, student, assignment)
    handed_in = course.handed_in(student, assignment.name).exists()
    if verdict is None or (verdict.status == MISSING and handed_in):
        unknown = dict.fromkeys([*assignment.points, "total"])
        return {"student": student, **unknown, "max": assignment.maximum, "late": "", "status": NOT_GRADED}
    marks = dict.fromkeys(assignment.points, 0.0) | remarks(book, assignment, verdict)[0]
    return {
        "student": student,
        **marks,
        "total": max(0.0, sum(marks.values()) - penalty(assignment, verdict.days_late)),
        "max": assignment.maximum,
        "late": "yes" if verdict.days_late else "no",
        "status": verdict.status,
    }


def remarks(book: Gradebook, assignment: Assignment, verdict: Verdict) -> tuple[dict[str, float], dict[str, str]]:
    """Return a student's marks, those given by hand before those of the machine, and the comments made by hand.

    Parameters
    ----------
    book : nbgrader.api.Gradebook
    assignment : Assignment
    verdict : Verdict

    Returns
    -------
    marks : dict of str to float
    comments : dict of str to str
    """
    from nbgrader.api import MissingEntry

    marks = {name: record["mark"] for name, record in verdict.exercises.items()}
    comments: dict[str, str] = {}
    if verdict.status != MISSING:
        with contextlib.suppress(MissingEntry):
            for notebook in book.find_submission(assignment.name, verdict.student).notebooks:
                marks |= {grade.cell.name.removesuffix("-check"): grade.score for grade in notebook.grades}
                comments |= {comment.cell.name: comment.comment or "" for comment in notebook.comments}
    return marks, comments


def _nbgrader_time(text: str) -> str:
    """nbgrader keeps times in UTC without saying so."""
    return parse_time(text).astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S") + " UTC"
