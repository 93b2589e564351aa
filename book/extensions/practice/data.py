"""What a page needs to check an exercise: cases, what is right, how each known mistake behaves. Computed with torch."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import cnncourse
from cnncourse.exercises.registry import bank, checker_for
from cnncourse.files import atomic_write

from ..execution import source_digest

LEFT_OUT = {"train_detector": "its check trains on 1,000 images and judges by others, which a page does not have"}
LONG = 100  # characters of a text that is written once
COURSE = Path(cnncourse.__file__).parent
BOOK = Path(__file__).parents[2]
PRACTICE = Path(__file__).parent
PARTS = (  # what the worker imports: patterns below the folder of the package, and below that of the book
    (COURSE.parent, ("cnncourse/checking/*.py", "cnncourse/checking/runner/*.py", "cnncourse/palette.py")),
    (COURSE.parent, ("cnncourse/files.py", "cnncourse/exercises/random_inputs.py", "cnncourse/exercises/*/*.*")),
    (BOOK, ("extensions/practice/imitation/*.py", "extensions/practice/page.py")),
)


def exercises_on_page() -> dict[str, str | None]:
    """List the exercises with the reason why one cannot be practised on the page; None where it can.

    Returns
    -------
    dict of str to (str or None)

    Examples
    --------
    >>> exercises_on_page()["corr2d"] is None
    True
    """
    return {name: LEFT_OUT.get(name) for name in bank()}


def prepared(cache: Path) -> dict[str, bytes]:
    """Return the data of each exercise that can be practised, as compressed JSON.

    Parameters
    ----------
    cache : pathlib.Path
        Folder that keeps the files as long as the package and its libraries are the same.

    Returns
    -------
    dict of str to bytes
        By the exercise's name.
    """
    own = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    current = cache / f"{source_digest()}-{own}"
    for stale in cache.glob("*"):
        if stale != current:
            shutil.rmtree(stale)
    files = {}
    for name, reason in exercises_on_page().items():
        if reason is None:
            path = current / f"{name}.json.gz"
            if not path.exists():
                material = json.dumps(without_repeats(checker_for(name).prepare()))
                atomic_write(path, gzip.compress(material.encode(), mtime=0))
            files[name] = path.read_bytes()
    return files


def without_repeats(material: Any) -> dict:
    """Write each long text of JSON material once: mistakes often give the same arrays.

    Parameters
    ----------
    material : JSON material

    Returns
    -------
    dict
        The long texts in ``texts``, and in ``rest`` the material with ``{"text": number}`` in their places;
        `page.with_repeats` puts them back.
    """
    texts: dict[str, int] = {}

    def shortened(value: Any) -> Any:
        if isinstance(value, str) and len(value) > LONG:
            return {"text": texts.setdefault(value, len(texts))}
        if isinstance(value, dict):
            return {key: shortened(item) for key, item in value.items()}
        return [shortened(item) for item in value] if isinstance(value, list) else value

    return {"rest": shortened(material), "texts": list(texts)}


def sources() -> dict[str, bytes]:
    """Return the Python files and texts that the worker imports, by their paths."""
    found = {}
    for root, patterns in PARTS:
        for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
            if path.suffix in (".py", ".md"):
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found
