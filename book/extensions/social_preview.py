"""The picture that other sites show beside a link: an edge, a kernel and its answer."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import torch
from matplotlib.figure import Figure
from sphinx.application import Sphinx

from cnncourse.palette import INK


def draw(title: str, path: str | PathLike[str]) -> None:
    """Draw the picture, 1200 x 630 pixels.

    Parameters
    ----------
    title : str
    path : path-like
        The PNG file to write.
    """
    from cnncourse.convolution import corr2d
    from cnncourse.plotting import ring, show_image, show_kernel

    image, kernel = torch.zeros(6, 6), torch.tensor([[1.0, 0, -1]] * 3)
    image[:, :3] = 10
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="white", layout="none")
    figure.text(0.06, 0.82, title, fontsize=38, fontweight="bold", color=INK[0])
    panels = [
        figure.add_axes(box)
        for box in ((0.06, 0.1, 0.3, 0.571), (0.43, 0.243, 0.15, 0.286), (0.66, 0.148, 0.25, 0.476))
    ]
    show_image(image, panels[0], values=True, limits=(0, 10), role="input")
    ring(panels[0], 1, 2, 3, 3, role="kernel")
    show_kernel(kernel, panels[1])
    show_kernel(corr2d(image, kernel), panels[2], role="output")
    for panel in panels:
        for text in panel.texts:
            text.set_fontsize(20)
    figure.savefig(path, dpi=100, metadata={"Software": None})


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Draw it into the site."""
    if exception is None and app.builder.format == "html":
        draw(app.config.html_title, Path(app.outdir, app.config.ogp_image))


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("build-finished", finish)
