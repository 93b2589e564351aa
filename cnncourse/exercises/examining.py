"""An examination: one exercise's cases, what is right on each, and the verdict on what an answer did."""

import re
from functools import cached_property, lru_cache

from .judging import Finding, Observation
from .registry import find
from .report import Report, Result


class Examination:
    """One exercise with the cases that a seed gives.

    Parameters
    ----------
    exercise : Exercise
    seed : int
        Of the fresh cases.
    variant : Variant, optional
        Examine the changed rule instead of the published one.
    """

    def __init__(self, exercise, seed, variant=None):
        self.exercise, self.seed = exercise, seed
        self.solved = variant.solved if variant else exercise.solved
        self.judge = (variant and variant.judge) or exercise.judge
        self.cases = exercise.cases(seed)
        if variant and variant.adapt:
            self.cases = [variant.adapt(case) for case in self.cases]

    @cached_property
    def expected(self):
        """What the solved function does on each case: list of Observation."""
        return self.observe(self.solved)

    @cached_property
    def mistaken(self):
        """What each misconception does on each case: list of (Misconception, list of Observation), one a way."""
        return [(known, self.observe(way)) for known in self.exercise.misconceptions for way in known.ways]

    @cached_property
    def _mistakes(self):
        """The same with the indices of the cases where it is wrong."""
        return [
            (known, behaviour, [index for index, finding in enumerate(self.findings(behaviour)) if finding])
            for known, behaviour in self.mistaken
        ]

    def observe(self, answer):
        """Observe an answer on every case, in this process.

        Parameters
        ----------
        answer : object

        Returns
        -------
        list of Observation
        """
        return [Observation.read(self.exercise.observe(answer, case)) for case in self.cases]

    def findings(self, observed):
        """Judge one observation a case.

        Parameters
        ----------
        observed : list of Observation

        Returns
        -------
        list of (Finding or None)
        """
        return [
            _judged(self.judge, case, seen, right)
            for case, seen, right in zip(self.cases, observed, self.expected, strict=True)
        ]

    def smallest_failing(self, answer):
        """Observe an answer case after case, smallest first, until one is wrong.

        Parameters
        ----------
        answer : object

        Returns
        -------
        Case or None
        """
        for index in sorted(range(len(self.cases)), key=lambda index: self.cases[index].size):
            seen = Observation.read(self.exercise.observe(answer, self.cases[index]))
            if _judged(self.judge, self.cases[index], seen, self.expected[index]):
                return self.cases[index]
        return None

    def verdict(self, observed):
        """Decide: the score, the smallest failing call, and the misconception that the answer behaves like.

        Parameters
        ----------
        observed : list of Observation
            One a case, from this process or from a sandbox.

        Returns
        -------
        Report
        """
        findings = self.findings(observed)
        results = tuple(
            Result(case, seen, right, finding)
            for case, seen, right, finding in zip(self.cases, observed, self.expected, findings, strict=True)
        )
        return Report(self.exercise, results, self.recognise(observed, findings))

    def recognise(self, observed, findings):
        """Name the known misconception that explains an answer, by behaviour.

        Parameters
        ----------
        observed : list of Observation
        findings : list of (Finding or None)
            Of the same answer.

        Returns
        -------
        Misconception or None
            One whose results the answer shares on every case where they differ from the truth; the one that explains
            the most failing cases if there are several, the first listed of equals. Crashes of unlike answers look
            alike, so one that only crashes must crash with the same message, or where some cases are right and on all
            the others.
        """
        if not any(findings) or all(finding and finding.kind in ("not implemented", "refused") for finding in findings):
            return None
        failing = [index for index, finding in enumerate(findings) if finding]
        best, most = None, 0
        for known, behaviour, wrong in self._mistakes:
            crashes = [index for index in wrong if behaviour[index].outcome == "raised"]
            telling = wrong == failing and len(failing) < len(findings)
            if crashes == wrong and not telling and not all(_same_crash(observed[i], behaviour[i]) for i in crashes):
                continue
            if len(wrong) > most and all(
                self.exercise.agrees(self.cases[index], observed[index], behaviour[index]) for index in wrong
            ):
                best, most = known, len(wrong)
        return best


def _same_crash(one, other):
    """Tell whether two exceptions say the same, whatever the numbers in them."""
    messages = {re.sub(r"\d+", "#", observation.message) for observation in (one, other)}
    return len(messages) == 1


def _judged(judge, case, observed, expected):
    """Judge, and count a judge that cannot make sense of the value as a wrong answer."""
    try:
        return judge(case, observed, expected)
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
        return Finding("type", "It returns something that this exercise cannot use.")


@lru_cache(maxsize=128)
def examination(name, seed=0):
    """Return the examination of an exercise, made once.

    Parameters
    ----------
    name : str
    seed : int

    Returns
    -------
    Examination

    Raises
    ------
    KeyError
        For a name that the bank does not have.
    """
    return Examination(find(name), seed)
