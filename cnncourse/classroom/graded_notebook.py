"""The graded notebook for people to read: the release with the student's cells and marks; nothing in it was run."""

from __future__ import annotations

import nbformat

from .submission import Submission, flags
from .verdict import Verdict


def graded_notebook(
    release: nbformat.NotebookNode, submission: Submission | None, verdict: Verdict
) -> nbformat.NotebookNode:
    """Put the student's cells and marks into a copy of the release.

    Parameters
    ----------
    release : nbformat.NotebookNode
    submission : Submission or None
        None if nothing could be read.
    verdict : Verdict

    Returns
    -------
    nbformat.NotebookNode
    """
    notebook = nbformat.from_dict(release)
    answers: dict[str, str] = {}
    added: dict[str | None, list[str]] = {}
    after = None
    for name, source in submission.cells if submission else ():
        if name is None:
            added.setdefault(after, []).append(source)
        else:
            answers[name] = source
            after = name
    cells = [nbformat.v4.new_code_cell(source) for source in added.get(None, ())]
    for cell in notebook.cells:
        name = flags(cell).get("grade_id", "")
        cells.append(cell)
        if name in answers:
            cell.source = answers[name]
            cells += [nbformat.v4.new_code_cell(source) for source in added.get(name, ())]
        elif flags(cell).get("grade"):
            record = verdict.exercises[name.removesuffix("-check")]
            text = f"{record['mark']:g} of {record['points']:g} points: {record['status']}\n{record['sentence']}"
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text.strip() + "\n")]
            cell.execution_count = 1
    notebook.cells = cells
    return notebook
