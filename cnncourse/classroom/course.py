"""A course folder, and the record of an assignment: which exercises, how many points, which hidden seed, due when."""

import contextlib
import importlib.util
import json
import os
import random
import re
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from cnncourse.checking.checker import Checker
from cnncourse.checking.record import Exercise
from cnncourse.exercises.registry import bank as public_bank

from .. import __version__

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
RECORD = "assignment.json"  # in source/NAME/, which is never handed out


class CourseError(ValueError):
    """Something that the instructor can mend; the message is one sentence."""


@dataclass(frozen=True)
class Course:
    """An nbgrader course folder: ``source release submitted autograded feedback gradebook.db``.

    Parameters
    ----------
    folder : pathlib.Path
    """

    folder: Path

    def source(self, assignment):
        """Return the folder with solutions and the hidden seed."""
        return self.folder / "source" / assignment

    def release(self, assignment):
        """Return the folder to hand out."""
        return self.folder / "release" / assignment

    @property
    def submitted(self):
        """The folder with one folder a student."""
        return self.folder / "submitted"

    def graded(self, student, assignment):
        """Return the folder with a student's graded notebook and verdict."""
        return self.folder / "autograded" / student / assignment

    def feedback(self, student, assignment):
        """Return the folder with a student's feedback."""
        return self.folder / "feedback" / student / assignment

    @property
    def database(self):
        """nbgrader's gradebook."""
        return self.folder / "gradebook.db"

    def load(self, name):
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

    def save(self, assignment):
        """Write an assignment's record."""
        write_whole(self.source(assignment.name) / RECORD, json.dumps(asdict(assignment), indent=1) + "\n")


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
    extensions : dict of str to str
        Student -> a `due` of their own.
    roster : list of str
        Who should be there, if that is known.
    bank : str or None
        Folder of the instructor's own exercises.
    """

    name: str
    points: dict
    seed: int
    variants: dict = field(default_factory=dict)
    due: str | None = None
    late_penalty: float = 0.0
    extensions: dict = field(default_factory=dict)
    roster: list = field(default_factory=list)
    bank: str | None = None

    @property
    def maximum(self):
        """The total of the points."""
        return sum(self.points.values())

    def exercises(self):
        """Load the records: dict of name to (Exercise, Variant or None)."""
        known = load_bank(self.bank)
        chosen = {}
        for name in self.points:
            variants = {variant.id: variant for variant in known[name].variants}
            chosen[name] = known[name], variants.get(self.variants.get(name))
        return chosen

    def checkers(self):
        """Make the checkers with the hidden seed: dict of name to Checker."""
        made = self.exercises().items()
        return {name: Checker(exercise, self.seed, variant) for name, (exercise, variant) in made}

    def decides_marks(self):
        """List all that a mark depends on, so that what is unchanged need not be graded again; times are no part."""
        own = sorted(Path(self.bank).glob("*.py")) if self.bank else []
        bank = [path.read_text(encoding="utf-8") for path in own]
        return [__version__, self.name, self.points, self.seed, self.variants, bank]

    def days_late(self, student, submitted_at):
        """Count the days begun after this student's due time; 0 if in time or unknown (times are ISO 8601)."""
        due = self.extensions.get(student, self.due)
        if due is None or submitted_at is None:
            return 0
        seconds = (parse_time(submitted_at) - parse_time(due)).total_seconds()
        return max(0, -int(-seconds // 86_400))


def load_bank(folder=None):
    """Load the public exercises and, over them, an instructor's own.

    Parameters
    ----------
    folder : path, optional
        Of Python files, each with an `Exercise` called ``EXERCISE``. They are run here: they are trusted.

    Returns
    -------
    dict of str to Exercise

    Raises
    ------
    CourseError
        If the folder has none.
    """
    if folder is None:
        return public_bank()
    own = {}
    for path in sorted(Path(folder).glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"instructors_bank_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise CourseError(f"{path} raised {type(error).__name__} ({error}); mend it and try again") from error
        exercise = getattr(module, "EXERCISE", None)
        if isinstance(exercise, Exercise):
            own[exercise.name] = exercise
    if not own:
        raise CourseError(f"{folder} holds no Python file with an EXERCISE; the chapter for instructors shows one")
    return public_bank() | own


def choose_variants(exercises, seed):
    """Draw one variant for each exercise that has some: dict of name to id."""
    generator = random.Random(seed)
    return {exercise.name: generator.choice(exercise.variants).id for exercise in exercises if exercise.variants}


def parse_time(text):
    """Read an ISO 8601 time; without an offset it is UTC.

    Examples
    --------
    >>> parse_time("2026-12-01T23:59+01:00").isoformat()
    '2026-12-01T23:59:00+01:00'
    """
    try:
        time = datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError as error:
        raise CourseError(f"{text!r} is no time; write it as 2026-12-01T23:59+01:00") from error
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


@contextlib.contextmanager
def owner_only():
    """Make every file and folder in this block readable by its owner only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def write_whole(path, content):
    """Write a file whole or not at all, readable by its owner only; make its folder if need be.

    Parameters
    ----------
    path : pathlib.Path
    content : str or bytes
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
        raise
