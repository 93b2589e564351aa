"""The source of solutions: what learners are shown of it, and what a variant changes in it."""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

PRACTICE_IMPORTS = """\
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
"""


def definition_of(function: Callable) -> str:
    """Return the source of a function or class without its decorators."""
    source = textwrap.dedent(inspect.getsource(function))
    definition: Any = ast.parse(source).body[0]
    return "\n".join(source.splitlines()[definition.lineno - 1 :]) + "\n"


def renamed(source: str, old: str, new: str) -> str:
    """Return the source with the function or class `old` called `new`."""
    return re.sub(rf"^(def|class) {old}\b", rf"\1 {new}", source, count=1)


def stub_of(source: str) -> str:
    r"""Take the bodies out of a function's or class's source, keeping signatures, docstrings and comments above them.

    Parameters
    ----------
    source : str
        A single function or class.

    Returns
    -------
    str
        The same source, each body replaced by ``raise NotImplementedError``.

    Examples
    --------
    >>> print(stub_of('def double(x):\n    "Twice x."\n    return 2 * x\n'))
    def double(x):
        "Twice x."
        raise NotImplementedError
    """
    lines = source.splitlines()
    definition: Any = ast.parse(source).body[0]
    functions = [definition] if isinstance(definition, ast.FunctionDef) else list(_methods(definition))
    for function in reversed(functions):
        first, *rest = function.body
        documented = ast.get_docstring(function) is not None
        start = first.end_lineno if documented else first.lineno - 1
        indent = " " * (function.col_offset + 4)
        lines[start : (rest or [first])[-1].end_lineno] = [f"{indent}raise NotImplementedError"]
    return "\n".join(lines)


def wrap_docstrings(source: str, width: int = 72) -> str:
    r"""Wrap the text in a function's or class's docstrings; headings, entries and examples stay as they are.

    Parameters
    ----------
    source : str
        A single function or class.
    width : int, default 72
        Of a line, with its indentation.

    Returns
    -------
    str

    Examples
    --------
    >>> print(wrap_docstrings("def double(x):\n    '''Return x and x, added up.'''\n    return 2 * x", width=24))
    def double(x):
        '''Return x and x,
        added up.
        '''
        return 2 * x
    """
    lines = source.splitlines()
    definition: Any = ast.parse(source).body[0]
    functions: list[Any] = [definition, *_methods(definition)]
    for function in reversed(functions):
        if ast.get_docstring(function) is not None:
            first: Any = function.body[0]
            lines[first.lineno - 1 : first.end_lineno] = _wrapped(lines[first.lineno - 1 : first.end_lineno], width)
    return "\n".join(lines) + "\n" * source.endswith("\n")


def _wrapped(lines: list[str], width: int) -> list[str]:
    """Wrap a docstring's runs of lines with one indentation, where a line is too long."""
    if all(len(line) <= width for line in lines):
        return lines
    if len(lines) == 1:  # the closing quotes go to a line of their own
        indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
        quotes = lines[0].rstrip()[-3:]
        lines = [lines[0].rstrip()[:-3], f"{indent}{quotes}"]
    wrapped: list[str] = []
    runs = itertools.groupby(
        lines, key=lambda line: (len(line) - len(line.lstrip()), line.strip() in ("", '"""', "'''"))
    )
    for (indent, _), run in runs:
        text = list(run)
        fixed = any(re.match(r"-{3,}$|>>> |\.\.\. |[*\w, ]+ : ", line.strip()) for line in text)
        if not fixed and any(len(line) > width for line in text):
            words, margin = " ".join(line.strip() for line in text), " " * indent
            options: Any = {"break_long_words": False, "break_on_hyphens": False}
            text = textwrap.wrap(words, width, initial_indent=margin, subsequent_indent=margin, **options)
        wrapped += text
    return wrapped


def _methods(definition: Any) -> Iterator[ast.FunctionDef]:
    return (node for node in definition.body if isinstance(node, ast.FunctionDef))


def _docstring_of(source: str) -> str:
    function: Any = ast.parse(source).body[0]
    return ast.get_docstring(function) or ""


def with_docstring(source: str, published: str) -> str:
    """Complete the docstring of a variant's solution with the parts of the published one that it does not change.

    Parameters
    ----------
    source, published : str
        A single function each. The docstring in `source` states what differs: its summary, and of the sections only
        the entries that change.

    Returns
    -------
    str
        `source` with the merged docstring.
    """
    own, other = (_docstring_of(text) for text in (source, published))
    definition: Any = ast.parse(source).body[0]
    merged = textwrap.indent(f'"""{merge_docstrings(other, own)}\n"""', " " * 4, lambda line: line.strip() != "")
    lines = source.splitlines()
    first = definition.body[0]
    documented = ast.get_docstring(definition) is not None
    start, end = (first.lineno - 1, first.end_lineno) if documented else (first.lineno - 1, first.lineno - 1)
    lines[start:end] = merged.splitlines()
    return "\n".join(lines) + "\n"


def merge_docstrings(published: str, changes: str) -> str:
    r"""Merge the docstring of a variant into the published one, section by section and entry by entry.

    Parameters
    ----------
    published, changes : str
        numpydoc docstrings, dedented. The text above the first section comes from `changes`; an entry of a section
        (a line that begins at the margin, and what is indented below it) replaces the published entry of the same
        name; a section with unnamed entries (Returns) is replaced whole.

    Returns
    -------
    str

    Examples
    --------
    >>> published = "Add.\n\nParameters\n----------\na : int\nb : int\n\nReturns\n-------\nint"
    >>> print(merge_docstrings(published, "Subtract.\n\nParameters\n----------\nb : int\n    Taken from a."))
    Subtract.
    <BLANKLINE>
    Parameters
    ----------
    a : int
    b : int
        Taken from a.
    <BLANKLINE>
    Returns
    -------
    int
    """
    summary, sections = _sections(published)
    new_summary, new_sections = _sections(changes)
    for heading, entries in new_sections.items():
        named = heading in sections and all(" : " in name for name in (*entries, *sections[heading]))
        sections[heading] = sections[heading] | entries if named else entries
    parts = [new_summary or summary]
    for heading, entries in sections.items():
        parts.append("\n".join([heading, "-" * len(heading), *entries.values()]))
    return "\n\n".join(parts)


def _sections(docstring: str) -> tuple[str, dict[str, dict[str, str]]]:
    """Split a docstring into its text above the sections and the sections' entries by their first words."""
    summary, *parts = re.split(r"(?:^|\n)([A-Z][A-Za-z ]*)\n-{3,}\n", docstring)
    sections = {}
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        entries = re.split(r"\n(?=\S)", body.strip("\n"))
        sections[heading] = {_name(entry): entry.rstrip() for entry in entries}
    return summary.strip(), sections


def _name(entry: str) -> str:
    name, colon, _ = entry.partition("\n")[0].partition(" : ")
    return name + colon
