"""Make an assignment's notebooks from the bank's records: the one with solutions, and the one to hand out."""

from __future__ import annotations

import inspect
import platform
import re
import sys

import nbformat
import torch

from cnncourse.checking.checker import Checker
from cnncourse.checking.compare import Observation, compare_values, tolerance_of
from cnncourse.checking.marking import weights
from cnncourse.checking.record import Case, Exercise
from cnncourse.checking.runner.calls import PROBES
from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.checking.wording import counted

from .course import Assignment
from .literals import literal, size

MAX_ELEMENTS = 300  # of a visible case; larger ones are not written out
HONOUR = (
    "I wrote the answers in this notebook myself. Where I used other people's code or ideas, a comment beside it says "
    "whose.\n\nName:"
)
CHECK = """\
# Visible check of {name}. Marks come from these cases and from others like them.
from math import inf, nan

import numpy as np
import torch


def agree(got, expected, tolerance):
    if isinstance(expected, (torch.Tensor, np.ndarray)):
        if type(got) is not type(expected) or tuple(got.shape) != tuple(expected.shape):
            return False
        got, expected = (torch.as_tensor(value).detach().double() for value in (got, expected))
        return bool(torch.isclose(got, expected, rtol=0.0, atol=tolerance, equal_nan=True).all())
    if isinstance(expected, (list, tuple)):
        alike = isinstance(got, (list, tuple)) and len(got) == len(expected)
        return alike and all(agree(one, other, tolerance) for one, other in zip(got, expected))
    if isinstance(expected, dict):
        alike = isinstance(got, dict) and got.keys() == expected.keys()
        return alike and all(agree(got[key], expected[key], tolerance) for key in expected)
    if isinstance(expected, float):
        return isinstance(got, (int, float)) and (got == expected or abs(got - expected) <= tolerance)
    return type(got) is type(expected) and got == expected

{probe}
# (what it looks at, the call, what is expected, tolerance)
CASES = [
{cases}
]
for note, call, expected, tolerance in CASES:
    try:
        got = call()
    except NotImplementedError:
        print("not implemented yet")
        break
    except Exception as error:
        got = type(error)
    {verdict}
"""
STRICT = """\
if got is expected or agree(got, expected, tolerance):
        print(f"right: {note}")
    else:
        print(f"wrong: {note}\\n  returned {got!r}\\n  expected {expected!r}")"""
FREE = 'print(f"{note}\\n  returned          {got!r}\\n  a right answer is {expected!r}")'


def notebooks(assignment: Assignment) -> tuple[nbformat.NotebookNode, nbformat.NotebookNode]:
    """Make both notebooks.

    Parameters
    ----------
    assignment : Assignment

    Returns
    -------
    source, release : nbformat.NotebookNode
        Alike but for the solution cells.
    """
    return _notebook(assignment, solved=True), _notebook(assignment, solved=False)


def _notebook(assignment: Assignment, solved: bool) -> nbformat.NotebookNode:
    cells = [
        _cell("markdown", "title", _title(assignment)),
        nbformat.v4.new_markdown_cell(HONOUR, id="honour"),
        nbformat.v4.new_code_cell(PRACTICE_IMPORTS.strip(), id="imports"),
    ]
    for name, (exercise, variant) in assignment.exercises().items():
        checker, points = Checker(exercise, assignment.seed, variant), assignment.points[name]
        cells.append(_cell("markdown", f"{name}-prompt", _prompt(checker, points)))
        answer = exercise.solution(variant) if solved else exercise.stub(variant)
        cells.append(_cell("code", name, answer, solution=True, locked=False))
        cells.append(_cell("code", f"{name}-check", check_source(checker), grade=True, points=points))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _cell(
    kind: str,
    name: str,
    source: str,
    grade: bool = False,
    solution: bool = False,
    locked: bool = True,
    points: float | None = None,
) -> nbformat.NotebookNode:
    """Make a cell with nbgrader's flags; its `grade_id` is its name, from which its id follows."""
    flags = {"grade_id": name, "grade": grade, "solution": solution, "locked": locked, "task": False}
    flags |= {"schema_version": 3} | ({"points": points} if grade else {})
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(source, id=name.replace("_", "-")[:64], metadata={"nbgrader": flags})


