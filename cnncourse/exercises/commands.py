"""The bank on the command line: exercises, check, hint, practice, audit."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from . import asking, progress
from .audit import audit_bank
from .examining import examination
from .registry import find


def register(app):
    """Add the bank's commands to the command line.

    Parameters
    ----------
    app : typer.Typer
    """
    for command in (exercises, check, hint, practice, audit):
        app.command()(command)


def exercises():
    """List the exercises, with what you have passed."""
    typer.echo(asking.exercises())


def check(
    name: Annotated[str, typer.Argument(help="The exercise, for example corr2d.")],
    file: Annotated[Path | None, typer.Option(help="A Python file that defines it.")] = None,
    notebook: Annotated[Path | None, typer.Option(help="A notebook that defines it.")] = None,
):
    """Check an answer in a process of its own and name the mistake; exit 1 if it does not pass."""
    from .practice import read_cells
    from .separate import observe_separately

    if (file is None) == (notebook is None):
        raise typer.BadParameter("give the answer as --file mine.py or as --notebook mine.ipynb")
    exercise = _find(name)
    try:
        cells = read_cells(file or notebook)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{error}; name a file that holds your answer") from error
    examined = examination(exercise.name)
    report = examined.verdict(observe_separately(exercise, cells, examined.cases))
    progress.record(report)
    typer.echo(report)
    raise typer.Exit(0 if report.passed else 1)


def hint(
    name: Annotated[str, typer.Argument(help="The exercise, for example corr2d.")],
    level: Annotated[int, typer.Argument(help="1 is a nudge, the highest nearly the answer.")] = 1,
):
    """Show a hint."""
    _find(name)
    try:
        typer.echo(asking.hint(name, level))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def practice(
    chapter: Annotated[str, typer.Argument(help="The chapter, for example convolution.")],
    out: Annotated[Path, typer.Option(help="Where to write the notebook.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
):
    """Write a practice notebook of a chapter's stubs and checks."""
    import nbformat

    from .practice import practice_notebook

    if out.exists() and not force:
        raise typer.BadParameter(f"{out} exists; choose another name or add --force")
    try:
        notebook = practice_notebook(chapter)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    try:
        with tempfile.NamedTemporaryFile("w", dir=out.parent, delete=False, encoding="utf-8") as file:
            nbformat.write(notebook, file)
        os.replace(file.name, out)
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written ({error}); choose another place") from error
    typer.echo(f"{out} is ready; open it in JupyterLab")


def audit():
    """Look for faults in the bank; exit 1 if there are any."""
    faults = audit_bank()
    for fault in faults:
        typer.echo(fault)
    typer.echo(f"{len(faults)} faults")
    raise typer.Exit(1 if faults else 0)


def _find(name):
    try:
        return find(name)
    except KeyError as error:
        raise typer.BadParameter(error.args[0]) from error
