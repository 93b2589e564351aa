"""Join ES modules into one: anywidget loads a module from a blob URL, where relative imports fail.

The modules in `js/` use a part of the language that can be joined line by line: imports of names from neighbours
(``import { a, b } from "./c.js";``, and from `book/extensions` by the path to here), exports in front of declarations,
and one name per top-level declaration. Of a module that is imported, only the declarations that are needed are taken:
a declaration needs the names in its text that its module imports or declares. Words in its strings count as well: at
worst, one declaration too many is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "js"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(?:\./|(?:\.\./)+cnncourse/figures/js/)(\w+)\.js";\n', re.MULTILINE)
_DECLARATION = re.compile(r"^(export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_COMMENTED = re.compile(r"^(?:(?://|/\*\*| \*).*\n)*(?:export|async|function|const|let|class) ", re.MULTILINE)
_REFUSED = re.compile(  # any other line that begins in the first column, except comments and closing brackets
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
    imports: dict[str, set[str]] = {}

    def add(name: str, source: str, path: tuple[str, ...]) -> str:
        imports[name] = set()
        for names, other in _IMPORT.findall(source):
            if other in path:
                raise ValueError(f"{other}.js must not import itself, by way of {', '.join(path[path.index(other) :])}")
            if other not in modules:
                if other not in given and not (folder / f"{other}.js").exists():
                    raise ValueError(f"{name}.js must import a module that exists, not ./{other}.js")
                text = given.get(other) or (folder / f"{other}.js").read_text(encoding="utf-8")
                modules[other] = add(other, text, (*path, other))
            exported = {declared for export, declared in _DECLARATION.findall(modules[other]) if export}
            wanted = {each.strip() for each in names.split(",") if each.strip()}
            if renamed := sorted(each for each in wanted if not _NAME.fullmatch(each)):
                raise ValueError(f"{name}.js must import single names as they are, not {renamed[0]!r}")
            if missing := wanted - exported:
                raise ValueError(f"{other}.js must export {', '.join(sorted(missing))}, which {name}.js imports")
            imports[name] |= wanted
        return _IMPORT.sub("", source)

    entry = add("entry", entry, ())
    pieces: dict[str, str] = {}
    uses: dict[str, set[str]] = {}
    for name, source in modules.items():
        if refused := _REFUSED.search(re.sub(r"^ .*", "", source, flags=re.MULTILINE)):
            raise ValueError(f"{name}.js must import and declare single names, not {refused[0]!r}")
        own = _pieces(source)
        visible = imports[name] | {declaration[2] for declaration, _ in own}
        for declaration, piece in own:
            declared = declaration[2]
            if declared in pieces:
                raise ValueError(f"{name}.js must not declare {declared}, which another module declares")
            pieces[declared] = piece
            uses[declared] = visible & set(_NAME.findall(piece, declaration.start()))
    needed, new = set(), imports["entry"]
    while new:
        needed |= new
        new = set().union(*(uses[name] for name in new)) - needed
    return "".join(piece for name, piece in pieces.items() if name in needed) + entry.strip() + "\n"


def _pieces(source: str) -> list[tuple[re.Match[str], str]]:
    """Split a module into its top-level declarations, each as its match and its text with the comments above it."""
    starts = [match.start() for match in _COMMENTED.finditer(source)]
    texts = [source[start:end] for start, end in zip(starts, [*starts[1:], len(source)], strict=True)]
    return [(match, text) for text in texts if (match := _DECLARATION.search(text))]
