"""Recorded results of the multi-seed studies that chapters quote.

``python -m studies``, run in a checkout of the course, trains the networks and writes these files.
"""

from __future__ import annotations

import json
from importlib.resources import files

__all__ = ["load_study", "study_names", "within_study"]


def study_names() -> list[str]:
    """Return the names of the recorded studies, sorted.

    Examples
    --------
    >>> "shifts" in study_names()
    True
    """
    return sorted(file.name.removesuffix(".json") for file in files(__name__).iterdir() if file.name.endswith(".json"))


def load_study(name: str) -> dict:
    """Load the recorded results of a study.

    Parameters
    ----------
    name : str
        One of `study_names`.

    Returns
    -------
    dict
        ``study``, ``question``, ``date``, ``versions`` and ``results``: one dict of numbers per seed.

    Raises
    ------
    ValueError
        For a name that no recorded study has.

    Examples
    --------
    >>> len(load_study("shifts")["results"])
    20
    """
    if name not in study_names():
        raise ValueError(f"`name` must be one of {', '.join(study_names())}, not {name!r}")
    return json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))


def within_study(name: str, figure: str, value: float, margin: float = 0.02) -> bool:
    """Tell whether a number just computed lies in the range of a study.

    Chapters print trained numbers rounded; a cell beside each holds them to this range.

    Parameters
    ----------
    name : str
        One of `study_names`.
    figure : str
        One of the numbers of each of the study's rows.
    value : float
    margin : float, default 0.02
        How far outside the recorded range the number may lie.

    Raises
    ------
    ValueError
        For a name or a figure that is not recorded.

    Examples
    --------
    >>> within_study("shifts", "max_0", 0.76), within_study("shifts", "max_0", 0.9)
    (True, False)
    """
    rows = load_study(name)["results"]
    if not isinstance(figure, str) or figure not in rows[0]:
        raise ValueError(f"`figure` must be a figure of the study {name}, not {figure!r}")
    values = [row[figure] for row in rows]
    return min(values) - margin <= value <= max(values) + margin
