"""Give marks and feedback back: CSV as each learning platform imports it, and the zip of pages for Moodle.

Written after what the platforms read: Moodle's ``mod/assign/feedback/offline/importgradeslib.php`` and
``mod/assign/feedback/file/importziplib.php``, Canvas's ``lib/gradebook_importer.rb``.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone

from .course import CourseError
from .names import spreadsheet_cell
from .people import Person
from .platforms.moodle import feedback_entry
from .verdict import NOT_GRADED

PLAIN, MOODLE, CANVAS, GRADESCOPE = COLUMN_SETS = ("plain", "moodle", "canvas", "gradescope")
HOW_TO_KNOW = {
    MOODLE: "a participant's number, which Moodle's zip of submissions and its grading worksheet (--roster) have",
    CANVAS: "a user's ID, which Canvas's zip of submissions and the export of its gradebook (--roster) have",
    GRADESCOPE: "a student's SID or email, which Gradescope's export of submissions and its roster (--roster) have",
}


def csv_text(
    rows: Sequence[dict], columns: str = PLAIN, assignment: str = "", persons: Mapping[str, Person] | None = None
) -> str:
    """Write marks as CSV.

    Parameters
    ----------
    rows : sequence of dict
        From `gradebook.rows`.
    columns : str
        "plain", or what a learning platform's import expects: "moodle", "canvas", "gradescope".
    assignment : str
        Its name, for the platforms' headings.
    persons : mapping of str to Person, optional
        By student: a platform finds its students by its own numbers.

    Returns
    -------
    str
        A platform's has only the students that `importable` lists.

    Raises
    ------
    CourseError
        If the platform's number is known of no student.

    Examples
    --------
    >>> row = {"student": "ada", "corr2d": 1 / 3, "total": 1 / 3, "max": 4, "late": "no", "status": "graded"}
    >>> print(csv_text([row]))
    student,corr2d,total,max,late,status
    ada,0.333333,0.333333,4,no,graded
    """
    if columns != PLAIN:
        persons = persons or {}
        known = importable(rows, columns, persons)
        if rows and not known:
            raise CourseError(f"no student can be exported: {columns} needs {HOW_TO_KNOW[columns]}")
        rows = WRITERS[columns]([(row, persons[row["student"]]) for row in known], assignment)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if rows:
        writer.writerow(map(_cell, rows[0]))
    for row in rows:
        writer.writerow(map(_cell, row.values()))
    return text.getvalue()


def importable(rows: Sequence[dict], columns: str, persons: Mapping[str, Person]) -> list[dict]:
    """List the rows that a platform can import: graded, and of students whose number there is known."""
    if columns == PLAIN:
        return list(rows)
    return [
        row
        for row in rows
        if row["status"] != NOT_GRADED and row["student"] in persons and _is_known(persons[row["student"]], columns)
    ]


def _is_known(person: Person, columns: str) -> bool:
    if columns == MOODLE:
        return bool(person.moodle)
    if columns == CANVAS:
        return person.canvas.isdigit() or bool(person.sid or person.login)
    return bool(person.sid or person.email)


def _moodle(marks: Sequence[tuple[dict, Person]], assignment: str) -> list[dict]:
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")  # Moodle skips what it has changed since
    return [
        {
            "Identifier": f"Participant {person.moodle}",
            "Full name": person.name,
            "Email address": person.email,
            "Grade": row["total"],
            "Maximum grade": row["max"],
            "Last modified (grade)": now,
        }
        for row, person in marks
    ]


def _canvas(marks: Sequence[tuple[dict, Person]], assignment: str) -> list[dict]:
    nobody = dict.fromkeys(("Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment), "")
    possible = [nobody | {"Student": "    Points Possible", assignment: row["max"]} for row, _ in marks[:1]]
    return possible + [
        nobody
        | {
            "Student": person.name or person.student,
            "ID": person.canvas if person.canvas.isdigit() else "",
            "SIS User ID": person.sid,
            "SIS Login ID": person.login,
            assignment: row["total"],
        }
        for row, person in marks
    ]


def _gradescope(marks: Sequence[tuple[dict, Person]], assignment: str) -> list[dict]:
    return [
        {
            "Name": person.name or person.student,
            "SID": person.sid,
            "Email": person.email,
            "Total Score": row["total"],
            "Max Points": row["max"],
            "Status": row["status"],
        }
        for row, person in marks
    ]


WRITERS = {MOODLE: _moodle, CANVAS: _canvas, GRADESCOPE: _gradescope}


def feedback_zip(pages: Iterable[tuple[str, str]], assignment: str, persons: Mapping[str, Person]) -> bytes:
    """Pack pages of feedback for Moodle's "Upload multiple feedback files in a zip".

    Parameters
    ----------
    pages : iterable of (student, page)
    assignment : str
        Its name.
    persons : mapping of str to Person
        By student; those without a participant's number are left out.

    Returns
    -------
    bytes
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, page in pages:
            person = persons.get(student)
            if person and person.moodle:
                archive.writestr(feedback_entry(person.name or student, person.moodle, assignment), page)
    return content.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, int | float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return "" if value is None else spreadsheet_cell(str(value))
