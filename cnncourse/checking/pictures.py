"""Arrays as small pictures: plain data that a verdict can keep, and the SVG that is drawn from it."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch

from cnncourse.palette import SIGNED, text_on

MAX_SIDE = 28  # rows, and columns, of a plane that are drawn
MAX_PLANES, MAX_NUMBERS = 12, 1_024  # of an array that are drawn
WITH_NUMBERS = 8  # the longest side at which each cell shows its number
WIDTH = 320  # px, a phone's width without margins
ROLES: dict[str, tuple[str, ...]] = {  # role of a colour -> how the labels that have it begin
    "input": ("image", "input", "activations"),
    "kernel": ("kernel", "weight"),
    "gradient": ("grad",),
    "output": ("returned", "expected"),
}

FIGURE = "margin: 0; padding: 0; min-width: 7.5rem; max-width: 100%"
CAPTION = (
    "width: 0; min-width: 100%; margin: 0 0 4px; padding: 0; color: inherit; font-size: 0.875rem;"
    " overflow-wrap: anywhere"
)

Cells = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """An array, as far as it is drawn: strings, integers and lists only.

    Parameters
    ----------
    label : str
        "image", "returned".
    shape : sequence of int
    planes : sequence of planes
        The first slices along the last two axes; each is a list of rows of printed numbers.
    different : sequence of int
        Positions of the drawn numbers that are not as expected, counted through `planes`.
    """

    label: str
    shape: Sequence[int]
    planes: Sequence[Cells]
    different: Sequence[int] = ()

    def to_dict(self) -> dict:
        """Return the picture as plain data, for a verdict; ``Picture(**data)`` is the way back."""
        return asdict(self)

    @property
    def cut(self) -> str:
        """What of the array is not drawn; "" if all of it is."""
        rows, columns = _sides(self.shape)
        drawn = len(self.planes), len(self.planes[0]), len(self.planes[0][0])
        there = math.prod(self.shape[:-2]), rows, columns
        kinds = zip(drawn, there, ("planes", "rows", "columns"), strict=True)
        cuts = [f"{shown} of {count} {kind}" for shown, count, kind in kinds if shown < count]
        return f"The first {', '.join(cuts)} are drawn." if cuts else ""


def is_drawable(value: object) -> bool:
    """Tell whether a value is a tensor or array of real numbers that is not empty."""
    if isinstance(value, torch.Tensor):
        return value.numel() > 0 and not value.is_complex()
    return isinstance(value, np.ndarray) and value.size > 0 and value.dtype.kind in "biuf"


def picture(label: str, value: torch.Tensor | np.ndarray, different: torch.Tensor | None = None) -> Picture:
    """Take from an array what is drawn of it.

    Parameters
    ----------
    label : str
    value : tensor or ndarray
        One that `is_drawable`.
    different : tensor of bool, optional
        Where it is not as expected; of the same shape.

    Returns
    -------
    Picture

    Examples
    --------
    >>> picture("kernel", torch.tensor([[1.0, -0.25]]))
    Picture(label='kernel', shape=[1, 2], planes=[[['1', '-0.25']]], different=[])
    >>> picture("input", torch.zeros(2, 3, 28, 40)).cut
    'The first 1 of 6 planes, 28 of 40 columns are drawn.'
    """
    array = torch.as_tensor(value)
    drawn = _drawn(array)
    marks = _drawn(different).flatten().nonzero().flatten().tolist() if different is not None else []
    planes = [[[f"{number:.4g}" for number in row] for row in plane] for plane in drawn.double().tolist()]
    return Picture(label, list(array.shape), planes, marks)


def _sides(shape: Sequence[int]) -> tuple[int, int]:
    """Rows and columns of an array: a vector is one row."""
    rows, columns = ([1, 1, *shape])[-2:]
    return rows, columns


def _drawn(array: torch.Tensor) -> torch.Tensor:
    """The first planes, rows and columns: (planes, rows, columns)."""
    planes = array.reshape(-1, *_sides(array.shape))[:, :MAX_SIDE, :MAX_SIDE]
    return planes[: min(MAX_PLANES, max(1, MAX_NUMBERS // planes[0].numel()))]


def scale_of(pictures: Iterable[Picture], largest_in: Iterable[Picture] = ()) -> tuple[float, bool]:
    """Choose the scale of the colours for arrays that are compared.

    Parameters
    ----------
    pictures : iterable of Picture
    largest_in : iterable of Picture, optional
        Those whose largest number counts; by default all of them.

    Returns
    -------
    largest : float
        The largest magnitude, greater than 0.
    signed : bool
        Whether one of the numbers is negative.
    """
    numbers = list(_numbers(pictures))
    magnitudes = [abs(number) for number in _numbers(largest_in) or numbers if math.isfinite(number)]
    return max(magnitudes, default=0.0) or 1.0, any(number < 0 for number in numbers)


def _numbers(pictures: Iterable[Picture]) -> list[float]:
    return [float(number) for each in pictures for plane in each.planes for row in plane for number in row]


def figure_html(picture: Picture, scale: tuple[float, bool]) -> str:
    """Draw an array with its caption.

    Parameters
    ----------
    picture : Picture
    scale : (float, bool)
        See `scale_of`. Grey goes from 0, black, to the largest number, white; if signed, red is negative, white is 0
        and blue is positive.

    Returns
    -------
    str
        HTML.
    """
    drawings, seen = [], 0
    for place, plane in enumerate(picture.planes):
        size = len(plane) * len(plane[0])
        different = {index - seen for index in picture.different if seen <= index < seen + size}
        seen += size
        leading = np.unravel_index(place, picture.shape[:-2]) if len(picture.shape) > 2 else ()
        name = f"{picture.label}[{', '.join(str(index) for index in leading)}]" if leading else picture.label
        drawings.append(_svg(name, plane, different, *scale))
    role = next((role for role, start in ROLES.items() if picture.label.startswith(start)), "other")
    caption = f"<strong>{html.escape(picture.label)}</strong><br>shape {tuple(picture.shape)}"
    return (
        f'<figure class="cnn-{role}" style="{FIGURE}">'
        f'<figcaption style="{CAPTION}">{caption}</figcaption>'
        f'<div style="display: flex; flex-wrap: wrap; gap: 8px">{"".join(drawings)}</div>'
        f"{f'<small>{picture.cut}</small>' if picture.cut else ''}</figure>"
    )


def _svg(name: str, plane: Cells, different: set[int], largest: float, signed: bool) -> str:
    rows, columns = len(plane), len(plane[0])
    longest = max(len(number) for row in plane for number in row)
    wide, high = max(30, 8 * longest + 8), 30
    numbered = max(rows, columns) <= WITH_NUMBERS and columns * wide <= WIDTH
    if not numbered:
        wide = high = min(20, WIDTH // columns)
    cells = []
    for index, number in enumerate(number for row in plane for number in row):
        left, top = index % columns * wide, index // columns * high
        fill = _colour(float(number), largest, signed)
        paint = f'fill="{fill}"' if fill else 'fill="none" stroke="currentColor" stroke-dasharray="2"'
        cells.append(f'<rect x="{left}" y="{top}" width="{wide}" height="{high}" {paint}/>')
        if numbered:
            ink = text_on(_channels(fill)) if fill else "currentColor"
            cells.append(f'<text x="{left + wide / 2:g}" y="{top + high / 2 + 5:g}" fill="{ink}">{number}</text>')
    for index in sorted(different):  # a white ring with a black one inside is seen on every fill
        left, top = index % columns * wide, index // columns * high
        thick = 2 if numbered else 1
        for colour, inset in (("#FFFFFF", thick / 2), ("#000000", 1.5 * thick)):
            cells.append(
                f'<rect x="{left + inset:g}" y="{top + inset:g}" width="{wide - 2 * inset:g}"'
                f' height="{high - 2 * inset:g}" fill="none" stroke="{colour}" stroke-width="{thick}"/>'
            )
    label = f"{name}, {rows} x {columns}" + (f", {len(different)} not as expected" if different else "")
    width, height = columns * wide, rows * high
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{html.escape(label)}" width="{width}"'
        f' height="{height}" viewBox="0 0 {width} {height}" style="max-width: 100%; height: auto;'
        ' outline: 1px solid currentColor" font-family="system-ui, sans-serif" font-size="14" text-anchor="middle">'
        f"{''.join(cells)}</svg>"
    )


def _colour(number: float, largest: float, signed: bool) -> str:
    """The fill of a cell; "" for what is no number."""
    if math.isnan(number):
        return ""
    share = min(1.0, max(-1.0, number / largest))
    if not signed:
        return "#" + f"{round(255 * share):02X}" * 3
    place = (share + 1) / 2 * (len(SIGNED) - 1)
    low = min(int(place), len(SIGNED) - 2)
    ends = zip(_channels(SIGNED[low]), _channels(SIGNED[low + 1]), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * (place - low))):02X}" for a, b in ends)


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
