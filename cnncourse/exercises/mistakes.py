"""The page *Common mistakes*: every misconception of the bank, with the input that exposes it."""

from .box import Text
from .examining import examination
from .registry import CHAPTERS, bank


def common_mistakes(chapter):
    """List the misconceptions of a chapter's exercises, grouped by exercise.

    Parameters
    ----------
    chapter : str
        Stem: "convolution".

    Returns
    -------
    Text
        Displays itself: one table an exercise, the learner's sentence beside the smallest call that exposes the mistake.

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
        failing = examined.verdict(behaviour).failing
        rows.append(f"| {known.sentence} | {failing.case.note} |")
    return "\n".join([f"**`{exercise.name}`**", "", "| what goes wrong | what exposes it |", "|---|---|", *rows])
