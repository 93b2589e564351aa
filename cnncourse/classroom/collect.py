"""Sort a download from Moodle, Canvas, Gradescope or anywhere into ``submitted/STUDENT/ASSIGNMENT/``.

Whose a notebook is follows from the platform's number. When it was handed in is known only where the platform says so;
the times in an archive are those of the download, or of a copy, and make nobody late.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cnncourse.files import atomic_write

from .archives import entries
from .course import Assignment, Course, CourseError, parse_time
from .people import People, shared_names
from .platforms.nbgrader import TIMESTAMP
from .platforms.origin import CANVAS, FOLDERS, MOODLE, NBGRADER
from .submission import MAX_BYTES
from .uploads import Upload, find_uploads

OWN_FOLDERS = ("source", "release", "submitted", "autograded", "feedback")


@dataclass(frozen=True)
class Download:
    """What a download holds.

    Parameters
    ----------
    uploads : dict of str to Upload
        By student, the one that counts.
    messages : list of str
        Sentences: everything that is not taken, and why.
    """

    uploads: dict[str, Upload]
    messages: list[str]


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
    people = People.load(course, assignment)
    return store(course, assignment, people, read_download(course, assignment, people, place))


def read_download(course: Course, assignment: Assignment, people: People, place: Path) -> Download:
    """Find the students and their notebooks in a download; students who are new are entered in `people`.

    Raises
    ------
    CourseError
        If the archive is refused.
    """
    _refuse_own_folder(course, place)
    files, messages = entries(place, assignment.zone)
    uploads, more = find_uploads(files, assignment.name, people)
    students = {(upload.origin.name, upload.origin.number) for upload in uploads}
    shared = shared_names(name for name, _ in students)
    found: dict[str, list[Upload]] = {}
    for upload in uploads:
        student = people.folder_of(upload.origin, shared)
        if student:
            found.setdefault(student, []).append(upload)
        else:
            more.append(f"{str(upload.entry.path)!r} does not tell whose it is; not taken")
    messages += more
    return Download({student: _choose(student, found[student], messages) for student in sorted(found)}, messages)


def store(course: Course, assignment: Assignment, people: People, download: Download) -> tuple[list[str], list[str]]:
    """Copy the notebooks of a download into the course folder, and keep who is who; see `collect`."""
    messages, collected, same, unknown = list(download.messages), [], 0, 0
    course.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=course.folder, prefix=".collect-") as staging:
        ready = []
        for number, (student, upload) in enumerate(download.uploads.items()):
            content = upload.entry.read()
            if len(content) > MAX_BYTES:
                size = MAX_BYTES // 1_000_000
                messages.append(f"{student}: {upload.entry.path.name} is larger than {size} MB; not taken")
                continue
            path = Path(staging, str(number), f"{assignment.name}.ipynb")
            atomic_write(path, content)
            os.utime(path, (upload.entry.time.timestamp(),) * 2)  # what is collected later is compared with it
            ready.append((student, path, upload))
        for student, path, upload in ready:  # the whole archive has been read: nothing of it is broken
            moment = _moment(assignment, people, student, upload, messages)
            place = course.handed_in(student, assignment.name)
            if place.parent.is_symlink() or place.parent.parent.is_symlink():
                messages.append(f"{student}: their folder in {course.submitted} is a link; not taken")
                continue
            is_same = place.is_file() and place.read_bytes() == path.read_bytes()
            if not is_same and _is_older(place, path, moment):
                messages.append(f"{student}: what was collected before is not older; kept")
                continue
            if is_same:
                same += 1
            else:
                if place.parent.exists():
                    shutil.rmtree(place.parent)
                place.parent.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(path.parent, place.parent)
                collected.append(student)
            if moment:
                atomic_write(place.parent / TIMESTAMP, upload.stamp or moment.strftime("%Y-%m-%d %H:%M:%S UTC"))
            unknown += not (place.parent / TIMESTAMP).exists()
    people.save(course, assignment)
    if same:
        messages.append(f"{same} {'is' if same == 1 else 'are'} as collected before")
    if unknown and assignment.due:
        messages.append(_on_unknown_times(unknown, download))
    return collected, messages


def _refuse_own_folder(course: Course, place: Path) -> None:
    here, course_folder = place.resolve(), course.folder.resolve()
    own = [course_folder / name for name in OWN_FOLDERS]
    if here.is_dir() and (course_folder.is_relative_to(here) or any(here.is_relative_to(folder) for folder in own)):
        raise CourseError(
            f"{place} is the course folder, lies in it or holds it; give the folder or zip that was downloaded"
        )


def _choose(student: str, found: Sequence[Upload], messages: list[str]) -> Upload:
    """Choose among a student's notebooks: the newest of those with the assignment's name."""

    def age(upload: Upload) -> tuple:
        copied = upload.origin.platform in (FOLDERS, NBGRADER)  # elsewhere it is the time of the download
        written = upload.origin.time or upload.entry.time
        return written.timestamp() if copied else 0.0, upload.copy, -len(upload.entry.path.parts)

    chosen = max([upload for upload in found if upload.exact] or found, key=age)
    for upload in found:
        if upload is not chosen:
            messages.append(f"{student}: {str(upload.entry.path)!r} is older or another notebook; not taken")
    if not chosen.exact:
        messages.append(f"{student}: {chosen.entry.path.name!r} has another name than the assignment; taken")
    return chosen


def _moment(
    assignment: Assignment, people: People, student: str, upload: Upload, messages: list[str]
) -> datetime | None:
    """When it was handed in, in UTC, as far as the platform says; None if nobody knows."""
    listed = people.persons[student].submitted_at
    moment = upload.origin.time or (parse_time(listed) if listed else None)
    due = assignment.due_for(student)
    if upload.origin.late and student in assignment.extensions:
        messages.append(f"{student}: late for Canvas, but has an extension here; Canvas does not say when, so in time")
    elif upload.origin.late and due and moment is None:
        moment = due + timedelta(minutes=assignment.late_grace, seconds=1)
        messages.append(f"{student}: Canvas says that it is late, not how late; the first day is assumed")
    days = assignment.days_late(student, moment.isoformat()) if moment else 0
    if days:
        messages.append(f"{student}: late, {days} {'day' if days == 1 else 'days'} begun")
    return moment.astimezone(timezone.utc) if moment else None


def _is_older(place: Path, new: Path, moment: datetime | None) -> bool:
    """Whether it is not newer than what is in its place: by the times of hand-in, else by those of the files."""
    if not place.is_file():
        return False
    try:
        earlier = parse_time((place.parent / TIMESTAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        earlier = None
    if earlier and moment:
        return earlier >= moment.replace(microsecond=0)
    return place.stat().st_mtime >= new.stat().st_mtime


def _on_unknown_times(count: int, download: Download) -> str:
    platforms = {upload.origin.platform for upload in download.uploads.values()}
    todo = ""
    if MOODLE in platforms:
        todo = "; Moodle's grading worksheet says when, add it with --roster"
    elif CANVAS in platforms:
        todo = "; Canvas marks those that are late"
    return f"no time of hand-in is known for {count}, which count as in time{todo}"
