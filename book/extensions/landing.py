"""The landing page: thumbnails of the live figures, the chapter path, a checked answer; what the site was built with.

Nothing here is typed twice. Thumbnails are the figures' own drawings and link to the chapter that shows them; minutes,
levels and prerequisites come from the box "In this chapter" of each chapter; the message is what the check says.
"""

import os
import platform
import re
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.exercises import check
from cnncourse.palette import themed_svg

from .live_figures import by_slug

LOGGER = logging.getLogger(__name__)
FACTS = re.compile(r"Time about (?P<minutes>\d+) minutes · Level (?P<level>.+?) · Before (?P<before>.+)", re.S)
SHOWN = ("torch", "torchvision", "numpy", "matplotlib", "jupyter-book", "sphinx")  # besides Python and the course


class ReadObjectives(SphinxTransform):
    """Note what a chapter's box says about it: minutes, level, what comes before, and the question it opens with."""

    default_priority = 400

    def apply(self, **kwargs):
        for box in self.document.findall(nodes.admonition):
            if "cnn-objectives" not in box["classes"]:
                continue
            line = box.children[-1]
            facts = FACTS.fullmatch(line.astext())
            if not facts:
                LOGGER.warning(
                    "the box does not end with **Time** about N minutes · **Level** · **Before**", location=box
                )
                continue
            section = next(self.document.findall(nodes.section))
            self.env.metadata[self.env.docname]["chapter"] = {
                "question": next(child for child in section.children if isinstance(child, nodes.paragraph)).astext(),
                "minutes": int(facts["minutes"]),
                "level": facts["level"],
                "before": facts["before"],
                "after": [_page(link, self.env.docname) for link in line.findall(addnodes.pending_xref)],
            }


def _page(link, here):
    """Return the page that a Markdown link leads to."""
    return str(Path(here).parent / Path(link["reftarget"]).stem)


class FigureGallery(SphinxDirective):
    """`{figure-gallery}`: a thumbnail of every live figure that some chapter shows, in the order of the course."""

    def run(self):
        gallery = nodes.bullet_list(classes=["cnn-gallery"])
        for slug, figure in by_slug().items():
            picture = nodes.image(uri=self.draw(figure()), alt=figure().describe())
            link = nodes.reference("", "", picture, nodes.inline("", figure.title), internal=True, figure=slug)
            gallery += nodes.list_item("", nodes.paragraph("", "", link))
        return [gallery]

    def draw(self, figure):
        """Draw a figure's opening state into a file, and return its address as Sphinx wants it."""
        folder = Path(self.env.app.doctreedir) / "thumbnails"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"thumbnail-{figure.slug()}.svg"
        figure.save(file, format="svg", metadata={"Date": None}, transparent=True)
        file.write_text(themed_svg(file.read_text(encoding="utf-8")), encoding="utf-8")
        return "/" + os.path.relpath(file, self.env.app.srcdir).replace(os.sep, "/")


class ChapterPath(SphinxDirective):
    """`{chapter-path}`: the chapters in their order, with what their boxes say."""

    def run(self):
        for chapter in chapters(self.env):
            self.env.note_dependency(self.env.doc2path(chapter))
        return [nodes.enumerated_list(classes=["cnn-path"])]


def chapters(env):
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


def with_class(name):
    """Return the condition that a node has this class."""
    return lambda node: isinstance(node, nodes.Element) and name in node["classes"]


class FillLandingPage(SphinxPostTransform):
    """Fill in what is known only when all pages have been read."""

    default_priority = 7  # before links are resolved

    def run(self, **kwargs):
        for gallery in self.document.findall(with_class("cnn-gallery")):
            shown = [(place, item) for item in gallery.children if (place := self.show(item)) is not None]
            gallery.children = [item for _, item in sorted(shown, key=lambda pair: pair[0])]
        for path in self.document.findall(with_class("cnn-path")):
            path.extend(self.entry(chapter) for chapter in chapters(self.env))

    def show(self, item):
        """Link a thumbnail to the first chapter that shows its figure; return the figure's place in the course."""
        (link,) = item.findall(nodes.reference)
        for page in chapters(self.env):
            for place, (name, slug) in enumerate(self.on_page(page).items()):
                if slug == link["figure"]:
                    link["refuri"] = f"{self.address(page)}#{name}"
                    return chapters(self.env).index(page), place
        return None

    def on_page(self, page):
        return self.env.metadata.get(page, {}).get("live_figures", {})

    def address(self, page):
        return self.app.builder.get_relative_uri(self.env.docname, page)

    def entry(self, chapter):
        about = self.env.metadata[chapter]["chapter"]
        title = nodes.reference("", self.env.titles[chapter].astext(), refuri=self.address(chapter), internal=True)
        after = nodes.inline("", f" · after {about['before']}" if about["after"] else f" · needs {about['before']}")
        facts = nodes.paragraph("", f"{about['minutes']} minutes · {about['level']}", after, classes=["cnn-path-facts"])
        return nodes.list_item("", nodes.paragraph("", "", title), nodes.paragraph("", about["question"]), facts)


class CheckedAnswer(SphinxDirective):
    """`{checked-answer} EXERCISE` with a wrong answer as its text: the answer, and what the check says to it today."""

    required_arguments = 1
    has_content = True

    def run(self):
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


class BuiltWith(SphinxDirective):
    """`{built-with}`: the day and the versions that this site was built with."""

    def run(self):
        facts = built_with()
        self.env.metadata[self.env.docname]["built_with"] = facts
        versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
        return [nodes.paragraph("", f"Built on {facts['date']} with {versions}.", classes=["cnn-built-with"])]


def built_with():
    """Return the day of the build (of SOURCE_DATE_EPOCH, if that is set) and the versions that take part in it.

    Returns
    -------
    dict
        ``date``, such as "22 November 2026", and ``versions`` by name.

    Examples
    --------
    >>> list(built_with()["versions"])[:3]
    ['cnncourse', 'Python', 'torch']
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    day = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch else datetime.now(timezone.utc)
    versions = {"cnncourse": version("cnncourse"), "Python": platform.python_version()}
    versions |= {name: version(name) for name in SHOWN}
    return {"date": f"{day.day} {day:%B %Y}", "versions": versions}


def read_again(app, env, added, changed, removed):
    """Name the pages whose date or versions are no longer true."""
    return [page for page, about in env.metadata.items() if about.get("built_with", built_with()) != built_with()]


def setup(app):
    """Register with Sphinx."""
    for name, directive in {
        "figure-gallery": FigureGallery,
        "chapter-path": ChapterPath,
        "checked-answer": CheckedAnswer,
        "built-with": BuiltWith,
    }.items():
        app.add_directive(name, directive)
    app.add_transform(ReadObjectives)
    app.add_post_transform(FillLandingPage)
    app.connect("env-get-outdated", read_again)
