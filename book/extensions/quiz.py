"""The `{quiz}` directive: a question, its answers, and for each the reason why it is right or wrong.

Two forms. Choices, exactly one of them right, each with the reason below it::

    ::::{quiz}
    A 3-pixel kernel slides over 28 pixels in steps of 2. How many positions are there?

    - [ ] 14
      > Half of 28 counts positions that the kernel does not fit at.
    - [x] 13
      > $\\lfloor (28 - 3)/2 \\rfloor + 1$: the last step that fits begins at pixel 24.
    ::::

And numbers, whose right value is computed by the package (functions of `NAMESPACE`), never typed::

    ::::{quiz}
    :answer: output_size(28, 3, stride=2)
    How many positions are there?
    > The last step that fits begins at pixel 24.
    ::::

Questions and reasons are rendered by Sphinx, formulas included. Without JavaScript the answer stands in a fold; with
it, the reader answers first and hears the reason of the answer given.
"""

import ast
import html
import math
import re
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective
from sphinx.util.fileutil import copy_asset_file

from cnncourse import channels, convolution, geometry

FOLDER = Path(__file__).parent
NAMESPACE = {
    name: getattr(module, name)
    for module in (channels, convolution, geometry)
    for name in dir(module)
    if not name.startswith("_") and callable(getattr(module, name))
} | {"math": math, "sum": sum, "len": len, "round": round, "abs": abs, "min": min, "max": max, "range": range}


class quiz(nodes.General, nodes.Element):
    """A question; children are `quiz_part` nodes: the question, then answers and reasons."""


class quiz_part(nodes.General, nodes.Element):
    """The attribute `role` is "question", "choice", "reason" or "answer"; `right` and `index` tell which one."""


class Quiz(SphinxDirective):
    """`{quiz}`, see the module."""

    has_content = True
    option_spec: ClassVar = {"answer": str}

    def run(self):
        question, choices, reason = split(list(self.content))
        node = quiz(number=self.env.new_serialno("quiz"))
        self.set_source_info(node)
        node += self.part("question", question)
        if "answer" in self.options:
            if choices:
                raise self.error("a quiz has :answer: or choices, not both")
            node["answer"] = self.compute(self.options["answer"])
            node += self.part("reason", reason, right=True, index=0)
        else:
            if sum(right for right, _, _ in choices) != 1 or len(choices) < 2:
                raise self.error("a quiz has two or more choices, exactly one of them marked [x]")
            for index, (right, answer, reason) in enumerate(choices):
                if not reason:
                    raise self.error(f"the choice {' '.join(answer)!r} has no reason (a line that begins with >)")
                node += self.part("choice", answer, right=right, index=index)
                node += self.part("reason", reason, right=right, index=index)
        self.env.metadata[self.env.docname]["quizzes"] = True
        return [node]

    def part(self, role, lines, **attributes):
        """Let Sphinx render a part's lines."""
        part = quiz_part(role=role, **attributes)
        source, line = self.get_source_info()
        self.state.nested_parse(StringList(lines, items=[(source, line)] * len(lines)), self.content_offset, part)
        return part

    def compute(self, expression):
        """Compute the right number."""
        try:
            tree = ast.parse(expression, mode="eval")
            if not any(isinstance(node, ast.Call) for node in ast.walk(tree)):
                raise self.error(f"the answer {expression!r} is typed; let a function of cnncourse compute it")
            value = eval(compile(tree, "<quiz>", "eval"), dict(NAMESPACE))
        except (SyntaxError, NameError, TypeError, ValueError) as error:
            raise self.error(f"the answer {expression!r} cannot be computed: {error}") from error
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(f"the answer {expression!r} is {value!r}, not a number")
        return value


def split(lines):
    """Split a quiz into its question, its choices and, for a number, the reason.

    Parameters
    ----------
    lines : list of str

    Returns
    -------
    (list of str, list of (bool, list of str, list of str), list of str)
        Question; choices as (right, answer, reason); reason of a number.

    Examples
    --------
    >>> split(["How many?", "", "- [ ] 3", "  > Too few.", "- [x] 4", "  > Yes."])
    (['How many?', ''], [(False, ['3'], ['Too few.']), (True, ['4'], ['Yes.'])], [])
    """
    question, choices, reason = [], [], []
    target = question
    for line in lines:
        mark = re.match(r"- \[([ xX])\] +(.*)", line)
        text = line.strip()
        if mark:
            choices.append((mark[1] != " ", [mark[2]], []))
            target = choices[-1][1]
        elif text.startswith(">"):
            target = choices[-1][2] if choices else reason
            target.append(text[1:].strip())
        else:
            target.append(text if choices else line)
    for _, answer, why in choices:
        while answer and not answer[-1]:
            answer.pop()
        while why and not why[-1]:
            why.pop()
    return question, choices, reason


