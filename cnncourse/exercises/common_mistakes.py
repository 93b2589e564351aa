"""The page *Common mistakes*: every known mistake of the bank, below the input that exposes it."""

from __future__ import annotations

import re

import numpy as np
import torch

from cnncourse.checking.compare import Mismatch, Observation
from cnncourse.checking.record import Case, Exercise, Mistake
from cnncourse.checking.report import Result

from .display import Text, fold
from .registry import CHAPTERS, bank, checker_for

MAX_NUMBERS = 12  # of an array that is written out
MAX_OUTCOME = 100  # characters of a result that is written out
DIGITS = 4  # significant digits of a float
NUMBER = r"-?\d+\.\d+(?:e[+-]?\d+)?"  # with a decimal point
NOISE = 1e-5  # rounding errors in a result are smaller than this share of its largest number


def common_mistakes(chapter: str) -> Text:
    """List the mistakes of a chapter's exercises, grouped by exercise and by the input that exposes them.

    Parameters
    ----------
    chapter : str
        Stem: "convolution".

    Returns
    -------
    Text
        Displays itself: a fold for each exercise. It lists inputs, and below each input the mistakes for which it is
        the smallest that exposes them: the learner's sentence, what the mistake gives and what is right.

    Raises
    ------
    ValueError
        For a chapter without exercises.

    Examples
    --------
    >>> print(common_mistakes("convolution"))
    **`calculate_output_shape`**
    <BLANKLINE>
    - Padding: `image_size = [5, 7], kernel = [3, 3], stride = [2, 3], padding = [1, 2]`
      - Padding is counted on one side only: it is added before and after, so count it twice.
        Got `[2, 3]`, expected `[3, 3]`.
    ...
    """
    if chapter not in CHAPTERS:
        raise ValueError(f"`chapter` must be one of {', '.join(CHAPTERS)}, not {chapter!r}")
    exercises = [exercise for exercise in bank().values() if exercise.chapter == chapter]
    lists = [_list(exercise) for exercise in exercises]
    folds = [
        fold(f"{exercise.name}: {_count(len(exercise.mistakes))}", entries, "cnn-mistakes")
        for exercise, entries in zip(exercises, lists, strict=True)
    ]
    titled = [f"**`{exercise.name}`**\n\n{entries}" for exercise, entries in zip(exercises, lists, strict=True)]
    return Text("\n".join(folds), "\n\n".join(titled))


def _count(mistakes: int) -> str:
    return "1 mistake" if mistakes == 1 else f"{mistakes} mistakes"


def _list(exercise: Exercise) -> str:
    """Write each input once, and the mistakes that it exposes below it."""
    groups: dict[str, list[str]] = {}
    for known in exercise.mistakes:
        failing = _exposing(exercise, known)
        entry = f"  - {known.sentence}  \n    {_difference(exercise, failing)}"  # two spaces break the line
        groups.setdefault(_input(failing.case), []).append(entry)
    return "\n".join("\n".join([f"- {heading}", *entries]) for heading, entries in groups.items())


def _exposing(exercise: Exercise, known: Mistake) -> Result:
    failing = checker_for(exercise.name).smallest_failing(known.ways[0])
    if failing is None:
        raise ValueError(f"the mistake {known.id!r} of {exercise.name} passes every case; cnncourse audit says more")
    return failing


def _input(case: Case) -> str:
    note = case.note[:1].upper() + case.note[1:]
    inputs = ", ".join(f"{name} = {_brief(value)}" for name, value in case.inputs.items())
    return f"{note}: `{inputs}`" if inputs else note


def _difference(exercise: Exercise, failing: Result) -> str:
    """Write what came and what is right, or the check's sentence where the two are long or look the same."""
    mismatch = failing.mismatch or Mismatch("value", "")
    got, expected = _outcome(failing.observed), _outcome(failing.expected)
    many_are_right = exercise.sentences and failing.expected.outcome != "raised"
    values_tell = got != expected and not many_are_right and mismatch.kind not in ("refused", "changed", "left")
    if not values_tell or max(len(got), len(expected)) > MAX_OUTCOME:
        raised = mismatch.kind == "raised" and failing.observed.outcome == "raised"  # its message differs by version
        return f"It raises {got}." if raised else _rounded(mismatch.sentence)
    return f"Got {got}, expected {expected}."


def _outcome(observation: Observation) -> str:
    if observation.outcome == "raised":
        return f"{'an' if observation.exception[:1] in 'AEIOU' else 'a'} {observation.exception}"
    if observation.outcome == "not implemented":
        return "nothing"
    return f"`{_brief(_without_noise(observation.value))}`"


def _without_noise(value: object) -> object:
    """Set what is a rounding error in an array to 0: it differs between machines."""
    if not isinstance(value, torch.Tensor) or not value.is_floating_point() or not value.isfinite().any():
        return value
    largest = value[value.isfinite()].abs().max()
    return torch.where(value.abs() < NOISE * largest, torch.zeros_like(value), value) + 0.0  # -0.0 becomes 0.0


def _rounded(sentence: str) -> str:
    """Round the numbers of a sentence, unless two that differ would look the same."""
    numbers = re.findall(NUMBER, sentence)
    rounded = [f"{float(number):.{DIGITS}g}" for number in numbers]
    line = " ".join(sentence.split())
    if len(set(rounded)) < len(set(numbers)):
        return line
    return re.sub(NUMBER, lambda found: f"{float(found[0]):.{DIGITS}g}", line)


def _brief(value: object) -> str:
    """Write a value in one line: floats rounded, small arrays in full and others as their shape."""
    if isinstance(value, torch.Tensor | np.ndarray):
        count = value.size if isinstance(value, np.ndarray) else value.numel()
        return _brief(value.tolist()) if 0 < count <= MAX_NUMBERS else f"shape {tuple(value.shape)}"
    if isinstance(value, float):
        rounded = float(f"{value:.{DIGITS}g}")
        return repr(rounded) if abs(rounded) < 10**DIGITS else f"{value:.{DIGITS}g}"
    if isinstance(value, list):
        return f"[{', '.join(map(_brief, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_brief, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_brief(item)}' for key, item in value.items())}}}"
    return " ".join(repr(value).split())
