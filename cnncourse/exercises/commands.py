"""The bank on the command line: exercises, bank, check, hint, practice, audit, new."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cnncourse.checking import progress
from cnncourse.checking.notebooks import UnreadableError, read_answer
from cnncourse.checking.record import Exercise
from cnncourse.files import atomic_write
from cnncourse.tables import text_table

from . import api
from .answers import judge, load_answers, summary
from .audit import audit as find_faults
from .practice import practice_notebook
from .registry import CHAPTERS, bank, checker_for, find, load_folder
from .skeleton import write_skeleton

FILE = click.Path(path_type=Path, dir_okay=False)


class ExerciseName(click.ParamType):
    """The name of an exercise; unknown names are refused with the nearest ones."""

    name = "exercise"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Exercise:
        """Return the record of that name."""
        try:
            return find(value)
        except KeyError as error:
            self.fail(error.args[0], param, ctx)


@click.command()
def exercises() -> None:
    """List the exercises, with what you have passed."""
    click.echo(api.exercises())


@click.command("bank")
@click.option("--bank", "folder", type=click.Path(path_type=Path, file_okay=False), help="A bank of your own.")
def bank_table(folder: Path | None) -> None:
    """List the exercises for instructors: points, minutes, mistakes that are named, variants, what to do before."""
    records = _records(folder) or bank()
    rows = [
        (
            record.name,
            record.chapter,
            f"{record.points:g}",
            record.minutes,
            len(record.mistakes),
            ", ".join(variant.id for variant in record.variants) or "-",
            ", ".join(record.prerequisites) or "-",
        )
        for record in records.values()
    ]
    click.echo(text_table(["exercise", "chapter", "points", "minutes", "mistakes", "variants", "after"], rows))


def _records(folder: Path | None) -> dict[str, Exercise]:
    """Load a bank of one's own; empty without a folder."""
    try:
        return load_folder(folder) if folder else {}
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@click.command()
@click.argument("exercise", type=ExerciseName())
@click.option("--file", type=FILE, help="A Python file that defines the answer.")
@click.option("--notebook", type=FILE, help="A notebook that defines the answer.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the cases beyond the visible ones.")
def check(exercise: Exercise, file: Path | None, notebook: Path | None, seed: int) -> None:
    """Check an answer in a process of its own and name the mistake.

    Exits with 1 if the answer does not pass. A case may take 30 seconds.
    """
    from cnncourse.checking.child_process import observe_in_child
    from cnncourse.checking.faults import NotDefinedError

    path = file or notebook
    if path is None or (file and notebook):
        raise click.UsageError("give the answer as --file mine.py or as --notebook mine.ipynb")
    try:
        cells = read_answer(path)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read ({error.strerror}); name the file with your answer") from error
    except UnreadableError as error:
        raise click.UsageError(f"{path} cannot be used: {error}; name the file with your answer") from error
    checker = checker_for(exercise.name, seed)
    try:
        observed, fault = observe_in_child(exercise, cells, checker.cases, folder=path.parent)
    except NotDefinedError as error:
        click.echo(f"{path}: {error}\n\nThere is no {exercise.name} to check: correct that and check again.")
        raise click.exceptions.Exit(1) from error
    report = checker.report(observed)
    progress.record(report)
    if fault and not report.passed:
        click.echo(f"{path}: {fault}\n")
    click.echo(report)
    if fault and report.passed:
        click.echo(f"\nThe rest of {path} did not run: {fault}")
    raise click.exceptions.Exit(0 if report.passed else 1)


@click.command()
@click.argument("exercise", type=ExerciseName())
@click.argument("level", type=int, default=1)
def hint(exercise: Exercise, level: int) -> None:
    """Show a hint; LEVEL 1 is a nudge, the highest nearly the answer."""
    try:
        click.echo(api.hint(exercise.name, level))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@click.command()
@click.argument("chapter")
@click.option("--out", type=FILE, required=True, help="Where to write the notebook.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def practice(chapter: str, out: Path, force: bool) -> None:
    """Write a practice notebook of a chapter's stubs and check cells."""
    if out.exists() and not force:
        raise click.UsageError(f"{out} exists; choose another name or add --force")
    try:
        notebook = practice_notebook(chapter)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        atomic_write(out, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written ({error.strerror}); choose another place") from error
    click.echo(f"{out} is ready; open it in JupyterLab")


@click.command()
@click.argument("exercise", type=ExerciseName(), nargs=-1)
@click.option("--bank", "folder", type=click.Path(path_type=Path, file_okay=False), help="A bank of your own, whole.")
@click.option(
    "--answers",
    type=click.Path(path_type=Path, file_okay=False),
    help="Judge the answers in this folder's Python files instead.",
)
def audit(exercise: tuple[Exercise, ...], folder: Path | None, answers: Path | None) -> None:
    """Say what is missing or wrong in the bank, or in the exercises that are named; exits with 1 if anything is.

    With --answers, say which answers are accepted, refused, named, unnamed and falsely named, and group the unnamed by
    what they do. The files run here. Exits with 1 if a right answer is refused, a wrong one accepted, or a name false.
    """
    if answers:
        _audit_answers(answers, exercise)
    records = _records(folder).values() or exercise or bank().values()
    faults = [fault for record in records for fault in find_faults(record)]
    for fault in faults:
        click.echo(fault)
    click.echo(f"{len(faults)} faults")
    raise click.exceptions.Exit(1 if faults else 0)


def _audit_answers(folder: Path, exercises: tuple[Exercise, ...]) -> None:
    try:
        written = load_answers(folder)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    chosen = {record.name for record in exercises}
    judged = judge([each for each in written if not chosen or each.exercise in chosen])
    click.echo(summary(judged))
    sound = {"accepted", "named", "unnamed"}
    raise click.exceptions.Exit(0 if all(each.kind in sound for each in judged) else 1)


@click.group()
def new() -> None:
    """Begin something new."""


@new.command("exercise")
@click.argument("chapter")
@click.argument("name")
def new_exercise(chapter: str, name: str) -> None:
    """Write the skeleton of the exercise NAME.

    In a checkout of the course the files are cnncourse/exercises/CHAPTER/NAME.py and NAME.md. Elsewhere they are
    CHAPTER/NAME.py and NAME.md, and CHAPTER is a bank of your own for assignments.
    """
    package = Path("cnncourse", "exercises")
    in_course = package.is_dir()
    if in_course and chapter not in CHAPTERS:
        raise click.UsageError(f"CHAPTER must be one of {', '.join(CHAPTERS)}, not {chapter!r}")
    try:
        code, text = write_skeleton(package / chapter if in_course else Path(chapter), name)
    except (ValueError, OSError) as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"{code} and {text} are ready")
    if in_course:
        click.echo(f"Add {name!r} to FILES in {package / 'registry.py'}; cnncourse audit {name} says what is missing")
    else:
        click.echo(f"cnncourse audit --bank {chapter} says what is missing")
        click.echo(f"cnncourse assignment create NAME --exercises {name} --bank {chapter} hands it out")


COMMANDS = (exercises, bank_table, check, hint, practice, audit, new)
