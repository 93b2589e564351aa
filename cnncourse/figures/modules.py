"""Join ES modules into one: anywidget loads a module from a blob URL, where relative imports fail.

The modules in `js/` use a part of the language that can be joined line by line: imports of names from neighbours
(``import { a, b } from "./c.js";``), exports in front of declarations, and one name per top-level declaration. Of a
module that is imported, only the declarations that are needed are taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "js"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)
_DECLARATION = re.compile(r"^(export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
_COMMENTED = re.compile(r"^(?:(?://|/\*\*| \*).*\n)*(?:export|async|function|const|let|class) ", re.MULTILINE)
_REFUSED = re.compile(  # any other line that begins in the first column, but for comments and closing brackets
    r"^(?!(?:export )?(?:async )?(?:function|const|let|class) \w|//|/\*\*|[)\]}]).+", re.MULTILINE
)


def join(entry: str, given: Mapping[str, str], folder: Path = FOLDER) -> str:
    """Join an entry module with everything that it needs.

    Parameters
    ----------
    entry : str
        The source of the module that is loaded.
    given : mapping of str to str
        Sources of modules that are not in the folder, by name without ``.js``.
    folder : pathlib.Path
        Where the other modules are.

    Returns
    -------
    str
        A module without imports. Exports of the joined modules stay, so that tests reach them.

    Raises
    ------
    ValueError
        If a module is missing, is imported in a circle, does not export what is imported or uses a form that cannot be
        joined, or if two modules declare the same name.
    """
    modules: dict[str, str] = {}

    def add(name: str, source: str, path: tuple[str, ...]) -> str:
        for names, other in _IMPORT.findall(source):
            if other in path:
                raise ValueError(f"{other}.js must not import itself, by way of {', '.join(path[path.index(other) :])}")
            if other not in modules:
                if other not in given and not (folder / f"{other}.js").exists():
                    raise ValueError(f"{name}.js must import a module that exists, not ./{other}.js")
                text = given.get(other) or (folder / f"{other}.js").read_text(encoding="utf-8")
                modules[other] = add(other, text, (*path, other))
            exported = {declared for export, declared in _DECLARATION.findall(modules[other]) if export}
            if missing := {each.strip() for each in names.split(",") if each.strip()} - exported:
                raise ValueError(f"{other}.js must export {', '.join(sorted(missing))}, which {name}.js imports")
        return _IMPORT.sub("", source)

    entry = add("entry", entry, ())
    pieces: dict[str, str] = {}
    for name, source in modules.items():
        if refused := _REFUSED.search(re.sub(r"^ .*", "", source, flags=re.MULTILINE)):
            raise ValueError(f"{name}.js must import and declare single names, not {refused[0]!r}")
        for declared, piece in _pieces(source):
            if declared in pieces:
                raise ValueError(f"{name}.js must not declare {declared}, which another module declares")
            pieces[declared] = piece
    needed, new = set(), _words(entry) & set(pieces)
    while new:
        needed |= new
        new = set().union(*(_words(pieces[name]) for name in new)) & set(pieces) - needed
    return "".join(piece for name, piece in pieces.items() if name in needed) + entry.strip() + "\n"


def _pieces(source: str) -> list[tuple[str, str]]:
    """Split a module into its top-level declarations with the comments above them, by name."""
    starts = [match.start() for match in _COMMENTED.finditer(source)]
    texts = [source[start:end] for start, end in zip(starts, [*starts[1:], len(source)], strict=True)]
    return [(match[2], text) for text in texts if (match := _DECLARATION.search(text))]


def _words(text: str) -> set[str]:
    """Return the names in a piece of code, without those in its comments and strings."""
    code = re.sub(r'"(?:\\.|[^"\\\n])*"|/\*[\s\S]*?\*/| // .*', " ", text)
    return set(re.findall(r"[A-Za-z_$][\w$]*", code))
