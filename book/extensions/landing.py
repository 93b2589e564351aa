"""The landing page: thumbnails of the live figures, the chapter path, a checked answer, an exercise to try.

Nothing here is typed twice. Thumbnails are the figures' own drawings and link to the chapter that shows them; minutes,
levels and prerequisites come from the box "In this chapter" of each chapter; the message is what the check says.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.exercises import check
from cnncourse.exercises.display import ExerciseBox
from cnncourse.exercises.registry import bank
from cnncourse.figures import Figure
from cnncourse.palette import themed_svg

from .live_figures import by_slug


class FigureGallery(SphinxDirective):
    """`{figure-gallery}`: a thumbnail of every live figure that some chapter shows, in the order of the course."""

    def run(self) -> list[nodes.Node]:
        gallery = nodes.bullet_list(classes=["cnn-gallery"])
        for slug, figure in by_slug().items():
            picture = nodes.image(uri=self.draw(figure()), alt=figure().describe())
            link = nodes.reference("", "", picture, nodes.inline("", figure.title), internal=True, figure=slug)
            gallery += nodes.list_item("", nodes.paragraph("", "", link))
        return [gallery]

    def draw(self, figure: Figure) -> str:
        """Draw a figure's opening state into a file, and return its address as Sphinx wants it."""
        folder = Path(self.env.app.doctreedir) / "thumbnails"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"thumbnail-{figure.slug()}.svg"
        figure.save(file, format="svg", metadata={"Date": None}, transparent=True)
        file.write_text(themed_svg(file.read_text(encoding="utf-8")), encoding="utf-8")
        return "/" + os.path.relpath(file, self.env.app.srcdir).replace(os.sep, "/")


class ChapterPath(SphinxDirective):
    """`{chapter-path}`: the chapters in their order, with what their boxes say."""

    def run(self) -> list[nodes.Node]:
        for chapter in chapters(self.env):
            self.env.note_dependency(self.env.doc2path(chapter))
        return [nodes.enumerated_list(classes=["cnn-path"])]


def chapters(env: BuildEnvironment) -> list[str]:
    """Return the documents of the table of contents' first part, in order.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment

    Returns
    -------
    list of str
    """
    contents = env.app.config.external_site_map
    return [str(item) for item in contents.root.subtrees[0].items]


def with_class(name: str) -> Callable[[nodes.Node], bool]:
    """Return the condition that a node has this class."""
    return lambda node: isinstance(node, nodes.Element) and name in node["classes"]


class FillLandingPage(SphinxPostTransform):
    """Fill in what is known only when all pages have been read."""

    default_priority = 7  # before links are resolved

    def run(self, **kwargs: Any) -> None:
        for gallery in self.document.findall(with_class("cnn-gallery")):
            shown = [(place, item) for item in gallery.children if (place := self.show(item)) is not None]
            gallery.children = [item for _, item in sorted(shown, key=lambda pair: pair[0])]
        for path in self.document.findall(with_class("cnn-path")):
            path.extend(self.entry(chapter) for chapter in chapters(self.env))

    def show(self, item: nodes.list_item) -> tuple[int, int] | None:
        """Link a thumbnail to the first chapter that shows its figure; return the figure's place in the course."""
        (link,) = item.findall(nodes.reference)
        for page in chapters(self.env):
            for place, (name, slug) in enumerate(self.on_page(page).items()):
                if slug == link["figure"]:
                    link["refuri"] = f"{self.address(page)}#{name}"
                    return chapters(self.env).index(page), place
        return None

    def on_page(self, page: str) -> dict[str, str]:
        return self.env.metadata.get(page, {}).get("live_figures", {})

    def address(self, page: str) -> str:
        return self.app.builder.get_relative_uri(self.env.docname, page)

    def entry(self, chapter: str) -> nodes.list_item:
        about = self.env.metadata[chapter]["chapter"]
        title = nodes.reference("", self.env.titles[chapter].astext(), refuri=self.address(chapter), internal=True)
        after = nodes.inline("", f" · after {about['before']}" if about["after"] else f" · needs {about['before']}")
        facts = nodes.paragraph("", f"{about['minutes']} minutes · {about['level']}", after, classes=["cnn-path-facts"])
        return nodes.list_item("", nodes.paragraph("", "", title), nodes.paragraph("", about["question"]), facts)


class CheckedAnswer(SphinxDirective):
    """`{checked-answer} EXERCISE` with a wrong answer as its text: the answer, and what the check says to it today."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name, source = self.arguments[0], "\n".join(self.content)
        answers = {}
        exec(PRACTICE_IMPORTS + source, answers)  # the book's own text, as in a cell
        report = check(name, answers[name])
        if report.misconception is None:
            raise self.error(f"the check does not recognise a mistake: {report.headline}")
        shown = f"{source}\n\n\ncheck({name})"
        return [
            nodes.literal_block(shown, shown, language="python"),
            nodes.raw("", report._repr_html_(), format="html"),
        ]


class ExerciseHere(SphinxDirective):
    """`{exercise} NAME`: an exercise's box on a page in Markdown, as `exercise` shows it in a notebook."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        lines = ExerciseBox(bank()[self.arguments[0]]).markdown.splitlines()
        box = nodes.Element()
        self.state.nested_parse(StringList(lines, items=[self.get_source_info()] * len(lines)), 0, box)
        return box.children


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    for name, directive in {
        "figure-gallery": FigureGallery,
        "chapter-path": ChapterPath,
        "checked-answer": CheckedAnswer,
        "exercise": ExerciseHere,
    }.items():
        app.add_directive(name, directive)
    app.add_post_transform(FillLandingPage)
