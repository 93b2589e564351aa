"""Questions as nodes, and the forms that these become on a page.

A `quiz` holds `quiz_part` nodes: the question, then choices and reasons. On paper they follow one another. On a page
`BuildForm` brings them into the order of a form: the legend, the choices, the field and button, the reasons that the
script shows, and the fold with the answer for readers without script.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxTranslator
from sphinx.writers.html5 import HTML5Translator

from cnncourse.figures.modules import join

from .live_figures import classic

FOLDER = Path(__file__).parent


class quiz(nodes.General, nodes.Element):
    """A question with the attribute `number`, and `answer` if that is a number."""


class quiz_part(nodes.General, nodes.Element):
    """The attribute `role` is a key of `TAGS`; `right` and `index` tell which choice or reason it is."""


TAGS = {  # what a part writes around its content
    "question": ("<legend>", "</legend>\n"),
    "choice": (
        '<div class="cnn-quiz-choice"><input type="radio" name="{quiz}" id="{quiz}-{index}" value="{index}"> '
        '<label for="{quiz}-{index}">',
        "</label></div>\n",
    ),
    "number": (
        '<p class="cnn-quiz-number"><label for="{quiz}-number">Your answer</label> '
        '<input id="{quiz}-number" type="text" inputmode="decimal" autocomplete="off">',
        "</p>\n",
    ),
    "check": ('<p class="cnn-quiz-check" hidden><button type="submit">Check</button>', "</p>\n</fieldset>\n"),
    "reason": ('<template data-reason="{index}"{mark}>', "</template>\n"),
    "fold": (
        '<div class="cnn-quiz-feedback" role="status"></div>\n<details><summary>Show the answer</summary>\n',
        "</details>",
    ),
}


class BuildForm(SphinxPostTransform):
    """Bring the parts of each question into the order of a form."""

    default_priority = 900  # when links, terms and citations have been resolved: the fold repeats them
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(quiz)):
            question, *rest = node.children
            choices = [part for part in rest if part["role"] == "choice"]
            reasons = [part for part in rest if part["role"] == "reason"]
            right = next((part for part in choices if part["right"]), None)
            answer = right.deepcopy().children if right else [nodes.paragraph("", written(node["answer"]))]
            why = next(part for part in reasons if part["right"]).deepcopy().children
            field = [] if right else [quiz_part(role="number")]
            for part in (question, *choices):
                part[:] = list(_inline(part))
            fold = quiz_part("", *answer, *why, role="fold")
            node[:] = [question, *choices, *field, quiz_part(role="check"), *reasons, fold]


def written(number: int | float) -> str:
    """Return a number as the book writes it.

    Parameters
    ----------
    number : int or float

    Returns
    -------
    str

    Examples
    --------
    >>> written(15742), written(0.25)
    ('15,742', '0.25')
    """
    return f"{number:,}" if isinstance(number, int) else f"{number:,.6g}"


def _inline(part: quiz_part) -> Iterator[nodes.Node]:
    """Yield what a part holds, without paragraphs: a legend and a label hold words, not blocks."""
    for number, child in enumerate(part.children):
        if isinstance(child, nodes.paragraph):
            yield from [nodes.Text("\n")] if number else []
            yield from child.children
        else:
            yield child


def visit_quiz(translator: HTML5Translator, node: quiz) -> None:
    """Open the form."""
    answer = f' data-answer="{node["answer"]!r}"' if "answer" in node else ""
    translator.body.append(f'<form class="cnn-quiz" id="{_id(node)}"{answer}><fieldset>\n')


def depart_quiz(translator: HTML5Translator, node: quiz) -> None:
    """Close the form."""
    translator.body.append("</form>\n")


def _id(node: quiz) -> str:
    return f"quiz-{node['number'] + 1}"


def visit_part(translator: HTML5Translator, node: quiz_part) -> None:
    """Open a part."""
    mark = ' data-right="true"' if node.get("right") else ""
    translator.body.append(TAGS[node["role"]][0].format(quiz=_id(node.parent), index=node.get("index"), mark=mark))


def depart_part(translator: HTML5Translator, node: quiz_part) -> None:
    """Close a part."""
    translator.body.append(TAGS[node["role"]][1])


def visit_on_paper(translator: SphinxTranslator, node: quiz | quiz_part) -> None:
    """Leave out the reasons of wrong answers."""
    if node.get("role") == "reason" and not node["right"]:
        raise nodes.SkipNode


def pass_on(translator: SphinxTranslator, node: quiz | quiz_part) -> None:
    """End a node that needs no closing."""


def add_assets(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Add the script and the style to pages with questions, and to no others."""
    if app.env.metadata.get(page, {}).get("quizzes"):
        app.add_js_file("quiz/quiz.js", loading_method="defer")
        app.add_css_file("quiz/quiz.css")


def copy_assets(app: Sphinx) -> None:
    """Write script and style into the site."""
    if app.builder.format == "html":
        target = Path(app.outdir, "_static", "quiz")
        target.mkdir(parents=True, exist_ok=True)
        (target / "quiz.js").write_text(script(), encoding="utf-8")
        shutil.copyfile(FOLDER / "quiz.css", target / "quiz.css")


def script() -> str:
    """Return the script as a classic one, with what it imports from the figures' modules."""
    return classic(join((FOLDER / "quiz.js").read_text(encoding="utf-8"), {}))


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    paper = dict.fromkeys(("latex", "text"), (visit_on_paper, pass_on))
    app.add_node(quiz, html=(visit_quiz, depart_quiz), **paper)
    app.add_node(quiz_part, html=(visit_part, depart_part), **paper)
    app.add_post_transform(BuildForm)
    app.connect("builder-inited", copy_assets)
    app.connect("html-page-context", add_assets)
