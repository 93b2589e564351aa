"""Predictions bring their script and style to the pages that have one, as plain scripts that load from a folder."""

EXTENSIONS = ["myst_parser", "extensions.predictions"]
PAGE = '# Page\n\n<form class="cnn-predict" id="predict-one"></form>\n'


def test_script_and_style_are_on_pages_with_predictions_only(small_book):
    site = small_book(EXTENSIONS, PAGE)
    for name in ("predictions/prediction.js", "predictions/prediction.css"):
        assert f"_static/{name}" in (site / "index.html").read_text(encoding="utf-8")
        assert name not in (site / "search.html").read_text(encoding="utf-8")
        assert (site / "_static" / name).is_file()


def test_the_script_is_a_classic_one(small_book):
    script = (small_book(EXTENSIONS, PAGE) / "_static/predictions/prediction.js").read_text(encoding="utf-8")
    assert script.startswith('"use strict";(()=>{')
    assert "import{" not in script
    assert "export" not in script
