"""Which cell of the release a submitted cell is, and what is in it, judged by its text; nothing is parsed or run."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from cnncourse.checking.notebooks import source_of


def flags(cell: Mapping) -> dict:
    """Return nbgrader's flags of a cell, whatever they are worth: a dict."""
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def names_of(cells: Sequence[dict], known: Mapping[str, Mapping], python: Callable[[str], str]) -> list[str | None]:
    """Name each cell by the release's cell that it is: by nbgrader's id, else Jupyter's, else by what is in it.

    Parameters
    ----------
    cells : sequence of dict
        Of the submission.
    known : dict of str to dict
        The release's cells by name.
    python : callable
        Translates a cell's source.

    Returns
    -------
    list of str or None
        None for a cell of the student's own.
    """
    by_id = {cell["id"]: name for name, cell in known.items()}
    names = [_name_of(cell, known, by_id) for cell in cells]
    lost = {name for name in known if name not in names}
    unnamed = [place for place, cell in enumerate(cells) if names[place] is None and cell.get("cell_type") == "code"]
    by_text = {plain(known[name]["source"]): name for name in lost if known[name]["cell_type"] == "code"}
    for place in unnamed:
        name = by_text.pop(plain(source_of(cells[place])), None)
        if name is not None:
            names[place] = name
            lost.discard(name)
    for name in (name for name in known if name in lost and flags(known[name]).get("solution")):
        defining = [p for p in unnamed if names[p] is None and binds(python(source_of(cells[p])), name)]
        if defining:
            names[defining[-1]] = name
    return names


def _name_of(cell: Mapping, known: Mapping[str, Mapping], by_id: Mapping[str, str]) -> str | None:
    metadata = cell.get("metadata")
    ids = cell.get("id"), metadata.get("id") if isinstance(metadata, dict) else None  # Colab moves it
    for name in (flags(cell).get("grade_id"), *(by_id.get(one) for one in ids if isinstance(one, str))):
        if isinstance(name, str) and name in known:
            return name
    return None


def plain(source: str) -> str:
    """Return a source without what editors change: line ends, blanks at the end of a line, empty lines around it."""
    return "\n".join(line.rstrip() for line in source.splitlines()).strip()


def binds(python: str, name: str) -> bool:
    """Whether a source seems to define, assign or import a name, judged line by line; nothing is parsed."""
    text = python if python.isascii() else unicodedata.normalize("NFKC", python)
    return _binding(name).search(text) is not None


@functools.cache
def _binding(name: str) -> re.Pattern:
    defined, assigned = rf"(?:async[ \t]+def|def|class)[ \t]+{name}\b", rf"{name}[ \t]*(?::[^\n=]*)?=(?!=)"
    return re.compile(rf"^[ \t]*(?:{defined}|{assigned}|(?:from|import)\b[^\n]*\b{name}\b)", re.MULTILINE)


def has_code(text: str) -> bool:
    """Whether there is more in a source than comments."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())
