"""Predictions: the reader commits to an answer, then sees the right one, how near it was and why.

`predict("name", answer=value)` shows the question of that name (`prediction_text`) with the value that the chapter has
computed. The same HTML and the same script make the form on a page of the book and the widget in JupyterLab; without
the script the answer is in a fold. Nothing that the reader answers is kept.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
from traitlets import Unicode

from .modules import join
from .prediction_text import PredictionText, inline_html, read_prediction, to_html

STYLE_SHEET = Path(__file__).parent / "css" / "prediction.css"
_ABOUT = {"about": "export const ABOUT = { signed: [] };\n"}  # figures have settings there; nothing here reads it
_WIDGET = 'import { renderPrediction } from "./prediction.js";\nexport default { render: renderPrediction };\n'
_PAGE = 'import { preparePage } from "./prediction.js";\npreparePage();\n'
_NUMBER = r"[-\u2212]?\d[\d,]*(?:\.\d+)?"


@dataclass(frozen=True)
class Answer:
    """The right value: its kind, as text, as the script reads it, and whether it depends on the machine."""

    kind: str
    written: str
    data: Any
    approximate: bool = False

    @property
    def shown(self) -> str:
        """The value as the reader sees it; the chapters' tests do not compare a number after the sign."""
        return f"\u2248 {self.written}" if self.approximate else self.written


class Prediction(anywidget.AnyWidget):
    """A question with a form for the answer: a widget in JupyterLab, a form in the book. Made by `predict`.

    Parameters
    ----------
    text : PredictionText
    answer : Answer
    unit : str
    """

    html = Unicode(help="the form").tag(sync=True)

    def __init__(self, text: PredictionText, answer: Answer, unit: str) -> None:
        self._esm, self._css = script(_WIDGET), style_sheet()  # anywidget turns these into traits
        self._plain = _plain(text, answer, unit)
        super().__init__(html=_form(text, answer, unit))

    def __repr__(self) -> str:
        return self._plain

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        bundle, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        bundle |= {"text/html": self.html, "text/plain": self._plain}
        return bundle, metadata


def predict(name: str, *, answer: object = None, about: float | None = None, unit: str = "") -> Prediction:
    """Ask the reader for a prediction; the answer is revealed after the reader has committed to one.

    Parameters
    ----------
    name : str
        Of a section in `predictions/CHAPTER.md`.
    answer : object, optional
        The right value, computed by the chapter. Its type decides how the reader answers: a number is typed, so is a
        shape (a tuple of integers); a string is one of the listed choices or how exactly one of them begins; True and
        False are the choices Yes and No; a 2-D Boolean array is the cells to be marked on a grid.
    about : float, optional
        The right value instead of `answer`, if it depends on the machine: rounded, and shown after the sign ≈.
    unit : str, optional
        Of a number: "%", "pixels".

    Returns
    -------
    Prediction
        Displays itself.

    Raises
    ------
    KeyError
        For a name that no chapter's file has.
    TypeError
        Unless exactly one of `answer` and `about` is given, of a type that can be asked for.
    ValueError
        If the text of that name does not fit the value.

    Examples
    --------
    >>> print(predict("dropout-draws", answer=3))
    Prediction: ...
    The answer: 3. ...
    """
    if (answer is None) == (about is None):
        raise TypeError("predict must be given one of `answer` and `about`")
    text = read_prediction(name)
    found = _answer(answer, text) if about is None else _number(about, approximate=True)
    _compare(text, found)
    return Prediction(text, found, unit)


def script(entry: str = _PAGE) -> str:
    """Return the script as one ES module without imports: for the pages of the book by default."""
    return join(entry, _ABOUT)


def style_sheet() -> str:
    """Return the rules of the form."""
    return STYLE_SHEET.read_text(encoding="utf-8")


# The value --------------------------------------------------------------------------------------------------------


def _answer(value: Any, text: PredictionText) -> Answer:
    """Tell by a value's type what is asked for."""
    if isinstance(value, bool):
        value = "Yes" if value else "No"
    if isinstance(value, str):
        return _choice(value, text)
    if hasattr(value, "tolist"):  # an array, a tensor or one of their numbers
        value = value.tolist()
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, Sequence) and value:
        if all(type(size) is int for size in value):
            return Answer("shape", str(tuple(value)), list(value))
        rows = [list(row) if isinstance(row, Sequence) else [] for row in value]
        if all(row and len(row) == len(rows[0]) and all(isinstance(cell, bool) for cell in row) for row in rows):
            return Answer("cells", _drawn(rows), rows)
    raise TypeError(f"`answer` must be a number, a string, a Boolean, a shape or a Boolean grid, not {value!r}")


def _number(value: float, approximate: bool = False) -> Answer:
    written = f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    return Answer("number", written, value, approximate)


def _choice(value: str, text: PredictionText) -> Answer:
    choices = list(text.values)
    meant = [value] if value in choices else [choice for choice in choices if choice.startswith(value)]
    if len(choices) < 2 or len(meant) != 1:
        known = ", ".join(choices)
        raise ValueError(f"`answer` must be how one choice of {text.name!r} begins ({known}), not {value!r}")
    return Answer("choice", meant[0], choices.index(meant[0]))


def _drawn(rows: Sequence[Sequence[bool]]) -> str:
    """Return a grid as the text files draw it."""
    return "\n".join("".join("#" if marked else "." for marked in row) for row in rows)


