"""What to teach next week: the mistakes of a class, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncourse.checking.wording import counted

from .course import Assignment
from .verdict import MISSING, Verdict, result_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def mistakes(assignment: Assignment, verdicts: Sequence[Verdict]) -> list[tuple[str, str, str, int]]:
    """Count what went wrong.

    Parameters
    ----------
    assignment : Assignment
    verdicts : sequence of Verdict

    Returns
    -------
    list of (exercise, what, sentence, count)
        Most frequent first; `what` is a misconception's id, "another mistake", "did not run" or
        "not attempted".
    """
    exercises = assignment.exercises()
    sentences = {
        (name, known.id): known.sentence for name, (exercise, _) in exercises.items() for known in exercise.mistakes
    }
    counts: Counter[tuple[str, str]] = Counter()
    for verdict in verdicts:
        for name, record in verdict.exercises.items():
            if verdict.status != MISSING and record["status"] != "passed":
                result = result_of(record)
                other = "another mistake" if result == "failed" else result
                counts[name, record["misconception"] or other] += 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(name, what, sentences.get((name, what), ""), count) for (name, what), count in ordered]


def table(found: Sequence[tuple[str, str, str, int]], students: int) -> str:
    """Write the counts as text.

    Parameters
    ----------
    found : list
        From `mistakes`.
    students : int
        How many handed something in.

    Returns
    -------
    str
    """
    if not found:
        return f"{counted(students, 'submission')}, nothing wrong in any."
    lines = [counted(students, "submission")]
    for name, what, sentence, count in found:
        lines.append(f"{count:>4}  {name}: {what}" + (f"\n      {sentence}" if sentence else ""))
    return "\n".join(lines)


def plot(found: Sequence[tuple[str, str, str, int]], students: int) -> Figure:
    """Draw the counts as bars.

    Parameters
    ----------
    found : list
        From `mistakes`; the twenty most frequent are drawn.
    students : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    most = found[:20][::-1]
    figure = Figure(figsize=(8, 1 + 0.35 * max(1, len(most))), layout="constrained")
    axes = figure.add_subplot()
    axes.barh([f"{name}: {what}" for name, what, _, _ in most], [count for *_, count in most])
    axes.set_xlabel(f"students, of {students}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure
