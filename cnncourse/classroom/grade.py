"""Grade one submission: cells to the sandbox, observations back, marks decided here."""

from __future__ import annotations

from collections.abc import Mapping

from cnncourse.checking.checker import Checker
from cnncourse.checking.report import Report
from cnncourse.checking.runner.program import OTHER

from .sandbox import Sandbox, SandboxError, SandboxResult
from .student_view import hidden_share, student_view
from .submission import Submission
from .verdict import FAILED, GRADED, Verdict


def grade_submission(
    submission: Submission,
    checkers: Mapping[str, Checker],
    points: Mapping[str, float],
    sandbox: Sandbox,
    verdict: Verdict,
) -> None:
    """Enter the marks of every exercise into a verdict.

    Parameters
    ----------
    submission : Submission
    checkers : mapping of str to Checker
        By exercise, with the hidden seed.
    points : mapping of str to float
        Of each exercise.
    sandbox : Sandbox
    verdict : Verdict
        Gets marks, sentences and notes, and its status if something failed or needs a person.

    Raises
    ------
    SandboxError
        If the sandbox was interrupted.
    """
    verdict.notes += submission.notes
    verdict.figures = submission.figures
    for name, checker in checkers.items():
        record = _grade_exercise(name, checker, submission, points[name], sandbox, verdict)
        verdict.exercises[name] = empty_record(points[name], "failed") | record


def empty_record(points: float, status: str) -> dict:
    """Return the record of an exercise that earned nothing."""
    return {"mark": 0.0, "points": points, "status": status, "misconception": None, "sentence": "", "call": []}


def _grade_exercise(
    name: str, checker: Checker, submission: Submission, points: float, sandbox: Sandbox, verdict: Verdict
) -> dict:
    if name in submission.refused:
        return _for_person(verdict, name, submission.refused[name])
    try:
        if sandbox.process is None:
            sandbox.start()
        result, report = _observe(sandbox, checker, submission.cells_for(name))
        if result.used_other_cells and hidden_share(report) < 1:  # other exercises' cells may not cost a mark here
            alone = [cell for cell in submission.cells_for(name) if cell[0] != OTHER]
            again = _observe(sandbox, checker, alone)
            result, report = max((result, report), again, key=lambda pair: hidden_share(pair[1]))
    except SandboxError as error:
        if sandbox.interrupted:
            raise
        return _for_person(verdict, name, f"{error}; grade it again")
    except Exception as error:  # a fault of the comparison must not end the batch
        return _for_person(verdict, name, f"comparing it raised {type(error).__name__}")
    record = student_view(report, result) | {"mark": points * hidden_share(report)}
    if report.status == "not attempted" and name in submission.missing:
        return record | _for_person(verdict, name, "its cell is missing from the notebook")
    if result.ended_by or (report.status == "not attempted" and result.fault):
        verdict.status = FAILED if verdict.status == GRADED else verdict.status
        verdict.notes.append(f"{name}: {record['sentence']}")
    return record


def _for_person(verdict: Verdict, name: str, reason: str) -> dict:
    verdict.needs_person(f"{name}: {reason}")
    return {"sentence": f"A person will look at it: {reason}."}


def _observe(sandbox: Sandbox, checker: Checker, cells: list[tuple[str, str]]) -> tuple[SandboxResult, Report]:
    result = sandbox.observe(cells, checker.exercise, checker.cases)
    return result, checker.report(result.observed)
