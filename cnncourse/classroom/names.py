"""Names of students: which can be a folder's, and how they are shown on a terminal and in a spreadsheet."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from cnncourse.checking.report_html import visible

MAX_NAME_BYTES = 255  # of a folder
BIDI_CONTROLS = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}  # they reorder what is shown
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def is_shown(character: str) -> bool:
    """Tell whether a character may be part of a name: letters, marks, signs, spaces, joiners; no control character."""
    category = unicodedata.category(character)
    return character.isprintable() or category == "Zs" or (category == "Cf" and character not in BIDI_CONTROLS)


def is_valid_name(student: str) -> bool:
    """Tell whether a name can be a folder's and a row's.

    Parameters
    ----------
    student : str

    Returns
    -------
    bool

    Examples
    --------
    >>> is_valid_name("Student 17"), is_valid_name("../Student 17"), is_valid_name("Student\\n17")
    (True, False, False)
    """
    try:
        length = len(student.encode())
    except UnicodeEncodeError:
        return False
    fits = 0 < length <= MAX_NAME_BYTES and bool(student.strip())
    return fits and all(map(is_shown, student)) and not student.startswith(".") and not set(student) & set("/\\")


def normalized(name: str) -> str:
    """Write a name in one way: accents joined with their letters (macOS takes them apart), no space at the ends."""
    return unicodedata.normalize("NFC", name).strip()


@lru_cache(maxsize=100_000)
def comparable(name: str) -> str:
    """Reduce a name to what two spellings of it share: case, kinds of spaces and joiners do not count.

    Examples
    --------
    >>> comparable("Student\\u00a0 17") == comparable("student 17")
    True
    """
    shown = "".join(character for character in name if unicodedata.category(character) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", shown).casefold().split())


def printable(text: str) -> str:
    """Make a text that may come from a student safe for a line on a terminal.

    Examples
    --------
    >>> printable("Student\\x1b[2J 17\\n")
    'Student\\\\x1b[2J 17\\\\n'
    """
    return visible(text, keep="")


def spreadsheet_cell(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula.

    Examples
    --------
    >>> spreadsheet_cell("=1+1"), spreadsheet_cell("Student 17")
    ("'=1+1", 'Student 17')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
