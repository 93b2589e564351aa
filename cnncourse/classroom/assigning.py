"""On the command line: assignment create, edit, collect."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnncourse.checking.wording import counted
from cnncourse.files import atomic_write

from .course import NAME, Assignment, Course, CourseError, choose_variants, load_bank, parse_due
from .names import printable
from .options import COURSE, FILE, command, find_students
from .people import People

if TYPE_CHECKING:
    import nbformat


@click.group()
def assignment() -> None:
    """Make an assignment, change it, and collect what comes back."""


DUE = click.option(
    "--due", help="With an offset from UTC: 2026-12-01T23:59+01:00; a date alone is the end of that day."
)
POINTS = click.option("--points", multiple=True, metavar="NAME=POINTS", help="Other points for an exercise.")
EXTENSION = click.option("--extension", "extensions", multiple=True, metavar="STUDENT=TIME", help="Their own due time.")
PERCENT = click.FloatRange(0, 100)


@command(assignment)
@click.argument("name")
@click.option("--exercises", required=True, help="Names, separated by commas: corr2d,max_pool2d.")
@DUE
@POINTS
@click.option("--seed", type=int, help="Of hidden cases and variants; default: one that nobody knows.")
@click.option("--variants", is_flag=True, help="Change a rule where an exercise has variants.")
@click.option("--late-penalty", type=PERCENT, default=0, help="Percent of the points that each day begun costs.")
@click.option("--bank", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Your own exercises.")
@click.option("--force", is_flag=True, help="Write over an assignment of that name.")
@COURSE
def create(
    name: str,
    exercises: str,
    due: str | None,
    points: tuple[str, ...],
    seed: int | None,
    variants: bool,
    late_penalty: float,
    bank: Path | None,
    force: bool,
    folder: Path,
) -> None:
    """Make the notebooks of an assignment: source/NAME and release/NAME."""
    from . import gradebook as books

    if not NAME.fullmatch(name):
        raise CourseError(f"{name!r} is no name for an assignment; use letters, digits, - and _, as in ps1")
    course = Course(folder)
    for place in (course.source(name), course.release(name)):
        if place.exists() and not force:
            raise CourseError(f"{place} exists; choose another name or add --force")
    known = load_bank(bank)
    names = [part.strip() for part in exercises.split(",") if part.strip()]
    unknown = [part for part in names if part not in known]
    if unknown:
        raise CourseError(f"the bank has no {', '.join(unknown)}; see cnncourse exercises for the names")
    if not names or len(set(names)) < len(names):
        raise CourseError(f"--exercises is {exercises!r}; name at least one exercise, and each only once")
    chosen = [known[part] for part in names]
    seed = secrets.randbits(48) if seed is None else seed
    assignment = Assignment(
        name=name,
        points={exercise.name: float(exercise.points) for exercise in chosen} | _points(points, names),
        seed=seed,
        variants=choose_variants(chosen, seed) if variants else {},
        due=_due(due) if due else None,
        late_penalty=late_penalty / 100,
        bank=str(bank.resolve()) if bank else None,
        **_kept(course, name),
    )
    release = _write_notebooks(course, assignment)
    course.save(assignment)
    if not (folder / "nbgrader_config.py").exists():
        atomic_write(folder / "nbgrader_config.py", CONFIG.format(course=folder.resolve().name))
    with books.gradebook(course) as book:
        books.register(book, assignment, release)
    ready = course.release(name) / f"{name}.ipynb"
    click.echo(
        f"{ready} is ready to hand out: {counted(len(names), 'exercise')}, {counted(assignment.maximum, 'point')}"
    )
    if not bank and not variants:
        click.echo("The public bank's solutions come with the package; --variants or --bank make work that is new.")


@command(assignment)
@click.argument("name")
@DUE
@click.option("--no-due", is_flag=True, help="No due time any more.")
@EXTENSION
@click.option("--late-penalty", type=PERCENT, help="Percent of the points that each day begun costs.")
@click.option("--late-grace", type=click.FloatRange(min=0), help="Minutes after the due time that cost nothing.")
@click.option("--late-cap", type=PERCENT, help="Percent of the points that lateness costs at most.")
@POINTS
@COURSE
def edit(
    name: str,
    due: str | None,
    no_due: bool,
    extensions: tuple[str, ...],
    late_penalty: float | None,
    late_grace: float | None,
    late_cap: float | None,
    points: tuple[str, ...],
    folder: Path,
) -> None:
    """Change the due time, extensions, the late policy or points; seed, variants and roster stay."""
    import nbformat

    from . import gradebook as books

    course = Course(folder)
    old = course.load(name)
    people = People.load(course, old)
    if due and no_due:
        raise CourseError("--due and --no-due contradict each other; give one of them")
    new = replace(
        _extended(old, people, extensions),
        points=old.points | _points(points, list(old.points)),
        due=_due(due) if due else None if no_due else old.due,
        late_penalty=old.late_penalty if late_penalty is None else late_penalty / 100,
        late_grace=old.late_grace if late_grace is None else late_grace,
        late_cap=old.late_cap if late_cap is None else late_cap / 100,
    )
    if new == old:
        raise CourseError(f"{name} is as before; say what to change, for example --due 2026-12-08T23:59+01:00")
    handed_in = any(course.submitted.glob(f"*/{name}"))
    if new.points != old.points or (new.due != old.due and not handed_in):  # else all would have to be run again
        _write_notebooks(course, new)
    with books.gradebook(course) as book:
        books.register(book, new, nbformat.read(course.release(name) / f"{name}.ipynb", as_version=4))
    course.save(new)
    due = f"due {new.due}" if new.due else "no due time"
    click.echo(f"{name}: {counted(new.maximum, 'point')}, {due}, {_policy(new)}")
    click.echo(f"Run cnncourse grade {name}: marks, lateness and feedback follow from it.")


@command(assignment, name="collect")
@click.argument("name")
@click.argument("place", type=click.Path(path_type=Path, exists=True))
@click.option("--roster", type=FILE, help="CSV of who should be there: your own, or an export of the platform.")
@EXTENSION
@COURSE
def collect_command(name: str, place: Path, roster: Path | None, extensions: tuple[str, ...], folder: Path) -> None:
    """Sort PLACE, a zip or a folder from Moodle, Canvas, Gradescope or anywhere, into submitted/STUDENT/NAME."""
    from .collect import read_download, store
    from .roster import read_roster

    course = Course(folder)
    assignment = course.load(name)
    people = People.load(course, assignment)
    if roster:
        rows = read_roster(roster, assignment.zone)
        assignment = replace(assignment, roster=people.enrol(rows))
        if any(row.submitted_at for row in rows):
            zone = f"{assignment.zone}, the offset of the due time" if assignment.due else "UTC"
            click.echo(f"{roster} does not say in which zone its times are; they are taken as {zone}")
    download = read_download(course, assignment, people, place)
    assignment = _extended(assignment, people, extensions)
    collected, messages = store(course, assignment, people, download)
    course.save(assignment)
    for sentence in messages:
        click.echo(printable(sentence))
    click.echo(f"{counted(len(collected), 'submission')} collected")
    if assignment.roster:
        here, _ = find_students(course, replace(assignment, roster=[]))
        for student in assignment.roster:
            if not course.handed_in(student, name).exists():
                click.echo(f"missing: {printable(student)}")
        for student in sorted(set(here) - set(assignment.roster)):
            click.echo(f"not on the roster: {printable(student)}")


CONFIG = '''\
"""For nbgrader's own tools, such as nbgrader formgrader; cnncourse grade does not read it."""

