"""The course's matplotlib style, for notebooks and for the site."""

from __future__ import annotations

import os
from typing import Any

import matplotlib.pyplot as plt

from cnncourse.palette import INK, SERIES

LINE_STYLES = ("-", "--", "-.", ":")


def use_style() -> None:
    """Draw all following figures in the style of the course.

    In a notebook, figures have dark ink on a white page. While the site is being built (the environment variable
    ``CNNCOURSE_SITE`` is ``1``), they are transparent SVG instead, which the site makes follow its theme.

    Examples
    --------
    >>> use_style()
    >>> plt.rcParams["image.cmap"]
    'gray'
    """
    ink, on_site = INK[0], os.environ.get("CNNCOURSE_SITE") == "1"
    inked = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    page = "none" if on_site else "white"
    settings: dict[str, Any] = {
        **dict.fromkeys(inked, ink),
        **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), page),
        "savefig.transparent": on_site,
        "axes.prop_cycle": plt.cycler(color=SERIES, linestyle=LINE_STYLES),
    }
    plt.style.use(["cnncourse.plotting.style", settings])  # the file style.mplstyle, then the settings
    if on_site:
        _draw_svg_in_notebooks()


def _draw_svg_in_notebooks() -> None:
    try:
        from IPython import get_ipython
        from matplotlib_inline.config import InlineBackend
    except ModuleNotFoundError:
        return
    if (shell := get_ipython()) is not None:
        backend = InlineBackend.instance(parent=shell)
        backend.figure_formats = {"svg"}
        settings: dict[str, Any] = {"bbox_inches": "tight", "dpi": 150, "metadata": {"Date": None}}
        backend.print_figure_kwargs = settings
