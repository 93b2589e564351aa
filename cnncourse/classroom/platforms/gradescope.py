"""Gradescope: "Export submissions", a folder ``submission_N`` each, and ``submission_metadata.yml`` beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone

import yaml

from .origin import GRADESCOPE, Origin

METADATA = "submission_metadata.yml"
FOLDER = re.compile(r"submission_\d+")


def identify(part: str, metadata: Mapping[str, list[Origin]]) -> list[Origin]:
    """Tell whose a file is by a folder above it: everybody who handed it in together."""
    return (metadata.get(part) or [Origin(GRADESCOPE, part)]) if FOLDER.fullmatch(part) else []


def read_metadata(content: bytes) -> dict[str, list[Origin]]:
    """Read who handed in what, and when.

    Parameters
    ----------
    content : bytes
        Of ``submission_metadata.yml``.

    Returns
    -------
    dict of str to list of Origin
        By folder; the number is the student id, else the email. Two of one name without either are called by folder.

    Raises
    ------
    ValueError
        If it is none.
    """
    known: dict[str, list[Origin]] = {}
    try:
        for folder, about in yaml.safe_load(content.decode("utf-8", "replace")).items():
            known[folder] = [_origin(submitter, about.get(":created_at")) for submitter in about[":submitters"]]
    except (yaml.YAMLError, AttributeError, LookupError, TypeError, RecursionError) as error:
        raise ValueError(f"it is not as Gradescope writes it ({type(error).__name__})") from error
    names = Counter(origin.name for origins in known.values() for origin in origins if not origin.number)
    shared = {name for name, count in names.items() if count > 1}
    for folder, origins in known.items():
        known[folder] = [
            replace(origin, name=folder) if not origin.number and origin.name in shared else origin
            for origin in origins
        ]
    return known


def _origin(submitter: Mapping, when: object) -> Origin:
    number = str(submitter.get(":sid") or submitter.get(":email") or "").strip()
    name = str(submitter.get(":name") or number)
    if isinstance(when, datetime) and when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return Origin(GRADESCOPE, name, number, time=when if isinstance(when, datetime) else None)
