"""The report on an answer: as plain text, as HTML in a notebook, and as a dict."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import torch

from .compare import Mismatch, Observation, compare_values, kind_of, tolerance_of, yes_or_no
from .contrast import contrast
from .pictures import Picture, is_drawable, picture
from .record import Case, Exercise, Mistake
from .report_html import report_html, shortened

Array: TypeAlias = torch.Tensor | np.ndarray
MAX_ELEMENTS = 64  # of an array that is printed whole
MAX_TEXT, MAX_SENTENCE = 6_000, 1_000  # characters of a part of a call and of a sentence


@dataclass(frozen=True)
class Result:
    """One case: what was seen, what is right, and the mismatch (None if they agree).

    Parameters
    ----------
    case : Case
    observed, expected : Observation
    mismatch : Mismatch or None
    first : bool
        Whether the mistake to fix first shows here.
    explained : bool
        Whether the known mistakes explain all that is wrong here.
    """

    case: Case
    observed: Observation
    expected: Observation
    mismatch: Mismatch | None
    first: bool = False
    explained: bool = False


@dataclass(frozen=True)
class Report:
    """The verdict on an answer.

    Parameters
    ----------
    exercise : Exercise
    results : sequence of Result
    mistakes : tuple of Mistake
        The known mistakes that the answer behaves like; the one to fix first is first.
    """

    exercise: Exercise
    results: tuple[Result, ...]
    mistakes: tuple[Mistake, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every case is right."""
        return self.status == "passed"

    @property
    def score(self) -> float:
        """The share of cases passed, 0 to 1."""
        return sum(result.mismatch is None for result in self.results) / len(self.results)

    @property
    def status(self) -> str:
        """One of "passed", "failed" and "not attempted"."""
        if not self._failures:
            return "passed"
        unwritten = all(mismatch.kind == "not implemented" for _, mismatch in self._failures)
        return "not attempted" if unwritten and len(self._failures) == len(self.results) else "failed"

    @property
    def recognised(self) -> Mistake | None:
        """The known mistake to fix first, or None."""
        return self.mistakes[0] if self.mistakes else None

    @property
    def misconception(self) -> str | None:
        """The id of the known mistake to fix first, or None."""
        return self.recognised.id if self.recognised else None

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The ids of all known mistakes that the answer makes, the one to fix first in front."""
        return tuple(known.id for known in self.mistakes)

    @cached_property
    def _failures(self) -> list[tuple[Result, Mismatch]]:
        """The failing results with their mismatches: where the first mistake shows, then those with small inputs."""
        failures = [(result, result.mismatch) for result in self.results if result.mismatch]
        return sorted(failures, key=lambda failure: (not failure[0].first, failure[0].case.size))

    @property
    def failing(self) -> Result | None:
        """The failing result with the smallest inputs; if a mistake is known, of those where it shows. Or None."""
        return self._failures[0][0] if self._failures else None

    @property
    def headline(self) -> str:
        """One line: the exercise, the status, the count."""
        if self.status == "not attempted":
            return f"{self.exercise.name}: not attempted"
        right = sum(result.mismatch is None for result in self.results)
        return f"{self.exercise.name}: {self.status}, {right} of {len(self.results)} cases right"

    @property
    def sentence(self) -> str:
        """What is wrong: the sentence of the known mistake, else of the smallest failing case."""
        if self.status != "failed":
            return ""
        return self.recognised.sentence if self.recognised else bounded(self._failures[0][1].sentence, MAX_SENTENCE)

    @property
    def more(self) -> tuple[str, ...]:
        """What else there is to say of a failed answer: a second mistake, other causes, or which cases are wrong."""
        if self.status != "failed":
            return ()
        if not self.recognised:
            sentence = contrast(self.exercise, self.results)
            return (sentence,) if sentence else ()
        others = sum(not result.explained for result, _ in self._failures)
        sentences = [f"There is a second mistake: {known.sentence}" for known in self.mistakes[1:]]
        if others:
            have = "has" if others == 1 else "have"
            sentences.append(f"Of the {len(self._failures)} wrong cases, {others} {have} another cause as well.")
        return tuple(sentences)

    @property
    def next_step(self) -> str:
        """What to do now."""
        if self.passed:
            return ""
        if self.status == "not attempted":
            return f'Write its body and check again; hint("{self.exercise.name}") gives a first nudge.'
        return f'Fix it and check again; hint("{self.exercise.name}") helps.'

    @cached_property
    def call(self) -> tuple[tuple[str, str], ...]:
        """The smallest failing call as (label, text) pairs: called, returned, expected."""
        if self.status != "failed":
            return ()
        result, mismatch = self._failures[0]
        observed, expected = _outcomes(result.observed, result.expected)
        pairs = [("called", _called(self.exercise, result.case)), ("returned", observed)]
        if not self.exercise.sentences or result.expected.outcome == "raised":  # many values keep the rules
            pairs.append(("expected", expected))
        if self.recognised:
            pairs.append(("so", mismatch.sentence))
        return tuple((label, bounded(text)) for label, text in pairs)

    def __str__(self) -> str:
        lines = [self.headline]
        if self.sentence:
            lines += ["", self.sentence, *self.more, ""]
        for label, text in self.call:
            first, *rest = text.splitlines()
            lines += [f"  {label:<10}{first}", *(" " * 12 + line for line in rest)]
        if self.next_step:
            lines += ["", self.next_step] if self.call else [self.next_step]
        return "\n".join(lines)

    __repr__ = __str__

    @cached_property
    def pictures(self) -> dict[str, list[Picture]]:
        """The arrays of the smallest failing call, by what they are.

        "called" has its arguments; "outcome" has what it returned and what is expected; "part" has the first of their
        parts that differs, where they are tuples or dicts whose numbers are compared. A key is there only if all its
        arrays can be drawn.
        """
        if self.status != "failed":
            return {}
        result, mismatch = self._failures[0]
        arrays = _arrays(result.case)
        found = {}
        if arrays and all(map(is_drawable, arrays.values())):
            found["called"] = [picture(name, value) for name, value in arrays.items()]
        by_value = mismatch == compare_values(result.case, result.observed, result.expected)  # not by own rules
        for path, observed, expected in _parts(result.observed.value, result.expected.value):
            if (path and not by_value) or not all(is_drawable(value) and value.ndim for value in (observed, expected)):
                continue
            different = None
            if by_value and observed.shape == expected.shape:
                came, right = (torch.as_tensor(value).double() for value in (observed, expected))
                tolerance = tolerance_of(result.case, result.expected.value)
                different = ~torch.isclose(came, right, rtol=0.0, atol=tolerance, equal_nan=True)
            if not path or different is None or different.any():
                found["part" if path else "outcome"] = [
                    picture(f"returned{path}", observed, different),
                    picture(f"expected{path}", expected),
                ]
                break
        return found

    def _repr_html_(self) -> str:
        return report_html(self)

    def to_dict(self) -> dict:
        """Return the report as plain data.

        Returns
        -------
        dict
            With ``exercise``, ``status``, ``score``, ``misconception``, ``misconceptions``, ``sentence``, ``more``,
            ``call`` and, in ``cases``, one entry per case; only strings, numbers, None, lists and dicts.
        """
        return {
            "exercise": self.exercise.name,
            "status": self.status,
            "score": self.score,
            "misconception": self.misconception,
            "misconceptions": list(self.misconceptions),
            "sentence": self.sentence,
            "more": list(self.more),
            "call": dict(self.call),
            "cases": [
                {"note": r.case.note, "passed": r.mismatch is None, "kind": r.mismatch.kind if r.mismatch else None}
                for r in self.results
            ],
        }


def _called(exercise: Exercise, case: Case) -> str:
    """Write the call, then its arrays by name."""
    names = list(case.inputs)
    if case.probe != "call":
        names_in_call = ", ".join(inspect.signature(exercise.solved).parameters)
        head = f"{exercise.name}({names_in_call})  # {case.note}"
        arrays = {}
    else:
        arrays = _arrays(case)
        head = f"{exercise.name}({', '.join(n if n in arrays else f'{n}={case.inputs[n]!r}' for n in names)})"
    return "\n".join([head, *(f"{name} = {show(value)}" for name, value in arrays.items())])


def _arrays(case: Case) -> dict[str, Array]:
    """The arguments of a plain call that are arrays."""
    if case.probe != "call":
        return {}
    return {name: value for name, value in case.inputs.items() if isinstance(value, torch.Tensor | np.ndarray)}


def _parts(observed: object, expected: object, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Pair the values in two tuples, lists or dicts of the same form, each with its place."""
    if isinstance(observed, dict) and isinstance(expected, dict) and observed.keys() == expected.keys():
        for key in expected:
            yield from _parts(observed[key], expected[key], f"{path}[{key!r}]")
    elif isinstance(observed, list | tuple) and isinstance(expected, list | tuple) and len(observed) == len(expected):
        for place, (one, other) in enumerate(zip(observed, expected, strict=True)):
            yield from _parts(one, other, f"{path}[{place}]")
    else:
        yield path, observed, expected


