"""Read a submission as bytes: cells by id, nothing executed, every surprise named in a sentence."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnncourse.checking.notebooks import UnreadableError, left_out, read_cells, source_of, to_python
from cnncourse.checking.runner.program import ADDED, OTHER, OWN

from .cells import binds, flags, has_code, names_of, plain

if TYPE_CHECKING:
    import nbformat

MAX_BYTES = 20_000_000
MAX_FIGURES, MAX_FIGURE_BYTES, MAX_ALL_FIGURES = 12, 1_000_000, 4_000_000  # the last in characters of base64
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Submission:
    """What was handed in, as far as it concerns grading.

    Parameters
    ----------
    cells : list of (name, source)
        In the submission's order; `name` is the exercise whose solution cell it is, the ``grade_id`` of a check cell
        that was written into, or None for the student's own.
    first : list of str
        The release's own cells that are no part of any exercise: the imports.
    notes : list of str
        What a person should know.
    refused : dict of str to str
        Exercise -> why its cell is not graded.
    doubts : dict of str to str
        Exercise -> what a person must look at if nothing is found that can be graded.
    untouched : set of str
        Exercises whose cell is as it was handed out, or empty; another cell may still define the answer.
    rivals : dict of str to str
        Exercise -> which other exercises' cells define it, too; to be known if the answer is not all right.
    figures : list of str
        PNG pictures of the student's outputs, base64.
    """

    cells: list[tuple[str | None, str]] = field(default_factory=list)
    first: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    untouched: set[str] = field(default_factory=set)
    rivals: dict[str, str] = field(default_factory=dict)
    figures: list[str] = field(default_factory=list)
    translated: dict[str, str] = field(default_factory=dict, repr=False)

    def cells_for(self, exercise: str) -> list[tuple[str, str]]:
        """Give each cell its role for an exercise: list of (role, plain Python source)."""
        own = self.places_of(exercise)
        cells = [(ADDED, source) for source in self.first]
        for place, (name, source) in enumerate(self.cells):
            if place in own or name != exercise:  # a stub whose answer is in another cell does not run
                role = OWN if place in own else ADDED if name is None else OTHER
                cells.append((role, self.python(source)))
        return cells

    def places_of(self, exercise: str) -> list[int]:
        """Find the cells that hold an answer: those made for it or, if these do not define it, all that do."""
        made = [place for place, (name, _) in enumerate(self.cells) if name == exercise]
        written = [] if exercise in self.untouched else made
        found = [place for place in range(len(self.cells)) if place not in made and self._binds(place, exercise)]
        if any(self._binds(place, exercise) for place in written):  # then, of others, only its own check cell counts
            found = [place for place in found if self.cells[place][0] == f"{exercise}-check"]
        return sorted(written + found) or made

    def left_out(self, exercise: str) -> list[str]:
        """List the lines of an answer's cells and of the student's own that are not Python and do not run."""
        own = self.places_of(exercise)
        return [
            line
            for place, (name, source) in enumerate(self.cells)
            if place in own or name is None
            for line in left_out(source)
        ]

    def python(self, source: str) -> str:
        """Translate a cell, once."""
        if source not in self.translated:
            self.translated[source] = to_python(source)
        return self.translated[source]

    def _binds(self, place: int, name: str) -> bool:
        return binds(self.python(self.cells[place][1]), name)


def read_bytes(folder: Path, filename: str) -> bytes | None:
    """Read a regular file of at most 20 MB in a folder, neither being a link.

    Each folder is opened in the one before without following a link, so that nothing can be exchanged meanwhile.

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
    opened = []
    try:
        opened.append(os.open(folder.parent.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        for name in (folder.parent.name, folder.name):
            opened.append(_open_in(opened[-1], name, os.O_DIRECTORY))
        descriptor = _open_in(opened[-1], filename, os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    finally:
        for place in opened:
            os.close(place)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnreadableError(f"{filename} is not a regular file")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UnreadableError(f"{filename} is larger than {MAX_BYTES // 1_000_000} MB")
    return content


def _open_in(folder: int, name: str, kind: int) -> int:
    """Open what is in an open folder, unless it is a link."""
    try:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | kind, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as error:
        why = "it is a link" if _is_link(folder, name) else error.strerror
        raise UnreadableError(f"{name} cannot be opened: {why}") from error


def _is_link(folder: int, name: str) -> bool:
    with contextlib.suppress(OSError):
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    return False


def read_submission(content: bytes, release: Mapping[str, Any]) -> Submission:
    """Take a notebook apart.

    Parameters
    ----------
    content : bytes
    release : mapping
        The pristine notebook: what its cells are called decides, and nothing that the submission says about itself.

    Returns
    -------
    Submission

    Raises
    ------
    UnreadableError
        If it is no notebook.
    """
    known = {flags(cell).get("grade_id") or cell["id"]: cell for cell in release["cells"]}
    solutions = {name: cell["source"] for name, cell in known.items() if flags(cell).get("solution")}
    submission = Submission()
    submission.first = [cell["source"] for cell in release["cells"] if cell["cell_type"] == "code" and not flags(cell)]
    found: dict[str, list[int]] = {name: [] for name in solutions}
    cells = read_cells(content)
    for cell, name in zip(cells, names_of(cells, known, submission.python), strict=True):
        source, is_code = source_of(cell), cell.get("cell_type") == "code"
        if name is not None and name in solutions:
            if not is_code:
                submission.notes.append(f"the cell of {name} is not a code cell any more; its text was taken as code")
            found[name].append(len(submission.cells))
            submission.cells.append((name, source))
        elif is_code and (name is None or plain(source) != plain(known[name]["source"])):
            submission.cells.append((name if name and flags(known[name]).get("grade") else None, source))
        _collect_figures(cell, submission.figures)
    _settle(submission, solutions, found)
    return submission


def answers_in(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Return the solution cells of a notebook of ours: dict of exercise to source."""
    return {flags(cell)["grade_id"]: cell.source for cell in notebook.cells if flags(cell).get("solution")}


def _settle(submission: Submission, solutions: Mapping[str, str], found: Mapping[str, Sequence[int]]) -> None:
    """Decide which cells hold the answers, and what a person should know or look at."""
    drop: set[int] = set()
    for name, stub in solutions.items():
        copies = {place: plain(submission.cells[place][1]) for place in found[name]}
        written: dict[str, int] = {}  # different contents, each with its first place
        for place, text in copies.items():
            if has_code(text) and text != plain(stub):
                written.setdefault(text, place)
        if not written:
            submission.untouched.add(name)
        kept = sorted(written.values()) or list(copies)[:1]
        drop |= copies.keys() - set(kept)
        defining = [place for place in kept if binds(submission.python(submission.cells[place][1]), name)]
        if len(kept) > 1 and len(defining) != 1:
            submission.refused[name] = f"its cell is there {len(copies)} times with different content"
        elif any(submission.cells[place][1].lstrip("\r\n").startswith((" ", "\t")) for place in kept[1:]):
            submission.refused[name] = "its cell is split in the middle of a definition"
        elif len(kept) > 1:
            submission.notes.append(f"the cell of {name} is in {len(kept)} parts; they were run in order")
        elif written and plain(stub) in copies.values():
            submission.notes.append(f"the cell of {name} is there {len(copies)} times; the one that was written counts")
    submission.cells = [cell for place, cell in enumerate(submission.cells) if place not in drop]
    for name in solutions:
        _look_elsewhere(submission, name, bool(found[name]))


def _look_elsewhere(submission: Submission, name: str, there: bool) -> None:
    """Note where an answer was found that is not in its cell, and what is odd if none was found."""
    own = submission.places_of(name)
    others = [place for place in range(len(submission.cells)) if place not in own and submission._binds(place, name)]
    found = {_place_name(submission.cells[place][0]) for place in own if submission.cells[place][0] != name}
    if found:
        submission.notes.append(f"{name} was found in {', '.join(sorted(found))}")
    elif not there:
        submission.doubts[name] = "its cell is missing from the notebook"
    elif name not in submission.untouched and not any(submission._binds(place, name) for place in own):
        submission.doubts[name] = f"its cell was written but does not define {name}"
    if any(submission.cells[place][0] is None and place > max(own) for place in others):
        submission.notes.append(f"{name} is defined again in a cell below its own; the last definition counts")
    passed_over = {_place_name(submission.cells[place][0]) for place in others if submission.cells[place][0]}
    if passed_over:
        submission.rivals[name] = f"{name} is also defined in {', '.join(sorted(passed_over))}; its own cell counts"


def _place_name(name: str | None) -> str:
    if name is None:
        return "a cell of the student's own"
    return f"the cell of {name}" if not name.endswith("-check") else f"the check cell of {name.removesuffix('-check')}"


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
            if content.startswith(PNG) and sum(map(len, [picture, *figures])) <= MAX_ALL_FIGURES:
                figures.append(base64.b64encode(content).decode("ascii"))
