"""Audit the bank: what is missing from a record, what would mislead a learner, and which wrong answers pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence

from cnncourse.checking.checker import Checker
from cnncourse.checking.marking import mark, names, rules_of
from cnncourse.checking.record import Exercise
from cnncourse.checking.report import Report
from cnncourse.checking.source import PRACTICE_IMPORTS

from .registry import bank
from .skeleton import PLACEHOLDER

SEEDS, MARK_SEEDS = range(3), range(20)
FEW_HIDDEN = {  # why they have fewer hidden cases and seeds
    "learn_kernel": "each case is a training",
    "train_detector": "each case is a training",
    "build_feature_stack": "only the batch can vary",
    "FashionCNN": "only the batch can vary",
}
LEAST_HIDDEN = 6


def audit(exercise: Exercise, mark_seeds: Sequence[int] = MARK_SEEDS) -> list[str]:
    """Look for faults in a record.

    Parameters
    ----------
    exercise : Exercise
    mark_seeds : sequence of int, default 0 to 19
        Of the hidden cases for which the marks of the known mistakes are compared; those of `FEW_HIDDEN` need two.

    Returns
    -------
    list of str
        One sentence per fault; empty if there is none.

    Examples
    --------
    >>> audit(bank()["corr2d"], mark_seeds=[1, 2])
    []
    """
    missing = [f"{exercise.name}: {fault}" for fault in _missing_parts(exercise)]
    if not exercise.visible:
        return missing
    faults = [
        f"{exercise.name}, seed {seed}: {fault}"
        for seed in SEEDS
        for fault in (*_behaviour_faults(Checker(exercise, seed)), *_variant_faults(exercise, seed))
    ]
    few = exercise.name in FEW_HIDDEN
    return (
        missing
        + faults
        + [f"{exercise.name}: {fault}" for fault in mark_faults(exercise, mark_seeds[: 2 if few else None])]
    )


def mark_faults(exercise: Exercise, seeds: Sequence[int]) -> list[str]:
    """Look for known mistakes that earn more than the rules that they do not touch.

    The rules that a mistake breaks must be the same with every seed, and the hidden cases alone must show them: else it
    earns more with another seed, or by knowing the visible cases.

    Parameters
    ----------
    exercise : Exercise
    seeds : sequence of int
        Of the hidden cases.

    Returns
    -------
    list of str
        One sentence per fault.
    """
    faults: dict[str, None] = {}  # in order, each once
    first: dict[int, tuple[str, ...]] = {}
    for seed in seeds:
        checker, visible = Checker(exercise, seed), len(exercise.visible)
        faults |= dict.fromkeys(_hidden_faults(checker))
        if mark(checker.report(checker.expected)).share != 1:
            faults[f"with seed {seed} the solution does not earn everything"] = None
        ways = [way for known in exercise.mistakes for way in known.ways]
        for number, (way, (known, behaviour)) in enumerate(zip(ways, checker.behaviours, strict=True)):
            if way in exercise.unmarked:
                continue
            report = checker.report(behaviour)
            broken = mark(report).broken
            hidden = mark(Report(exercise, report.results[visible:])).broken
            if broken != first.setdefault(number, broken):
                faults[f"the mistake {known.id} breaks other rules with seed {seed} than with seed {seeds[0]}"] = None
            elif report.results[visible:] and broken != hidden:
                unlike = names(sorted({*broken} ^ {*hidden}))
                faults[f"the mistake {known.id} is marked otherwise by the hidden cases alone: {unlike}"] = None
    return list(faults)


def _hidden_faults(checker: Checker) -> Iterator[str]:
    hidden = checker.cases[len(checker.exercise.visible) :]
    if len(hidden) < LEAST_HIDDEN and checker.exercise.name not in FEW_HIDDEN:
        yield f"it has {len(hidden)} hidden cases; at least {LEAST_HIDDEN} needed"
    for rule in rules_of(checker.cases):
        if not any(case.varies == (rule,) for case in hidden):
            yield f"no hidden case varies {rule!r} alone"


def _missing_parts(exercise: Exercise) -> Iterator[str]:
    for part, minimum in (("visible", 1), ("objectives", 1), ("hints", 2), ("mistakes", 2)):
        count = len(getattr(exercise, part))
        if count < minimum:
            name = "visible cases" if part == "visible" else part
            yield f"it has {count} {name}; at least {minimum} needed"
    texts = (exercise.prompt, *exercise.objectives, *exercise.hints, *(known.sentence for known in exercise.mistakes))
    if any(PLACEHOLDER in text for text in (*texts, exercise.source)):
        yield f"it still contains {PLACEHOLDER!r}"
    for kind, records in (("mistakes", exercise.mistakes), ("variants", exercise.variants)):
        if len({record.id for record in records}) < len(records):
            yield f"two {kind} have the same id"
    for name in exercise.prerequisites:
        if name not in bank():
            yield f"the prerequisite {name} is not in the bank"
    documented = inspect.getdoc(exercise.solved) or ""
    for parameter in exercise.parameters:
        if parameter not in documented:
            yield f"the docstring does not describe `{parameter}`"
    for case in exercise.cases(0):
        if not case.varies:
            yield f"the case {case.note!r} does not say what it varies"


def _behaviour_faults(checker: Checker) -> Iterator[str]:
    exercise = checker.exercise
    if not checker.report(checker.observe(_run(exercise.source, exercise.name))).passed:
        yield "the solution fails its own check when its source runs alone"
    if checker.report(checker.observe(_run(exercise.stub(), exercise.name))).status != "not attempted":
        yield "the stub is taken for an attempt"
    for known, behaviour in checker.behaviours:
        report = checker.report(behaviour)
        if report.passed:
            yield f"the mistake {known.id} passes"
        elif report.misconception != known.id:
            yield f"the mistake {known.id} is named {report.misconception}"
    for position, (known, behaviour) in enumerate(checker.behaviours):
        for other, other_behaviour in checker.behaviours[position + 1 :]:
            trios = zip(checker.cases, behaviour, other_behaviour, strict=True)
            if known is not other and all(exercise.agree(case, one, two) for case, one, two in trios):
                yield f"the mistakes {known.id} and {other.id} give the same results on every case"


def _variant_faults(exercise: Exercise, seed: int) -> Iterator[str]:
    for variant in exercise.variants:
        checker = Checker(exercise, seed, variant)
        if checker.report(checker.observe(exercise.solved)).passed:
            yield f"the published solution passes the variant {variant.id}"
        if not checker.report(checker.observe(_run(exercise.solution(variant), exercise.name))).passed:
            yield f"the variant {variant.id} fails its own check when its source runs alone"


def _run(source: str, name: str) -> Callable:
    namespace: dict = {}
    exec(compile(f"{PRACTICE_IMPORTS}\n{source}", f"<{name}>", "exec"), namespace)
    return namespace[name]
