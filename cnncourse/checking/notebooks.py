"""Read answers from notebooks and Python files: bytes in, plain Python source out, nothing executed.

The reader's check and the grader both read notebooks here. The runner (:mod:`cnncourse.checking.runner`) gets plain
Python: IPython's own input transformer rewrites what IPython adds to the language. Its cost grows with the square of a
line's length, so it sees only the lines that need it, and these only up to `MAX_MAGIC` characters.
"""

from __future__ import annotations

import ast
import codecs
import functools
import io
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.inputtransformer2 import TransformerManager

MAX_CELLS = 2_000
MAX_MAGIC = 1_000  # characters of a magic or shell command; a longer one is left out
MAX_PASTED = 20_000  # characters of a cell from which the prompts of a pasted session are removed
RUN_BODY = ("time", "capture", "prun")  # cell magics that run their body as a cell
QUIET = (  # magics without which an answer is the same
    "autoreload", "cd", "colors", "config", "env", "load_ext", "matplotlib", "pdb", "pinfo", "pinfo2", "precision",
    "prun", "pwd", "pylab", "reload_ext", "reset", "time", "timeit", "who", "whos", "xmode",
)  # fmt: skip
_CELL_MAGIC = re.compile(r"\s*(%%(\w+)[^\n]*\n?)")
_HELP = re.compile(r"[%\w.*\[\]-]+\?\??")
_INSTALL = re.compile(
    r"(?:[%!] *)?(?:python\d? +-m +)?(?:pip3?|uv|conda|mamba) +(?:-\S+ +)*(?:pip +)?(?:install|uninstall|list)\b"
)
_TARGET = re.compile(r"[\w.,*\[\]'\" \t]+")
_MAGIC_VALUE = re.compile(r"[ \t]*(?:%[A-Za-z_]|!(?!=))")
_RUN_LINE = re.compile(r"(.*?)get_ipython\(\)\.run_line_magic\('(?:time|prun)', (.+)\)", re.DOTALL)
_PASTED = re.compile(r"\A(?:[ \t]*\n)*[ \t]*(?:>>>|In \[)")
_BLANKS = re.compile(r"[ \t]{20,}")
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
        return [_in_place(source_of(cell)) for cell in read_cells(content) if cell.get("cell_type") == "code"]
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableError("it is not Python: its encoding is UTF-16; save it as UTF-8")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return [content.decode(encoding)]
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"it is not Python: line {line} is not in {error.encoding}; save it as UTF-8") from error
    except SyntaxError as error:
        raise UnreadableError(f"it is not Python: {error}; save it as UTF-8") from error


def _in_place(source: str) -> str:
    """Translate a cell's source, with empty lines for the cell magics above it: errors then name the right line."""
    body, _ = _without_time(source)
    return "\n" * (len(source.splitlines()) - len(body.splitlines())) + to_python(source)


def to_python(source: str) -> str:
    r"""Translate a cell's source from IPython to Python, as IPython does.

    Parameters
    ----------
    source : str

    Returns
    -------
    str
        Magics and shell commands become calls of ``get_ipython()``. Those that run Python become what they run:
        ``%%time`` leaves the body of its cell, ``%time f()`` becomes ``f()``. Line ends become newlines; a cell that is
        indented as a whole is moved to the margin, and the prompts of a pasted session are removed.

    Examples
    --------
    >>> print(to_python("%matplotlib inline\nx = (7\n     % 4)"))
    get_ipython().run_line_magic('matplotlib', 'inline')
    x = (7
         % 4)
    >>> to_python("%%time\ny = %time f(1)")
    'y = f(1)'
    """
    source, magic = _without_time(source)
    if magic:
        from IPython.core.inputtransformer2 import cell_magic

        return "".join(cell_magic(source[magic.start(1) :].splitlines(keepends=True)))
    return "".join(_translated(line) if _is_special(line) else line for line in _logical_lines(_at_the_margin(source)))


