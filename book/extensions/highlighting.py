"""Code without a span around each word that has the colour of the code around it: a third of a chapter's elements."""

from __future__ import annotations

from pygments.formatters import HtmlFormatter
from pygments.token import Name, Punctuation, Whitespace, _TokenType
from sphinx.application import Sphinx

PLAIN = (Name, Name.Namespace, Punctuation, Whitespace)


class PlainNames(HtmlFormatter):
    """Writes names, punctuation and spaces without a span.

    Examples
    --------
    >>> from pygments import highlight
    >>> from pygments.lexers import PythonLexer
    >>> print(highlight("x = y", PythonLexer(), PlainNames(nowrap=True)), end="")
    x <span class="o">=</span> y
    """

    def _get_css_classes(self, ttype: _TokenType) -> str:
        return "" if ttype in PLAIN else super()._get_css_classes(ttype)


def choose(app: Sphinx) -> None:
    """Let Sphinx write code with this formatter."""
    if app.builder.format == "html":
        app.builder.highlighter.formatter = PlainNames


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", choose)
