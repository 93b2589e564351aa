"""The bank on the command line: exercises, check, hint, practice, audit."""

import os
import tempfile
from pathlib import Path

import click

from cnncourse.checking import progress

from . import api
from .audit import audit as find_faults
from .registry import bank, checker_for, find

FILE = click.Path(path_type=Path, dir_okay=False)


class ExerciseName(click.ParamType):
    """The name of an exercise; unknown names are refused with the nearest ones."""

    name = "exercise"

    def convert(self, value, param, ctx):
        """Return the record of that name."""
        try:
            return find(value)
        except KeyError as error:
            self.fail(error.args[0], param, ctx)


@click.command()
def exercises():
    """List the exercises, with what you have passed."""
    click.echo(api.exercises())


@click.command()
@click.argument("exercise", type=ExerciseName())
@click.option("--file", type=FILE, help="A Python file that defines the answer.")
@click.option("--notebook", type=FILE, help="A notebook that defines the answer.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the cases beyond the visible ones.")
def check(exercise, file, notebook, seed):
    """Check an answer in a process of its own and name the mistake.

    Exits with 1 if the answer does not pass. A case may take 30 seconds.
    """
    from cnncourse.checking.child_process import observe_in_child

    from .practice import read_cells

    if (file is None) == (notebook is None):
        raise click.UsageError("give the answer as --file mine.py or as --notebook mine.ipynb")
    try:
        cells = read_cells(file or notebook)
    except OSError as error:
        raise click.UsageError(
            f"{file or notebook} cannot be read ({error.strerror}); name the file with your answer"
        ) from error
    except ValueError as error:
        raise click.UsageError(f"{error}; name a notebook with your answer") from error
    checker = checker_for(exercise.name, seed)
    report = checker.report(observe_in_child(exercise, cells, checker.cases))
    progress.record(report)
    click.echo(report)
    raise click.exceptions.Exit(0 if report.passed else 1)


@click.command()
@click.argument("exercise", type=ExerciseName())
@click.argument("level", type=int, default=1)
def hint(exercise, level):
    """Show a hint; LEVEL 1 is a nudge, the highest nearly the answer."""
    try:
        click.echo(api.hint(exercise.name, level))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


@click.command()
@click.argument("chapter")
@click.option("--out", type=FILE, required=True, help="Where to write the notebook.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def practice(chapter, out, force):
    """Write a practice notebook of a chapter's stubs and check cells."""
    import nbformat

    from .practice import practice_notebook

    if out.exists() and not force:
        raise click.UsageError(f"{out} exists; choose another name or add --force")
    try:
        notebook = practice_notebook(chapter)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        with tempfile.NamedTemporaryFile("w", dir=out.parent, delete=False, encoding="utf-8") as file:
            nbformat.write(notebook, file)
        os.replace(file.name, out)
    except OSError as error:
        raise click.UsageError(f"{out} cannot be written ({error.strerror}); choose another place") from error
    click.echo(f"{out} is ready; open it in JupyterLab")


@click.command()
@click.argument("exercise", type=ExerciseName(), nargs=-1)
def audit(exercise):
    """Look for faults in the bank, or in the exercises that are named; exits with 1 if there are any."""
    faults = [fault for record in exercise or bank().values() for fault in find_faults(record)]
    for fault in faults:
        click.echo(fault)
    click.echo(f"{len(faults)} faults")
    raise click.exceptions.Exit(1 if faults else 0)


COMMANDS = (exercises, check, hint, practice, audit)
