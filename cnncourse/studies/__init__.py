"""Recorded results of the multi-seed studies that chapters quote.

``python -m studies``, run in a checkout of the course, trains the networks and writes these files.
"""

from __future__ import annotations

import json
from importlib.resources import files

__all__ = ["load_study", "study_names"]


def study_names() -> list[str]:
    """Return the names of the recorded studies, sorted.

    Examples
    --------
    >>> study_names()
    ['chapter_bounds', 'planted_evidence', 'red_borders', 'shifts', 'unlucky_starts']
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
