"""A small book, built by Sphinx in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace


@pytest.fixture
def small_book(tmp_path: Path) -> Callable[..., Path]:
    """Return `small_book(extensions, text="...", **settings)`: build a page of Markdown, return the built site.

    Warnings of the build are in ``tmp_path / "warnings"``. A second call builds again what has changed.
    """

    def build(extensions: Iterable[str], text: str = "# Page\n\nWords.\n", **settings: object) -> Path:
        lines = [f"{name} = {value!r}" for name, value in ({"extensions": list(extensions)} | settings).items()]
        _write(tmp_path / "conf.py", "\n".join(lines))
        _write(tmp_path / "index.md", text)
        with (tmp_path / "warnings").open("w") as warnings, docutils_namespace():
            Sphinx(
                tmp_path,
                tmp_path,
                tmp_path / "build" / "html",
                tmp_path / "build" / "trees",
                "html",
                status=None,
                warning=warnings,
            ).build()
        return tmp_path / "build" / "html"

    return build


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
