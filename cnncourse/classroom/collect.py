"""Sort a download from Moodle, Canvas, Gradescope or anywhere into ``submitted/STUDENT/ASSIGNMENT/``."""

from __future__ import annotations

import csv
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import yaml

from cnncourse.files import atomic_write

from .archives import Entry, entries
from .course import Assignment, Course, CourseError, parse_time
from .submission import MAX_BYTES

MOODLE = re.compile(r"(?P<student>.+)_(?P<number>\d+)_assignsubmission_(file|onlinetext)_?")
CANVAS = re.compile(r"(?P<student>[^_]+)_(?P<late>LATE_)?\d+_\d+_(?P<file>.+)")
GRADESCOPE = re.compile(r"submission_\d+")
NOISE = ("__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "submission_metadata.yml", "timestamp.txt")


@dataclass(frozen=True)
class Arrival:
    """A notebook and whose it is."""

    student: str
    entry: Entry
    exact: bool  # whether the file has the assignment's name
    copy: int  # the number that a platform or a browser appended
    marked_late: bool


def collect(course: Course, assignment: Assignment, place: Path) -> tuple[list[str], list[str]]:
    """Sort a download into the course folder.

    Parameters
    ----------
    course : Course
    assignment : Assignment
    place : pathlib.Path
        A zip or a folder.

    Returns
    -------
    collected : list of str
        Students whose notebook is new or newer.
    messages : list of str
        Sentences: everything that was not taken, and why; who is late.

    Raises
    ------
    CourseError
        If the archive is refused: then nothing has changed.
    """
    zone = (parse_time(assignment.due).tzinfo if assignment.due else None) or timezone.utc
    files, messages = entries(place, zone)
    gradescope = _gradescope(files, messages)
    arrivals: dict[str, list[Arrival]] = {}
    noise = [entry for entry in files if _is_noise(entry)]
    if noise:
        messages.append(f"{len(noise)} files that systems and platforms add, such as {str(noise[0].path)!r}; not taken")
    for entry in files:
        arrival = None if _is_noise(entry) else _identify(entry, assignment.name, gradescope)
        if isinstance(arrival, str):
            messages.append(arrival)
        elif arrival is not None:
            arrivals.setdefault(arrival.student, []).append(arrival)
    chosen = {student: _newest(found, messages) for student, found in sorted(arrivals.items())}
    collected = []
    course.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=course.folder, prefix=".collect-") as staging:
        ready = []
        for number, (student, arrival) in enumerate(chosen.items()):
            content = arrival.entry.read()
            if len(content) > MAX_BYTES:
                messages.append(
                    f"{student}: {arrival.entry.path.name} is larger than {MAX_BYTES // 1_000_000} MB; not taken"
                )
                continue
            moment = _moment(assignment, arrival, messages)
            folder = Path(staging, str(number))
            atomic_write(folder / f"{assignment.name}.ipynb", content)
            atomic_write(folder / "timestamp.txt", moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC"))
            ready.append((student, folder, moment))
        for student, folder, moment in ready:  # the whole archive has been read: nothing of it is broken
            if _place(course, assignment, student, folder, moment, messages):
                collected.append(student)
    return collected, messages


def _is_noise(entry: Entry) -> bool:
    return any(part in NOISE or part.startswith("._") for part in entry.path.parts)


def _identify(entry: Entry, name: str, gradescope: Mapping[str, tuple[str, datetime | None]]) -> Arrival | str:
    """Tell whose notebook an entry is: an `Arrival`, or a sentence if nobody can tell."""
    parts = entry.path.parts
    if entry.path.suffix.lower() != ".ipynb":
        return f"{str(entry.path)!r} is no notebook; not taken"
    above = [part for part in parts[:-1] if part != name]
    folder, file, late = above[-1] if above else "", parts[-1], False
    if moodle := MOODLE.fullmatch(folder):
        student = moodle["student"]
    elif GRADESCOPE.fullmatch(folder):
        student, when = gradescope.get(folder, (folder, None))
        entry = replace(entry, time=when) if when else entry
    elif canvas := CANVAS.fullmatch(file):
        student, late, file = canvas["student"], bool(canvas["late"]), canvas["file"]
    else:
        student = folder
    student = unicodedata.normalize("NFC", student)  # macOS takes letters and their accents apart
    if not student or not is_valid_name(student):
        return f"{str(entry.path)!r} does not tell whose it is; not taken"
    copied = re.fullmatch(rf"{re.escape(name)}(?:[ _-]*\(?(\d+)\)?)?\.ipynb", file, re.IGNORECASE)
    return Arrival(student, entry, bool(copied), int(copied[1] or 0) if copied else 0, late)


def is_valid_name(student: str) -> bool:
    """Tell whether a name can be a folder's and a row's."""
    try:
        length = len(student.encode())
    except UnicodeEncodeError:
        return False
    return 0 < length <= 200 and student.isprintable() and not student.startswith(".") and not set(student) & set("/\\")


def _gradescope(files: Sequence[Entry], messages: list[str]) -> dict[str, tuple[str, datetime | None]]:
    """Read who handed in what, and when, from Gradescope's metadata: dict of folder to (student, time or None)."""
    known: dict[str, tuple[str, datetime | None]] = {}
    for entry in files:
        if entry.path.name != "submission_metadata.yml" or entry.size > MAX_BYTES:
            continue
        try:
            metadata = yaml.safe_load(entry.read().decode("utf-8", "replace"))
            for folder, about in metadata.items():
                first, *others = about[":submitters"]
                name = first.get(":sid") or first.get(":email") or first[":name"]
                when = about.get(":created_at")
                when = when if isinstance(when, datetime) else None
                if isinstance(name, str | int):
                    known[folder] = (
                        str(name),
                        when if when is None or when.tzinfo else when.replace(tzinfo=timezone.utc),
                    )
                if others:
                    messages.append(
                        f"{folder} is the work of {len(others) + 1} people; taken as that of the first, {name!r}"
                    )
        except (yaml.YAMLError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
            messages.append(f"{str(entry.path)!r} cannot be read; folders are taken as the students' names")
    return known


def _newest(found: Sequence[Arrival], messages: list[str]) -> Arrival:
    """Choose among a student's notebooks: the newest of those with the assignment's name."""
    named = [arrival for arrival in found if arrival.exact] or found
    newest = max(named, key=lambda arrival: (arrival.entry.time, arrival.copy))
    for arrival in found:
        if arrival is not newest:
            messages.append(f"{arrival.student}: {str(arrival.entry.path)!r} is older or another notebook; not taken")
    if not newest.exact:
        messages.append(f"{newest.student}: {newest.entry.path.name!r} has another name than the assignment; taken")
    return newest


def _moment(assignment: Assignment, arrival: Arrival, messages: list[str]) -> datetime:
    """When it was handed in; a platform that says "late" is believed."""
    moment, student = arrival.entry.time, arrival.student
    due = assignment.extensions.get(student, assignment.due)
    if due and arrival.marked_late:
        moment = max(moment, parse_time(due) + timedelta(seconds=1))
    days = assignment.days_late(student, moment.isoformat())
    if days:
        messages.append(f"{student}: late, {days} {'day' if days == 1 else 'days'} begun")
    return moment


def _place(
    course: Course, assignment: Assignment, student: str, folder: Path, moment: datetime, messages: list[str]
) -> bool:
    home = course.submitted / student
    target = home / assignment.name
    if home.is_symlink() or target.is_symlink():
        messages.append(f"{student}: their folder in {course.submitted} is a link; not taken")
        return False
    stamp = target / "timestamp.txt"
    if (target / f"{assignment.name}.ipynb").exists() and stamp.exists():
        try:
            earlier = parse_time(stamp.read_text(encoding="utf-8").replace(" UTC", "+00:00"))
        except CourseError:
            earlier = None
        if earlier and earlier >= moment.replace(microsecond=0):
            messages.append(f"{student}: what was collected before is not older; kept")
            return False
    home.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    shutil.move(folder, target)
    return True


def read_roster(path: Path) -> list[str]:
    """Read the students' names: the column ``student``, else ``id``, else the first.

    Parameters
    ----------
    path : pathlib.Path
        CSV.

    Returns
    -------
    list of str

    Raises
    ------
    CourseError
        If a name cannot be one, or the file is no table.
    """
    try:
        table = [row for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()) if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} cannot be read as CSV ({error}); save it as UTF-8 with commas") from error
    header = [cell.strip().lower() for cell in table[0]] if table else []
    column = next((header.index(name) for name in ("student", "id", "identifier", "email") if name in header), None)
    rows = table if column is None else table[1:]
    cells = [row[column or 0] for row in rows if len(row) > (column or 0)]
    students = [unicodedata.normalize("NFC", cell.strip()) for cell in cells]
    unfit = [student for student in students if not is_valid_name(student)]
    if unfit or not students:
        raise CourseError(
            f"{path} holds {unfit[0]!r}, which is no name" if unfit else f"{path} names nobody; add one row per student"
        )
    return list(dict.fromkeys(students))
