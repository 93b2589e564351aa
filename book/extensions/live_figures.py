"""Live figures in the book: their scripts on the pages that use them and nowhere else, their pictures without script.

A notebook cell that displays a figure has the custom element as its HTML output; a page in Markdown writes
`{live-figure}`. Either way the element gets a still picture inside, drawn by Python and stored as a file of the site:
readers without JavaScript and the PDF see it, and the script replaces it. A Markdown link to a state,
`[stride 3](#convolution-explorer?s=3)`, moves the figure; a figure or a state that does not exist is a warning. Add
`extensions.live_figures` to the extensions; each script brings its own style sheet, so nothing else is needed.
"""

from __future__ import annotations

import base64
import html
import io
import json
import os
import re
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import minify
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from cnncourse import figures
from cnncourse.palette import themed_svg

_LOGGER = logging.getLogger(__name__)
_ELEMENT = re.compile(
    r'<cnn-(?P<slug>[a-z0-9-]+) id="(?P<name>[^"]+)" data-state="(?P<state>[^"]*)">.*?</cnn-[a-z0-9-]+>', re.S
)
# Pixels of each figure's opening state, by the width of its column. Where system fonts break lines differently, the
# value between their heights. tests/site measures them.
HEIGHTS = {
    "convolution-explorer": {320: 1041, 360: 1049, 414: 1057, 599: 1154, 600: 735, 668: 616, 755: 608, 790: 641},
    "kernels-on-photo": {320: 1294, 414: 1312, 599: 1410, 600: 850, 688: 903, 755: 930, 790: 950},
    "pooling-explorer": {320: 838, 500: 876, 599: 876, 600: 787, 668: 759, 790: 759},
    "im2col-unfolded": {320: 1194, 360: 1250, 599: 1242, 600: 790, 790: 788},
    "training-replay": {
        320: 1782,
        360: 1711,
        414: 1666,
        599: 1642,
        600: 1156,
        668: 1028,
        698: 1028,
        736: 993,
        790: 993,
    },
    "receptive-field": {320: 1377, 414: 1330, 500: 1332, 570: 1258, 599: 1258, 600: 945, 688: 922, 755: 922, 790: 898},
    "inside-network": {320: 2133, 414: 2164, 570: 2334, 600: 2260, 659: 2270, 660: 1203, 698: 1203, 790: 1299},
}
_FOLDER = "figures"  # beside the site's other static files


def by_slug() -> dict[str, type[figures.Figure]]:
    """Return the figure classes by the name that their elements carry."""
    classes = (getattr(figures, name) for name in figures.__all__ if name not in ("Figure", "predict"))
    return {each.slug(): each for each in classes}


