"""Whose a file in a download is, as its platform says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MOODLE, CANVAS, GRADESCOPE, NBGRADER, FOLDERS = "moodle", "canvas", "gradescope", "nbgrader", "folders"


@dataclass(frozen=True)
class Origin:
    """Whose a file is.

    Parameters
    ----------
    platform : str
        "moodle", "canvas", "gradescope", "nbgrader", or "folders" for a download with a folder per student.
    name : str
        Of the student, as the platform writes it; may be empty, and several students may share it.
    number : str
        The platform's own, which no two students share; empty where there is none.
    file : str
        Its name when it was handed in.
    late : bool
        Whether the platform says so.
    time : datetime.datetime or None
        When it was handed in; None if the platform does not say.
    """

    platform: str
    name: str
    number: str = ""
    file: str = ""
    late: bool = False
    time: datetime | None = None
