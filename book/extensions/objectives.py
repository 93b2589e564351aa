"""The box "In this chapter" at the head of each chapter, read for the landing page's chapter path."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)
FACTS = re.compile(r"Time about (?P<minutes>\d+) minutes · Level (?P<level>.+?) · Before (?P<before>.+)", re.S)


class ReadObjectives(SphinxTransform):
    """Note what a chapter's box says about it: minutes, level, what comes before, and the question it opens with."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
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


def _page(link: addnodes.pending_xref, here: str) -> str:
    """Return the page that a Markdown link leads to."""
    return str(Path(here).parent / Path(link["reftarget"]).stem)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_transform(ReadObjectives)
