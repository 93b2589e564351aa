"""The page *Common mistakes*: every known mistake of the bank, with the input that exposes it."""

from __future__ import annotations

import numpy as np
import torch

from cnncourse.checking.record import Exercise, Mistake

from .display import Text
from .registry import CHAPTERS, bank, checker_for

MAX_NUMBERS = 12  # of an array that is written out


def common_mistakes(chapter: str) -> Text:
    """List the mistakes of a chapter's exercises, grouped by exercise.

    Parameters
    ----------
    chapter : str
        Stem: "convolution".

    Returns
    -------
    Text
        Displays itself: a list for each exercise, the learner's sentence and below it the smallest input that exposes
        the mistake.

    Raises
    ------
    ValueError
        For a chapter without exercises.

    Examples
    --------
    >>> print(common_mistakes("architectures"))
    **`receptive_field`**
    <BLANKLINE>
    - A layer's own stride counts already for itself: it spreads only the layers after it.
      *Exposed by* a pooling between: `layers = [(3, 1), (2, 2), (3, 1)]`
    ...
    """
    if chapter not in CHAPTERS:
        raise ValueError(f"`chapter` must be one of {', '.join(CHAPTERS)}, not {chapter!r}")
    return Text("\n\n".join(_group(exercise) for exercise in bank().values() if exercise.chapter == chapter))


def _group(exercise: Exercise) -> str:
    entries = [  # two spaces break the line
        f"- {known.sentence}  \n  *Exposed by* {_exposing(exercise, known)}" for known in exercise.mistakes
    ]
    return "\n".join([f"**`{exercise.name}`**", "", *entries])


def _exposing(exercise: Exercise, known: Mistake) -> str:
    case = checker_for(exercise.name).smallest_failing(known.ways[0])
    inputs = ", ".join(f"{name} = {_brief(value)}" for name, value in case.inputs.items())
    return f"{case.note}: `{inputs}`" if inputs else case.note


def _brief(value: object) -> str:
    """Write an input in one line: small arrays in full, others as their shape."""
    if not isinstance(value, torch.Tensor | np.ndarray):
        return repr(value)
    many = value.size > MAX_NUMBERS if isinstance(value, np.ndarray) else value.numel() > MAX_NUMBERS
    return f"shape {tuple(value.shape)}" if many else str(value.tolist())
