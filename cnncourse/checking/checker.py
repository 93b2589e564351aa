"""The checker: one exercise's cases, what is right on each, and the verdict on what an answer did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain, repeat

from .compare import Mismatch, Observation
from .recognition import Explanation, Recogniser, write_all
from .record import Case, Exercise, Mistake, Variant
from .report import Report, Result
from .runner import decode, encode


class Checker:
    """One exercise with the cases that a seed gives.

    Parameters
    ----------
    exercise : Exercise
    seed : int, default 0
        Of the cases beyond the visible ones.
    variant : Variant, optional
        Check the changed rule instead of the published one.
    prepared : dict, optional
        What `prepare` returned for the same exercise: nothing is computed then, and no solution is called.

    Examples
    --------
    >>> from cnncourse.exercises.registry import find
    >>> checker = Checker(find("corr2d"))
    >>> checker.report(checker.observe(lambda image, kernel: image)).status
    'failed'
    """

    def __init__(
        self, exercise: Exercise, seed: int = 0, variant: Variant | None = None, prepared: dict | None = None
    ) -> None:
        self.exercise, self.seed, self.variant = exercise, seed, variant
        self.solved = variant.solved if variant else exercise.solved
        self.compare = (variant and variant.compare) or exercise.compare
        self.prepared = prepared is not None
        self._symptoms: list[tuple[Mistake, dict]] = []
        self._right: list[dict] | None = None
        if prepared is not None:
            self._read(prepared)
            return
        self.cases = exercise.cases(seed)
        if variant and variant.adapt:
            self.cases = [variant.adapt(case) for case in self.cases]

    @cached_property
    def _expected(self) -> list[dict]:
        return self._run(self.solved)

    @cached_property
    def _behaviours(self) -> list[tuple[Mistake, list[dict]]]:
        return [(known, self._run(way)) for known in self.exercise.mistakes for way in known.ways]

    @cached_property
    def expected(self) -> list[Observation]:
        """What the solution does on each case."""
        return [replace(Observation.read(material), parts=self.exercise.parts) for material in self._expected]

    @cached_property
    def behaviours(self) -> list[tuple[Mistake, list[Observation]]]:
        """What each known mistake does on each case, one entry per way to make it."""
        return [(known, [Observation.read(one) for one in materials]) for known, materials in self._behaviours]

    @cached_property
    def _recogniser(self) -> Recogniser:
        """The known mistakes, ready to be compared with answers."""
        recogniser = Recogniser(self.exercise, self.cases, self.expected, self._right)
        for known, material in self._symptoms:
            recogniser.add_prepared(known, material)
        if not self._symptoms:
            ways: Iterable = chain.from_iterable(known.ways for known in self.exercise.mistakes)
            for (known, behaviour), way in zip(self.behaviours, repeat(None) if self.prepared else ways, strict=False):
                recogniser.add(known, way, behaviour, self.mismatches(behaviour))
        return recogniser

    def prepare(self) -> dict:
        """Compute everything that a verdict needs, as plain data.

        Returns
        -------
        dict
            JSON material with ``cases``, ``expected`` and ``mistakes``, for the parameter `prepared`. Where rules
            decide, what they say stands for the values: they may need longer than the answer itself.
        """
        by_rules = self.exercise.sentences is not None
        return {
            "cases": [
                {
                    "note": case.note,
                    "varies": list(case.varies),
                    "probe": case.probe,
                    "tolerance": case.tolerance,
                    "inputs": encode(dict(case.inputs)),
                    "reference": encode(dict(case.reference)),
                }
                for case in self.cases
            ],
            "expected": [one | {"value": None} for one in self._expected] if by_rules else self._expected,
            "right": write_all(self._recogniser.right) if by_rules else None,
            "mistakes": [
                {"id": known.id, "sentence": known.sentence} | behaviour
                for (known, _), behaviour in zip(
                    self._behaviours,
                    self._recogniser.prepared() if by_rules else [{"observed": seen} for _, seen in self._behaviours],
                    strict=True,
                )
            ],
        }

    def _read(self, prepared: dict) -> None:
        self.cases = [
            Case(
                each["note"],
                decode(each["inputs"]),
                tuple(each["varies"]),
                each["probe"],
                each["tolerance"],
                decode(each["reference"]),
            )
            for each in prepared["cases"]
        ]
        self._expected = prepared["expected"]
        known: dict[str, Mistake] = {}
        for each in prepared["mistakes"]:
            known.setdefault(each["id"], Mistake(each["id"], each["sentence"], []))
        mistakes = [(known[each["id"]], each) for each in prepared["mistakes"]]
        self._behaviours = [(one, each["observed"]) for one, each in mistakes if "observed" in each]
        self._right = prepared["right"]
        self._symptoms = [(one, each) for one, each in mistakes if "symptoms" in each]

    def _run(self, answer: object) -> list[dict]:
        return [self.exercise.observe(answer, case) for case in self.cases]

    def observe(self, answer: object) -> list[Observation]:
        """Observe an answer on every case, in this process."""
        return [Observation.read(material) for material in self._run(answer)]

    def mismatches(self, observed: Sequence[Observation]) -> list[Mismatch | None]:
        """Compare one observation per case with what is expected; None where they agree."""
        return [
            self._mismatch(case, seen, right)
            for case, seen, right in zip(self.cases, observed, self.expected, strict=True)
        ]

    def _mismatch(self, case: Case, observed: Observation, expected: Observation) -> Mismatch | None:
        """Compare, and count a value that the comparison cannot use as a wrong answer."""
        try:
            return self.compare(case, observed, expected)
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
            return Mismatch("type", "It returns something that this exercise cannot use.")

    def smallest_failing(self, answer: object) -> Result | None:
        """Observe an answer case after case, smallest first, until one is wrong; None if all are right."""
        for index in sorted(range(len(self.cases)), key=lambda index: self.cases[index].size):
            case, right = self.cases[index], self.expected[index]
            seen = Observation.read(self.exercise.observe(answer, case))
            mismatch = self._mismatch(case, seen, right)
            if mismatch:
                return Result(case, seen, right, mismatch)
        return None

    def report(self, observed: Sequence[Observation]) -> Report:
        """Decide: the score, the smallest failing call, and the known mistakes that the answer behaves like.

        Parameters
        ----------
        observed : sequence of Observation
            One per case, from this process, a child process or a sandbox.

        Returns
        -------
        Report
        """
        mismatches = self.mismatches(observed)
        found = self.explain(observed, mismatches)
        columns = zip(self.cases, observed, self.expected, mismatches, strict=True)
        results = tuple(
            Result(*column, first=index in found.first, explained=index in found.cases)
            for index, column in enumerate(columns)
        )
        return Report(self.exercise, results, found.mistakes)

    def explain(self, observed: Sequence[Observation], mismatches: Sequence[Mismatch | None]) -> Explanation:
        """Name the known mistakes that explain an answer, by behaviour.

        Parameters
        ----------
        observed : sequence of Observation
        mismatches : sequence of (Mismatch or None)
            Of the same answer.

        Returns
        -------
        Explanation
        """
        if all(mismatch.kind in ("not implemented", "refused") for mismatch in mismatches if mismatch):
            return Explanation()
        return self._recogniser.explain(observed, mismatches)