def _outcomes(observed: Observation, expected: Observation) -> tuple[str, str]:
    """Write both with as many digits as it takes to see a difference."""
    for digits in range(4, 17, 2):
        texts = _outcome(observed, digits), _outcome(expected, digits)
        if texts[0] != texts[1]:
            break
    return texts


def _outcome(observation: Observation, digits: int) -> str:
    if observation.outcome == "not implemented":
        return "nothing: it is not implemented"
    if observation.outcome == "raised":
        return f"raised {observation.exception}: {observation.message}".rstrip(": ")
    if observation.value is None and observation.printed:
        return "None (it printed something; return it instead)"
    return show(observation.value, digits)


def bounded(text: str, most: int = MAX_TEXT) -> str:
    """Cut a text that an answer made too long, and say so.

    Parameters
    ----------
    text : str
    most : int
        Characters that are kept.

    Returns
    -------
    str

    Examples
    --------
    >>> bounded("abcdef", 3)
    'abc... (The first 3 of 6 characters are shown.)'
    """
    kept, cut = shortened(text, most)
    return f"{kept}... ({cut})" if cut else kept


def show(value: object, digits: int = 4) -> str:
    """Show a plain value for reading: kind and shape first, then the numbers if they are few.

    Parameters
    ----------
    value : plain value
    digits : int, default 4
        After the decimal point, in arrays.

    Returns
    -------
    str

    Examples
    --------
    >>> print(show(torch.tensor([[[1.0, 2.5]], [[0.0, 3.0]]])))
    a tensor of shape (2, 1, 2)
    [[[1. , 2.5]],
     [[0. , 3. ]]]
    >>> print(show({"accuracy": 0.5, "graph recorded": False}))
    accuracy: 0.5
    graph recorded: no
    """
    if isinstance(value, torch.Tensor | np.ndarray):
        array = torch.as_tensor(value).double().numpy()
        numbers = np.array2string(array, precision=digits, threshold=MAX_ELEMENTS, edgeitems=2, separator=", ")
        numbers = numbers.replace("\n\n\n", "\n").replace("\n\n", "\n")  # the brackets already separate the planes
        return f"{kind_of(value)}\n{numbers}"
    if isinstance(value, list | tuple) and len(value) <= MAX_ELEMENTS:
        items = ", ".join(show(item, digits).replace("\n", " ") for item in value)
        return f"[{items}]" if isinstance(value, list) else f"({items})"
    if isinstance(value, dict):
        facts = {key: yes_or_no(item) if isinstance(item, bool) else show(item, digits) for key, item in value.items()}
        return "\n".join(f"{key}: {text}" for key, text in facts.items())
    return repr(value) if isinstance(value, int | float | str) else kind_of(value)
