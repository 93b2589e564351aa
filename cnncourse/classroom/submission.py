"""Read a submission as bytes: cells by id, nothing executed, every surprise named in a sentence."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from cnncourse.checking.notebooks import UnreadableError, read_cells, source_of, to_python
from cnncourse.checking.runner.program import ADDED, OTHER, OWN

MAX_BYTES = 20_000_000
MAX_FIGURES, MAX_FIGURE_BYTES = 12, 1_000_000
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Submission:
    """What was handed in, as far as it concerns grading.

    Parameters
    ----------
    cells : list of (name, source)
        In the submission's order; `name` is the exercise whose solution cell it is, or None for the student's own.
    first : list of str
        The release's own cells that are no part of any exercise: the imports.
    notes : list of str
        What a person should know.
    refused : dict of str to str
        Exercise -> why its cell is not graded.
    missing : set of str
        Exercises whose cell is not there; another cell may still define the answer.
    figures : list of str
        PNG pictures of the student's outputs, base64.
    """

    cells: list[tuple[str | None, str]] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    figures: list[str] = field(default_factory=list)

    def cells_for(self, exercise: str) -> list[tuple[str, str]]:
        """Give each cell its role for an exercise: list of (role, plain Python source)."""
        roles = {None: ADDED, exercise: OWN}
        own = [(roles.get(name, OTHER), to_python(source)) for name, source in self.cells]
        return [*((ADDED, source) for source in self.first), *own]


def read_bytes(folder: Path, filename: str) -> bytes | None:
    """Read a regular file of at most 20 MB in a folder, neither being a link.

    Parameters
    ----------
    folder : pathlib.Path
        ``submitted/STUDENT/ASSIGNMENT``; neither it nor the folder above it may be a link.
    filename : str

    Returns
    -------
    bytes or None
        None if there is no such file.

    Raises
    ------
    UnreadableError
        For anything else of that name.
    """
    for place in (folder.parent, folder):
        if place.is_symlink():
            raise UnreadableError(f"{place.name} is a link, not a folder")
    try:
        descriptor = os.open(folder / filename, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        why = "it is a link" if (folder / filename).is_symlink() else error.strerror
        raise UnreadableError(f"{filename} cannot be opened: {why}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableError(f"{filename} is not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UnreadableError(f"{filename} is larger than {MAX_BYTES // 1_000_000} MB")
    return content


def read_submission(content: bytes, release: nbformat.NotebookNode) -> Submission:
    """Take a notebook apart.

    Parameters
    ----------
    content : bytes
    release : nbformat.NotebookNode
        The pristine notebook: what its cells are called decides, and nothing that the submission says about itself.

    Returns
    -------
    Submission

    Raises
    ------
    UnreadableError
        If it is no notebook.
    """
    known = {flags(cell).get("grade_id") or cell.id: cell for cell in release.cells}
    by_id = {cell.id: name for name, cell in known.items()}
    solutions = {name: cell.source for name, cell in known.items() if flags(cell).get("solution")}
    submission = Submission()
    found: dict[str, list[tuple[int, str]]] = {}
    for cell in read_cells(content):
        name = _name_of(cell, known, by_id)
        source = source_of(cell)
        if name is not None and name in solutions:
            if cell.get("cell_type") != "code":
                submission.notes.append(f"the cell of {name} is not a code cell any more; its text was taken as code")
            found.setdefault(name, []).append((len(submission.cells), source))
            submission.cells.append((name, source))
        elif cell.get("cell_type") == "code" and (name is None or not flags(known[name])):
            submission.cells.append((None, source))
        _collect_figures(cell, submission.figures)
    _settle(submission, solutions, found)
    submission.first = [cell.source for cell in release.cells if cell.cell_type == "code" and not flags(cell)]
    return submission


def flags(cell: Mapping) -> dict:
    """Return nbgrader's flags of a cell, whatever they are worth: a dict."""
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def answers_in(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Return the solution cells of a notebook of ours: dict of exercise to source."""
    return {flags(cell)["grade_id"]: cell.source for cell in notebook.cells if flags(cell).get("solution")}


def _name_of(cell: Mapping, known: Mapping[str, Mapping], by_id: Mapping[str, str]) -> str | None:
    """The release's cell that this one is, by nbgrader's id, else by Jupyter's; None for a student's own."""
    jupyters = cell.get("id")
    for name in (flags(cell).get("grade_id"), by_id.get(jupyters) if isinstance(jupyters, str) else None):
        if isinstance(name, str) and name in known:
            return name
    return None


def _settle(submission: Submission, solutions: Mapping[str, str], found: Mapping[str, list[tuple[int, str]]]) -> None:
    """Decide what counts where a solution cell is there twice, or not at all."""
    drop: set[int] = set()
    for name, stub in solutions.items():
        copies = found.get(name, [])
        written = {source.strip() for _, source in copies} - {stub.strip()}
        if not copies:
            submission.missing.add(name)
        elif len(written) > 1:
            submission.refused[name] = f"its cell is there {len(copies)} times with different content"
        elif len(copies) > 1:
            keep = next((place for place, source in copies if source.strip() in written), copies[0][0])
            drop |= {place for place, _ in copies if place != keep}
            submission.notes.append(f"the cell of {name} is there {len(copies)} times; the one that was written counts")
    submission.cells = [cell for place, cell in enumerate(submission.cells) if place not in drop]


def _collect_figures(cell: Mapping, figures: list[str]) -> None:
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        data = output.get("data") if isinstance(output, dict) else None
        picture = data.get("image/png") if isinstance(data, dict) else None
        if isinstance(picture, list):
            picture = "".join(part for part in picture if isinstance(part, str))
        if isinstance(picture, str) and len(picture) < 1.4 * MAX_FIGURE_BYTES and len(figures) < MAX_FIGURES:
            try:
                content = base64.b64decode("".join(picture.split()), validate=True)
            except (binascii.Error, ValueError):
                continue
            if content.startswith(PNG):
                figures.append(base64.b64encode(content).decode("ascii"))
