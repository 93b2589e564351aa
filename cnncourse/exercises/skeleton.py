"""The two files that a new exercise begins with; `cnncourse audit` lists what is still to be written in them."""

from __future__ import annotations

import keyword
from pathlib import Path

PLACEHOLDER = "(to be written)"
PYTHON = '''\
"""Exercise: (to be written)."""

from cnncourse.checking import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=2, minutes=5)
def {name}(x):
    """Return x doubled (to be written).

    Parameters
    ----------
    x : int

    Returns
    -------
    int
    """
    return 2 * x


{name}.add_visible(
    case("a small number", varies="basic", x=1),
    case("a negative number", varies="negative", x=-3),
)


@{name}.random_cases
def drawn(generator):
    for _ in range(3):
        yield case("a random number", varies="basic", x=integer(generator, 3, 99))
        yield case("a random negative number", varies="negative", x=integer(generator, -99, -3))


@{name}.mistake("It is squared (to be written): double it.")
def squared(x):
    return x * x


{name}.mistake("It is halved (to be written): double it.", "halved")(lambda x: x // 2)


@{name}.variant("Return x tripled (to be written).")
def tripled(x):
    """Return x tripled."""
    return 3 * x
'''
MARKDOWN = """\
Say why before what (to be written).

## Objectives
- double a number (to be written)

## Not asked for
- fractions (to be written)

## Hints
1. A nudge (to be written).
2. Nearly the answer (to be written).
"""


def write_skeleton(folder: Path, name: str) -> tuple[Path, Path]:
    """Write NAME.py and NAME.md into a folder of the bank.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it does not exist.
    name : str
        Of the function that learners write.

    Returns
    -------
    (pathlib.Path, pathlib.Path)
        The two files.

    Raises
    ------
    ValueError
        If the name is no Python name.
    FileExistsError
        If one of the files exists; nothing is written then.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"`name` must be a Python name, not {name!r}")
    code, text = (folder / f"{name}{suffix}" for suffix in (".py", ".md"))
    for path in (code, text):
        if path.exists():
            raise FileExistsError(f"{path} exists; choose another name")
    folder.mkdir(parents=True, exist_ok=True)
    code.write_text(PYTHON.format(name=name), encoding="utf-8")
    text.write_text(MARKDOWN, encoding="utf-8")
    return code, text
