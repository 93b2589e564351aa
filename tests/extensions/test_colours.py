"""The palette as CSS variables."""

from cnncourse.palette import ROLES
from extensions.colours import style_sheet


def test_every_role_has_a_colour_in_both_themes_and_a_class_for_formulas():
    light, dark, *rules = style_sheet().splitlines()
    for role, (on_white, on_black) in ROLES.items():
        assert f"--cnn-{role}:{on_white}" in light
        assert f"--cnn-{role}:{on_black}" in dark
        assert f".cnn-{role}{{color:var(--cnn-{role})}}" in rules


def test_the_style_sheet_is_on_every_page(small_book):
    site = small_book(["myst_parser", "extensions.colours"])
    assert (site / "_static" / "palette.css").read_text(encoding="utf-8") == style_sheet() + "\n"
    assert "_static/palette.css" in (site / "search.html").read_text(encoding="utf-8")