def _known(kind: str, value: str, name: str) -> Any:
    """Return a known wrong value as the script reads it: a range for a number, the sizes of a shape, the cells."""
    if kind == "number":
        match = re.fullmatch(rf"({_NUMBER})(?: to ({_NUMBER}))?", value)
        if match:
            low, high = (float(end.replace(",", "").replace("\u2212", "-")) for end in (match[1], match[2] or match[1]))
            if low <= high:
                return [low, high]
    if kind == "shape" and re.fullmatch(r"\(\d+(, *\d+)*,?\)", value):
        return [int(size) for size in re.findall(r"\d+", value)]
    if kind == "cells" and re.fullmatch(r"[#.]+(\n[#.]+)*", value):
        return [[cell == "#" for cell in row] for row in value.split("\n")]
    expected = {"number": "a number or a range", "shape": "a shape", "cells": "rows of # and ."}[kind]
    raise ValueError(f"prediction {name!r}: a value must be {expected}, not {value!r}")


def _compare(text: PredictionText, answer: Answer) -> None:
    """Refuse known wrong values that the answer is among, and choices without a reason."""
    for value, why in text.values.items():
        if answer.kind == "choice":
            right = value == answer.written
        else:
            known = _known(answer.kind, value, text.name)
            right = known[0] <= answer.data <= known[1] if answer.kind == "number" else known == answer.data
            if right and not answer.approximate:
                raise ValueError(f"prediction {text.name!r}: the wrong value {value!r} must not be the right one")
        if not why and not right:
            raise ValueError(f"prediction {text.name!r}: {value!r} must have a reason (a line that begins with >)")


# The form ---------------------------------------------------------------------------------------------------------


def _plain(text: PredictionText, answer: Answer, unit: str) -> str:
    """Return the question, the choices and the answer as text."""
    choices = [f"- {choice}" for choice in text.values] if answer.kind == "choice" else []
    shown = f"\n{answer.shown}\n" if answer.kind == "cells" else f"{answer.shown}{_after(unit)}. "
    why = "\n".join(filter(None, (_own_reason(text, answer), text.reason)))
    return "\n".join([f"Prediction: {text.question}", *choices, f"The answer: {shown}{why}"])


def _own_reason(text: PredictionText, answer: Answer) -> str:
    return text.values[answer.written] if answer.kind == "choice" else ""


def _after(unit: str) -> str:
    return f" {unit}" if unit else ""


def _form(text: PredictionText, answer: Answer, unit: str) -> str:
    """Return the form: the question, where to answer, and the right answer in a fold."""
    name = f"predict-{text.name}"
    data = answer.shown if answer.kind == "number" else json.dumps(answer.data)
    if answer.kind == "number" and not answer.approximate:
        data = repr(answer.data)
    reasons = "".join(
        f'<template data-value="{json.dumps(_value(answer, value, number, text))}">{to_html(why)}</template>\n'
        for number, (value, why) in enumerate(text.values.items())
        if why and not (answer.kind == "choice" and value == answer.written)
    )
    right = inline_html(answer.shown) + html.escape(_after(unit))
    shown = f"<p>The answer: <strong>{right}</strong></p>"
    if answer.kind == "cells":
        shown = f"<p>The answer:</p>\n{_picture(answer.data)}"
    why = "\n\n".join(filter(None, (_own_reason(text, answer), text.reason)))
    return (
        f'<form class="cnn-predict" id="{name}" data-kind="{answer.kind}" data-answer="{data}"'
        f' aria-labelledby="{name}-title {name}-question">\n'
        f'<p class="cnn-predict-title" id="{name}-title">Predict</p>\n'
        f'<div id="{name}-question">{to_html(text.question)}</div>\n'
        f"{_field(name, answer, text, unit)}"
        '<p class="cnn-predict-commit" hidden><button type="submit">Commit</button></p>\n'
        '<p class="cnn-predict-note" role="status"></p>\n'
        f'<div class="cnn-predict-verdict" tabindex="-1"></div>\n{reasons}'
        f"<details><summary>Show me</summary>\n{shown}\n{to_html(why)}\n</details>\n</form>"
    )


def _value(answer: Answer, value: str, number: int, text: PredictionText) -> Any:
    return number if answer.kind == "choice" else _known(answer.kind, value, text.name)


def _field(name: str, answer: Answer, text: PredictionText, unit: str) -> str:
    """Return where the reader answers; choices are part of the question, also without the script."""
    if answer.kind == "choice":
        choices = "".join(
            f'<div class="cnn-predict-choice"><input type="radio" name="{name}" id="{name}-{number}" value="{number}"> '
            f'<label for="{name}-{number}">{inline_html(choice)}</label></div>\n'
            for number, choice in enumerate(text.values)
        )
        return f'<div role="radiogroup" aria-labelledby="{name}-question">\n{choices}</div>\n'
    if answer.kind == "cells":
        rows, columns = len(answer.data), len(answer.data[0])
        return f'<div class="cnn-predict-cells" data-rows="{rows}" data-columns="{columns}"></div>\n'
    mode = "decimal" if answer.kind == "number" else "text"
    hint = ' placeholder="(\u2026, \u2026)"' if answer.kind == "shape" else ""
    return (
        f'<p class="cnn-predict-field" hidden><label for="{name}-field">Your prediction</label> '
        f'<input id="{name}-field" type="text" inputmode="{mode}" autocomplete="off"{hint}>'
        f"{html.escape(_after(unit))}</p>\n"
    )


def _picture(rows: Sequence[Sequence[bool]]) -> str:
    """Return the marked cells as a picture of letters with its words."""
    letters = "\n".join(" ".join("\u25a0" if marked else "\u25a1" for marked in row) for row in rows)
    words = "; ".join(
        f"row {i}: columns {', '.join(str(j) for j, marked in enumerate(row) if marked)}"
        for i, row in enumerate(rows)
        if any(row)
    )
    return f'<pre role="img" aria-label="Marked are {words or "no cells"}">{letters}</pre>'
