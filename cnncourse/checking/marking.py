"""What an answer earns: one equal share for each rule of its exercise, where a rule is what some cases vary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .record import TAGS, Case
from .report import Report
from .wording import counted


@dataclass(frozen=True)
class Marking:
    """The rules of an exercise that an answer keeps, and those that it breaks: keys of `TAGS`."""

    kept: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share of the points, 0 to 1."""
        return len(self.kept) / (len(self.kept) + len(self.broken))

    @property
    def sentence(self) -> str:
        """How many rules it keeps, and which it breaks."""
        count = f"{len(self.kept)} of {counted(len(self.kept) + len(self.broken), 'rule')}"
        return f"{count}: right without {names(self.broken)}." if self.kept and self.broken else f"{count}."


def mark(report: Report) -> Marking:
    """Decide which rules an answer keeps.

    A rule breaks alone where a case that varies nothing else is wrong. A wrong case that varies several things breaks
    all of its rules, unless one that broke alone explains it. So one slip costs one rule, however often it shows, and
    only an answer that is right everywhere keeps all rules. One that is right only where it must raise keeps none.

    Parameters
    ----------
    report : Report

    Returns
    -------
    Marking

    Examples
    --------
    >>> from cnncourse.exercises.registry import checker_for
    >>> checker = checker_for("conv2d")
    >>> def padding_ignored(input, weight, bias=None, stride=1, padding=0):
    ...     return checker.solved(input, weight, bias, stride)
    >>> mark(checker.report(checker.observe(padding_ignored))).sentence
    '7 of 8 rules: right without padding.'
    """
    wrong = [_tags(result.case) for result in report.results if result.mismatch]
    rules = rules_of(result.case for result in report.results)
    if not any(result.mismatch is None and result.expected.outcome == "returned" for result in report.results):
        return Marking((), rules)
    broken = broken_rules(wrong)
    return Marking(tuple(rule for rule in rules if rule not in broken), tuple(rule for rule in rules if rule in broken))


def broken_rules(wrong: Sequence[tuple[str, ...]]) -> set[str]:
    """Return the rules that wrong cases break, given what each of them varies.

    Examples
    --------
    >>> sorted(broken_rules([("stride",), ("stride", "padding")]))
    ['stride']
    >>> sorted(broken_rules([("stride", "padding")]))
    ['padding', 'stride']
    """
    alone = {tags[0] for tags in wrong if len(tags) == 1}
    return alone.union(*(tags for tags in wrong if alone.isdisjoint(tags)))


def rules_of(cases: Iterable[Case]) -> tuple[str, ...]:
    """List the rules of an exercise, in the order of `TAGS`.

    Parameters
    ----------
    cases : iterable of Case

    Returns
    -------
    tuple of str
    """
    varied = {tag for case in cases for tag in _tags(case)}
    return tuple(tag for tag in TAGS if tag in varied)


def names(rules: Sequence[str]) -> str:
    """Name rules in a sentence: the first words of each in `TAGS`."""
    return ", ".join(TAGS[rule].partition(":")[0] for rule in rules)


def weights(cases: Sequence[Case]) -> str:
    """Say in Markdown what counts in a mark.

    Parameters
    ----------
    cases : sequence of Case

    Returns
    -------
    str
    """
    rules = rules_of(cases)
    if len(rules) == 1:
        return f"One rule counts: {TAGS[rules[0]]}."
    return f"These {len(rules)} rules count equally:\n\n" + "\n".join(f"- {TAGS[rule]}" for rule in rules)


def _tags(case: Case) -> tuple[str, ...]:
    return case.varies or ("basic",)
