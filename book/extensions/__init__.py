"""What the book needs from Sphinx and no other extension gives, one concept per file; not part of the package.

What readers see on a page:

- `landing`: the landing page's thumbnails, chapter path and checked answer; `objectives` reads the chapters' boxes.
- `quiz`: the `{quiz}` directive; `quiz_html` writes it.
- `predictions`: the script and the style of questions that the reader answers before looking.
- `exercise_sections`: a heading for each exercise of a chapter.
- `practice.boxes`: the editor in which readers solve an exercise, and what their browser keeps of it.
- `live_figures`: interactive figures, their pictures and scripts.
- `formulas`: TeX becomes MathML in the role colours (``\\inp{x}``); no script shows it.
- `built_with`: the day and the versions of the build.
- `paper`: the theme's button prints the page when its pictures are there.
- `scrolling`: figures that are wider than a phone can be scrolled by keyboard.
- `downloads`: the links to the PDF and the zip, where these files exist.

How a page is written:

- `templates`: the theme's templates that the book overrides.
- `translator`: the HTML of single nodes; `highlighting`: of code; `pictures`: sizes and colours.
- `assets`: the scripts and style sheets that a page uses; `bundles`: one style sheet a page.
- `colours`, `icons`, `fonts`: small style sheets and fonts instead of large ones.
- `repairs`: a repair of the theme that finds nothing to repair stops the build.

What a build does:

- `execution`: chapters run again when anything that their outputs depend on has changed, not only their own text.
- `addresses`, `sitemap`, `social_preview`: for search engines, links from elsewhere and missing pages.

What runs answers on a page without torch:

- `practice.build`: Pyodide, the checker and the data of each exercise, as files of the site.
- `practice.imitation`: torch and NumPy in plain Python.

No module reads or rewrites a finished page, except that `downloads` fills a place when a file has been made from it.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from sphinx.application import Sphinx

from . import (
    addresses,
    assets,
    built_with,
    bundles,
    colours,
    downloads,
    execution,
    exercise_sections,
    formulas,
    highlighting,
    icons,
    landing,
    live_figures,
    objectives,
    paper,
    pictures,
    predictions,
    quiz,
    repairs,
    scrolling,
    sitemap,
    social_preview,
    templates,
    translator,
)
from .practice import boxes, build

PARTS = (
    addresses,
    execution,
    repairs,
    templates,
    translator,
    highlighting,
    pictures,
    colours,
    icons,
    paper,
    scrolling,
    quiz,
    predictions,
    exercise_sections,
    build,
    boxes,
    live_figures,
    formulas,
    objectives,
    landing,
    built_with,
    downloads,
    assets,
    bundles,
    social_preview,
    sitemap,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("comments_config", {}, "")  # Jupyter Book sets it for an extension that is left out
    for part in PARTS:
        part.setup(app)
    return {"version": version("cnncourse"), "parallel_read_safe": True, "parallel_write_safe": False}
