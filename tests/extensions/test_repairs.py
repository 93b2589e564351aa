"""A repair that finds nothing to repair stops the build, with one sentence."""

from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from extensions import assets, repairs

THEMED = ["myst_parser", "sphinx_book_theme", "extensions.repairs", "extensions.assets"]
SENTENCE = "assets.py has a repair for the tag that loads nothing.css, but this build has none; change or remove it"


class App(SimpleNamespace):
    __hash__ = object.__hash__


@pytest.fixture
def app(tmp_path):
    (tmp_path / "environment.pickle").write_bytes(b"")
    return App(env=SimpleNamespace(found_docs={"one", "two"}), doctreedir=tmp_path)


def write(app, *pages):
    for page in pages:
        repairs.note_page(app, page, "page.html", {}, None)


def test_a_full_build_stops_at_a_repair_that_found_nothing(app, tmp_path):
    repairs.expect(app, "book/extensions/some.py", ["a fault", "another fault"])
    write(app, "one", "two", "search")
    repairs.done(app, "a fault")
    with pytest.raises(ExtensionError, match=r"some\.py has a repair for another fault, but this build has none"):
        repairs.check(app, None)
    assert not (tmp_path / "environment.pickle").exists()  # the next build is a full one again


def test_a_full_build_passes_when_all_repairs_found_something(app, tmp_path):
    repairs.expect(app, "some.py", ["a fault"])
    write(app, "one", "two")
    repairs.done(app, "a fault")
    repairs.check(app, None)
    assert (tmp_path / "environment.pickle").exists()


def test_a_build_of_some_pages_does_not_stop(app):
    repairs.expect(app, "some.py", ["a fault"])
    repairs.check(app, None)
    write(app, "one")
    repairs.check(app, None)


@pytest.mark.parametrize("attempt", ["first", "second"])
def test_a_real_build_with_a_broken_repair_fails_every_time(small_book, monkeypatch, attempt):
    monkeypatch.setattr(assets, "ONLY_WITH", {"nothing.css": "x"})
    monkeypatch.setattr(assets, "LEFT_OUT", ())
    if attempt == "second":
        with pytest.raises(ExtensionError):
            small_book(THEMED, html_theme="sphinx_book_theme")
    with pytest.raises(ExtensionError) as stopped:
        small_book(THEMED, html_theme="sphinx_book_theme")
    assert str(stopped.value) == f"book/extensions/{SENTENCE}"