class LiveFigure(SphinxDirective):
    """`{live-figure} convolution-explorer` with the options `name` and `state` (as in a link: `k=3&s=2`)."""

    required_arguments = 1
    option_spec: ClassVar = {"name": directives.unchanged, "state": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        slug = self.arguments[0]
        if slug not in by_slug():
            raise self.error(f"there is no live figure {slug!r}; there are {', '.join(by_slug())}")
        try:
            figure = by_slug()[slug].from_query(self.options.get("state", ""), name=self.options.get("name"))
        except ValueError as fault:
            raise self.error(str(fault)) from fault
        return [nodes.raw("", figure.to_html(), format="html")]


class PutPictureInside(SphinxTransform):
    """Split each element into its opening tag, its still picture and its closing tag, and note the page's figures."""

    default_priority = 400  # before Sphinx collects the images

    def apply(self, **kwargs) -> None:
        for raw in list(self.document.findall(nodes.raw)):
            match = _ELEMENT.search(raw.astext()) if "html" in raw.get("format", "").split() else None
            if match:
                figure = by_slug()[match["slug"]].from_query(html.unescape(match["state"]), name=match["name"])
                raw.parent.replace(raw, self.with_picture(figure))  # not replace_self: it would keep the output's box
                self.env.metadata[self.env.docname].setdefault("live_figures", {})[figure.name] = figure.slug()
        # The state of the kernel's widgets: nothing reads it here, and it holds every script a second time.
        for metadata in getattr(self.env, "nb_metadata", {}).get(self.env.docname, {}).values():
            if isinstance(metadata, dict):
                metadata.pop("ipywidgets_state", None)

    def with_picture(self, figure: figures.Figure) -> list[nodes.Node]:
        opening, closing = figure.to_html().partition("<p>")[0], f"</cnn-{figure.slug()}>"
        image = nodes.image(uri=self.store(figure), alt=figure.describe())
        return [nodes.raw("", opening, format="html"), image, nodes.raw("", closing, format="html")]

    def store(self, figure: figures.Figure) -> str:
        """Draw the picture into a file outside the source and return its address as Sphinx wants it."""
        form = "svg" if self.app.builder.format == "html" else "png"
        folder = Path(self.app.doctreedir) / "live-figures" / self.env.docname
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{figure.name}.{form}"
        drawing = io.BytesIO()
        if form == "svg":
            figure.save(drawing, format=form, metadata={"Date": None}, transparent=True)
            file.write_text(themed_svg(drawing.getvalue().decode()), encoding="utf-8")
        else:
            figure.save(drawing, format=form)
            file.write_bytes(drawing.getvalue())
        return "/" + os.path.relpath(file, self.app.srcdir).replace(os.sep, "/")


class LinkToStates(SphinxPostTransform):
    """Turn Markdown links to a state of a figure into plain links, before MyST looks for such a heading."""

    default_priority = 8  # MyST's is 9

    def run(self, **kwargs) -> None:
        for link in list(self.document.findall(addnodes.pending_xref)):
            page = link["reftarget"] if link["refdomain"] == "doc" else self.env.docname
            target = (link.get("reftargetid") or "") if link["refdomain"] == "doc" else link["reftarget"]
            name, mark, state = target.partition("?")
            if link["reftype"] != "myst" or not mark:
                continue
            if self.app.builder.format != "html":  # on paper there is nothing to move
                link.parent.replace(link, link.children)
                continue
            try:
                by_slug()[self.env.metadata[page]["live_figures"][name]].from_query(state)
            except (KeyError, ValueError) as fault:
                _LOGGER.warning("page %s has no live figure in the state %r: %s", page, target, fault, location=link)
            here = page == self.env.docname
            address = "" if here else self.app.builder.get_relative_uri(self.env.docname, page)
            link.replace_self(nodes.reference("", "", *link.children, refuri=f"{address}#{target}", internal=True))


def place_rules() -> str:
    """Return the rules that keep a figure's place free until its script runs, so that the page does not jump.

    The still picture, which the script replaces, is as high as the figure will be: between the measured widths of the
    column in proportion.
    """
    rules = [f"{','.join(f'cnn-{slug}' for slug in HEIGHTS)}{{display:block;container-type:inline-size}}"]
    rules.append("@media screen and (max-width:599.98px){[data-state]{margin-inline:-1rem}}")  # as wide as the phone
    rules.append("@media screen and (scripting:enabled){[data-state]:not(:defined)>img{visibility:hidden}")
    rules.append(".bd-article [data-state]>img{width:100%;min-width:0;object-fit:contain;object-position:top}")
    for slug, heights in HEIGHTS.items():
        picture = f".bd-article cnn-{slug}>img"
        for (width, height), (wider, next_height) in pairwise(heights.items()):
            slope = (next_height - height) / (wider - width)
            between = f"calc({height}px + {slope:.4f}*(100cqw - {width}px))"
            rules.append(f"@container (min-width:{width}px){{{picture}{{height:{between}}}}}")
        rules.append(f"@container (min-width:{wider}px){{{picture}{{height:{next_height}px}}}}")
    return "\n".join([*rules, "}\n"])


def classic_script(figure: type[figures.Figure]) -> str:
    """Return a figure as a minified classic script: a module would not load from an unzipped folder."""
    style = figure.style_sheet()
    return classic(
        figure.module("defineElement").replace(json.dumps(style), json.dumps(minify.string("text/css", style)))
    )


def classic(module: str) -> str:
    """Return a module without imports as a minified classic script, which also loads from an unzipped folder."""
    body = re.sub(r"^export (default )?", "", module, flags=re.MULTILINE)
    return minify.string("application/javascript", f'"use strict";(()=>{{{body}}})();') + "\n"


def file_scripts(figure: type[figures.Figure]) -> dict[str, str]:
    """Return a figure's files as scripts, by file name: a script loads from a folder where `fetch` is refused."""
    slug = figure.slug()
    return {
        f"{slug}-{name}.js": f'dispatchEvent(new CustomEvent("cnn-file:{slug}-{name}", '
        f'{{ detail: "{base64.b64encode(content).decode()}" }}));\n'
        for name, content in figure.files().items()
    }


def write_scripts(app: Sphinx) -> None:
    """Write every figure's script, and the files that it loads, once."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", _FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.css").write_text(place_rules(), encoding="utf-8")
    for slug, figure in by_slug().items():
        (folder / f"{slug}.js").write_text(classic_script(figure), encoding="utf-8")
        for name, script in file_scripts(figure).items():
            (folder / name).write_text(script, encoding="utf-8")


def add_scripts(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Add to a page the scripts of the figures that stand on it."""
    slugs = sorted(set(app.env.metadata.get(page, {}).get("live_figures", {}).values()))
    if slugs:
        app.add_css_file(f"{_FOLDER}/figures.css")
    for slug in slugs:
        app.add_js_file(f"{_FOLDER}/{slug}.js", loading_method="defer")


def setup(app: Sphinx) -> dict:
    """Register the directive, the transform and the scripts."""
    app.add_directive("live-figure", LiveFigure)
    app.add_transform(PutPictureInside)
    app.add_post_transform(LinkToStates)
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
