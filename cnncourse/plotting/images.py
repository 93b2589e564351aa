"""Pictures of arrays: images, kernels, feature maps, confusion matrices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.patheffects as effects
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from cnncourse.geometry import as_integer
from cnncourse.palette import PAPER, ROLES, SIGNED, text_on
from cnncourse.plotting.arrays import check_axes, to_array
from cnncourse.tensors import as_number, check_choice

SIGNED_MAP = LinearSegmentedColormap.from_list("cnncourse_signed", SIGNED)
ROUNDING = 1e-5  # of the scale: values that much outside it are rounded, not wrong
WRITTEN_OUT = 1e9  # larger numbers are printed as powers of ten
MAX_PRINTED = 20  # cells along an axis that still hold a readable number
OUTLINES = {"input": (2, "solid"), "kernel": (3, "solid"), "output": (2, "double"), "gradient": (2, "dashed")}


def show_image(
    image: ArrayLike,
    ax: Axes | None = None,
    title: str | None = None,
    values: bool = False,
    limits: tuple[float, float] | None = None,
    role: str | None = None,
) -> Axes:
    """Show a grey or colour image.

    Parameters
    ----------
    image : tensor or array
        Grey (H, W) or (1, H, W), or colour (H, W, 3) or (3, H, W). Floats in [0, 1], booleans, or bytes 0..255.
    ax : matplotlib Axes, optional
        Where to draw; a new figure without it.
    title : str, optional
    values : bool
        Print the number of each cell (grey images of at most 20 x 20).
    limits : (float, float), optional
        The values of black and white, for a grey image that is not in [0, 1].
    role : {"input", "kernel", "output", "gradient"}, optional
        Outline the image in the colour of this role.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shape is none of the above or values lie outside the limits.

    Examples
    --------
    >>> ax = show_image([[0.0, 0.5], [1.0, 0.0]], title="Four pixels", values=True)
    >>> [text.get_text() for text in ax.texts]
    ['0', '0.5', '1', '0']
    """
    array = to_array(image, "image")
    if array.ndim == 3 and array.shape[-1] != 3 and array.shape[0] in (1, 3):
        array = array[0] if array.shape[0] == 1 else array.transpose(1, 2, 0)
    if array.ndim != 2 and (array.ndim != 3 or array.shape[-1] != 3):
        raise ValueError(f"`image` must be (H, W), (1, H, W), (3, H, W) or (H, W, 3), not {array.shape}")
    _check_place(ax, role)
    if limits is None:
        low, high = (0.0, 255.0) if array.dtype == np.uint8 else (0.0, 1.0)
    else:
        low, high = _pair_of_limits(limits)
    rounding = ROUNDING * (high - low)
    if array.min() < low - rounding or array.max() > high + rounding:
        raise ValueError(
            f"`image` must hold values from {low:g} to {high:g}, not from {array.min():g} to {array.max():g}: "
            "for a grey image pass limits=(black, white), for signed values use show_maps or show_kernel"
        )
    if values and array.ndim == 3:
        raise ValueError(f"`values` must be False for a colour image (shape {array.shape}), not True")
    array = array.clip(low, high)
    if array.ndim == 3:
        array = (array - low) / (high - low)  # Matplotlib scales grey images only
    return _draw(array, ax, title, "gray", Normalize(low, high), role, "{:g}" if values else None)


def show_kernel(
    kernel: ArrayLike,
    ax: Axes | None = None,
    title: str | None = None,
    values: bool = True,
    limit: float | None = None,
    role: str | None = "kernel",
) -> Axes:
    """Show a kernel (or any small signed array) in red and blue, symmetric about zero.

    Parameters
    ----------
    kernel : tensor or array, shape (kh, kw)
    ax, title, role
        As in :func:`show_image`.
    values : bool
        Print the number of each cell with its sign (at most 20 x 20).
    limit : float, optional
        The value of full blue, and of full red with a minus; the largest magnitude without it. Give it to
        compare pictures.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If `kernel` is not two-dimensional or exceeds `limit`.

    Examples
    --------
    >>> ax = show_kernel([[1, 0, -1.5]])
    >>> [text.get_text() for text in ax.texts]
    ['+1', '0', '−1.5']
    """
    array = to_array(kernel, "kernel")
    if array.ndim != 2:
        raise ValueError(f"`kernel` must be (kh, kw), not {array.shape}; show several with show_maps")
    _check_place(ax, role)
    limit = _limit([array], "kernel", limit)
    return _draw(array, ax, title, SIGNED_MAP, Normalize(-limit, limit), role, "{:+g}" if values else None)


def show_maps(
    maps: Iterable[ArrayLike],
    titles: Sequence[str] | None = None,
    signed: bool = True,
    columns: int | None = None,
    limit: float | None = None,
    values: bool = False,
    role: str | None = None,
    label: str | None = None,
) -> np.ndarray:
    """Show several maps on one common scale, in rows, with the scale beside them.

    Parameters
    ----------
    maps : tensor or array (C, H, W), or sequence of C two-dimensional ones
    titles : sequence of C strings, optional
    signed : bool
        True: red to blue about zero. False: grey from 0, for maps without negative values.
    columns : int, optional
        Maps in a row; at most four without it.
    limit : float, optional
        The value at the end of the scale; the largest magnitude of all maps without it.
    values : bool
        Print the number of each cell (maps of at most 20 x 20).
    role
        As in :func:`show_image`.
    label : str, optional
        What the scale measures.

    Returns
    -------
    ndarray of matplotlib.axes.Axes, shape (C,)

    Raises
    ------
    ValueError
        If a map is not two-dimensional, there are more or fewer titles than maps, a value exceeds the scale, or
        `columns` is not positive.

    Examples
    --------
    >>> axes = show_maps([[[1, 0], [0, -1]]] * 5, columns=3)
    >>> axes.shape
    (5,)
    """
    _check_place(None, role)
    if not isinstance(maps, Iterable) or getattr(maps, "ndim", 3) == 0:
        raise TypeError(f"`maps` must be (C, H, W) or a sequence of maps, not {maps!r}")
    arrays = [to_array(one, f"maps[{index}]") for index, one in enumerate(maps)]
    if not arrays or any(array.ndim != 2 for array in arrays):
        raise ValueError(f"`maps` must be (C, H, W) with C > 0, not maps of shapes {[array.shape for array in arrays]}")
    if titles is not None and len(titles) != len(arrays):
        raise ValueError(f"`titles` must have one entry per map ({len(arrays)}), not {len(titles)}")
    columns = min(4, len(arrays)) if columns is None else as_integer(columns, "columns")
    limit = _limit(arrays, "maps", limit)
    if not signed and (lowest := min(array.min() for array in arrays)) < 0:
        raise ValueError(f"`maps` must hold no negative value with signed=False, not {lowest:g}")
    norm, colours = (Normalize(-limit, limit), SIGNED_MAP) if signed else (Normalize(0, limit), "gray")
    form = ("{:+g}" if signed else "{:g}") if values else None

    rows = -(-len(arrays) // columns)
    ratio = max(array.shape[0] / array.shape[1] for array in arrays)
    width = 1.6 if columns > 1 else 2.4
    height = width * min(ratio, 2) + (0.3 if titles else 0.05)
    figure, grid = plt.subplots(rows, columns, figsize=(width * columns + 0.7, height * rows), squeeze=False)
    axes = grid.ravel()
    for index, array in enumerate(arrays):
        title = titles[index] if titles is not None else None
        _draw(array, axes[index], title, colours, norm, role, form)
    for unused in axes[len(arrays) :]:
        unused.set_axis_off()
    bar = figure.colorbar(mpl.cm.ScalarMappable(norm, colours), ax=grid, aspect=15 * rows, pad=0.02, label=label)
    bar.set_ticks([-limit, 0, limit] if signed else [0, limit])
    bar.ax.yaxis.set_major_formatter(lambda value, _: _number(value, "{:+g}" if signed else "{:g}"))
    bar.outline.set_linewidth(0.5)
    return axes[: len(arrays)]


def ring(ax: Axes, row: float, column: float, height: float = 1, width: float = 1, role: str = "input") -> Axes:
    """Ring a window of cells in a picture drawn by this module.

    Parameters
    ----------
    ax : matplotlib Axes
    row, column : int
        The window's top left cell.
    height, width : int
        Its size in cells.
    role : {"input", "kernel", "output", "gradient"}
        Gives the colour and the kind of line.

    Returns
    -------
    matplotlib.axes.Axes
        `ax`.

    Raises
    ------
    ValueError
        If `role` is not one of the four.

    Examples
    --------
    >>> ax = ring(show_image([[0.0, 0.5], [1.0, 0.0]]), 0, 1, height=2)
    """
    if ax is None:
        raise TypeError("`ax` must be a matplotlib Axes, not None")
    check_axes(ax)
    check_choice(role, "role", ROLES)
    row, column = as_number(row, "row"), as_number(column, "column")
    height, width = as_number(height, "height", low=0), as_number(width, "width", low=0)
    colour, (thickness, kind) = ROLES[role][0], OUTLINES[role]
    window = Rectangle((column - 0.5, row - 0.5), width, height, fill=False, edgecolor=colour, clip_on=False, zorder=5)
    window.set_linestyle("dashed" if kind == "dashed" else "solid")
    window.set_joinstyle("miter")
    strokes: list[effects.AbstractPathEffect] = [
        effects.Stroke(linewidth=thickness + 2, foreground=PAPER[0], dashes={"dash_offset": 0, "dash_list": None})
    ]
    if kind == "double":
        strokes += [effects.Stroke(linewidth=5, foreground=colour), effects.Stroke(linewidth=2, foreground=PAPER[0])]
    else:
        strokes += [effects.Stroke(linewidth=thickness, foreground=colour)]
    window.set_path_effects(strokes)
    ax.add_patch(window)
    return ax


def show_confusion_matrix(matrix: ArrayLike, names: Sequence[str], ax: Axes | None = None) -> Axes:
    """Show a confusion matrix: rows are true classes, columns predicted ones.

    Parameters
    ----------
    matrix : tensor or array of K x K counts
        As :func:`cnncourse.training.confusion_matrix` returns it.
    names : sequence of K strings
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib.axes.Axes
        The counts are printed; the darkness of a cell is its share of the row.

    Raises
    ------
    ValueError
        If `matrix` is not square, holds negative counts or does not have one name for each class.

    Examples
    --------
    >>> ax = show_confusion_matrix([[48, 2], [5, 45]], ["square", "circle"])
    >>> [text.get_text() for text in ax.texts]
    ['48', '2', '5', '45']
    """
    array = to_array(matrix, "matrix")
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(f"`matrix` must be (K, K), not {array.shape}")
    if array.min() < 0 or (array != np.floor(array)).any():
        wrong = array[(array < 0) | (array != np.floor(array))][0]
        raise ValueError(f"`matrix` must hold counts, not {wrong:g}")
    check_axes(ax)
    if len(names) != len(array):
        raise ValueError(f"`names` must have one entry per class ({len(array)}), not {len(names)}")
    if ax is None:
        side = 1.6 + 0.42 * len(array)
        ax = plt.subplots(figsize=(side + 0.4, side))[1]
    shares = array / np.maximum(array.sum(axis=1, keepdims=True), 1)
    _draw(shares, ax, None, "gray_r", Normalize(0, 1), None, None)
    _print_cells(ax, array, ax.images[-1], "{:g}")
    slanted: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if len(array) > 4 else {}
    ax.set_xticks(range(len(array)), names, **slanted)
    ax.set_yticks(range(len(array)), names)
    ax.set(xlabel="predicted class", ylabel="true class")
    return ax


def _check_place(ax: Any, role: Any) -> None:
    """Refuse another `ax` or `role` before anything is drawn."""
    check_axes(ax)
    if role is not None:
        check_choice(role, "role", ROLES)


def _pair_of_limits(limits: Any) -> tuple[float, float]:
    """Return the values of black and white."""
    if not isinstance(limits, Sequence) or isinstance(limits, str) or len(limits) != 2:
        raise ValueError(f"`limits` must be two numbers (black, white), not {limits!r}")
    low, high = as_number(limits[0], "limits"), as_number(limits[1], "limits")
    if not low < high:
        raise ValueError(f"`limits` must be two rising numbers (black, white), not {limits!r}")
    return low, high


def _limit(arrays: Sequence[np.ndarray], name: str, limit: float | None) -> float:
    largest = max(float(np.abs(array.astype(float)).max()) for array in arrays)
    if limit is None:
        return largest or 1.0
    limit = as_number(limit, "limit")
    if limit <= 0 or largest > limit * (1 + ROUNDING):
        raise ValueError(
            f"`limit` must be positive and at least {largest:g}, the largest magnitude in `{name}`, not {limit:g}"
        )
    return limit


def _draw(
    array: np.ndarray,
    ax: Axes | None,
    title: str | None,
    colours: str | LinearSegmentedColormap,
    norm: Normalize,
    role: str | None,
    form: str | None,
) -> Axes:
    """Draw cells that fill the Axes, with an outline and, where there is a `form`, their numbers."""
    height, width = array.shape[:2]
    if ax is None:
        side = 2.6 if max(height, width) > 3 else 1.8
        ax = plt.subplots(
            figsize=(side * min(width / height, 2.5), side * min(height / width, 2.5) + bool(title) * 0.3)
        )[1]
    # cells stay sharp; a photograph is larger than its place on the page and is averaged
    picture = ax.imshow(array, colours, norm, interpolation="none" if max(height, width) <= 64 else "auto")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, linewidth=1)
    if title:
        ax.set_title(title, pad=8)
    if form:
        _print_cells(ax, array, picture, form)
    if role:
        ring(ax, 0, 0, height, width, role)
    return ax


def _print_cells(ax: Axes, array: np.ndarray, picture: AxesImage, form: str) -> None:
    height, width = array.shape
    if max(height, width) > MAX_PRINTED:
        raise ValueError(
            f"printed numbers must have at most {MAX_PRINTED} x {MAX_PRINTED} cells, not {height} x {width}"
        )
    ax.set_xticks(np.arange(width - 1) + 0.5, minor=True)
    ax.set_yticks(np.arange(height - 1) + 0.5, minor=True)
    ax.grid(which="minor", color="#808080", linewidth=0.5)
    ax.tick_params(which="minor", length=0)
    labels = [[_number(value, form) for value in row] for row in array]
    longest = max(len(label) for row in labels for label in row)
    box = ax.get_position().transformed(ax.figure.transSubfigure)  # in dots
    cell = min(box.width / width, box.height / height) * 72 / ax.figure.dpi  # points
    size = min(12, 0.5 * cell, 1.4 * cell / longest)
    fills = np.asarray(picture.cmap(picture.norm(np.asarray(picture.get_array()))))
    for row, column in np.ndindex(height, width):
        ink = text_on(fills[row, column, :3].tolist())
        ax.text(column, row, labels[row][column], ha="center", va="center", color=ink, fontsize=size)


def _number(value: float, form: str) -> str:
    """Write a number in at most two decimals, with a real minus sign and no sign on zero."""
    rounded = round(float(value), 2)
    if rounded == 0:
        return "0"
    if abs(rounded) < WRITTEN_OUT:  # all digits: "{:g}" would cut them after the sixth
        form = form.replace("g}", ".0f}" if rounded.is_integer() else ".2f}")
    text = form.format(rounded).replace("-", "\N{MINUS SIGN}")
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
