"""Read who should be there: a CSV of one's own, or an export of Moodle, Canvas or Gradescope, told by its headings."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timezone, tzinfo
from pathlib import Path

from .course import CourseError
from .names import is_valid_name, normalized
from .people import Person
from .platforms.moodle import participant_number, worksheet_time

EXPECTED = (
    "a column student (or id or email), or the headings of Moodle's grading worksheet (Identifier, Full name) or "
    "participants (First name, Last name, Email address), of Canvas's gradebook (Student, ID, SIS Login ID) or of "
    "Gradescope's roster (Name or First Name and Last Name, SID, Email), each exported in English"
)
BARE = re.compile(r"[\w.@+'-]+")  # what a list without a heading may hold: logins, numbers, emails
WORKSHEET_COLUMNS = 7  # at least, where marking is blind
NOBODY = ("", "points possible", "student, test", "test student")  # rows of Canvas's gradebook


def read_roster(path: Path, zone: tzinfo = timezone.utc) -> list[Person]:
    """Read a roster.

    Parameters
    ----------
    path : pathlib.Path
        CSV with commas, semicolons or tabs, UTF-8 or UTF-16.
    zone : datetime.tzinfo
        Of the times in Moodle's grading worksheet, which does not say: that of the due time.

    Returns
    -------
    list of Person

    Raises
    ------
    CourseError
        If it is no table of students, or a name cannot be one.
    """
    table = _read_table(path)
    header = [cell.strip().casefold() for cell in table[0]] if table else []
    if _is_moodles_in_another_language(table):
        raise CourseError(
            f"{path} looks like Moodle's grading worksheet in another language; choose English in Moodle (add ?lang=en "
            "to the page's address) and download it again, since Moodle compares the headings of marks, too"
        )
    layout = next((layout for layout in LAYOUTS if layout[0] <= set(header)), None)
    if layout:
        blank = dict.fromkeys(header, "")
        rows = [blank | dict(zip(header, map(normalized, cells), strict=False)) for cells in table[1:]]
        persons = [layout[1](row, zone) for row in rows if _is_student(row)]
    elif table and all(len(cells) == 1 and BARE.fullmatch(normalized(cells[0])) for cells in table):
        persons = [Person(normalized(cells[0])) for cells in table]
    else:
        found = ", ".join(cell.strip() for cell in table[0])[:80] if table else "nothing"
        raise CourseError(f"{path} is no roster: it begins with {found!r}; it needs {EXPECTED}")
    for person in persons:
        if not is_valid_name(person.student):
            raise CourseError(f"{path} holds {person.student!r}, which is no name of a student; correct it")
    if not persons:
        raise CourseError(f"{path} names nobody; add one row per student")
    return persons


def _is_moodles_in_another_language(table: Sequence[Sequence[str]]) -> bool:
    """Tell a worksheet by its first column, a word and a number, no two alike, below a heading that is not English."""
    first = [normalized(cells[0]) for cells in table]
    numbers = [participant_number(cell) for cell in first[1:]]
    return (
        bool(numbers)
        and all(numbers)
        and len(set(numbers)) == len(numbers)
        and len(table[0]) >= WORKSHEET_COLUMNS
        and first[0].casefold() != "identifier"
    )


def _read_table(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
        first, _, rest = text.partition("\n")
        if given := re.fullmatch(r"sep=(.)", first.strip("\r")):
            delimiter, text = given[1], rest
        else:
            delimiter = max(",;\t", key=first.count)
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} cannot be read as CSV ({error}); save it as CSV in UTF-8") from error
    return [cells for cells in table if any(map(str.strip, cells))]


def _is_student(row: Mapping[str, str]) -> bool:
    """Whether a row is a student's, and not a teacher's or one that Canvas adds."""
    role = row.get("role") or row.get("roles") or "student"
    name = _canvas_name(row) if "section" in row else "a student"
    return "student" in role.casefold() and name.casefold() not in NOBODY


def _canvas_name(row: Mapping[str, str]) -> str:
    return row["student"] if "student" in row else f"{row.get('lastname', '')}, {row.get('firstname', '')}".strip(", ")


def _own(row: Mapping[str, str], zone: tzinfo) -> Person:
    student = next(row[key] for key in ("student", "id", "identifier", "email") if key in row)
    return Person(student, name=row.get("name", ""), email=row.get("email", ""), sid=row.get("id", ""))


def _worksheet(row: Mapping[str, str], zone: tzinfo) -> Person:
    number = participant_number(row["identifier"])
    name, email = row.get("full name", ""), row.get("email address", "")
    time = worksheet_time(row.get("last modified (submission)", ""), zone)
    student = email or f"{name or 'Participant'}_{number}"
    return Person(student, name=name, email=email, moodle=number, submitted_at=time.isoformat() if time else "")


def _participants(row: Mapping[str, str], zone: tzinfo) -> Person:
    email = row["email address"]
    name = f"{row['first name']} {row.get('last name') or row.get('surname', '')}".strip()
    return Person(email or name, name=name, email=email, login=row.get("username", ""), sid=row.get("id number", ""))


def _canvas(row: Mapping[str, str], zone: tzinfo) -> Person:
    name, login, sid = _canvas_name(row), row.get("sis login id", ""), row.get("sis user id", "")
    return Person(login or f"{name}_{row['id']}", name=name, login=login, sid=sid, canvas=row["id"])


def _gradescope(row: Mapping[str, str], zone: tzinfo) -> Person:
    sid, email = row.get("sid") or row.get("student id", ""), row["email"]
    name = row.get("name") or row.get("full name") or f"{row.get('first name', '')} {row.get('last name', '')}".strip()
    return Person(sid or email or name, name=name, email=email, sid=sid)


# the headings that tell a layout -> its reader; the first that fits counts
LAYOUTS: tuple[tuple[set[str], Callable[[Mapping[str, str], tzinfo], Person]], ...] = (
    ({"identifier", "full name"}, _worksheet),
    ({"identifier", "last modified (grade)"}, _worksheet),  # of blind marking
    ({"first name", "email address"}, _participants),
    ({"student", "id", "section"}, _canvas),
    ({"lastname", "firstname", "id", "section"}, _canvas),
    ({"name", "sid", "email"}, _gradescope),
    ({"first name", "last name", "email"}, _gradescope),
    ({"full name", "student id", "email"}, _gradescope),
    ({"student"}, _own),
    ({"id"}, _own),
    ({"identifier"}, _own),
    ({"email"}, _own),
)
