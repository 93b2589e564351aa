"""A small book with exercises that can be tried on its pages, for tests of what readers see; its runner is a fake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from cnncourse.exercises import check, exercise, solved
from extensions.practice import boxes, build

ROOT = Path(__file__).parents[3]
NAMES = ("calculate_output_shape", "max_pool2d", "train_detector")
REASON = "its training takes too long here"
SENTENCES = {
    "gap": "This page cannot run torch.fft.",
    "stopped": "No answer came within 5 s.",
    "unavailable": "This browser cannot run WebAssembly.",
}
SETTINGS = {
    "html_theme": "sphinx_book_theme",
    "html_static_path": [str(ROOT / "book" / "static")],
    "html_css_files": ["course.css"],
    "nb_render_markdown_format": "myst",
    "nb_execution_mode": "off",
    "nb_mime_priority_overrides": [["html", "text/html", 0]],
    "exclude_patterns": ["built"],
    "source_suffix": {".md": "myst-nb", ".ipynb": "myst-nb"},
}
EXTENSIONS = [
    "myst_nb",
    "sphinx_copybutton",
    "extensions.colours",
    "extensions.exercise_sections",
    "extensions.practice.boxes",
]


def notebook() -> str:
    """Return a notebook that shows the exercises, as a chapter stores it."""
    metadata: dict = {}
    cells = [{"cell_type": "markdown", "id": "title", "metadata": metadata, "source": "# Page\n\nWords.\n"}]
    for name in NAMES:
        box = exercise(name)
        data = {"text/markdown": box._repr_markdown_(), "text/plain": str(box)}
        output = {"output_type": "execute_result", "execution_count": 1, "data": data, "metadata": metadata}
        cell = {"cell_type": "code", "id": name.replace("_", "-"), "metadata": metadata, "execution_count": 1}
        cells.append(cell | {"source": f'exercise("{name}")', "outputs": [output]})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


def runner() -> str:
    """Return the source of the fake runner, with real reports."""

    def calculate_output_shape(image_size, kernel, stride, padding):
        return [(n + p - k) // s + 1 for n, k, s, p in zip(image_size, kernel, stride, padding, strict=True)]

    def max_pool2d(input, kernel_size, stride=None, padding=0):
        return torch.zeros(1)

    def unwritten(*_):
        raise NotImplementedError

    found = {
        "passed": check("calculate_output_shape", solved("calculate_output_shape")),
        "failed": check("calculate_output_shape", calculate_output_shape),
        "drawn": check("max_pool2d", max_pool2d),
        "not attempted": check("calculate_output_shape", unwritten),
    }
    reports = {
        name: {"status": report.status, "html": report._repr_html_(), "text": str(report)}
        for name, report in found.items()
    }
    for status, sentence in SENTENCES.items():
        reports[status] = {"status": status, "html": f"<p>{sentence}</p>", "text": sentence}
    source = Path(__file__).with_name("fake_runner.js").read_text(encoding="utf-8")
    return source.replace("REPORTS = {}", f"REPORTS = {json.dumps(reports)}")


def build_book(folder: Path, reach: dict[str, str | None] | None = None) -> Path:
    """Build the book, or build again what has changed, and return the site.

    Parameters
    ----------
    folder : pathlib.Path
    reach : dict of str to str or None, optional
        What `exercises_on_page` returns; empty if practice is not available.
    """
    reach = dict.fromkeys(NAMES) | {"train_detector": REASON} if reach is None else reach
    settings = {"extensions": EXTENSIONS} | SETTINGS
    files = {
        "conf.py": "".join(f"{name} = {value!r}\n" for name, value in settings.items()),
        "index.ipynb": notebook(),
        "book/running.md": "---\norphan: true\n---\n# Run it\n\nWords.\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if not (folder / name).is_file():
            (folder / name).write_text(text, encoding="utf-8")
    script, site = boxes.script(runner=runner()), folder / "built" / "html"
    with pytest.MonkeyPatch.context() as patch, docutils_namespace():
        patch.setattr(build, "available", lambda app: bool(reach))
        patch.setattr(build, "exercises_on_page", lambda: reach)
        patch.setattr(boxes, "script", lambda: script)
        Sphinx(folder, folder, site, folder / "built" / "trees", "html", status=None).build()
    return site
