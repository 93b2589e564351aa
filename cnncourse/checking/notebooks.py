"""Read answers from notebooks and Python files: bytes in, plain Python source out, nothing executed.

The reader's check and the grader both read notebooks here. The runner (:mod:`cnncourse.checking.runner`) gets plain
Python: what IPython adds to the language is translated first, as IPython would run it.
"""

from __future__ import annotations

import io
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

MAX_CELLS = 2_000
RUN_BODY = ("time", "capture", "prun")  # cell magics that run their body as a cell
RUN_LINE = ("time", "prun")  # line magics that run their argument as a statement
_CELL_MAGIC = re.compile(r"\A\s*%%(\w+)[^\n]*\n?")
_LINE_MAGIC = re.compile(r"%(\w+)[ \t]*(.*)", re.DOTALL)
_ASSIGNED = re.compile(r"([A-Za-z_][\w.,\[\]'\" \t]*=[ \t]*)([%!].*)", re.DOTALL)
_SHELL_OR_HELP = re.compile(r"!|\?|[\w.*%]+\?{1,2}[ \t]*$|(?:pip3?|conda)[ \t]+(?:install|uninstall|list)\b")
_TOKEN = re.compile(
    r"""
    (?P<text>\"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z) | '{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
           | \"(?:\\.|[^\"\\\n])*\"? | '(?:\\.|[^'\\\n])*'? | \#[^\n]*)
  | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<joined>\\\n) | (?P<end>\n)
    """,
    re.VERBOSE | re.DOTALL,
)


class UnreadableError(ValueError):
    """A file that is no notebook or no Python; the message says why in one sentence."""


def read_cells(content: bytes) -> list[dict]:
    """Read the cells of a notebook, of format 3 or 4.

    Parameters
    ----------
    content : bytes
        The file, UTF-8 with or without a byte order mark.

    Returns
    -------
    list of dict
        As they are in the file; trust nothing in them.

    Raises
    ------
    UnreadableError
        If it is not a notebook.
    """
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
        cells = notebook["cells"] if "cells" in notebook else [c for s in notebook["worksheets"] for c in s["cells"]]
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise UnreadableError("it is not a notebook: its JSON cannot be read") from error
    if not isinstance(cells, list) or len(cells) > MAX_CELLS:
        raise UnreadableError(f"it is not a notebook: no list of at most {MAX_CELLS} cells")
    return [cell for cell in cells if isinstance(cell, dict)]


def source_of(cell: dict) -> str:
    """Return a cell's source (in format 3 its input) as one string; "" if there is none."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return without_surrogates(source) if isinstance(source, str) else ""


def without_surrogates(text: str) -> str:
    """Replace lone surrogates, which cannot be written to any file, by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_answer(path: Path) -> list[str]:
    """Read the Python sources of an answer from a file.

    Parameters
    ----------
    path : pathlib.Path
        A notebook (``.ipynb``), or else a Python file, in UTF-8 or the encoding that its first lines declare.

    Returns
    -------
    list of str
        One source per code cell; a Python file is one source.

    Raises
    ------
    OSError
        If the file cannot be read.
    UnreadableError
        If it is no notebook, or no text.
    """
    content = path.read_bytes()
    if path.suffix.lower() == ".ipynb":
        return [to_python(source_of(cell)) for cell in read_cells(content) if cell.get("cell_type") == "code"]
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return [content.decode(encoding)]
    except (SyntaxError, UnicodeDecodeError) as error:
        raise UnreadableError(f"it is not Python: {error}") from error


def to_python(source: str) -> str:
    r"""Translate a cell's source from IPython to Python.

    Parameters
    ----------
    source : str

    Returns
    -------
    str
        Cell magics that run their body (``%%time``) leave the body, others (``%%bash``) leave nothing. Line magics,
        shell commands and questions become ``pass``, or None where their result is assigned; ``%time f()`` becomes
        ``f()``. A cell that is indented as a whole is moved to the margin.

    Examples
    --------
    >>> to_python("%matplotlib inline\nx = (7\n     % 4)")
    'pass\nx = (7\n     % 4)'
    >>> to_python("%%time\ny = %time f(1)")
    'y = f(1)'
    """
    if magic := _CELL_MAGIC.match(source):
        return to_python(source[magic.end() :]) if magic[1] in RUN_BODY else ""
    return "".join(_translated(line) for line in _logical_lines(_at_the_margin(source)))


def _at_the_margin(source: str) -> str:
    """Remove the indentation of the first line from every line that has it."""
    first = re.match(r"(?:[ \t]*\n)*([ \t]+)\S", source)
    return re.sub(rf"^{first[1]}", "", source, flags=re.MULTILINE) if first else source


def _logical_lines(source: str) -> Iterator[str]:
    """Split where a statement may begin: not inside brackets or strings, nor after a backslash."""
    start = 0
    while start < len(source):
        first_line = source[start : source.find("\n", start) + 1 or len(source)]
        end = start + (_magic_length(source, start) if _is_magic(first_line) else _python_length(source, start))
        yield source[start:end]
        start = end


def _magic_length(source: str, start: int) -> int:
    """Length of a magic: to the end of its line, and on while lines end in a backslash."""
    end = start
    while True:
        end = source.find("\n", end) + 1 or len(source)
        if end == len(source) or not source[start : end - 1].endswith("\\"):
            return end - start


def _python_length(source: str, start: int) -> int:
    depth = 0
    for token in _TOKEN.finditer(source, start):
        if token.lastgroup == "open":
            depth += 1
        elif token.lastgroup == "close":
            depth -= 1
        elif token.lastgroup == "end" and depth <= 0:
            return token.end() - start
    return len(source) - start


def _is_magic(line: str) -> bool:
    code = line.strip()
    return bool(code.startswith("%") or _SHELL_OR_HELP.match(code) or _ASSIGNED.fullmatch(code))


def _translated(line: str) -> str:
    """Translate one logical line; what is Python stays as it is."""
    code = line.strip()
    if not _is_magic(line.partition("\n")[0]):
        return line
    if assigned := _ASSIGNED.fullmatch(code):
        python = assigned[1] + (_argument_of(assigned[2]) or "None")
    else:
        python = _argument_of(code) or "pass"
    indent = line[: len(line) - len(line.lstrip())]
    return indent + python + ("\n" if line.endswith("\n") else "")


def _argument_of(code: str) -> str:
    """Return the statement that a line magic runs; "" if it runs none."""
    magic = _LINE_MAGIC.fullmatch(code)
    return magic[2] if magic and magic[1] in RUN_LINE else ""
