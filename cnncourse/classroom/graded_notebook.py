"""The graded notebook for people to read: the release with the student's cells and marks; nothing in it was run."""

from __future__ import annotations

from itertools import chain

import nbformat

from cnncourse.checking.wording import counted

from .cells import flags
from .submission import Submission, answers_in
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
    solutions, after = answers_in(release), None
    if submission:
        places = {name: submission.places_of(name) for name in solutions}
        shown = set(chain.from_iterable(places.values()))
        answers = {
            name: "\n\n".join(submission.cells[place][1] for place in found) for name, found in places.items() if found
        }
        for place, (name, source) in enumerate(submission.cells):
            if name in solutions:
                after = name
            elif place not in shown:
                added.setdefault(after, []).append(source)
    cells = [nbformat.v4.new_code_cell(source) for source in added.get(None, ())]
    for cell in notebook.cells:
        name = flags(cell).get("grade_id", "")
        cells.append(cell)
        if name in answers:
            cell.source = answers[name]
            cells += [nbformat.v4.new_code_cell(source) for source in added.get(name, ())]
        elif flags(cell).get("grade"):
            record = verdict.exercises[name.removesuffix("-check")]
            text = (
                f"{record['mark']:g} of {counted(record['points'], 'point')}: {record['status']}\n{record['sentence']}"
            )
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text.strip() + "\n")]
            cell.execution_count = 1
    notebook.cells = cells
    return notebook
