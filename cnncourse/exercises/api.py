"""What a learner calls: check, hint, solution, and the list of exercises."""

from __future__ import annotations

from collections.abc import Callable

from cnncourse.checking import progress
from cnncourse.checking.compare import Observation
from cnncourse.checking.report import Report
from cnncourse.checking.runner.settings import standard_settings

from .display import ExerciseBox, Table, Text, solution_text
from .registry import checker_for, find


def check(name_or_function: str | Callable, answer: object = None, *, seed: int = 0) -> Report:
    """Check an answer and name the mistake.

    Parameters
    ----------
    name_or_function : str or callable
        The exercise's name, or the answer itself if it has that name: ``check("corr2d", mine)``, ``check(corr2d)``.
    answer : object, optional
        What you wrote. Its exceptions become part of the report; only Ctrl-C passes through.
    seed : int, default 0
        Of the cases beyond the visible ones.

    Returns
    -------
    Report
        With ``passed``, ``score``, ``status`` and ``misconception``; print it or show it in a notebook.

    Raises
    ------
    KeyError
        For a name that the bank does not have, and for nothing else.

    Examples
    --------
    >>> def corr2d(image, kernel):
    ...     return image
    >>> check(corr2d).status
    'failed'
    """
    if answer is None and not isinstance(name_or_function, str):
        answer, name_or_function = name_or_function, getattr(name_or_function, "__name__", name_or_function)
    name = find(name_or_function).name
    with standard_settings():
        checker = checker_for(name, seed)
        observed = checker.observe(answer) if callable(answer) else [_not_callable(answer)] * len(checker.cases)
        report = checker.report(observed)
        _ = report.call, report.pictures  # they are made when first asked for: here, under these settings
    if answer is not checker.solved:
        progress.record(report)
    return report


def _not_callable(answer: object) -> Observation:
    if answer is None:
        return Observation("not implemented")
    return Observation("raised", exception="TypeError", message=f"a {type(answer).__name__} cannot be called")


def exercise(name: str) -> ExerciseBox:
    """Show an exercise: its prompt, stub, hints and solution.

    Parameters
    ----------
    name : str

    Returns
    -------
    ExerciseBox
        Displays itself.

    Raises
    ------
    KeyError
        For a name that the bank does not have.

    Examples
    --------
    >>> print(exercise("corr2d"))
    Exercise corr2d (4 points · about 10 minutes · after calculate_output_shape)
    ...
    def corr2d(image, kernel):
        ...
        raise NotImplementedError
    """
    return ExerciseBox(find(name))


def exercises() -> Table:
    """List the bank.

    Returns
    -------
    Table
        Displays itself with your progress; iterates over the records.

    Examples
    --------
    >>> print(exercises())
    chapter         exercise                points  minutes  progress
    convolution     calculate_output_shape  4       10       ...
    >>> sum(record.points for record in exercises() if record.chapter == "pooling")
    18
    """
    return Table()


def hint(name: str, level: int = 1) -> Text:
    """Show a hint.

    Parameters
    ----------
    name : str
    level : int, default 1
        From 1, a nudge, up; the highest is nearly the answer.

    Returns
    -------
    Text
        Displays itself.

    Raises
    ------
    KeyError
        For a name that the bank does not have.
    ValueError
        For a level that the exercise does not have.

    Examples
    --------
    >>> hint("corr2d")
    How many positions are there for the kernel's top left corner, down and across?
    """
    hints = find(name).hints
    if not isinstance(level, int) or not 1 <= level <= len(hints):
        raise ValueError(f"`level` must be 1 to {len(hints)} for {name}, not {level!r}")
    return Text(hints[level - 1])


def solution(name: str) -> Text:
    """Show the solution's source.

    Parameters
    ----------
    name : str

    Returns
    -------
    Text
        Displays itself.

    Raises
    ------
    KeyError
        For a name that the bank does not have.

    Examples
    --------
    >>> solution("same_padding")
    import math
    ...
    def same_padding(input_size, kernel_size, stride):
        ...
        return total // 2, total - total // 2
    """
    return solution_text(find(name))


def solved(name: str) -> Callable:
    """Return the solved function or class, with exactly the exercise's signature.

    Parameters
    ----------
    name : str

    Returns
    -------
    callable

    Raises
    ------
    KeyError
        For a name that the bank does not have.

    Examples
    --------
    >>> solved("calculate_output_shape")([8, 8], [3, 3], [1, 1], [0, 0])
    [6, 6]
    """
    return find(name).solved
