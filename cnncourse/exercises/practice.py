"""Practice notebooks: the stubs of a chapter, each with its check."""

from __future__ import annotations

from cnncourse.checking.source import PRACTICE_IMPORTS

from .registry import CHAPTERS, bank


def practice_notebook(chapter: str) -> dict:
    """Make a notebook of a chapter's exercises: prompt, stub and check, one after the other.

    Parameters
    ----------
    chapter : str
        Stem: "convolution".

    Returns
    -------
    dict
        A notebook of format 4.5, ready for `json.dumps`.

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
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _markdown(cell_id: str, source: str) -> dict:
    return {"id": cell_id.replace("_", "-"), "cell_type": "markdown", "metadata": {}, "source": source}


def _code(cell_id: str, source: str) -> dict:
    return _markdown(cell_id, source) | {"cell_type": "code", "outputs": [], "execution_count": None}
