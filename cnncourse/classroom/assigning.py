"""On the command line: assignment create, assignment collect."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from cnncourse.files import atomic_write

from .course import NAME, Assignment, Course, CourseError, choose_variants, load_bank, parse_time
from .options import COURSE, FILE, command, find_students, printable


@click.group()
def assignment() -> None:
    """Make an assignment, and collect what comes back."""


@command(assignment)
@click.argument("name")
@click.option("--exercises", required=True, help="Names, separated by commas: corr2d,max_pool2d.")
@click.option("--due", help="With an offset from UTC: 2026-12-01T23:59+01:00.")
@click.option("--points", multiple=True, metavar="NAME=POINTS", help="Other points than the bank's.")
@click.option("--seed", type=int, help="Of hidden cases and variants; default: one that nobody knows.")
@click.option("--variants", is_flag=True, help="Change a rule where an exercise has variants.")
@click.option("--late-penalty", type=click.FloatRange(0, 100), default=0, help="Percent of the points a day begun.")
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
    import nbformat

    from . import gradebook as books
    from .release import notebooks

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
        due=parse_time(due).isoformat() if due else None,
        late_penalty=late_penalty / 100,
        bank=str(bank.resolve()) if bank else None,
    )
    source, release = notebooks(assignment)
    atomic_write(course.source(name) / f"{name}.ipynb", nbformat.writes(source) + "\n")
    atomic_write(course.release(name) / f"{name}.ipynb", nbformat.writes(release) + "\n")
    course.save(assignment)
    if not (folder / "nbgrader_config.py").exists():
        atomic_write(folder / "nbgrader_config.py", CONFIG.format(course=folder.resolve().name))
    with books.gradebook(course) as book:
        books.register(book, assignment, release)
    ready = course.release(name) / f"{name}.ipynb"
    click.echo(f"{ready} is ready to hand out: {len(names)} exercises, {assignment.maximum:g} points")
    if not bank and not variants:
        click.echo("The public bank's solutions come with the package; --variants or --bank make work that is new.")


@command(assignment, name="collect")
@click.argument("name")
@click.argument("place", type=click.Path(path_type=Path, exists=True))
@click.option("--roster", type=FILE, help="CSV of who should be there: the column student, or the first.")
@click.option("--extension", "extensions", multiple=True, metavar="STUDENT=TIME", help="A due time of their own.")
@COURSE
def collect_command(name: str, place: Path, roster: Path | None, extensions: tuple[str, ...], folder: Path) -> None:
    """Sort PLACE, a zip or a folder from Moodle, Canvas, Gradescope or anywhere, into submitted/STUDENT/NAME."""
    from .collect import collect, read_roster

    course = Course(folder)
    assignment = course.load(name)
    if roster:
        assignment = replace(assignment, roster=read_roster(roster))
    for text in extensions:
        student, _, time = text.rpartition("=")
        if not student:
            raise CourseError(f"--extension {text!r} is not STUDENT=TIME")
        assignment = replace(assignment, extensions=assignment.extensions | {student: parse_time(time).isoformat()})
    collected, messages = collect(course, assignment, place)
    course.save(assignment)
    for sentence in messages:
        click.echo(printable(sentence))
    click.echo(f"{len(collected)} submissions collected")
    if assignment.roster:
        here, _ = find_students(course, replace(assignment, roster=[]))
        for student in assignment.roster:
            if not (course.submitted / student / name / f"{name}.ipynb").exists():
                click.echo(f"missing: {student}")
        for student in sorted(set(here) - set(assignment.roster)):
            click.echo(f"not on the roster: {student}")


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
