"""Answers that people wrote, and how a checker judges them: accepted, refused, named, unnamed, falsely named."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from cnncourse.checking.marking import names, rules_of
from cnncourse.checking.report import Report

from .registry import bank, checker_for

RIGHT = "right"
UNKNOWN = "unknown"
MARK = "_answer"  # attribute of a function or class that is an answer


@dataclass(frozen=True)
class Answer:
    """An answer with the verdict that it deserves.

    Parameters
    ----------
    exercise : str
    truth : str
        "right", or a sentence that says what is wrong.
    ids : frozenset of str or None
        Of the known mistakes that it makes; empty if the bank knows none of them. None if nobody has said.
    written : callable
        The answer itself.
    """

    exercise: str
    truth: str
    ids: frozenset[str] | None
    written: Callable

    @property
    def name(self) -> str:
        """The exercise and the answer's own name."""
        return f"{self.exercise}.{self.written.__name__}"


@dataclass(frozen=True)
class Judged:
    """An answer with its report."""

    answer: Answer
    report: Report

    @property
    def kind(self) -> str:
        """One of "accepted", "refused" (a right one), "wrongly accepted", "named", "falsely named" and "unnamed"."""
        if self.answer.truth == RIGHT:
            return "accepted" if self.report.passed else "refused"
        if self.report.passed:
            return "wrongly accepted"
        if not self.report.misconceptions:
            return "unnamed"
        false = self.answer.ids is not None and not self.answer.ids.issuperset(self.report.misconceptions)
        return "falsely named" if false else "named"

    @property
    def behaviour(self) -> str:
        """What an unnamed answer does: its smallest failing case's fault, and the rules that its wrong cases vary."""
        failing = self.report.failing
        assert failing is not None  # an unnamed answer fails
        assert failing.mismatch is not None
        wrong = [result.case for result in self.report.results if result.mismatch]
        count = f"{len(wrong)} of {len(self.report.results)} cases wrong"
        return f"{self.answer.exercise}: {failing.mismatch.kind}, {count} ({names(rules_of(wrong))})"


def answer(exercise: str, truth: str, ids: str | None = None) -> Callable[[Callable], Callable]:
    """Mark a function or class as an answer in a file of answers.

    Parameters
    ----------
    exercise : str
        Its name.
    truth : str
        "right", or a sentence that says what is wrong.
    ids : str, optional
        Of the known mistakes that the answer makes, separated by spaces; "unknown" if the bank knows none of them. A
        report that names another one is counted as false.

    Returns
    -------
    callable
        A decorator that returns the answer unchanged.

    Examples
    --------
    >>> @answer("softmax", "the scores are divided by their sum", "no-exponential")
    ... def softmax(logits):
    ...     return logits / logits.sum(1, keepdim=True)
    """

    def register(written: Callable) -> Callable:
        known = None if ids is None else frozenset(ids.split()) - {UNKNOWN}
        setattr(written, MARK, Answer(exercise, truth, known, written))
        return written

    return register


def load_answers(folder: Path) -> list[Answer]:
    """Load the answers that the Python files of a folder mark with `answer`.

    Parameters
    ----------
    folder : pathlib.Path
        The files are run here: they are trusted.

    Returns
    -------
    list of Answer

    Raises
    ------
    ValueError
        If there is no answer, a file cannot be loaded, or it names an exercise or a mistake that does not exist.
    """
    answers: list[Answer] = []
    for path in sorted(folder.glob("*.py")):
        name = f"answers_{path.stem}"
        spec = spec_from_file_location(name, path)
        assert spec is not None  # a file that ends in .py has a spec and a loader
        assert spec.loader is not None
        module = sys.modules[name] = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise ValueError(f"{path} raised {type(error).__name__} ({error}); fix it and try again") from error
        found = [vars(value)[MARK] for value in vars(module).values() if MARK in getattr(value, "__dict__", ())]
        for each in found:
            if each.exercise not in bank():
                raise ValueError(f"{path} has an answer to {each.exercise!r}, which is no exercise of the bank")
            unknown = (each.ids or frozenset()) - {known.id for known in bank()[each.exercise].mistakes}
            if unknown:
                raise ValueError(f"{path}: {each.exercise} has no mistake {min(unknown)!r}; `ids` must name known ones")
        answers += found
    if not answers:
        raise ValueError(f"{folder} has no Python file with an answer; mark each with @answer(exercise, truth, ids)")
    return answers


def judge(answers: Sequence[Answer]) -> list[Judged]:
    """Check every answer.

    Parameters
    ----------
    answers : sequence of Answer

    Returns
    -------
    list of Judged
    """
    judged = []
    for each in answers:
        checker = checker_for(each.exercise)
        judged.append(Judged(each, checker.report(checker.observe(each.written))))
    return judged


def summary(judged: Sequence[Judged]) -> str:
    """Write the counts, then what a person should look at: false verdicts, and the unnamed by behaviour.

    Parameters
    ----------
    judged : sequence of Judged

    Returns
    -------
    str
    """
    kinds = Counter(each.kind for each in judged)
    right = kinds["accepted"] + kinds["refused"]
    wrong = len(judged) - right
    lines = [
        f"{right} right answers: {kinds['accepted']} accepted, {kinds['refused']} refused",
        f"{wrong} wrong answers: {kinds['wrongly accepted']} accepted, {_share(kinds['named'], wrong)} named, "
        f"{_share(kinds['falsely named'], wrong)} falsely named, {_share(kinds['unnamed'], wrong)} unnamed",
    ]
    for kind in ("refused", "wrongly accepted", "falsely named"):
        found = [each for each in judged if each.kind == kind]
        if found:
            lines += ["", f"{kind.capitalize()}:"]
            lines += [
                f"- {each.answer.name}: {' '.join(each.report.misconceptions) or each.report.sentence or 'passed'}; "
                f"it is: {each.answer.truth}"
                for each in found
            ]
    groups: dict[str, list[Judged]] = {}
    for each in judged:
        if each.kind == "unnamed":
            groups.setdefault(each.behaviour, []).append(each)
    if groups:
        lines += ["", "Unnamed, by behaviour:"]
    for behaviour, members in sorted(groups.items(), key=lambda group: -len(group[1])):
        lines.append(f"- {behaviour}")
        lines += [f"    {each.answer.written.__name__}: {each.answer.truth}" for each in members]
    return "\n".join(lines)


def _share(count: int, total: int) -> str:
    return f"{count} ({count / total:.0%})" if total else str(count)