c = get_config()  # noqa: F821 - Jupyter defines it
c.CourseDirectory.course_id = {course!r}
'''


def _points(given: Sequence[str], names: Sequence[str]) -> dict[str, float]:
    points = {}
    for text in given:
        name, _, number = text.partition("=")
        try:
            points[name] = float(number)
        except ValueError:
            points[name] = -1.0
        if name not in names or not 0 < points[name] <= 1e6:
            raise CourseError(f"--points {text!r} is not EXERCISE=NUMBER for an exercise of this assignment")
    return points


def _write_notebooks(course: Course, assignment: Assignment) -> nbformat.NotebookNode:
    """Write source and release, and return the release."""
    import nbformat

    from .release import notebooks

    source, release = notebooks(assignment)
    name = assignment.name
    atomic_write(course.source(name) / f"{name}.ipynb", nbformat.writes(source) + "\n")
    atomic_write(course.release(name) / f"{name}.ipynb", nbformat.writes(release) + "\n")
    return release


def _kept(course: Course, name: str) -> dict[str, Any]:
    """What is about the students and not about the exercises: it outlives an assignment that is made anew."""
    try:
        old = course.load(name)
    except CourseError:
        return {}
    return {"roster": old.roster, "extensions": old.extensions}


def _due(text: str) -> str:
    due, assumed = parse_due(text)
    if assumed:
        click.echo(assumed)
    return due


def _extended(assignment: Assignment, people: People, given: Sequence[str]) -> Assignment:
    """Enter extensions, each for a student who is known."""
    extensions = dict(assignment.extensions)
    for text in given:
        student, _, time = text.rpartition("=")
        if not student:
            raise CourseError(f"--extension {text!r} is not STUDENT=TIME")
        extensions[people.find(student)] = _due(time)
    return replace(assignment, extensions=extensions)


def _policy(assignment: Assignment) -> str:
    if not assignment.late_penalty:
        return "lateness costs nothing"
    grace = f" after {counted(assignment.late_grace, 'minute')}" if assignment.late_grace else ""
    cap = f", {assignment.late_cap:.0%} at most" if assignment.late_cap < 1 else ""
    return f"each day begun costs {assignment.late_penalty:.0%}{grace}{cap}"
