"""Practice notebooks (stubs and check cells), and answers read back from files."""

import json

import nbformat

from cnncourse.checking.source import PRACTICE_IMPORTS

from .registry import CHAPTERS, bank


def practice_notebook(chapter: str) -> nbformat.NotebookNode:
    """Make a notebook of a chapter's exercises: prompt, stub and check, one after the other.

    Parameters
    ----------
    chapter : str
        Stem: "convolution".

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    ValueError
        For a chapter without exercises.
    """
    if chapter not in CHAPTERS:
        raise ValueError(f"`chapter` must be one of {', '.join(CHAPTERS)}, not {chapter!r}")
    title = f"# Practice: {chapter}\n\nWrite each body, run its cell, then the check below it."
    cells = [
        _markdown("title", title),
        _code("imports", f"{PRACTICE_IMPORTS}\nfrom cnncourse.exercises import check, hint, solution"),
    ]
    for exercise in bank().values():
        if exercise.chapter == chapter:
            cells += [
                _markdown(f"{exercise.name}-prompt", f"## {exercise.name}\n\n{exercise.prompt.strip()}"),
                _code(exercise.name, exercise.stub()),
                _code(f"{exercise.name}-check", f"check({exercise.name})"),
            ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _markdown(cell_id, source):
    return nbformat.v4.new_markdown_cell(source, id=cell_id.replace("_", "-"))


def _code(cell_id, source):
    return nbformat.v4.new_code_cell(source, id=cell_id.replace("_", "-"))


def read_cells(path):
    """Read an answer's sources from a file, running nothing.

    Parameters
    ----------
    path : pathlib.Path
        A Python file (one cell) or a notebook (its code cells; lines that begin with ``%`` or ``!`` are left out).

    Returns
    -------
    list of str

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If a notebook is not one.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return [text]
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is not a notebook: {error}") from error
    return [without_magics(source) for source in sources]


def without_magics(source):
    """Take the notebook's own commands out of a cell: lines that begin with ``%`` or ``!``, whole ``%%`` cells.

    Examples
    --------
    >>> without_magics("%matplotlib inline\\nx = 1")
    'x = 1'
    """
    if source.lstrip().startswith("%%"):
        return ""
    return "\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!")))
