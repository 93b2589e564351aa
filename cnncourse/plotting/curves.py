"""Curves: lines over a shared axis, and the history of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from cnncourse.palette import SERIES
from cnncourse.plotting.arrays import check_axes, to_array
from cnncourse.plotting.style import LINE_STYLES

MARKERS = ("o", "s", "^", "D")


def plot_lines(x: ArrayLike, lines: Mapping[str, ArrayLike], xlabel: str, ylabel: str, ax: Axes | None = None) -> Axes:
    """Plot lines over a shared x axis, each labelled at its end.

    Parameters
    ----------
    x : sequence of n numbers
    lines : mapping from label to sequence of n numbers
        At most four, so that they can be told apart. NaN leaves a gap.
    xlabel, ylabel : str
        What the axes measure, with the unit.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If `lines` is not a mapping.
    ValueError
        If there are no lines, more than four, or one is not as long as `x`.

    Examples
    --------
    >>> ax = plot_lines([1, 2, 3], {"train": [0.9, 0.5, 0.3], "validation": [0.9, 0.6, 0.5]}, "epoch", "loss")
    >>> [text.get_text() for text in ax.texts]
    ['train', 'validation']
    """
    if not isinstance(lines, Mapping):
        raise TypeError(f"`lines` must map labels to values, not {type(lines).__name__}")
    check_axes(ax)
    if not 1 <= len(lines) <= len(SERIES):
        raise ValueError(f"`lines` must hold 1 to {len(SERIES)} lines, not {len(lines)}")
    x = to_array(x, "x")
    if x.ndim != 1:
        raise ValueError(f"`x` must have the shape (n,), not {x.shape}")
    series = {label: to_array(values, f"lines[{label!r}]", finite=False) for label, values in lines.items()}
    for label, values in series.items():
        if values.shape != x.shape:
            raise ValueError(f"`lines[{label!r}]` must have the shape of `x`, {x.shape}, not {values.shape}")
    ax = plt.subplots()[1] if ax is None else ax
    for values, colour, style, marker in zip(series.values(), SERIES, LINE_STYLES, MARKERS, strict=False):
        ax.plot(x, values, color=colour, linestyle=style, marker=marker if len(x) <= 25 else None)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ticks = ax.xaxis.get_major_locator()
    if isinstance(ticks, MaxNLocator) and not (x % 1).any():
        ticks.set_params(integer=True)  # steps, epochs and pixels are counted
    _label_ends(ax, x, series)
    return ax


def _label_ends(ax: Axes, x: np.ndarray, series: Mapping[str, np.ndarray]) -> None:
    """Write each line's name beside its last point, moved apart where they would touch."""
    ends = []
    for label, values in series.items():
        last = np.flatnonzero(np.isfinite(values))[-1:]
        if last.size:
            ends.append((label, (x[last[0]], values[last[0]])))
    if not ends:
        return
    ax.autoscale_view()  # Matplotlib would do it when drawing, too late for the heights below
    points = 72 / ax.figure.dpi
    ends.sort(key=lambda end: ax.transData.transform(end[1])[1])
    heights = [ax.transData.transform(end)[1] * points for _, end in ends]
    gap = 1.25 * mpl.rcParams["font.size"]
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + gap) if placed else height)
    down = np.mean(np.subtract(placed, heights))  # share the shift between the lower and the upper labels
    for (label, end), height, place in zip(ends, heights, placed, strict=True):
        offset = (8, place - down - height)
        ax.annotate(label, end, offset, textcoords="offset points", va="center", annotation_clip=False)


def show_history(history: Mapping[str, Sequence[float]], ax: Axes | Sequence[Axes] | None = None) -> np.ndarray:
    """Plot what a training recorded: one panel for each quantity, epochs from 1.

    Parameters
    ----------
    history : mapping from name to one number per epoch
        Names that end in the same word share a panel: ``loss`` and ``validation_loss``, ``accuracy`` and
        ``validation_accuracy``.
    ax : Axes or sequence of Axes, optional
        One for each panel.

    Returns
    -------
    ndarray of matplotlib.axes.Axes
        The panels, in the order in which the quantities appear.

    Raises
    ------
    TypeError
        If `history` is not a mapping.
    ValueError
        If it is empty, its entries differ in length, or `ax` does not hold one Axes per panel.

    Examples
    --------
    >>> axes = show_history({"loss": [0.9, 0.5], "validation_loss": [1.0, 0.7], "accuracy": [0.5, 0.8]})
    >>> [ax.get_ylabel() for ax in axes]
    ['loss', 'accuracy']
    """
    if not isinstance(history, Mapping):
        raise TypeError(f"`history` must map names to numbers per epoch, not {type(history).__name__}")
    for name, values in history.items():
        if not isinstance(name, str) or not isinstance(values, (Sequence, np.ndarray)) or isinstance(values, str):
            raise TypeError(f"`history` must map names to numbers per epoch, not {name!r} to {values!r}")
    lengths = {name: len(values) for name, values in history.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        raise ValueError(f"`history` must hold equally many epochs of each quantity, at least one, not {lengths}")
    panels: dict[str, dict[str, Sequence[float]]] = {}
    for name, values in history.items():
        *kind, quantity = name.split("_")
        panels.setdefault(quantity, {})[" ".join(kind) or "training"] = values
    if ax is None:
        ax = plt.subplots(1, len(panels), figsize=(4.2 * len(panels), 3.2), squeeze=False)[1]
    axes = np.array(ax, dtype=object).ravel()
    if len(axes) != len(panels):
        raise ValueError(f"`ax` must hold {len(panels)} Axes, one for each of {', '.join(panels)}, not {len(axes)}")
    for panel in axes:
        check_axes(panel)
    epochs = np.arange(1, next(iter(lengths.values())) + 1)
    for panel, (quantity, lines) in zip(axes, panels.items(), strict=True):
        plot_lines(epochs, lines, "epoch", quantity, panel)
    return axes
