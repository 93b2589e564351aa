"""Fonts with some of their characters."""

import io
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont

from extensions.fonts import cut
from extensions.formulas import FONT

WHOLE = Path(find_spec("ziamath").origin).parent / FONT


def test_a_cut_font_has_the_characters_that_are_asked_for_and_no_others():
    font = cut(WHOLE, "a√")
    shown = TTFont(io.BytesIO(font)).getBestCmap()
    assert set(shown) == {ord("a"), ord("√")}
    assert len(font) < WHOLE.stat().st_size / 20


def test_the_same_characters_give_the_same_bytes():
    assert cut(WHOLE, "xyz") == cut(WHOLE, "zyx")
