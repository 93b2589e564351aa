"""The bank: every exercise by name, in the order of the book."""

import difflib
from functools import cache
from importlib import import_module

CHAPTERS = ("convolution", "pooling", "im2col", "channels", "training", "architectures", "interpretation")


@cache
def bank():
    """Load every record.

    Returns
    -------
    dict of str to Exercise
        In the order of the chapters, then of each chapter's `EXERCISES`.
    """
    modules = (import_module(f"{__package__}.{chapter}") for chapter in CHAPTERS)
    return {exercise.name: exercise for module in modules for exercise in module.EXERCISES}


def find(name):
    """Return the record of an exercise.

    Parameters
    ----------
    name : str

    Returns
    -------
    Exercise

    Raises
    ------
    KeyError
        For a name that the bank does not have; it lists the nearest names.

    Examples
    --------
    >>> find("corr2d").chapter
    'convolution'
    >>> find("cor2d")
    Traceback (most recent call last):
        ...
    KeyError: "there is no exercise 'cor2d'; the nearest are corr2d, conv2d, ..."
    """
    exercises = bank()
    if isinstance(name, str) and name in exercises:
        return exercises[name]
    shown = repr(name[:60]) if isinstance(name, str) else f"of type {type(name).__name__}"
    nearest = difflib.get_close_matches(name[:60], exercises, n=3, cutoff=0.3) if isinstance(name, str) else []
    listed = f"; the nearest are {', '.join(nearest)}" if nearest else "; exercises() lists them all"
    raise KeyError(f"there is no exercise {shown}{listed}")
