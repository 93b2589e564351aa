"""How figures are tested: their arithmetic by Node against Python, their behaviour in Chromium."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from extensions.live_figures import classic_script, file_scripts

FOLDER = Path(__file__).parent
THEMES = {  # what the site's theme and JupyterLab would say
    "light": {
        "background": "#ffffff",
        "surface": "#f3f4f5",
        "text-base": "#222832",
        "text-muted": "#48566b",
        "border": "#c9c9c9",
    },
    "dark": {
        "background": "#121212",
        "surface": "#29313d",
        "text-base": "#ced6dd",
        "text-muted": "#9ca4af",
        "border": "#48566b",
    },
}
PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A figure</title>
<style>:root {{ {variables}; color-scheme: {theme}; }} body {{ margin: 0; background: var(--pst-color-background);
color: var(--pst-color-text-base); font-family: sans-serif; }} main {{ max-width: 720px; margin: auto; }}</style>
<script src="figure.js" defer></script></head>
<body><main><h1>A page</h1>{element}<p><a id="prose" href="#{link}">a state</a></p></main></body></html>
"""


@pytest.fixture
def node_test(require, tmp_path):
    """Return `node_test(module, test_file, golden)`: run a file of tests by Node on the source of a module."""
    require(shutil.which("node"), "node is not installed")

    def run(module, test_file, golden):
        file, values = tmp_path / "figure.mjs", tmp_path / "golden.json"
        file.write_text(module, encoding="utf-8")
        values.write_text(json.dumps(golden), encoding="utf-8")
        done = subprocess.run(
            ["node", "--test", FOLDER / test_file],
            env={"PATH": os.environ["PATH"], "FIGURE": file.as_uri(), "GOLDEN": str(values)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return values

    return run


def write_page(figure, folder, theme="light", link=""):
    """Write a page that shows the figure, with its scripts, as in the offline book; return its path."""
    variables = ";".join(f"--pst-color-{name}: {colour}" for name, colour in THEMES[theme].items())
    (folder / "figure.js").write_text(classic_script(type(figure)), encoding="utf-8")
    for name, script in file_scripts(type(figure)).items():
        (folder / name).write_text(script, encoding="utf-8")
    file = folder / "page.html"
    text = PAGE.format(theme=theme, variables=variables, element=figure.to_html(), link=link)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def open_figure(chromium, tmp_path):
    """Return `open_figure(figure, ...)`: a page that shows the figure, from plain files, as from the offline book."""
    contexts, complaints = [], []

    def open_page(
        figure, *, theme="light", width=720, link="", at="", javascript=True, touch=False, motion="no-preference"
    ):
        file = write_page(figure, tmp_path, theme, link)
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            has_touch=touch,
            reduced_motion=motion,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{file.as_uri()}{at and '#' + at}")
        if javascript:
            page.wait_for_function(f"document.querySelector('cnn-{figure.slug()}').shadowRoot")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
