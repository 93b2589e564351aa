"""Formulas as MathML in the role colours, and the font that shows them."""

import io
import re

import pytest
from fontTools.ttLib import TTFont

from extensions.formulas import mathml, signs

EXTENSIONS = ["myst_parser", "extensions.formulas"]
SETTINGS = {"myst_enable_extensions": ["dollarmath"], "html_math_renderer": "mathml"}


@pytest.mark.parametrize(
    ("macro", "role"), [("inp", "input"), ("kernel", "kernel"), ("out", "output"), ("grad", "gradient")]
)
def test_a_formula_carries_its_roles_as_classes(macro, role):
    assert f'<mstyle class="cnn-{role}">' in mathml(rf"2\{macro}{{x}}")
    assert "mathcolor" not in mathml(rf"2\{macro}{{x}}")


def test_a_minus_after_a_sign_belongs_to_its_number():
    assert '<mo form="prefix">&#x02212;' in mathml("x = -1")
    assert '<mo form="prefix">&#x02212;' in mathml("(1, -1)")
    assert "prefix" not in mathml("x - 1")
    assert "prefix" not in mathml("(x) - 1")


def test_a_name_is_set_off_from_what_follows_it_but_not_inside_a_power():
    assert '<mi>log</mi><mspace width="0.17em" /><mi>x</mi>' in mathml(r"\log x")
    assert "mspace" not in mathml(r"\log^2")


def test_the_name_of_an_operator_has_no_wide_spaces_around_it():
    assert "<mi>Var</mi><mo" in mathml(r"\operatorname{Var}(x)")
    assert "<mo>Var" not in mathml(r"\operatorname{Var}(x)")


def test_comparisons_stay_escaped():
    assert "<mo>&#x0003C;</mo>" in mathml("a < b")


def test_the_font_has_the_sign_of_a_root_and_letters_as_a_browser_slants_them():
    assert {"√", "𝑥", "2"} <= signs(mathml(r"\sqrt{x} + \sqrt[3]{2}"))


def test_aligned_lines_become_rows():
    assert mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", display=True).count("<mtr>") == 2


def test_the_brackets_of_a_matrix_stretch_also_within_a_longer_line():
    written = mathml(r"\begin{aligned} H &= \begin{pmatrix} 1 \\ 2 \end{pmatrix} + 1 \end{aligned}", display=True)
    assert '<mrow><mo form="prefix" stretchy="true">&#x00028;</mo><mtable>' in written
    assert '</mtable><mo form="postfix" stretchy="true">&#x00029;</mo></mrow>' in written
    assert mathml(r"x = \begin{matrix} 1 \\ 2 \end{matrix} + 1").count("stretchy") == 0


def test_two_matrices_in_a_line_keep_their_own_brackets_and_their_order():
    written = mathml(r"\begin{pmatrix} 1 \end{pmatrix} \begin{bmatrix} 2 \end{bmatrix} = 3")
    assert re.sub("<[^>]*>", "", written) == "&#x00028;1&#x00029;&#x0005B;2&#x0005D;&#x0003D;3"
    assert written.count('</mtable><mo form="postfix" stretchy="true">') == 2


def test_the_font_has_all_heights_of_a_bracket_and_a_root(small_book):
    site = small_book(EXTENSIONS, "# Page\n\n$$ \\left( \\frac{a}{b} \\right) + \\sqrt{x} $$\n", **SETTINGS)
    font = TTFont(io.BytesIO((site / "_static" / "formulas.woff").read_bytes()))
    variants = font["MATH"].table.MathVariants
    heights = dict(zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True))
    assert {"parenleft", "parenright", "radical"} <= set(heights)
    for glyph in heights.values():
        assert len(glyph.MathGlyphVariantRecord) > 3
        assert all(each.VariantGlyph in font.getGlyphSet() for each in glyph.MathGlyphVariantRecord)


def test_pages_have_mathml_and_the_font_has_the_signs_of_all_pages_after_every_build(small_book, tmp_path):
    (tmp_path / "other.md").write_text("---\norphan: true\n---\n# Other\n\n$\\sum β$\n")
    for text in ("# Page\n\n$\\alpha$\n\n$$ x \\ge 1 $$\n", "# Page again\n\n$\\alpha$\n\n$$ x \\ge 1 $$\n"):
        site = small_book(EXTENSIONS, text, **SETTINGS)
        assert '<div class="math"><math' in (site / "index.html").read_text(encoding="utf-8")
        font = TTFont(io.BytesIO((site / "_static" / "formulas.woff").read_bytes()))
        assert {"𝛼", "𝑥", "≥", "1", "∑", "𝛽"} <= set(map(chr, font.getBestCmap()))


def test_an_unknown_command_is_one_warning(small_book, tmp_path):
    small_book(EXTENSIONS, "# Page\n\n$\\nosuchthing$\n", **SETTINGS)
    warnings = (tmp_path / "warnings").read_text()
    assert len(re.findall("has the unknown command", warnings)) == 1


def test_the_punctuation_around_a_formula_stays_on_its_line(small_book):
    page = (
        small_book(EXTENSIONS, "# Page\n\nA word ($x$), then $y$. Then $z$ and a word.\n", **SETTINGS) / "index.html"
    ).read_text()
    together = re.findall(r'<span class="cnn-together">(.*?)</span>', page)
    assert [re.sub("<math.*</math>", "M", each) for each in together] == ["(M),", "M."]
    assert re.sub("<[^>]*>", "", page).count("A word (x), then y. Then z and a word.") == 1
