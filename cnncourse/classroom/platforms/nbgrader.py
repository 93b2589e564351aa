"""nbgrader: folders of the exchange, ``STUDENT+ASSIGNMENT+TIME+RANDOM``, and ``timestamp.txt`` in a submission."""

from __future__ import annotations

import re

from ..course import CourseError, parse_time
from .origin import NBGRADER, Origin

TIMESTAMP = "timestamp.txt"
INBOUND = re.compile(r"(?P<student>[^+]+)\+(?P<assignment>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d [^+]+)(\+.*)?")


def identify(part: str, file: str) -> Origin | None:
    """Tell whose a file is, and when it was handed in, by a folder above it."""
    found = INBOUND.fullmatch(part)
    try:
        return Origin(NBGRADER, found["student"], file=file, time=parse_time(found["time"])) if found else None
    except CourseError:
        return None
