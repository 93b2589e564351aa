"""The day and the versions that the site was built with."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from importlib.metadata import version
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

SHOWN = ("torch", "torchvision", "numpy", "matplotlib", "jupyter-book", "sphinx")  # besides Python and the course


class BuiltWith(SphinxDirective):
    """`{built-with}`: the day and the versions that this site was built with."""

    def run(self) -> list[nodes.Node]:
        facts = built_with()
        self.env.metadata[self.env.docname]["built_with"] = facts
        versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
        return [nodes.paragraph("", f"Built on {facts['date']} with {versions}.", classes=["cnn-built-with"])]


def built_with() -> dict[str, Any]:
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


def read_again(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Name the pages whose date or versions are no longer true."""
    return [page for page, about in env.metadata.items() if about.get("built_with", built_with()) != built_with()]


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.add_directive("built-with", BuiltWith)
    app.connect("env-get-outdated", read_again)
