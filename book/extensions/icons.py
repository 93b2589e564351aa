"""The theme's icons: the glyphs that the pages show, in one small style sheet.

The theme loads all of Font Awesome, a script of 1.5 MB and three fonts, for about twenty icons. Here the glyphs in use
are cut out of the theme's own copy of the fonts.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pydata_sphinx_theme
import sphinx_book_theme
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from . import repairs
from .colours import add_style_sheet
from .fonts import cut

ICONS = (  # that templates, buttons and chapters name; those in the theme's style sheets are found
    "angle-left",
    "angle-right",
    "arrow-up",
    "bars",
    "circle-half-stroke",
    "download",
    "expand",
    "file",
    "file-pdf",
    "github",
    "lightbulb",
    "list",
    "magnifying-glass",
    "moon",
    "pencil-alt",
    "rocket",
    "sun",
)
FAMILIES = (("fa-solid-900.ttf", "Font Awesome 6 Free", 900), ("fa-brands-400.ttf", "Font Awesome 6 Brands", 400))
STYLES = {"fa-solid", "fa-brands", "fa-lg"}  # classes that name no glyph
BASE = """:root{--fa-font-solid:900 1em/1 "Font Awesome 6 Free";--fa-font-brands:400 1em/1 "Font Awesome 6 Brands"}
.fas,.fab,.fa-solid,.fa-brands{display:inline-block;font:900 1em/1 "Font Awesome 6 Free";text-rendering:auto}
.fab,.fa-brands{font-family:"Font Awesome 6 Brands";font-weight:400}
.fa-lg{font-size:1.25em;line-height:.05em;vertical-align:-.075em}
.fa-colab:before{content:"";display:block;width:1em;height:1em;background:url(images/logo_colab.png) center/contain}
"""
COLAB = "_static/images/logo_colab.png"  # the theme shows it as a picture without a size
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
BOOK_THEME = Path(sphinx_book_theme.__file__).parent / "theme" / "sphinx_book_theme" / "static"


def style_sheet() -> str:
    """Return the style sheet, the fonts inside it.

    Raises
    ------
    sphinx.errors.ExtensionError
        If the theme's font lacks a glyph.
    """
    (folder,) = (THEME / "vendor" / "fontawesome").iterdir()
    codes = glyphs((folder / "css" / "all.min.css").read_text(encoding="utf-8"))
    if unknown := [name for name in ICONS if f"fa-{name}" not in codes]:
        raise ExtensionError(f"ICONS in book/extensions/icons.py has {unknown[0]!r}, which is no icon of Font Awesome")
    used = {name: codes[f"fa-{name}"] for name in ICONS}
    sheets = [*(THEME / "styles").glob("*.css"), *(BOOK_THEME / "styles").glob("*.css")]
    drawn = set().union(*(drawn_by(path.read_text(encoding="utf-8")) for path in sheets))
    characters = "".join(sorted(drawn | {chr(int(code, 16)) for code in used.values()}))
    sheet = BASE + "".join(f'.fa-{name}:before{{content:"\\{code}"}}\n' for name, code in used.items())
    for file, family, weight in FAMILIES:
        font = base64.b64encode(cut(folder / "webfonts" / file, characters)).decode()
        sheet += f'@font-face{{font-family:"{family}";font-weight:{weight};src:url(data:font/woff;base64,{font})}}\n'
    return sheet


def drawn_by(rules: str) -> set[str]:
    """Return the characters of icons that a style sheet writes, as themselves or as hexadecimal codes.

    Parameters
    ----------
    rules : str

    Returns
    -------
    set of str

    Examples
    --------
    >>> drawn_by('a{content:"\\\\f186"}') == drawn_by('a{content:"\\uf186"}') == {chr(0xF186)}
    True
    """
    codes = re.findall(r'"\\(f[0-9a-f]{2,3})"', rules)
    return {chr(int(code, 16)) for code in codes} | set(re.findall("[\ue000-\uf8ff]", rules))


def glyphs(rules: str) -> dict[str, str]:
    """Return the hexadecimal code of each icon's glyph, read from Font Awesome's style sheet.

    Parameters
    ----------
    rules : str

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> glyphs('.fa-moon:before{content:"\\\\f186"}')
    {'fa-moon': 'f186'}
    """
    return {
        name: code
        for selector, code in re.findall(r'([^{}]+)\{content:"\\(f[0-9a-f]+)"\}', rules)
        for name in re.findall(r"\.(fa-[a-z0-9-]+):before", selector)
    }


def write(app: Sphinx) -> None:
    """Write the style sheet where Sphinx finds it, to come after the theme's own."""
    if app.builder.format == "html":
        add_style_sheet(app, "icons.css", style_sheet(), priority=100)
        repairs.expect(app, "book/extensions/icons.py", [COLAB])


def check(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Give Google Colab's button an icon like the others, and stop the build at an icon that is not in the sheet.

    Raises
    ------
    sphinx.errors.ExtensionError
    """
    buttons = list(flat(context.get("header_buttons", ())))
    for button in buttons:
        if button.get("icon") == COLAB:
            button["icon"] = "fa-colab"
            repairs.done(app, COLAB)
    shown = re.findall(r'class="([^"]*)"', context.get("body", ""))
    shown += [button["icon"] for button in buttons if button.get("icon")]
    known = STYLES | {"fa-colab"} | {f"fa-{name}" for name in ICONS}
    if unknown := set(re.findall(r"\bfa-[a-z0-9-]+", " ".join(shown))) - known:
        raise ExtensionError(f"{page} shows the icon {min(unknown)}; add it to ICONS in book/extensions/icons.py")


def flat(buttons: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the theme's buttons, those of its menus as well.

    Parameters
    ----------
    buttons : iterable of dict
        What the theme writes to the page's context as ``header_buttons``.
    """
    for button in buttons:
        yield button
        yield from flat(button.get("buttons", ()))


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", write)
    app.connect("html-page-context", check, priority=600)  # after the theme has listed its buttons
