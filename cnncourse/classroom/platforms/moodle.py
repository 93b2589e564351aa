"""Moodle: names in "Download all submissions", the offline grading worksheet, the zip for "Upload feedback files".

Written after ``mod/assign/classes/downloader.php``, ``mod/assign/gradingtable.php``, and ``importgradeslib.php`` and
``importziplib.php`` below ``mod/assign/feedback``. A participant's number belongs to one assignment.
"""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from .origin import MOODLE, Origin

FOLDER = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(file|onlinetext)_?", re.DOTALL)
FLAT = re.compile(r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_file_(?P<file>.+)", re.DOTALL)
PARTICIPANT = re.compile(r"\D+(?P<number>\d+)")


def identify(part: str, file: str) -> Origin | None:
    """Tell whose a file is by a folder above it, or by its name in a download without folders."""
    if found := FLAT.fullmatch(part) if part == file else FOLDER.fullmatch(part):
        return Origin(MOODLE, found["name"], found["number"], found["file"] if part == file else file)
    if "_assignsubmission_" in part:
        return Origin(MOODLE, "")  # of students without a group, whom Moodle packs together
    return None


def participant_number(identifier: str) -> str:
    """Read the number in a worksheet's `Identifier`, "Participant 1001"; empty if there is none."""
    found = PARTICIPANT.fullmatch(identifier.strip())
    return found["number"] if found else ""


def worksheet_time(text: str, zone: tzinfo) -> datetime | None:
    """Read a time in a worksheet, "Tuesday, 1 December 2026, 11:30 AM"; None for "-" and what is no time.

    Parameters
    ----------
    text : str
    zone : datetime.tzinfo
        Of the person who downloaded it: the worksheet does not say.
    """
    from dateutil import parser as dates  # of the extra `classroom`

    if not re.search(r"[^\W\d_]{3}.*\d{4}|\d{4}-\d", text):  # 1/12/2026 may be two days
        return None
    try:
        time = dates.parse(text)
    except (ValueError, OverflowError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=zone)


def feedback_entry(name: str, number: str, assignment: str) -> str:
    """Name a student's page in the zip for "Upload feedback files", where the second part is the number.

    Examples
    --------
    >>> feedback_entry("Student_17", "1001", "ps1")
    'Student 17_1001_assignsubmission_file_ps1.html'
    """
    shown = re.sub(r"[_/\\:]+", " ", name).strip(" .~") or "Participant"
    return f"{shown}_{number}_assignsubmission_file_{assignment}.html"
