"""Audit the bank: what would mislead a learner or let a wrong answer pass."""

import inspect

from cnncourse.checking.checker import Checker
from cnncourse.checking.compare import agree
from cnncourse.checking.source import PRACTICE_IMPORTS

from .registry import bank

SEEDS = (0, 1, 2)


def audit(exercise):
    """Look for faults in a record.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    list of str
        One sentence a fault; empty if there is none.

    Examples
    --------
    >>> audit(bank()["corr2d"])
    []
    """
    faults = [f"{exercise.name}: {fault}" for fault in _text_faults(exercise)]
    for seed in SEEDS:
        checker = Checker(exercise, seed)
        faults += [f"{exercise.name}, seed {seed}: {fault}" for fault in _behaviour_faults(checker)]
        faults += [f"{exercise.name}, seed {seed}: {fault}" for fault in _variant_faults(exercise, seed)]
    return faults


def _text_faults(exercise):
    if len(exercise.hints) < 2:
        yield "fewer than two hints"
    if len(exercise.mistakes) < 2:
        yield "fewer than two mistakes"
    if len({known.id for known in exercise.mistakes}) < len(exercise.mistakes):
        yield "two mistakes share an id"
    for name in exercise.prerequisites:
        if name not in bank():
            yield f"the prerequisite {name} is not in the bank"
    documented = inspect.getdoc(exercise.solved) or ""
    for parameter in inspect.signature(exercise.solved).parameters:
        if parameter not in documented:
            yield f"the docstring does not tell what {parameter} is"


def _behaviour_faults(checker):
    exercise = checker.exercise
    if not checker.report(checker.observe(_run(exercise.source, exercise.name))).passed:
        yield "the solution fails its own check when it stands alone"
    if checker.report(checker.observe(_run(exercise.stub(), exercise.name))).status != "not attempted":
        yield "the stub is not told apart from an attempt"
    for known, behaviour in checker.behaviours:
        report = checker.report(behaviour)
        if report.passed:
            yield f"the misconception {known.id} passes"
        elif report.misconception != known.id:
            yield f"the misconception {known.id} is taken for {report.misconception}"
    for position, (known, behaviour) in enumerate(checker.behaviours):
        for other, other_behaviour in checker.behaviours[position + 1 :]:
            pairs = zip(checker.cases, behaviour, other_behaviour, strict=True)
            if all(agree(case, one, two) for case, one, two in pairs):
                yield f"the mistakes {known.id} and {other.id} behave alike on every case"


def _variant_faults(exercise, seed):
    for variant in exercise.variants:
        checker = Checker(exercise, seed, variant)
        if checker.report(checker.observe(exercise.solved)).passed:
            yield f"the published solution passes the variant {variant.id}"
        if not checker.report(checker.observe(variant.solved)).passed:
            yield f"the variant {variant.id} fails its own check"


def _run(source, name):
    namespace = {}
    exec(compile(f"{PRACTICE_IMPORTS}\n{source}", f"<{name}>", "exec"), namespace)
    return namespace[name]
