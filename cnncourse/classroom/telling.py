"""What a student may hear: of visible cases everything, of hidden ones no more than what helps."""

import builtins

from .intake import whole

ENDINGS = {
    "time": "It took too long: more than 10 seconds for a call, or two minutes in all.",
    "ended": "It ended the process that ran it, or took more memory than there is.",
}


def hidden_share(report):
    """Return the share of hidden cases passed: those that the release does not show, or all if it shows all."""
    visible = len(report.exercise.visible)
    hidden = report.results[visible:] or report.results
    return sum(result.mismatch is None for result in hidden) / len(hidden)


def told(report, testimony):
    """What the student may hear: of visible cases everything, of hidden ones the known mistake or the kind of fault."""
    visible = report.results[: len(report.exercise.visible)]
    shown = type(report)(report.exercise, visible, report.recognised)
    heard = {"status": report.status, "misconception": report.misconception, "sentence": "", "call": []}
    if testimony.over:
        heard["sentence"] = ENDINGS[testimony.over]
    elif report.status == "not attempted" and testimony.fault:
        heard["sentence"] = f"Its cell raised {exception_name(testimony.fault)}, so that there was nothing to grade."
    elif report.recognised:
        heard["sentence"] = report.recognised.sentence
    elif shown.status == "failed":
        heard["sentence"] = shown.sentence
    elif report.status == "failed":
        mismatch = report.failing.mismatch
        heard["sentence"] = _of_hidden(mismatch.kind, report.failing.observed)
    if shown.status == "failed" and not testimony.over:
        heard["call"] = [[label, whole(content)] for label, content in shown.call]
    return heard | {"sentence": whole(heard["sentence"])}


def _of_hidden(kind, observed):
    if kind == "raised" and observed.outcome == "raised":
        return f"The visible cases are right, but a hidden one raised {exception_name(observed.exception)}."
    what = {"shape": "the wrong shape", "type": "the wrong kind of value", "refused": "a function that is to be built"}
    return f"The visible cases are right, but a hidden one met {what.get(kind, 'a wrong result')}."


def exception_name(name):
    """Return an exception's name if it is Python's own: a name of the student's making could carry a message."""
    kind = getattr(builtins, name, None) if name.isidentifier() else None
    return name if isinstance(kind, type) and issubclass(kind, BaseException) else "an exception"
