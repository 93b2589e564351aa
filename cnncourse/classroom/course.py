"""A course folder, and the record of an assignment: which exercises, how many points, which hidden seed, due when."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cnncourse.checking.checker import Checker
from cnncourse.checking.record import Exercise, Variant
from cnncourse.exercises.registry import bank as public_bank
from cnncourse.exercises.registry import load_folder
from cnncourse.files import atomic_write

from .. import __version__

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
RECORD = "assignment.json"  # in source/NAME/, which is never handed out
LOCK = ".cnncourse.lock"


class CourseError(ValueError):
    """A fault that the instructor can correct; the message is one sentence."""


@dataclass(frozen=True)
class Course:
    """An nbgrader course folder: ``source release submitted autograded feedback gradebook.db``.

    Parameters
    ----------
    folder : pathlib.Path
    """

    folder: Path

    def source(self, assignment: str) -> Path:
        """Return the folder with solutions and the hidden seed."""
        return self.folder / "source" / assignment

    def release(self, assignment: str) -> Path:
        """Return the folder to hand out."""
        return self.folder / "release" / assignment

    @property
    def submitted(self) -> Path:
        """The folder with one folder per student."""
        return self.folder / "submitted"

    def graded(self, student: str, assignment: str) -> Path:
        """Return the folder with a student's graded notebook and verdict."""
        return self.folder / "autograded" / student / assignment

    def handed_in(self, student: str, assignment: str) -> Path:
        """Return the place of a student's notebook."""
        return self.submitted / student / assignment / f"{assignment}.ipynb"

    def feedback(self, student: str, assignment: str) -> Path:
        """Return the folder with a student's feedback."""
        return self.folder / "feedback" / student / assignment

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other programs from grading in this folder while the block runs.

        Raises
        ------
        CourseError
            If one is at work already.
        """
        import fcntl  # not on Windows, where there is no sandbox either

        with open(self.folder / LOCK, "w", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise CourseError(f"another cnncourse grade is at work in {self.folder}; wait for its end") from error
            yield

    @property
    def database(self) -> Path:
        """nbgrader's gradebook."""
        return self.folder / "gradebook.db"

    def load(self, name: str) -> Assignment:
        """Read an assignment's record.

        Raises
        ------
        CourseError
            If there is none.
        """
        path = self.source(name) / RECORD
        try:
            return Assignment(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise CourseError(
                f"there is no assignment {name!r} in {self.folder}; make it with cnncourse assignment create {name}"
            ) from error

    def save(self, assignment: Assignment) -> None:
        """Write an assignment's record."""
        atomic_write(self.source(assignment.name) / RECORD, json.dumps(asdict(assignment), indent=1) + "\n")


@dataclass(frozen=True)
class Assignment:
    """What an instructor decided.

    Parameters
    ----------
    name : str
    points : dict of str to float
        Of each exercise, in the notebook's order.
    seed : int
        Of the hidden cases and of the choice of variants: never handed out.
    variants : dict of str to str
        Exercise -> id of the variant that is set instead of the published rule.
    due : str or None
        ISO 8601 with an offset from UTC.
    late_penalty : float
        Share of the maximum that each day begun after `due` costs, 0 to 1.
    late_grace : float
        Minutes after `due` that cost nothing.
    late_cap : float
        Share of the maximum that lateness costs at most.
    extensions : dict of str to str
        Student -> a `due` of their own.
    roster : list of str
        Who should be there, if that is known.
    bank : str or None
        Folder of the instructor's own exercises.
    """

    name: str
    points: dict[str, float]
    seed: int
    variants: dict[str, str] = field(default_factory=dict)
    due: str | None = None
    late_penalty: float = 0.0
    extensions: dict[str, str] = field(default_factory=dict)
    roster: list[str] = field(default_factory=list)
    bank: str | None = None
    late_grace: float = 0.0
    late_cap: float = 1.0

    @property
    def maximum(self) -> float:
        """The total of the points."""
        return sum(self.points.values())

    def exercises(self) -> dict[str, tuple[Exercise, Variant | None]]:
        """Load the records: dict of name to (Exercise, Variant or None)."""
        known = load_bank(self.bank)
        chosen = {}
        for name in self.points:
            variants = {variant.id: variant for variant in known[name].variants}
            chosen[name] = known[name], variants.get(self.variants.get(name, ""))
        return chosen

    def checkers(self) -> dict[str, Checker]:
        """Make the checkers with the hidden seed: dict of name to Checker."""
        assignment = self.exercises().items()
        return {name: Checker(exercise, self.seed, variant) for name, (exercise, variant) in assignment}

    def mark_inputs(self) -> list:
        """List all that a mark depends on, so that what is unchanged need not be graded again; times are no part."""
        own = sorted(Path(self.bank).glob("*.py")) if self.bank else []
        bank = [path.read_text(encoding="utf-8") for path in own]
        return [__version__, self.name, self.points, self.seed, self.variants, bank]

    def days_late(self, student: str, submitted_at: str | None) -> int:
        """Count the days begun after this student's due time; 0 if in time or unknown (times are ISO 8601)."""
        due = self.due_for(student)
        if due is None or submitted_at is None:
            return 0
        late = parse_time(submitted_at) - due
        return 0 if late <= timedelta(minutes=self.late_grace) else -(-late // timedelta(days=1))

    @property
    def zone(self) -> tzinfo:
        """The offset of the due time, for times that give none; UTC without a due time."""
        return (parse_time(self.due).tzinfo if self.due else None) or timezone.utc

    def due_for(self, student: str) -> datetime | None:
        """Return a student's due time, their extension included; None if there is none."""
        due = self.extensions.get(student, self.due)
        return parse_time(due) if due else None


def load_bank(folder: str | Path | None = None) -> dict[str, Exercise]:
    """Load the public exercises and, over them, an instructor's own.

    Parameters
    ----------
    folder : path, optional
        See `load_folder`.

    Returns
    -------
    dict of str to Exercise

    Raises
    ------
    CourseError
        If the folder has no exercise, or one that cannot be loaded.
    """
    if folder is None:
        return public_bank()
    try:
        return public_bank() | load_folder(Path(folder))
    except ValueError as error:
        raise CourseError(str(error)) from error


def choose_variants(exercises: Sequence[Exercise], seed: int) -> dict[str, str]:
    """Draw one variant for each exercise that has some: dict of name to id."""
    generator = random.Random(seed)
    return {exercise.name: generator.choice(exercise.variants).id for exercise in exercises if exercise.variants}


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time, or one that nbgrader writes with the name of a zone; without either it is UTC.

    Examples
    --------
    >>> parse_time("2026-12-01T23:59+01:00").isoformat()
    '2026-12-01T23:59:00+01:00'
    >>> parse_time("2026-12-01 23:59:00.500000 Europe/Berlin").isoformat()
    '2026-12-01T23:59:00.500000+01:00'
    """
    time = _read_time(text.strip())
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def parse_due(text: str) -> tuple[str, str]:
    """Read a due time that a person typed: a date without a time is the end of that day.

    Returns
    -------
    due : str
        ISO 8601 with an offset from UTC.
    assumed : str
        A sentence on what the text did not say; empty if it said all.

    Examples
    --------
    >>> parse_due("2026-12-01")[0]
    '2026-12-01T23:59:59+00:00'
    >>> parse_due("2026-12-01T12:00")[1]
    "'2026-12-01T12:00' has no offset: it is taken as UTC, 2026-12-01T12:00:00+00:00"
    """
    text = text.strip()
    day_only = re.fullmatch(r"\d{4}-\d\d-\d\d", text)
    full = f"{text}T23:59:59" if day_only else text
    due = parse_time(full).isoformat()
    if day_only:
        return due, f"{text!r} has no time and no offset: it is taken as the end of that day in UTC, {due}"
    return due, "" if _read_time(full).tzinfo else f"{text!r} has no offset: it is taken as UTC, {due}"


def _read_time(text: str) -> datetime:
    text = re.sub(r" ?(Z|UTC)$", "+00:00", text, flags=re.IGNORECASE)
    written, _, zone = text.rpartition(" ")
    try:
        if zone[:1].isalpha():
            return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone))
        return datetime.fromisoformat(text)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise CourseError(f"{text!r} is no time; write it as 2026-12-01T23:59+01:00") from error


@contextlib.contextmanager
def owner_only() -> Iterator[None]:
    """Make every file and folder in this block readable by its owner only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
