"""The icons in use, and no others; one that is not in the style sheet stops the build."""

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont
from sphinx.errors import ExtensionError

from extensions import icons

EXTENSIONS = ["myst_parser", "sphinx_design", "sphinx_book_theme", "extensions.icons"]


def test_the_style_sheet_has_each_icon_once_and_stays_small():
    sheet = icons.style_sheet()
    for name in icons.ICONS:
        assert sheet.count(f".fa-{name}:before") == 1
    assert len(sheet) < 20_000


def test_the_style_sheet_defines_what_the_theme_takes_from_font_awesome():
    sheets = "".join(path.read_text(encoding="utf-8") for path in (icons.THEME / "styles").glob("*.css"))
    taken = set(re.findall(r"var\((--fa-[a-z-]+)\)", sheets))
    assert taken
    for variable in taken:
        assert f"{variable}:" in icons.style_sheet()


def test_each_icon_in_the_themes_style_sheets_is_in_a_font():
    fonts = re.findall(r"data:font/woff;base64,([^)]+)", icons.style_sheet())
    has = set().union(*(TTFont(io.BytesIO(base64.b64decode(font))).getBestCmap() for font in fonts))
    sheets = [*(icons.THEME / "styles").glob("*.css"), *(icons.BOOK_THEME / "styles").glob("*.css")]
    named = re.findall(
        r"--pst-icon-([a-z-]+): *\"(.+?)\"", "".join(each.read_text(encoding="utf-8") for each in sheets)
    )
    icon_of = {name: int(text[1:], 16) if text.startswith("\\") else ord(text) for name, text in named}
    assert icon_of.keys() >= {"info-circle", "exclamation-triangle", "lightbulb"}  # of notes, warnings and tips
    assert {name for name, character in icon_of.items() if character not in has} == set()


def test_an_icon_that_font_awesome_does_not_have_stops_the_build(monkeypatch):
    monkeypatch.setattr(icons, "ICONS", ("moon", "nonsense"))
    with pytest.raises(ExtensionError, match=r"ICONS in book/extensions/icons\.py has 'nonsense', which is no icon"):
        icons.style_sheet()


def test_an_icon_on_a_page_that_is_not_in_the_style_sheet_stops_the_build(small_book):
    with pytest.raises(ExtensionError, match="index shows the icon fa-ghost; add it to ICONS"):
        small_book(EXTENSIONS, "# Page\n\n{fas}`ghost`\n", html_theme="sphinx_book_theme")


def test_colabs_button_has_an_icon_like_the_others(monkeypatch):
    monkeypatch.setattr(icons.repairs, "done", lambda app, repair: None)
    context = {"header_buttons": [{"type": "group", "icon": "fas fa-rocket", "buttons": [{"icon": icons.COLAB}]}]}
    icons.check(None, "index", "page.html", context, None)
    assert context["header_buttons"][0]["buttons"][0]["icon"] == "fa-colab"