def visit_quiz(translator, node):
    """Open the form; the fold with the answer comes last."""
    translator.body.append(f'<form class="cnn-quiz" id="quiz-{node["number"] + 1}"')
    if "answer" in node:
        translator.body.append(f' data-answer="{node["answer"]!r}"')
    translator.body.append("><fieldset>\n")


def depart_quiz(translator, node):
    """Close the form."""
    reasons = [part for part in node.children if part["role"] == "reason"]
    if "answer" in node:
        name = f"quiz-{node['number'] + 1}-number"
        translator.body.append(
            f'<p class="cnn-quiz-number"><label for="{name}">Your answer</label> '
            f'<input id="{name}" type="text" inputmode="decimal" autocomplete="off"></p>\n'
        )
        right = f"<p>{node['answer']:g}</p>"
    else:
        right = next(part for part in node.children if part["role"] == "choice" and part["right"]).html
    why = next(part for part in reasons if part["right"]).html
    translator.body.append('<p class="cnn-quiz-check" hidden><button type="submit">Check</button></p>\n')
    translator.body.append("</fieldset>\n")
    for part in reasons:
        right_mark = ' data-right="true"' if part["right"] else ""
        translator.body.append(f'<template data-reason="{part["index"]}"{right_mark}>{part.html}</template>\n')
    translator.body.append('<div class="cnn-quiz-feedback" role="status"></div>\n')
    translator.body.append(f"<details><summary>Show the answer</summary>\n{right}\n{why}\n</details></form>\n")


def visit_part(translator, node):
    """Collect what Sphinx renders inside the part."""
    node.start = len(translator.body)


def depart_part(translator, node):
    """Put the part where it belongs: questions into the legend, choices beside their radio, reasons aside."""
    rendered = "".join(translator.body[node.start :])
    del translator.body[node.start :]
    node.html = rendered
    quiz_id = f"quiz-{node.parent['number'] + 1}"
    if node["role"] == "question":
        translator.body.append(f"<legend>{_inline(rendered)}</legend>\n")
    elif node["role"] == "choice":
        field = f"{quiz_id}-{node['index']}"
        translator.body.append(
            f'<div class="cnn-quiz-choice"><input type="radio" name="{html.escape(quiz_id)}" id="{field}" '
            f'value="{node["index"]}"> <label for="{field}">{_inline(rendered)}</label></div>\n'
        )


def _inline(rendered):
    """Make paragraphs inline: a legend and a label hold words, not blocks."""
    return re.sub(r"</?p\b[^>]*>", "", rendered).strip()


def visit_quiz_on_paper(translator, node):
    """Begin a quiz where there is no form: the parts follow one another."""


def visit_part_on_paper(translator, node):
    """Mark the right answer's reason; other reasons are left out."""
    if node["role"] == "reason" and not node["right"]:
        raise nodes.SkipNode


def pass_on(translator, node):
    """End a node that needs no closing."""


def add_assets(app, page, template, context, doctree):
    """Add the script and the style to pages with quizzes, and to no others."""
    if app.env.metadata.get(page, {}).get("quizzes"):
        app.add_js_file("quiz/quiz.js", loading_method="defer")
        app.add_css_file("quiz/quiz.css")


def copy_assets(app):
    """Copy script and style into the site."""
    if app.builder.format == "html":
        target = Path(app.outdir, "_static", "quiz")
        target.mkdir(parents=True, exist_ok=True)
        for name in ("quiz.js", "quiz.css"):
            copy_asset_file(str(FOLDER / name), str(target / name))


def setup(app):
    """Register with Sphinx."""
    paper = {"latex": (visit_quiz_on_paper, pass_on), "text": (visit_quiz_on_paper, pass_on)}
    app.add_node(quiz, html=(visit_quiz, depart_quiz), **paper)
    app.add_node(quiz_part, html=(visit_part, depart_part), **dict.fromkeys(paper, (visit_part_on_paper, pass_on)))
    app.add_directive("quiz", Quiz)
    app.connect("builder-inited", copy_assets)
    app.connect("html-page-context", add_assets)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
