"""Name the known mistakes that an answer behaves like: the smallest set of them that explains its wrong cases.

An observation is read as symptoms: a value for each part of what was returned, or a sentence for each rule that is
broken. Every part that a mistake alone makes wrong must be wrong in the same way in the answer; such parts tell two
mistakes apart. Where both make the same part wrong, the edits of both (`Exercise.edited`) are made in one solution,
and what that returns is compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

from .compare import Mismatch, Observation
from .runner import Opaque

if TYPE_CHECKING:
    from .record import Case, Exercise, Mistake

Symptoms: TypeAlias = dict[str, Any]
Part: TypeAlias = tuple[int, str]  # index of a case, and the name of a symptom
OUTCOME = "outcome"
CONDUCT = ("changed", "left", "refused")
COMPOSING = Lock()  # mistakes that are put together run with torch's global generator: one at a time


@dataclass(frozen=True)
class Explanation:
    """Which known mistakes an answer makes, and where they show.

    Parameters
    ----------
    mistakes : tuple of Mistake
        The one to fix first is first; empty if none is known.
    cases : frozenset of int
        Indices of the wrong cases of which they explain every part.
    first : frozenset of int
        Indices of the cases where the first mistake shows; alone, if there are such.
    """

    mistakes: tuple[Mistake, ...] = ()
    cases: frozenset[int] = frozenset()
    first: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Behaviour:
    """One way to make a known mistake: its symptoms on each case, and which of them are wrong."""

    known: Mistake
    way: Callable | None
    symptoms: Sequence[Symptoms]
    wrong: Sequence[frozenset[str]]


@dataclass
class _Trial:
    """What one or two behaviours explain of an answer."""

    chosen: tuple[int, ...]
    parts: set[Part] = field(default_factory=set)
    unclear: set[int] = field(default_factory=set)  # cases where both make a part wrong, and the answer is like neither
    alone: dict[int, set[int]] = field(default_factory=dict)  # behaviour -> cases where it alone makes a part wrong
    showing: dict[int, set[int]] = field(default_factory=dict)  # behaviour -> cases where the answer is like it

    def note(self, place: int, index: int, keys: Iterable[str], alone: bool) -> None:
        self.parts |= {(index, key) for key in keys}
        self.showing.setdefault(place, set()).add(index)
        if alone:
            self.alone.setdefault(place, set()).add(index)


class Recogniser:
    """Compares answers with the known mistakes of an exercise.

    Parameters
    ----------
    exercise : Exercise
    cases : sequence of Case
    expected : sequence of Observation
    right : sequence of dict, optional
        The symptoms of the expected observations, where they were prepared.
    """

    def __init__(
        self,
        exercise: Exercise,
        cases: Sequence[Case],
        expected: Sequence[Observation],
        right: Sequence[dict] | None = None,
    ) -> None:
        self.exercise, self.cases, self.expected = exercise, cases, expected
        self.right = (
            [self._read(index, one) for index, one in enumerate(expected)] if right is None else _read_all(right)
        )
        self.behaviours: list[Behaviour] = []
        self._composed = cache(self._compose)

    def add(
        self,
        known: Mistake,
        way: Callable | None,
        observed: Sequence[Observation],
        mismatches: Sequence[Mismatch | None],
    ) -> None:
        """Learn how a known mistake behaves in one of its ways.

        Parameters
        ----------
        known : Mistake
        way : callable or None
            Two that `Exercise.edited` made can be put together.
        observed : sequence of Observation
        mismatches : sequence of (Mismatch or None)
        """
        symptoms = [self._read(index, one) for index, one in enumerate(observed)]
        self.behaviours.append(Behaviour(known, way, symptoms, self._wrong(symptoms, mismatches)))

    def add_prepared(self, known: Mistake, material: dict) -> None:
        """Learn it from what `prepared` returned for it."""
        wrong = [frozenset(keys) for keys in material["wrong"]]
        self.behaviours.append(Behaviour(known, None, _read_all(material["symptoms"]), wrong))

    def prepared(self) -> list[dict]:
        """Return each behaviour as JSON material; only of an exercise that compares by rules."""
        return [
            {"symptoms": write_all(one.symptoms), "wrong": [sorted(keys) for keys in one.wrong]}
            for one in self.behaviours
        ]

    def explain(self, observed: Sequence[Observation], mismatches: Sequence[Mismatch | None]) -> Explanation:
        """Find the smallest set of known mistakes that explains most of what is wrong.

        Parameters
        ----------
        observed : sequence of Observation
        mismatches : sequence of (Mismatch or None)

        Returns
        -------
        Explanation
            Empty if no one or two mistakes explain more than half of the wrong cases, or all that is wrong with one
            part of the value.
        """
        answer = [self._read(index, one) for index, one in enumerate(observed)]
        wrong = self._wrong(answer, mismatches)
        failing = [index for index, mismatch in enumerate(mismatches) if mismatch]
        if any(_is_nothing(one[key]) for one, keys in zip(answer, wrong, strict=True) for key in keys & one.keys()):
            return Explanation()  # a part is no answer at all: that comes first
        total = sum(map(len, wrong))
        best: _Trial | None = None
        for size in (1, 2):
            for chosen in combinations(range(len(self.behaviours)), size):
                trial = self._try(chosen, answer, wrong, len(best.parts) if best else 0)
                if trial and self._is_enough(trial, wrong, failing):
                    best = trial
            if best and len(best.parts) == total:
                break
        return self._explanation(best, wrong) if best else Explanation()

    # Symptoms -----------------------------------------------------------------------------------------------------

    def _read(self, index: int, observed: Observation) -> Symptoms:
        case, expected = self.cases[index], self.expected[index]
        if observed.outcome != "returned" or expected.outcome == "raised":
            message = re.sub(r"\d+", "#", observed.message) if expected.outcome == "returned" else ""
            return {OUTCOME: (observed.outcome, observed.exception, message)}
        symptoms: Symptoms = {OUTCOME: ("returned", "", "")}
        for name in CONDUCT:
            new = tuple(item for item in getattr(observed, name) if item not in getattr(expected, name))
            if new:
                symptoms[name] = new
        return symptoms | self.exercise.symptoms(case, observed)

    def _same(self, index: int, key: str, one: Symptoms, other: Symptoms) -> bool:
        if key == OUTCOME or key in CONDUCT:
            return one.get(key) == other.get(key)
        if key not in one or key not in other:
            return one.keys() == other.keys()
        return self.exercise.alike(self.cases[index], one[key], other[key])

    def _wrong(self, symptoms: Sequence[Symptoms], mismatches: Sequence[Mismatch | None]) -> list[frozenset[str]]:
        """Name the symptoms of each case that are wrong."""
        found = []
        for index, (one, right, mismatch) in enumerate(zip(symptoms, self.right, mismatches, strict=True)):
            keys = frozenset[str]()
            if mismatch and one[OUTCOME] != right[OUTCOME]:
                keys = frozenset((OUTCOME,))
            elif mismatch:
                unlike = {key for key in one.keys() | right.keys() if not self._same(index, key, one, right)}
                keys = frozenset(unlike or one.keys() - {OUTCOME})
            found.append(keys)
        return found

    # Trials -------------------------------------------------------------------------------------------------------

    def _try(
        self, chosen: tuple[int, ...], answer: list[Symptoms], wrong: list[frozenset[str]], least: int
    ) -> _Trial | None:
        """Explain an answer by these behaviours; None if one contradicts it or they explain no more than `least`."""
        known = [self.behaviours[place] for place in chosen]
        if len({each.known.id for each in known}) < len(known):
            return None
        shows = [[index for index, each in enumerate(one.wrong) if each] for one in known]
        if any(not wrong[index] for places in shows for index in places):
            return None  # a mistake shows where the answer is right
        if sum(len(keys) for index, keys in enumerate(wrong) if any(one.wrong[index] for one in known)) <= least:
            return None
        trial = _Trial(chosen)
        for index in sorted({index for places in shows for index in places}, key=lambda index: self.cases[index].size):
            if not self._explain_case(trial, index, answer[index], wrong[index], self._same_crashes(chosen, wrong)):
                return None
        if trial.unclear or len(trial.alone) < len(chosen):
            together = trial.unclear or {index for index in shows[0] if index in shows[-1]}
            agree = len(chosen) == 2 and self._together_explain(trial, together, answer, wrong)
            if not agree and len(trial.alone) < len(chosen):
                return None
        return trial if len(trial.parts) > least else None

    def _explain_case(
        self, trial: _Trial, index: int, answer: Symptoms, mine: frozenset[str], same_crashes: bool
    ) -> bool:
        """Note what the trial's behaviours explain of one case; False if one of them contradicts the answer."""
        theirs = {place: self.behaviours[place] for place in trial.chosen if self.behaviours[place].wrong[index]}
        if OUTCOME in mine:
            for place, one in theirs.items():
                seen = one.symptoms[index]
                loose = same_crashes or any(OUTCOME not in keys for keys in one.wrong if keys)  # values agree as well
                if seen[OUTCOME] == answer[OUTCOME] or (loose and seen[OUTCOME][:2] == answer[OUTCOME][:2]):
                    trial.note(place, index, mine, alone=len(theirs) == 1)
                    return True
            trial.unclear.add(index)
            return len(theirs) > 1
        for key in mine.union(*(one.wrong[index] for one in theirs.values())):
            makers = {place: one for place, one in theirs.items() if key in one.wrong[index]}
            alike = [place for place, one in makers.items() if self._same(index, key, answer, one.symptoms[index])]
            if alike and key in mine:
                for place in alike:
                    trial.note(place, index, [key], alone=len(makers) == 1)
            elif len(makers) == 1 or (makers and key not in mine):
                return False
            elif makers:
                trial.unclear.add(index)
        return True

    def _same_crashes(self, chosen: tuple[int, ...], wrong: list[frozenset[str]]) -> bool:
        """Tell whether a single mistake and the answer only crash, in the same cases, and not in all."""
        one = self.behaviours[chosen[0]]
        only = all(OUTCOME in keys for keys in one.wrong if keys)
        return len(chosen) == 1 and only and list(map(bool, one.wrong)) == list(map(bool, wrong)) and not all(wrong)

    def _together_explain(
        self, trial: _Trial, cases: Iterable[int], answer: list[Symptoms], wrong: list[frozenset[str]]
    ) -> bool:
        """Note what two mistakes in one solution explain of these cases; False if the answer is not like it."""
        indices = sorted(cases, key=lambda index: self.cases[index].size)
        for order in range(2 if indices else 0):
            for index in indices:
                seen = self._composed(*trial.chosen, order, index)
                if seen is None or not all(
                    self._same(index, key, answer[index], seen) for key in answer[index].keys() | seen.keys()
                ):
                    break
            else:
                for index in indices:
                    for place in trial.chosen:
                        trial.note(place, index, wrong[index], alone=True)
                return True
        return False

    def _compose(self, one: int, other: int, order: int, index: int) -> Symptoms | None:
        """Observe a case with the edits of two mistakes made one after the other; None if they cannot be."""
        way = self._edited(one, other) if order == 0 else self._edited(other, one)
        if way is None:
            return None
        with COMPOSING:
            material = self.exercise.observe(way, self.cases[index], silent=False)
        return self._read(index, Observation.read(material))

    def _edited(self, one: int, other: int) -> Callable | None:
        first, second = (getattr(self.behaviours[place].way, "edits", None) for place in (one, other))
        if not (first and second and self.exercise.pairs):
            return None
        try:
            return self.exercise.edited(*first, *second)
        except (SyntaxError, ValueError):  # the second's text is no longer there
            return None

    # The choice ---------------------------------------------------------------------------------------------------

    def _is_enough(self, trial: _Trial, wrong: list[frozenset[str]], failing: Sequence[int]) -> bool:
        """Tell whether most wrong cases are explained, or all that is wrong with one part of the value."""
        if len(_whole(trial, wrong)) > len(failing) / 2:
            return True
        conduct = {(index, key) for index, keys in enumerate(wrong) for key in keys.intersection(CONDUCT)}
        if not conduct <= trial.parts:
            return False  # an input that was changed may make any part wrong
        found = {key for _, key in trial.parts}
        return any(
            all((index, key) in trial.parts for index, keys in enumerate(wrong) if key in keys)
            for key in found - {"", OUTCOME}
        )

    def _explanation(self, trial: _Trial, wrong: list[frozenset[str]]) -> Explanation:
        def smallest(place: int) -> tuple[int, int]:
            return min(self.cases[index].size for index in _first_cases(trial, place)), place

        places = sorted(trial.chosen, key=smallest)
        return Explanation(
            tuple(self.behaviours[place].known for place in places),
            frozenset(_whole(trial, wrong)),
            frozenset(_first_cases(trial, places[0])),
        )


def write_all(symptoms: Sequence[Symptoms]) -> list[dict]:
    """Write symptoms as JSON material, which has no tuples."""
    return [{key: list(item) if isinstance(item, tuple) else item for key, item in one.items()} for one in symptoms]


def _read_all(symptoms: Sequence[dict]) -> list[Symptoms]:
    """Read what `write_all` wrote."""
    return [{key: tuple(item) if isinstance(item, list) else item for key, item in one.items()} for one in symptoms]


def _is_nothing(symptom: object) -> bool:
    value = symptom.value if isinstance(symptom, Observation) else symptom
    return value is None or isinstance(value, Opaque)


def _first_cases(trial: _Trial, place: int) -> set[int]:
    return trial.alone.get(place) or trial.showing[place]


def _whole(trial: _Trial, wrong: list[frozenset[str]]) -> set[int]:
    """Return the cases of which every wrong part is explained."""
    return {index for index, keys in enumerate(wrong) if keys and all((index, key) in trial.parts for key in keys)}
