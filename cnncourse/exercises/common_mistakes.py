"""The page *Common mistakes*: every known mistake of the bank, below the input that exposes it."""

from __future__ import annotations

import re

import numpy as np
import torch

from cnncourse.checking.compare import Mismatch, Observation, difference, parts_of, tolerance_of, yes_or_no
from cnncourse.checking.record import Case, Exercise, Mistake
from cnncourse.checking.report import Result

from .display import Text, fold
from .registry import CHAPTERS, bank, checker_for

MAX_NUMBERS = 12  # of an array that is written out
MAX_PAIR = 200  # characters of what came and what is right, where both are written out
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
        groups.setdefault(_input(exercise, failing.case), []).append(entry)
    return "\n".join("\n".join([f"- {heading}", *entries]) for heading, entries in groups.items())


def _exposing(exercise: Exercise, known: Mistake) -> Result:
    failing = checker_for(exercise.name).smallest_failing(known.ways[0])
    if failing is None:
        raise ValueError(f"the mistake {known.id!r} of {exercise.name} passes every case; cnncourse audit says more")
    return failing


def _input(exercise: Exercise, case: Case) -> str:
    """Write a case's note and inputs. The probe's settings (flags, seeds) are left out; the note says them in words."""
    inputs = ", ".join(
        f"{name} = {_brief(value)}"
        for name, value in case.inputs.items()
        if name in exercise.parameters or not _is_setting(name, value)
    )
    return f"{_capitalised(case.note)}: `{inputs}`" if inputs else _capitalised(case.note)


def _is_setting(name: str, value: object) -> bool:
    return name == "seed" or all(isinstance(item, bool) for item in (value if isinstance(value, list) else [value]))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _difference(exercise: Exercise, failing: Result) -> str:
    """Write what came and what is right, or the check's sentence where the two are long or look the same."""
    mismatch = failing.mismatch or Mismatch("value", "")
    if mismatch.kind == "raised" and isinstance(failing.expected.value, dict):
        return f"It raises {_outcome(failing.observed)}."
    many_are_right = exercise.sentences and failing.expected.outcome != "raised"
    if not many_are_right and mismatch.kind not in ("refused", "changed", "left"):
        pairs = _pairs(failing)
        if all(got != wanted and len(got + wanted) <= MAX_PAIR for _, got, wanted in pairs):
            text = "; ".join(f"{name}got {got}, expected {wanted}" for name, got, wanted in pairs)
            return f"{text if '_' in pairs[0][0] else _capitalised(text)}."  # running_var is a name in code
    raised = mismatch.kind == "raised" and failing.observed.outcome == "raised"  # its message differs by version
    return f"It raises {_outcome(failing.observed)}." if raised else _rounded(mismatch.sentence)


def _pairs(failing: Result) -> list[tuple[str, str, str]]:
    """Write what came and what is right; of facts that a probe noted, only those that are wrong, with their names."""
    observed, expected = failing.observed, failing.expected
    got, wanted = observed.value, expected.value
    if not (isinstance(got, dict) and isinstance(wanted, dict) and got.keys() == wanted.keys()):
        return [("", _outcome(observed), _outcome(expected))]
    tolerance = tolerance_of(failing.case, wanted)
    wrong = [name for name in wanted if difference(got[name], wanted[name], tolerance)]
    return [(f"{name}: ", _fact(got[name]), _fact(wanted[name])) for name in wrong]


def _fact(value: object) -> str:
    """Write a fact as yes or no, several as a list of them, and any other value as code."""
    facts = list(parts_of(value).values())
    if facts and all(isinstance(fact, bool) for fact in facts):
        return yes_or_no(facts[0]) if len(set(facts)) == 1 else ", ".join(map(yes_or_no, facts))
    return f"`{_brief(_without_noise(value))}`"


def _outcome(observation: Observation) -> str:
    if observation.outcome == "raised":
        return f"{'an' if observation.exception[:1] in 'AEIOU' else 'a'} {observation.exception}"
    if observation.outcome == "not implemented":
        return "nothing"
    return f"`{_brief(_without_noise(observation.value))}`"


def _without_noise(value: object) -> object:
    """Set what is a rounding error in arrays to 0: it differs between machines."""
    arrays = [part for part in parts_of(value).values() if isinstance(part, torch.Tensor) and part.is_floating_point()]
    finite = [array[array.isfinite()].abs() for array in arrays]
    noise = NOISE * max((numbers.max().item() for numbers in finite if numbers.numel()), default=0.0)
    return _cleared(value, noise)


def _cleared(value: object, noise: float) -> object:
    if isinstance(value, list | tuple):
        return type(value)(_cleared(item, noise) for item in value)
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        return value
    return torch.where(value.abs() < noise, torch.zeros_like(value), value) + 0.0  # -0.0 becomes 0.0


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
