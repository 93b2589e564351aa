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

Questions and reasons are rendered by Sphinx, formulas included. Without JavaScript the answer is in a fold; with
it, the reader answers first and then sees the reason of that answer.
"""

from __future__ import annotations

import ast
import math
import re
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from cnncourse import channels, convolution, geometry

from . import quiz_html
from .quiz_html import quiz, quiz_part

NAMESPACE = {
    name: getattr(module, name)
    for module in (channels, convolution, geometry)
    for name in dir(module)
    if not name.startswith("_") and callable(getattr(module, name))
} | {"math": math, "sum": sum, "len": len, "round": round, "abs": abs, "min": min, "max": max, "range": range}


class Quiz(SphinxDirective):
    """`{quiz}`, see the module."""

    has_content = True
    option_spec: ClassVar = {"answer": str}

    def run(self) -> list[nodes.Node]:
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

    def part(self, role: str, lines: list[str], **attributes: Any) -> quiz_part:
        """Let Sphinx render a part's lines."""
        part = quiz_part(role=role, **attributes)
        source, line = self.get_source_info()
        self.state.nested_parse(StringList(lines, items=[(source, line)] * len(lines)), self.content_offset, part)
        return part

    def compute(self, expression: str) -> int | float:
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


def split(lines: list[str]) -> tuple[list[str], list[tuple[bool, list[str], list[str]]], list[str]]:
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


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("quiz", Quiz)
    quiz_html.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
