"""The page *Common mistakes*: every misconception of the bank, with the input that exposes it."""

import numpy as np
import torch

from .box import Text
from .examining import examination
from .registry import CHAPTERS, bank

MAX_NUMBERS = 12  # of an array that is written out


def common_mistakes(chapter):
    """List the misconceptions of a chapter's exercises, grouped by exercise.

    Parameters
    ----------
    chapter : str
        Stem: "convolution".

    Returns
    -------
    Text
        Displays itself: one table an exercise, the learner's sentence beside the smallest input that exposes it.

    Raises
    ------
    ValueError
        For a chapter without exercises.
    """
    if chapter not in CHAPTERS:
        raise ValueError(f"chapter is {chapter!r}; the chapters with exercises are {', '.join(CHAPTERS)}")
    return Text("\n\n".join(_group(exercise) for exercise in bank().values() if exercise.chapter == chapter))


def _group(exercise):
    examined = examination(exercise.name)
    rows = []
    for known, behaviour in examined.mistaken:
        case = examined.verdict(behaviour).failing.case
        inputs = ", ".join(f"{name} = {_brief(value)}" for name, value in case.inputs.items())
        rows.append(f"| {known.sentence} | {case.note}: `{inputs}` |")
    return "\n".join([f"**`{exercise.name}`**", "", "| what goes wrong | what exposes it |", "|---|---|", *rows])


def _brief(value):
    """Write an input in one line: small arrays in full, others as their shape."""
    if not isinstance(value, torch.Tensor | np.ndarray):
        return str(value)
    many = value.size > MAX_NUMBERS if isinstance(value, np.ndarray) else value.numel() > MAX_NUMBERS
    return f"shape {tuple(value.shape)}" if many else str(value.tolist())
