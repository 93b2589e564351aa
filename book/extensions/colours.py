"""The colours of :mod:`cnncourse.palette` as CSS variables, and the rules that colour formulas with them."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from cnncourse.palette import ROLES, css_variables


def style_sheet() -> str:
    """Return the style sheet."""
    rules = [f".cnn-{role}{{color:var(--cnn-{role})}}" for role in ROLES]
    return f":root{{{css_variables('light')}}}\nhtml[data-theme=dark]{{{css_variables('dark')}}}\n" + "\n".join(rules)


def write(app: Sphinx) -> None:
    """Write the style sheet where Sphinx finds it."""
    add_style_sheet(app, "palette.css", style_sheet() + "\n")


def add_style_sheet(app: Sphinx, name: str, text: str, priority: int = 500) -> None:
    """Add a style sheet that is written by the build to all pages.

    Parameters
    ----------
    app : sphinx.application.Sphinx
    name, text : str
        The file and its content.
    priority : int
        Sphinx's: smaller numbers come first.
    """
    folder = Path(app.doctreedir).parent / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    if str(folder) not in app.config.html_static_path:
        app.config.html_static_path.append(str(folder))
    app.add_css_file(name, priority=priority)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", write)
