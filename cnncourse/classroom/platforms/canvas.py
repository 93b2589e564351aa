"""Canvas: names in "Download submissions".

Written after ``lib/content_zipper.rb``: ``NAME_LATE_USER_ATTACHMENT_FILE``, without NAME and with ``anon_`` and five
characters as USER where grading is anonymous.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from .origin import CANVAS, Origin

SPLIT = re.compile(  # a lookahead: a name and a file may hold numbers between underscores, too
    r"(?=(?:^|_)(?P<late>LATE_)?(?P<number>\d+|anon_[^\W_]{5})_(?P<upload>\d+)_(?P<file>.+)$)"
)


def identify(path: PurePosixPath, is_expected: Callable[[str], bool]) -> Origin | None:
    """Tell whose a file is by its name.

    Parameters
    ----------
    path : pathlib.PurePosixPath
    is_expected : callable
        Whether a file that was handed in is called as the assignment: of several ways to split a name, the one with
        such a file is meant.
    """
    splits = [split for split in SPLIT.finditer(path.name) if re.fullmatch(r"\w*", path.name[: split.start()])]
    if not splits:
        return None
    meant = next((split for split in splits if is_expected(split["file"])), splits[0])
    return Origin(CANVAS, path.name[: meant.start()], meant["number"], meant["file"], late=bool(meant["late"]))
