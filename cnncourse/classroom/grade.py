"""Grade one submission: cells to the sandbox, observations back, marks decided here."""

from __future__ import annotations

from collections.abc import Mapping

from cnncourse.checking.checker import Checker
from cnncourse.checking.marking import mark
from cnncourse.checking.report import Report
from cnncourse.checking.runner.program import OTHER

from .sandbox import Sandbox, SandboxError, SandboxResult
from .student_view import student_view
from .submission import Submission
from .verdict import FAILED, GRADED, Verdict


def grade_submission(
    submission: Submission,
    checkers: Mapping[str, Checker],
    points: Mapping[str, float],
    sandbox: Sandbox,
    verdict: Verdict,
) -> list[str]:
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

    Returns
    -------
    list of str
        Exercises that ended early: their answers took too long or too much memory, or ended their process.

    Raises
    ------
    SandboxError
        If the sandbox was interrupted.
    """
    verdict.notes += submission.notes
    verdict.figures = submission.figures
    ended_early: list[str] = []
    for name, checker in checkers.items():
        record = _grade_exercise(name, checker, submission, points[name], sandbox, verdict, ended_early)
        verdict.exercises[name] = empty_record(points[name], "failed") | record
    return ended_early


def empty_record(points: float, status: str) -> dict:
    """Return the record of an exercise that earned nothing."""
    return {
        "mark": 0.0,
        "points": points,
        "status": status,
        "misconception": None,
        "sentence": "",
        "rules": "",
        "call": [],
    }


def _grade_exercise(
    name: str,
    checker: Checker,
    submission: Submission,
    points: float,
    sandbox: Sandbox,
    verdict: Verdict,
    ended_early: list[str],
) -> dict:
    if name in submission.refused:
        return _for_person(verdict, name, submission.refused[name])
    try:
        if sandbox.process is None:
            sandbox.start()
        result, report = _observe(sandbox, checker, submission.cells_for(name))
        if result.used_other_cells and not report.passed:  # other exercises' cells may not cost a mark here
            alone = [cell for cell in submission.cells_for(name) if cell[0] != OTHER]
            again = _observe(sandbox, checker, alone)
            result, report = max((result, report), again, key=lambda pair: mark(pair[1]).share)
    except SandboxError as error:
        if sandbox.interrupted:
            raise
        return _for_person(verdict, name, f"{error}; grade it again")
    except Exception as error:  # a fault of the comparison must not end the batch
        return _for_person(verdict, name, f"comparing it raised {type(error).__name__}")
    if result.ended_by:
        ended_early.append(name)
    shown = student_view(report, result, name not in submission.untouched, submission.left_out(name))
    record = shown | {"mark": points * mark(report).share}
    if not report.passed and name in submission.rivals:
        verdict.notes.append(submission.rivals[name])
    if report.status == "not attempted" and name in submission.doubts:
        return record | _for_person(verdict, name, submission.doubts[name])
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