def _title(assignment: Assignment) -> str:
    due = f" It is due at {assignment.due}." if assignment.due else ""
    size = f"{counted(len(assignment.points), 'exercise')}, {counted(assignment.maximum, 'point')}"
    return (
        f"# {assignment.name}\n\n{size}.{due} Write each "
        "body in the cell that is there for it, run it, then run the check below it. You may add cells.\n\n"
        f"Made for Python {platform.python_version()} and PyTorch {torch.__version__.split('+')[0]}; NumPy and PyTorch "
        "are all that the checks need. Each exercise is graded by itself: an answer may use your other cells, but a "
        "mistake there costs nothing here. When it is graded, nothing but your code is there: no network, no "
        f"files, no GPU. With the course's package, `cnncourse precheck {assignment.name}.ipynb` says before you hand "
        "it in what will be graded, what is missing and what cannot run."
    )


def _prompt(checker: Checker, points: float) -> str:
    exercise, variant = checker.exercise, checker.variant
    rule = f"\n\n**Here one rule is different.** {variant.rule}" if variant else ""
    scope = f"\n\nNot asked for: {'; '.join(exercise.out_of_scope)}." if exercise.out_of_scope else ""
    task = f"## {exercise.name} ({counted(points, 'point')})\n\n{exercise.prompt.strip()}{rule}{scope}"
    return f"{task}\n\n{weights(checker.cases)}"


def check_source(checker: Checker) -> str:
    """Write the visible check of an exercise as plain data: it needs torch and NumPy only.

    Parameters
    ----------
    checker : Checker

    Returns
    -------
    str
    """
    exercise = checker.exercise
    cases = checker.cases[: len(exercise.visible)]
    visible = [(case, Observation.read(exercise.observe(checker.solved, case))) for case in cases]
    sources = [_probe_source(name, exercise.name) for name in sorted({case.probe for case, _ in visible} - {"call"})]
    written = [_case(exercise, case, right) for case, right in visible if size(case.inputs) <= MAX_ELEMENTS]
    if not written or None in sources:
        return f"# {exercise.name} has no visible check: its cases are too large to write out. Try it on your own."
    return CHECK.format(
        name=exercise.name,
        probe="".join(f"\n{source}\n" for source in sources),
        cases="\n".join(written),
        verdict=STRICT if checker.compare is compare_values else FREE,
    )


def _case(exercise: Exercise, case: Case, right: Observation) -> str:
    arguments = ", ".join(f"{name}={literal(value)}" for name, value in case.inputs.items())
    call = f"{exercise.name}({arguments})" if case.probe == "call" else f"{case.probe}({exercise.name}, {arguments})"
    expected = right.exception if right.outcome == "raised" else literal(right.value)
    return f"    ({case.note!r}, lambda: {call}, {expected}, {tolerance_of(case, right.value)!r}),"


def _probe_source(name: str, answer: str) -> str | None:
    """The source of a probe, to stand in a notebook, with its module if it needs that; None if it cannot."""
    probe = PROBES[name]
    module = sys.modules[probe.__module__]
    known = {key for key, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__}
    known |= {key for key in vars(module) if key.isupper()}
    alone = not known & set(probe.__code__.co_names)
    source = inspect.getsource(probe if alone else module)
    source = re.sub(r"^from \.calls import .*\n|^@probe\n", "", source, flags=re.MULTILINE).strip()
    clashes = re.search(rf"^\s*from \.|^(def|class) {answer}\b", source, re.MULTILINE)
    return None if clashes else source
