"""Compare by rules where many values are right: any order of batches, any random mask, any good detector."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .compare import Mismatch, compare_conduct, conduct_agrees

UNUSABLE = "It returns something that this exercise cannot use."


def by_rules(broken: Callable[..., Iterable[str]]) -> tuple[Callable, Callable, Callable]:
    """Make the functions `Exercise.compare`, `Exercise.agree` and `Exercise.sentences` out of an exercise's rules.

    Parameters
    ----------
    broken : callable
        ``broken(case, value)`` yields one sentence for every rule that the plain value breaks, the most helpful first;
        no sentence if the value is right. The sentences are fixed text, so that equal mistakes get equal sentences.

    Returns
    -------
    compare : callable
        For `Exercise.compare`: the first sentence becomes the mismatch.
    agree : callable
        For `Exercise.agree`: two observations are alike if they break the same rules.
    sentences : callable
        ``sentences(case, value)`` lists the sentences of the rules that a value breaks.

    Examples
    --------
    >>> def broken(case, value):
    ...     if value < 0:
    ...         yield "It is negative."
    >>> compare, agree, sentences = by_rules(broken)
    >>> from .compare import Observation
    >>> compare(None, Observation("returned", -2.0), Observation("returned", 1.0)).sentence
    'It is negative.'
    >>> agree(None, Observation("returned", -2.0), Observation("returned", -3.0))
    True
    """

    def sentences(case: Any, value: Any) -> Any:
        try:
            return list(broken(case, value))
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
            return [UNUSABLE]

    def compare(case: Any, observed: Any, expected: Any) -> Any:
        mismatch = compare_conduct(observed, expected)
        if mismatch or expected.outcome == "raised":
            return mismatch
        return next((Mismatch("value", sentence) for sentence in sentences(case, observed.value)), None)

    def agree(case: Any, one: Any, other: Any) -> Any:
        return conduct_agrees(one, other) and sentences(case, one.value) == sentences(case, other.value)

    return compare, agree, sentences
