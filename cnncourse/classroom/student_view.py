"""What a student is shown: of visible cases everything, of hidden cases only what helps."""

from __future__ import annotations

import builtins

from cnncourse.checking.compare import Observation
from cnncourse.checking.notebooks import without_surrogates
from cnncourse.checking.report import Report

from .sandbox import SandboxResult

ENDINGS = {
    "time": "It took too long: more than 10 seconds for a call, or two minutes in all.",
    "ended": "It ended the process that ran it, or took more memory than there is.",
}


def hidden_share(report: Report) -> float:
    """Return the share of hidden cases passed: those that the release does not show, or all if it shows all."""
    visible = len(report.exercise.visible)
    hidden = report.results[visible:] or report.results
    return sum(result.mismatch is None for result in hidden) / len(hidden)


def student_view(report: Report, result: SandboxResult) -> dict:
    """Return what a student is shown of a report.

    Returns
    -------
    dict
        ``status``, ``misconception``, ``sentence`` (of a hidden case the known mistake or the kind of fault) and
        ``call`` (of a visible case).
    """
    visible = report.results[: len(report.exercise.visible)]
    shown = type(report)(report.exercise, visible, report.recognised)
    view: dict = {"status": report.status, "misconception": report.misconception, "sentence": "", "call": []}
    if result.ended_by:
        view["sentence"] = ENDINGS[result.ended_by]
    elif report.status == "not attempted" and result.fault:
        view["sentence"] = f"Its cell raised {exception_name(result.fault)}, so that there was nothing to grade."
    elif report.recognised:
        view["sentence"] = report.recognised.sentence
    elif shown.status == "failed":
        view["sentence"] = shown.sentence
    elif report.failing and report.failing.mismatch and report.status == "failed":
        view["sentence"] = _of_hidden(report.failing.mismatch.kind, report.failing.observed)
    if shown.status == "failed" and not result.ended_by:
        view["call"] = [[label, without_surrogates(content)] for label, content in shown.call]
    return view | {"sentence": without_surrogates(view["sentence"])}


def _of_hidden(kind: str, observed: Observation) -> str:
    if kind == "raised" and observed.outcome == "raised":
        return f"The visible cases are right, but a hidden one raised {exception_name(observed.exception)}."
    what = {
        "shape": "gave the wrong shape",
        "type": "gave the wrong kind of value",
        "refused": "called a function that is to be built",
    }
    return f"The visible cases are right, but a hidden one {what.get(kind, 'gave a wrong result')}."


def exception_name(name: str) -> str:
    """Return an exception's name if it is Python's own: a student's own class name could carry a message."""
    kind = getattr(builtins, name, None) if name.isidentifier() else None
    return name if isinstance(kind, type) and issubclass(kind, BaseException) else "an exception"
