"""The theme's templates that the book overrides, in the folder `templates`.

A block of ours that the theme's template does not have would be left out without a word, so it stops the build.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, TemplateNotFound, nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

FOLDER = Path(__file__).parent / "templates"


def add_folder(app: Sphinx, config: Config) -> None:
    """Let Sphinx look here before it looks into the theme."""
    config.templates_path.insert(0, str(FOLDER))


def check_blocks(app: Sphinx) -> None:
    """Stop the build if a template overrides what the theme does not have.

    Raises
    ------
    sphinx.errors.ExtensionError
        One sentence that names the template and the block.
    """
    if app.builder.format != "html":
        return
    environment = app.builder.templates.environment
    for path in sorted(FOLDER.rglob("*.html")):
        if missing := missing_block(environment, path.relative_to(FOLDER).as_posix()):
            raise ExtensionError(missing)


def missing_block(environment: Environment, name: str) -> str:
    """Return a sentence about the first block of a template that the theme's template of that name does not have.

    Parameters
    ----------
    environment : jinja2.Environment
        Sphinx's; a leading ``!`` names the theme's own template.
    name : str
        A template, such as ``"layout.html"``.

    Returns
    -------
    str
        Empty if every block is there.
    """
    ours = f"book/extensions/templates/{name}"
    try:
        theirs = blocks(environment, f"!{name}")
    except TemplateNotFound:
        return f"{ours} overrides a template that the theme does not have; remove or rename it"
    for block in sorted(blocks(environment, name) - theirs):
        return f"{ours} overrides the block {block!r}, which the theme's template does not have; remove or rename it"
    return ""


def blocks(environment: Environment, name: str) -> set[str]:
    """Return the names of the blocks of a template and of those that it extends.

    Parameters
    ----------
    environment : jinja2.Environment
    name : str

    Returns
    -------
    set of str
    """
    source, _, _ = environment.loader.get_source(environment, name)
    tree = environment.parse(source)
    found = {block.name for block in tree.find_all(nodes.Block)}
    for parent in tree.find_all(nodes.Extends):
        found |= blocks(environment, parent.template.value)
    return found


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", add_folder)
    app.connect("builder-inited", check_blocks)
