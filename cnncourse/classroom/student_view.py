"""What a student is shown: of visible cases everything, of hidden cases only what helps."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from cnncourse.checking.compare import Observation, compare_values
from cnncourse.checking.marking import mark
from cnncourse.checking.notebooks import without_surrogates
from cnncourse.checking.report import Report, Result
from cnncourse.checking.runner import Opaque

from .sandbox import SandboxResult

ENDINGS = {
    "time": "It took too long: more than 20 seconds for its cells, 10 seconds for a call, or two minutes in all.",
    "memory": "It took more than 4 GB of memory.",
    "ended": "It ended the process that ran it.",
}
MAX_LINES = 3  # that did not run and are quoted
NOT_THERE = {  # exceptions of a cell that ran on the student's machine and cannot run in the sandbox
    "ModuleNotFoundError": "It imports a package that is not there when it is graded.",
    "FileNotFoundError": "It opens a file that is not there when it is graded.",
    "EOFError": "It asks for input, and nobody answers when it is graded.",
}


def student_view(report: Report, result: SandboxResult, written: bool = False, left_out: Sequence[str] = ()) -> dict:
    """Return what a student is shown of a report.

    Parameters
    ----------
    report : Report
    result : SandboxResult
    written : bool, default False
        Whether the exercise's cell differs from what was handed out.
    left_out : sequence of str
        Lines of the answer that are not Python and did not run.

    Returns
    -------
    dict
        ``status``, ``misconception``, ``sentence`` (the known mistakes, else the kind of fault), ``rules``
        (how many are kept, and which are broken), and of a visible case ``call`` and, where
        one fails, ``pictures`` (its arrays).
    """
    visible = tuple(_without_texts(result) for result in report.results[: len(report.exercise.visible)])
    shown = type(report)(report.exercise, visible, report.mistakes)
    view: dict = {
        "status": report.status,
        "misconception": report.misconception,
        "sentence": "",
        "rules": "",
        "call": [],
    }
    if result.ended_by:
        view["sentence"] = ENDINGS[result.ended_by]
    elif report.status == "not attempted" and result.fault:
        view["sentence"] = f"Its cell raised {exception_name(result.fault)}, so that there was nothing to grade."
    elif report.status == "not attempted" and written:
        view["sentence"] = "Its cell was changed, but a call of it still raises NotImplementedError."
    elif report.recognised:
        view["sentence"] = " ".join([report.sentence, *_other_mistakes(report)])
    elif shown.status == "failed":
        view["sentence"] = shown.sentence
    elif report.failing and report.failing.mismatch and report.status == "failed":
        view["sentence"] = _of_hidden(report.failing.mismatch.kind, report.failing.observed)
    if shown.status == "failed" and not result.ended_by:
        view["pictures"] = {part: [each.to_dict() for each in drawn] for part, drawn in shown.pictures.items()}
        view["call"] = [[label, without_surrogates(content)] for label, content in shown.call]
    if report.status == "failed" and not result.ended_by:
        view["rules"] = mark(report).sentence
    if report.status != "passed":
        view["sentence"] = " ".join([view["sentence"], *_what_did_not_run(report, result, left_out)]).strip()
    return view | {"sentence": without_surrogates(view["sentence"])}


def _other_mistakes(report: Report) -> tuple[str, ...]:
    """What `Report.more` says of known mistakes; what it says of single cases could tell of hidden ones."""
    return report.more[: len(report.mistakes) - 1]


def _without_texts(result: Result) -> Result:
    """Return a result without any text that the answer chose: a text could tell what hidden cases ask."""
    observed, expected = result.observed, result.expected
    quiet = replace(
        observed,
        exception=exception_name(observed.exception) if observed.outcome == "raised" else "",
        message="",
        value=_numbers_of(observed.value, expected.value),
    )
    mismatch = result.mismatch
    if mismatch and mismatch == compare_values(result.case, observed, expected):  # else its words are the exercise's
        mismatch = compare_values(result.case, quiet, expected) or mismatch
    return replace(result, observed=quiet, mismatch=mismatch)


def _numbers_of(value: object, expected: object) -> object:
    """Replace texts in a value by a description, unless they are what is expected."""
    if isinstance(value, str):
        return value if value == expected else Opaque("a string")
    if isinstance(value, Opaque):
        return Opaque("an object that cannot be shown")
    if isinstance(value, list | tuple):
        right = expected if isinstance(expected, list | tuple) else ()
        pairs = zip_longest(value, right[: len(value)])
        return type(value)(_numbers_of(item, other) for item, other in pairs)
    if isinstance(value, dict):
        if not isinstance(expected, dict) or value.keys() != expected.keys():
            return Opaque("a dict")
        return {key: _numbers_of(item, expected[key]) for key, item in value.items()}
    return value


def _what_did_not_run(report: Report, result: SandboxResult, left_out: Sequence[str]) -> Iterator[str]:
    if result.fault in NOT_THERE:
        yield NOT_THERE[result.fault]
    elif result.fault and report.status == "failed" and not result.ended_by:
        yield f"A line of its cell raised {exception_name(result.fault)}; the definitions below that line were run."
    raised = report.failing.observed.exception if report.failing and not result.ended_by else ""
    if "NameError" in (raised, result.fault):
        yield "No cell that ran defines that name: restart the kernel and run all cells to see it."
    if left_out:
        more = f" and {len(left_out) - MAX_LINES} more" if len(left_out) > MAX_LINES else ""
        yield f"Not run, since it is not Python: {'; '.join(left_out[:MAX_LINES])}{more}."


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
