"""Say what sets the wrong cases of an answer apart from the right ones: "right without padding, wrong with it"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from .record import Case, Exercise
    from .report import Result

Test = tuple[str, str, Callable[["Case"], bool]]  # where it is right, where it is wrong, and what tells them apart
TAG_WORDS = {  # key of `record.TAGS` -> where an answer is right that fails with each such case, where it is wrong
    "axis": ("where height and width, or the other axes, are equal", "where they differ"),
    "bias": ("without a bias", "with a bias"),
    "batch": ("for a batch of one", "for other batches"),
    "channels": ("for one channel", "for several channels"),
    "classes": ("in the plain case", "where the number of classes, or which of them occur, varies"),
    "default": ("where all arguments are given", "where one is left out"),
    "dilation": ("without dilation", "with dilation"),
    "dtype": ("for float32", "for other number types"),
    "error": ("for valid arguments", "for calls that should raise"),
    "extreme": ("for moderate numbers", "for extreme ones"),
    "groups": ("for one group", "for several groups"),
    "iterable": ("for lists", "for iterables without a length"),
    "kernel": ("for the plainest kernel or window", "for other sizes of it"),
    "layers": ("for the first layers", "for deeper ones"),
    "mode": ("in one mode of the model", "in the other"),
    "negative": ("for positive numbers", "where there are negative ones"),
    "overlap": ("without overlaps", "where windows overlap"),
    "padding": ("without padding", "with padding"),
    "random": ("where chance plays no part", "where it does"),
    "remainder": ("where the steps come out even", "where there is a remainder"),
    "setting": ("for the usual settings", "for other settings"),
    "state": ("where no state is kept", "where it is"),
    "stride": ("for the plainest stride", "for other strides"),
    "tie": ("without ties", "where numbers are equal"),
    "zero": ("without zeros", "where there are zeros, or nothing"),
}
PAIRS = ("padding", "stride", "kernel_size", "patch_size")


def contrast(exercise: Exercise, results: Sequence[Result]) -> str:
    """Compare the cases that are right with those that are wrong.

    Parameters
    ----------
    exercise : Exercise
    results : sequence of Result

    Returns
    -------
    str
        A sentence, or "" where nothing sets the wrong cases apart.

    Examples
    --------
    >>> from cnncourse.exercises.registry import checker_for
    >>> checker = checker_for("conv2d")
    >>> def unpadded_only(input, weight, bias=None, stride=1, padding=0):
    ...     return checker.solved(input, weight, bias, stride) + (0 if padding == 0 else 1)
    >>> contrast(checker.exercise, checker.report(checker.observe(unpadded_only)).results)
    'It is right for padding 0, and wrong as soon as there is padding.'
    """
    right = [result.case for result in results if result.mismatch is None]
    wrong = [result.case for result in results if result.mismatch]
    if not right or not wrong:
        return "It is wrong in every case." if wrong and len(wrong) > 1 else ""
    for when_right, when_wrong, holds in _tests(exercise):
        if all(map(holds, wrong)) and not any(map(holds, right)):
            return f"It is right {when_right}, and wrong {when_wrong}."
    return ""


def _tests(exercise: Exercise) -> Iterator[Test]:
    """Yield what may set cases apart, the most exact first: numbers in the call, then tags."""
    for name in PAIRS:
        if name in exercise.parameters:
            word = name.partition("_")[0]
            yield f"for {word} 0", f"as soon as there is {word}", partial(_is_there, name)
            yield f"where {word} is one number", "where it is a pair", partial(_is_pair, name)
            yield f"for the same {word} on both axes", "where the two differ", partial(_is_uneven, name)
    yield "for square kernels only", "for others", _is_oblong
    for tag, (when_right, when_wrong) in TAG_WORDS.items():
        yield when_right, when_wrong, partial(_has_tag, tag)


def _is_there(name: str, case: Case) -> bool:
    return any(_pair(case, name))


def _is_pair(name: str, case: Case) -> bool:
    return isinstance(case.inputs.get(name), tuple | list)


def _is_uneven(name: str, case: Case) -> bool:
    return len(set(_pair(case, name))) > 1


def _has_tag(tag: str, case: Case) -> bool:
    return tag in case.varies


def _pair(case: Case, name: str) -> tuple:
    given = case.inputs.get(name)
    return tuple(given) if isinstance(given, tuple | list) else (given or 0,) * 2


def _is_oblong(case: Case) -> bool:
    """Tell whether the kernel or window of a case has unlike sides."""
    for name in ("kernel_size", "patch_size"):
        if isinstance(case.inputs.get(name), tuple | list):
            return len(set(_pair(case, name))) > 1
    for name in ("kernel", "weight"):
        given = case.inputs.get(name)
        if isinstance(given, torch.Tensor | np.ndarray) and given.ndim >= 2:
            return given.shape[-1] != given.shape[-2]
    return False
