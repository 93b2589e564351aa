"""Pages with exercises get the editor's script and style; without practice they are as a notebook shows them."""

import gzip
import html
import json
import re

import pytest

from cnncourse.checking.source import PRACTICE_IMPORTS
from extensions.practice import boxes

from .small_practice import NAMES, REASON, build_book, runner

ASSETS = ("practice/practice.js", "practice/practice.css")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("book")


def page(site, name="index.html"):
    return (site / name).read_text(encoding="utf-8")


def test_only_pages_with_exercises_load_script_and_style_and_learn_which_stay_out(folder):
    site = build_book(folder)
    for name in ASSETS:
        assert f"_static/{name}" in page(site)
        assert name not in page(site, "book/running.html")
        assert (site / "_static" / name).is_file()
    settings = json.loads(html.unescape(re.search('data-settings="([^"]*)"', page(site))[1]))
    assert settings["running"] == "book/running.html"
    assert settings["imports"] == PRACTICE_IMPORTS
    assert settings["exercises"] == {NAMES[0]: None, NAMES[1]: None, "train_detector": REASON}


def test_the_stub_is_written_once(folder):
    text = re.sub("<[^>]+>", "", page(build_book(folder)))
    assert text.count("def calculate_output_shape(") == 2  # the stub and the solution


def test_without_practice_the_pages_are_as_before_and_change_when_it_comes(tmp_path):
    site = build_book(tmp_path, {})
    assert "practice" not in page(site)
    assert not (site / "_static" / "practice").exists()
    site = build_book(tmp_path, {NAMES[0]: None})
    assert all(f"_static/{name}" in page(site) for name in ASSETS)


def test_the_script_is_a_small_classic_one():
    script = boxes.script(runner=runner())
    reports = runner().partition("REPORTS = ")[2].partition(";\n")[0]
    assert script.startswith('"use strict";(()=>{')
    assert not re.search(r"(^|[;}])(export|import)[ {]", script)
    assert len(gzip.compress(script.encode())) - len(gzip.compress(reports.encode())) < 8_000
