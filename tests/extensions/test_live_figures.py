"""Live figures in a book: scripts only where they are used, pictures as files, links that move them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from cnncourse import figures
from cnncourse.figures import ConvolutionExplorer
from extensions.live_figures import classic_script

FILES = {
    "conf.py": """
extensions = ["myst_nb", "extensions.live_figures"]
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_mime_priority_overrides = [["html", "text/html", 0]]
nb_ipywidgets_js = {}
""",
    "index.md": """# Home
```{toctree}
notebook
plain
```
```{live-figure} convolution-explorer
:name: hero
:state: k=2&s=2
```
""",
    "notebook.md": """---
file_format: mystnb
kernelspec: {name: python3}
---
# Notebook
```{code-cell}
from cnncourse.figures import ConvolutionExplorer
ConvolutionExplorer(stride=2)
```
A [longer stride](#convolution-explorer?s=3), and the [one at home](index.md#hero?k=1).
""",
    "plain.md": "# Plain\nNo figure.\n",
}


def build(folder, files, builder="html"):
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        builder,
        "-d",
        "doctrees",
        ".",
        builder,
    ]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "book")}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, env=environment)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    done = build(folder, FILES)
    assert done.returncode == 0, done.stderr
    return folder / "html"


def page(book, name):
    return BeautifulSoup((book / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def test_a_page_loads_the_scripts_of_its_figures_and_of_no_others(book):
    for name, count in {"index": 1, "notebook": 1, "plain": 0}.items():
        scripts = [each["src"] for each in page(book, name).find_all("script", src=True) if "figures/" in each["src"]]
        assert len(scripts) == count
        assert all(script.startswith("_static/figures/convolution-explorer.js") for script in scripts)
    assert (book / "_static/figures/convolution-explorer.js").read_text("utf-8") == classic_script(ConvolutionExplorer)


def test_an_element_holds_its_state_and_its_picture(book):
    for name, figure in {
        "index": ConvolutionExplorer(kernel_size=2, stride=2),
        "notebook": ConvolutionExplorer(stride=2),
    }.items():
        element = page(book, name).find("cnn-convolution-explorer")
        assert element["data-state"] == figure.query()
        assert element.img["alt"] == figure.describe()
        picture = (book / element.img["src"]).read_text("utf-8")
        assert "var(--cnn-ink)" in picture  # follows the theme
        assert element.parent.get("class") != ["output", "text_html"]


def test_the_page_carries_no_state_of_the_kernels_widgets(book):
    assert "widget-state" not in (book / "notebook.html").read_text("utf-8")


def test_prose_links_to_states(book):
    links = [each["href"] for each in page(book, "notebook").select("p a") if "?" in each["href"]]
    assert links == ["#convolution-explorer?s=3", "index.html#hero?k=1"]


def test_what_does_not_exist_is_a_warning(tmp_path):
    text = """# Home
```{live-figure} convolution
```
```{live-figure} convolution-explorer
:state: s=9
```
[away](#convolution-explorer?s=2)
"""
    done = build(tmp_path, {"conf.py": FILES["conf.py"], "index.md": text})
    assert done.returncode != 0
    assert "there is no live figure 'convolution'; there are convolution-explorer" in done.stderr
    assert "`stride` must be a whole number from 1 to 4, not 9" in done.stderr
    assert "page index has no live figure in the state 'convolution-explorer?s=2'" in done.stderr


def test_every_figure_has_its_script_in_the_site(book):
    scripts = {path.stem for path in (book / "_static/figures").glob("*.js")}
    assert {getattr(figures, name).slug() for name in figures.__all__ if name not in ("Figure", "predict")} <= scripts