def left_out(source: str) -> list[str]:
    """List the lines of a cell that are not Python and that nothing stands in for when an answer is run.

    Parameters
    ----------
    source : str
        As in the notebook.

    Returns
    -------
    list of str
        At most 80 characters of each. What installs packages, shows help or draws is not listed.

    Examples
    --------
    >>> left_out("!pip install torch\\n!wget https://example.org/cat.png\\n%matplotlib inline")
    ['!wget https://example.org/cat.png']
    """
    source, magic = _without_time(source)
    if magic:
        return [] if magic[2] in ("timeit", "writefile", "file") else [magic[1].strip()[:80]]
    lines = (line.strip() for line in _logical_lines(_at_the_margin(source)) if _is_special(line))
    return [line[:80] for line in lines if not _is_quiet(line)]


def _is_quiet(line: str) -> bool:
    _, _, value = line.partition("=")
    command = value.strip() if _MAGIC_VALUE.match(value) else line
    name = re.match(r"%(\w+)", command)
    return bool(_INSTALL.match(command) or line.endswith("?") or line.startswith("?") or (name and name[1] in QUIET))


def _without_time(source: str) -> tuple[str, re.Match | None]:
    """Remove the cell magics that run their body, and match another one in what is left."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    start = 0
    while (magic := _CELL_MAGIC.match(source, start)) and magic[2] in RUN_BODY:
        start = magic.end()
    source = source[start:]
    return source, _CELL_MAGIC.match(source)


def _at_the_margin(source: str) -> str:
    """Remove indentation that all lines share and, from a pasted session, the prompts."""
    if not source.lstrip("\n").startswith((" ", "\t", ">>>", "In [")):
        return source
    from IPython.core import inputtransformer2

    lines = inputtransformer2.leading_indent(inputtransformer2.leading_empty_lines(source.splitlines(keepends=True)))
    if _PASTED.match(source) and len(source) <= MAX_PASTED:
        lines = inputtransformer2.ipython_prompt(inputtransformer2.classic_prompt(lines))
    return "".join(lines)


def _logical_lines(source: str) -> Iterator[str]:
    """Split where a statement may begin: not inside brackets or strings, nor after a backslash."""
    start = 0
    while start < len(source):
        first_line = source[start : source.find("\n", start) + 1 or len(source)]
        end = start + (_magic_length(source, start) if _is_special(first_line) else _python_length(source, start))
        yield source[start:end]
        start = end


def _magic_length(source: str, start: int) -> int:
    """Length of a magic: to the end of its line, and on while lines end in a backslash."""
    end = start
    while True:
        end = source.find("\n", end) + 1 or len(source)
        if end == len(source) or source[end - 2] != "\\":
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


def _is_special(line: str) -> bool:
    """Whether IPython adds to Python in a logical line, judged by its first physical line."""
    code = line.partition("\n")[0].strip()
    target, equals, value = code.partition("=")
    return bool(
        code.startswith(("%", "!", "?"))
        or _HELP.fullmatch(code)
        or _INSTALL.match(code)
        or (equals and _MAGIC_VALUE.match(value) and _TARGET.fullmatch(target))
    )


def _translated(line: str) -> str:
    """Translate a special line."""
    code = _BLANKS.sub(" ", line.strip())
    indent = line[: len(line) - len(line.lstrip())]
    return indent + _run(code) + ("\n" if line.endswith("\n") else "")


def _run(code: str) -> str:
    """Return the statement that IPython makes of a special line, or that the magic in it runs."""
    if len(code) > MAX_MAGIC:
        return "pass"
    bare_install = _INSTALL.match(code) and code[0] not in "%!"
    try:
        python = _transformer().transform_cell(f"%{code}" if bare_install else code).rstrip("\n")
    except (SyntaxError, RuntimeError):  # it is none of IPython's; a line of its own must not lose the cell
        return "pass"
    call = _RUN_LINE.fullmatch(python)
    if not call:
        return python
    argument = ast.literal_eval(call[2])
    if not argument or argument.startswith("-"):
        return python
    return call[1] + (_run(argument) if _is_special(argument) else argument)


@functools.cache
def _transformer() -> TransformerManager:
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager()
