"""The report on an answer: as plain text, as HTML in a notebook, and as a dict."""

from __future__ import annotations

import html
import inspect
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from .compare import Mismatch, Observation, kind_of
from .record import Case, Exercise, Mistake

MAX_ELEMENTS = 64  # of an array that is printed whole


@dataclass(frozen=True)
class Result:
    """One case: what was seen, what is right, and the mismatch (None if they agree)."""

    case: Case
    observed: Observation
    expected: Observation
    mismatch: Mismatch | None


@dataclass(frozen=True)
class Report:
    """The verdict on an answer.

    Parameters
    ----------
    exercise : Exercise
    results : sequence of Result
    recognised : Mistake or None
        The known mistake that the answer behaves like.
    """

    exercise: Exercise
    results: tuple[Result, ...]
    recognised: Mistake | None = None

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
        mismatches = [result.mismatch for result in self.results if result.mismatch]
        if not mismatches:
            return "passed"
        unwritten = len(mismatches) == len(self.results) and all(f.kind == "not implemented" for f in mismatches)
        return "not attempted" if unwritten else "failed"

    @property
    def misconception(self) -> str | None:
        """The id of the known mistake, or None."""
        return self.recognised.id if self.recognised else None

    @cached_property
    def failing(self) -> Result | None:
        """The failing result with the smallest inputs, or None."""
        failures = [result for result in self.results if result.mismatch]
        return min(failures, key=lambda result: result.case.size, default=None)

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
        return self.recognised.sentence if self.recognised else self.failing.mismatch.sentence

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
        result = self.failing
        observed, expected = (_outcome(seen) for seen in (result.observed, result.expected))
        pairs = [("called", _called(self.exercise, result.case)), ("returned", observed), ("expected", expected)]
        if self.recognised:
            pairs.append(("so", result.mismatch.sentence))
        return tuple(pairs)

    def __str__(self) -> str:
        lines = [self.headline]
        if self.sentence:
            lines += ["", self.sentence, ""]
        for label, text in self.call:
            first, *rest = text.splitlines()
            lines += [f"  {label:<10}{first}", *(" " * 12 + line for line in rest)]
        if self.next_step:
            lines += ["", self.next_step] if self.call else [self.next_step]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        colour = "var(--pst-color-border, var(--jp-border-color1, #888))"
        parts = [
            f'<div class="cnn-report" data-status="{self.status}" role="group" aria-label="Result of the check"'
            f' style="border-left: 4px solid {colour}; padding-left: 1em">',
            f"<p><strong>{html.escape(self.headline)}</strong></p>",
        ]
        if self.sentence:
            parts.append(f"<p>{html.escape(self.sentence)}</p>")
        if self.call:
            rows = "".join(
                f"<tr><th scope='row' style='text-align: left; vertical-align: top'>{label}</th>"
                f"<td style='text-align: left'><pre tabindex='0' style='margin: 0'>{html.escape(text)}</pre></td></tr>"
                for label, text in self.call
            )
            parts.append(f"<table><tbody>{rows}</tbody></table>")
        if self.next_step:
            parts.append(f"<p>{html.escape(self.next_step)}</p>")
        return "\n".join([*parts, "</div>"])

    def to_dict(self) -> dict:
        """Return the report as plain data.

        Returns
        -------
        dict
            With ``exercise``, ``status``, ``score``, ``misconception``, ``sentence``, ``call`` and, in
            ``cases``, one entry per case; only strings, numbers, None, lists and dicts.
        """
        return {
            "exercise": self.exercise.name,
            "status": self.status,
            "score": self.score,
            "misconception": self.misconception,
            "sentence": self.sentence,
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
        arrays = {name: value for name, value in case.inputs.items() if isinstance(value, torch.Tensor | np.ndarray)}
        head = f"{exercise.name}({', '.join(n if n in arrays else f'{n}={case.inputs[n]!r}' for n in names)})"
    return "\n".join([head, *(f"{name} = {show(value)}" for name, value in arrays.items())])


def _outcome(observation: Observation) -> str:
    if observation.outcome == "not implemented":
        return "nothing: it is not implemented"
    if observation.outcome == "raised":
        return f"raised {observation.exception}: {observation.message}".rstrip(": ")
    if observation.value is None and observation.printed:
        return "None (it printed something; return it instead)"
    return show(observation.value)


def show(value: object) -> str:
    """Show a plain value for reading: kind and shape first, then the numbers if they are few.

    Parameters
    ----------
    value : plain value

    Returns
    -------
    str

    Examples
    --------
    >>> print(show(torch.tensor([[[1.0, 2.5]], [[0.0, 3.0]]])))
    a tensor of shape (2, 1, 2)
    [[[1. , 2.5]],
     [[0. , 3. ]]]
    """
    if isinstance(value, torch.Tensor | np.ndarray):
        array = torch.as_tensor(value).double().numpy()
        numbers = np.array2string(array, precision=4, threshold=MAX_ELEMENTS, edgeitems=2, separator=", ")
        numbers = numbers.replace("\n\n\n", "\n").replace("\n\n", "\n")  # brackets tell planes apart well enough
        return f"{kind_of(value)}\n{numbers}"
    if isinstance(value, list | tuple) and len(value) <= MAX_ELEMENTS:
        items = ", ".join(show(item).replace("\n", " ") for item in value)
        return f"[{items}]" if isinstance(value, list) else f"({items})"
    if isinstance(value, dict):
        return "\n".join(f"{key}: {show(item)}" for key, item in value.items())
    return repr(value) if isinstance(value, int | float | str) else kind_of(value)
