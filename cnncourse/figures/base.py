"""What every interactive figure shares: one script, one set of settings, one fallback picture.

A figure is a subclass of `Figure` in `NAME.py`; its module is `js/NAME.js`, its style sheet `css/figure.css` and, if
there is one, `css/NAME.css`. The module imports what several figures share, and from `js/about.js`, which is written
here, the figure's title, settings and constants. JupyterLab gets a widget; the book gets the custom element
`<cnn-NAME>`, whose script the Sphinx extension `extensions.live_figures` adds to the page.
"""

from __future__ import annotations

import base64
import functools
import html
import io
import json
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl, urlencode

import anywidget
import matplotlib as mpl
from matplotlib.figure import Figure as Picture
from traitlets import Dict, Unicode

from cnncourse.palette import SIGNED, css_variables
from cnncourse.plotting import use_style

from .modules import join
from .settings import Setting, Whole

_STYLES = Path(__file__).parent / "css"


class Figure(anywidget.AnyWidget):
    """An interactive figure: a widget in JupyterLab, a custom element in the book.

    A subclass states its `title`, its settings (`cnncourse.figures.settings`), `draw` and `describe`.

    Parameters
    ----------
    name : str, optional
        The figure's id on the page and in links; needed when one page shows two figures of a kind.
    **settings
        The figure's settings, by name.

    Raises
    ------
    TypeError
        If a keyword is not a setting of this figure.
    ValueError
        If a setting is out of its range.
    """

    title = ""
    name = Unicode(help="the figure's id on the page and in links").tag(sync=True)
    data = Dict(help="files that the script needs, by name: bytes").tag(sync=True)

    def __init__(self, *, name: str | None = None, **settings: Any) -> None:
        unknown = sorted(set(settings) - set(self.settings()))
        if unknown:
            known = ", ".join(self.settings())
            raise TypeError(f"{type(self).__name__} has no setting {unknown[0]!r}; it has {known}")
        name = type(self).slug() if name is None else name
        if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
            raise ValueError(f"`name` must be lower-case letters, digits and hyphens, not {name!r}")
        self._esm = type(self).module()  # anywidget turns this into a trait, on a class of the same name
        super().__init__(name=name, data=type(self).files(), **settings)

    # What the class is -------------------------------------------------------------------------------------------

    @classmethod
    def stem(cls) -> str:
        """Return the name of the figure's files: `"convolution_explorer"` for `ConvolutionExplorer`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def slug(cls) -> str:
        """Return the name in addresses and element names: `"convolution-explorer"`."""
        return cls.stem().replace("_", "-")

    @classmethod
    def settings(cls) -> dict[str, Setting[Any]]:
        """Return the settings by name, in the order of definition."""
        traits = cls.class_traits()
        order = [name for base in reversed(cls.__mro__) for name in vars(base)]
        return {name: traits[name] for name in order if isinstance(traits.get(name), Setting)}

    @classmethod
    def files(cls) -> dict[str, bytes]:
        """Return the files that the script needs besides itself (photographs, weights), by name."""
        return {}

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """Return what the script reads from `ABOUT` besides the settings, as plain JSON values."""
        return {}

    # The script --------------------------------------------------------------------------------------------------

    @classmethod
    @functools.cache
    def module(cls, define: str = "defineFigure") -> str:
        """Return the figure as one ES module without imports.

        Parameters
        ----------
        define : {"defineFigure", "defineElement"}
            The function of `js/mount.js` that gets the figure: for anywidget, whose default export it makes, or for the
            book's custom element.

        Returns
        -------
        str
        """
        entry = (
            f'import {{ {define} }} from "./mount.js";\nimport {{ draw, normalise }} from "./{cls.stem()}.js";\n'
            f"export default {define}({{ draw, normalise }});\n"
        )
        return join(entry, {"about": cls.about()})

    @classmethod
    def about(cls) -> str:
        """Return the module `about.js`: what Python knows about the figure, and its style sheet."""
        about = {
            "element": f"cnn-{cls.slug()}",
            "title": cls.title,
            "python": cls.__name__,
            "signed": SIGNED,
            **cls.constants(),
            "settings": {name: setting.rule() for name, setting in cls.settings().items()},
        }
        return f"export const ABOUT = {json.dumps(about)};\nexport const STYLE = {json.dumps(cls.style_sheet())};\n"

    @classmethod
    def style_sheet(cls) -> str:
        """Return the rules of the figure's shadow tree, with the colours of both themes."""
        light, dark = css_variables("light"), css_variables("dark")
        files = (_STYLES / name for name in ("figure.css", f"{cls.stem()}.css"))
        sheets = "".join(file.read_text(encoding="utf-8") for file in files if file.exists())
        return f":host {{ {light} }}\n:host([data-dark]) {{ {dark} }}\n{sheets}"

    # The state as text -------------------------------------------------------------------------------------------

    def query(self) -> str:
        """Return the settings that differ from their defaults, as a link writes them: `"k=3&s=2"`."""
        settings = self.settings()
        return urlencode(
            {settings[name].key: settings[name].format(value) for name, value in self._changed().items()}, safe=","
        )

    def _changed(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults."""
        values = {name: getattr(self, name) for name in self.settings()}
        return {name: value for name, value in values.items() if value != self.settings()[name].default_value}

    @classmethod
    def from_query(cls, query: str, name: str | None = None) -> Figure:
        """Return the figure in the state of a link.

        Raises
        ------
        ValueError
            If a letter is unknown or a value is not in its range.
        """
        names = {setting.key: name for name, setting in cls.settings().items()}
        values = {}
        for key, text in parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)):
            if key not in names:
                raise ValueError(f"{cls.__name__} has no setting with the letter {key!r}; it has {', '.join(names)}")
            setting = cls.settings()[names[key]]
            try:
                values[names[key]] = setting.parse(text)
            except (KeyError, ValueError):
                setting.refuse(text)
        return cls(name=name, **values)

    # What is shown -----------------------------------------------------------------------------------------------

    def draw(self, picture: Picture) -> None:
        """Draw the figure's state as a still picture, for print and for pages without JavaScript."""
        raise NotImplementedError

    def describe(self) -> str:
        """Return the alternative text of the still picture: one or two sentences with the numbers in them."""
        raise NotImplementedError

    def picture(self) -> Picture:
        """Return the still picture as a Matplotlib figure outside pyplot, so that a notebook does not show it twice."""
        picture = Picture(layout="constrained")
        self.draw(picture)
        return picture

    def save(self, file: str | Path | IO[bytes], **options: Any) -> None:
        """Save the still picture in the course's style; options as `matplotlib.figure.Figure.savefig`."""
        with mpl.rc_context():
            use_style()
            self.picture().savefig(file, **options)

    def to_html(self) -> str:
        """Return the custom element: the same bytes for the same state, without the picture."""
        state = html.escape(self.query())
        alternative = html.escape(self.describe())
        element = f"cnn-{self.slug()}"
        return f'<{element} id="{self.name}" data-state="{state}"><p>{alternative}</p></{element}>'

    def __repr__(self) -> str:
        values = (f"{name}={value!r}" for name, value in self._changed().items())
        return f"{type(self).__name__}({', '.join(values)})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict]:
        bundle, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        image = io.BytesIO()
        self.save(image, format="png", metadata={"Software": None})
        bundle["text/html"] = self.to_html()
        bundle["image/png"] = base64.b64encode(image.getvalue()).decode()
        return bundle, metadata


class CellFigure(Figure):
    """A figure whose settings `row` and `column` choose one cell of its output."""

    row: Whole
    column: Whole

    def _keep_inside(self, given: Collection[str], shape: Sequence[int]) -> None:
        """Move a default cell into an output of this shape; refuse one that was asked for and is outside.

        Parameters
        ----------
        given : collection of str
            The settings that the caller named.
        shape : (int, int)
        """
        if self.row >= shape[0] or self.column >= shape[1]:
            if "row" in given or "column" in given:
                raise ValueError(
                    f"`row` and `column` must lie in the {shape[0]} x {shape[1]} output, not be {self.row} and "
                    f"{self.column}"
                )
            self.row, self.column = min(self.row, shape[0] - 1), min(self.column, shape[1] - 1)
