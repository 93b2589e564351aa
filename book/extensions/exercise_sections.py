"""Exercises on a page: each is a section, with a heading that has a permalink and an entry in the contents.

In a notebook an exercise is the output of the cell `exercise("NAME")`. On the page the call is left out, and the box
no longer repeats its name.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

BOX = re.compile(r'<div class="cnn-exercise" role="group" aria-label="Exercise (\w+)">')


class MakeSections(SphinxTransform):
    """Put a heading above each exercise's box, and the cells up to the next one below it."""

    default_priority = 400  # before Sphinx collects the contents

    def apply(self, **kwargs: Any) -> None:
        for raw in list(self.document.findall(nodes.raw)):
            match = BOX.search(raw.astext())
            cell = cell_of(raw) if match else None
            if match and cell is not None:
                self.make_section(match[1], raw, cell)

    def make_section(self, name: str, raw: nodes.raw, cell: nodes.container) -> None:
        """Move a cell, and what follows it until the next exercise, into a section."""
        label = f"exercise-{name}".replace("_", "-")
        section = nodes.section("", ids=[label], names=[f"exercise {name}"], classes=["cnn-exercise-section"])
        section += nodes.title("", "", nodes.Text("Exercise "), nodes.literal(name, name))
        self.document.note_implicit_target(section, section)
        parent, place = cell.parent, cell.parent.index(cell)
        rest = parent.children[place + 1 :]
        end = next((number for number, node in enumerate(rest) if _ends_exercise(node)), len(rest))
        section += [cell, *rest[:end]]
        parent[place : place + 1 + end] = [section]
        leave_out_source(cell)
        facts = raw.parent[raw.parent.index(raw) + 1]
        place = facts.first_child_matching_class(nodes.strong)
        facts[: place + 2] = [nodes.Text(facts[place + 1].astext().removeprefix(" · "))]


def cell_of(node: nodes.Node) -> nodes.container | None:
    """Return the notebook's cell that a node is the output of."""
    while node is not None and node.get("nb_element") != "cell_code":
        node = node.parent
    return node


def leave_out_source(cell: nodes.container) -> None:
    """Remove a cell's code from the page."""
    cell[:] = [part for part in cell if part.get("nb_element") != "cell_code_source"]


def _ends_exercise(node: nodes.Node) -> bool:
    if isinstance(node, nodes.section):
        return True
    return any(BOX.search(raw.astext()) for raw in node.findall(nodes.raw))


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_transform(MakeSections)
