"""Keep the marks in nbgrader's gradebook, so that its tools work on them, and write them out as CSV."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from datetime import timezone
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat

from .course import Assignment, Course, CourseError, parse_time
from .submission import flags
from .verdict import MISSING, Verdict, current_verdict

if TYPE_CHECKING:
    from nbgrader.api import Gradebook, SubmittedNotebook

COLUMN_SETS = ("plain", "moodle", "canvas")


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
        If the file is locked or is no database, on opening or inside the block.
    """
    with warnings.catch_warnings(), _environment_on_path():
        warnings.simplefilter("ignore")  # nbgrader warns when it is imported and at every submission
        from nbgrader.api import Gradebook  # of the extra `classroom`, and slow to import
        from sqlalchemy.exc import DatabaseError

        try:
            book = Gradebook(f"sqlite:///{course.database.resolve()}", course_id=course.folder.resolve().name)
            with contextlib.closing(book):
                yield book
        except DatabaseError as error:
            todo = (
                "close what else uses it and try again"
                if "locked" in str(error.orig)
                else "restore it from a backup and try again"
            )
            raise CourseError(f"{course.database}: {error.orig}; {todo}") from error


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

    due = {"duedate": _nbgrader_time(assignment.due)} if assignment.due else {}
    name = assignment.name
    book.update_or_create_assignment(name, **due)
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


def record(book: Gradebook, assignment: Assignment, verdict: Verdict) -> None:
    """Enter what one student's submission earned; marks and comments given by hand stay.

    Parameters
    ----------
    book : nbgrader.api.Gradebook
    assignment : Assignment
    verdict : Verdict
    """
    book.update_or_create_student(verdict.student)
    if verdict.status == MISSING:
        return
    when = {"timestamp": _nbgrader_time(verdict.submitted_at)} if verdict.submitted_at else {}
    submission = book.update_or_create_submission(assignment.name, verdict.student, **when)
    for notebook in submission.notebooks:
        _complete(notebook)
        notebook.failed_tests = verdict.status != "graded"
        notebook.late_submission_penalty = penalty(assignment, verdict.days_late)
        for grade in notebook.grades:
            earned = verdict.exercises[grade.cell.name.removesuffix("-check")]
            grade.auto_score = earned["mark"]
            grade.needs_manual_grade = False
    book.db.commit()


def _complete(notebook: SubmittedNotebook) -> None:
    """Give a submission a mark and a comment for each cell that the assignment has got since it was first graded."""
    from nbgrader.api import Comment, Grade

    graded, commented = ({kept.cell for kept in kind} for kind in (notebook.grades, notebook.comments))
    notebook.grades += [Grade(cell=cell) for cell in notebook.notebook.grade_cells if cell not in graded]
    notebook.comments += [Comment(cell=cell) for cell in notebook.notebook.solution_cells if cell not in commented]


def penalty(assignment: Assignment, days_late: int) -> float:
    """Points that lateness costs."""
    return min(1.0, assignment.late_penalty * days_late) * assignment.maximum


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
        With ``student``, a key per exercise, ``total``, ``max``, ``late`` and ``status``.
    """
    with gradebook(course) as book:
        return [_row(book, course, assignment, student) for student in students]


def _row(book: Gradebook, course: Course, assignment: Assignment, student: str) -> dict:
    verdict = current_verdict(course, student, assignment)
    marks = dict.fromkeys(assignment.points, 0.0)
    days_late = 0
    if verdict is not None:
        marks |= remarks(book, assignment, verdict)[0]
        days_late = verdict.days_late
    return {
        "student": student,
        **marks,
        "total": max(0.0, sum(marks.values()) - penalty(assignment, days_late)),
        "max": assignment.maximum,
        "late": "yes" if days_late else "no",
        "status": verdict.status if verdict else MISSING,
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


def csv_text(marks: list[dict], columns: str = "plain", assignment: str = "") -> str:
    """Write rows as CSV.

    Parameters
    ----------
    marks : list of dict
        From `rows`.
    columns : str
        "plain", or what a learning platform's import expects: "moodle", "canvas".
    assignment : str
        Its name, for the platforms' headings.

    Returns
    -------
    str

    Examples
    --------
    >>> row = {"student": "ada", "corr2d": 1 / 3, "total": 1 / 3, "max": 4, "late": "no", "status": "graded"}
    >>> print(csv_text([row]))
    student,corr2d,total,max,late,status
    ada,0.333333,0.333333,4,no,graded
    """
    if columns == "moodle":
        points = f"{assignment} (Real)"
        marks = [{"Identifier": r["student"], points: r["total"], "Feedback": r["status"]} for r in marks]
    elif columns == "canvas":
        nobody = dict.fromkeys(("Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment), "")
        possible = [nobody | {"Student": "    Points Possible", assignment: r["max"]} for r in marks[:1]]
        named = [{"Student": r["student"], "SIS Login ID": r["student"], assignment: r["total"]} for r in marks]
        marks = possible + [nobody | row for row in named]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if marks:
        writer.writerow(marks[0])
    for row in marks:
        writer.writerow(_number(value) if isinstance(value, int | float) else value for value in row.values())
    return text.getvalue()


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _nbgrader_time(text: str) -> str:
    """nbgrader keeps times in UTC without saying so."""
    return parse_time(text).astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S") + " UTC"
