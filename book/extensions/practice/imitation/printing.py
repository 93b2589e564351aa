"""How tensors and arrays are written: torch's and NumPy's layout."""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from . import dtypes
from .dtypes import FLOATING

EDGE, MOST = 3, 1_000  # of a larger array only so many items at each edge of an axis are written
TORCH_WIDTH, NUMPY_WIDTH = 80, 75
DIGITS = {"torch": 4, "numpy": 8}
Writer = Callable[[Any], str]


class _Grid:
    """Numbers in rows of rows, with the indices along each axis that are written; None stands for dots."""

    def __init__(self, numbers: Sequence[Any], shape: Sequence[int], most: int, edge: int) -> None:
        self.numbers, self.shape = numbers, tuple(shape)
        cut = len(numbers) > most
        self.shown = [
            [*range(edge), None, *range(size - edge, size)] if cut and size > 2 * edge else list(range(size))
            for size in self.shape
        ]

    def number(self, index: Sequence[int]) -> Any:
        place = 0
        for size, at in zip(self.shape, index, strict=True):
            place = place * size + at
        return self.numbers[place]

    def all_shown(self) -> list[Any]:
        axes = ([at for at in shown if at is not None] for shown in self.shown)
        return [self.number(index) for index in itertools.product(*axes)]


# torch ------------------------------------------------------------------------------------------------------------


def tensor_text(tensor: Any) -> str:
    """Return what torch writes for a tensor: ``tensor([[1., 2.]])``."""
    of, shape = tensor.dtype, tuple(tensor.shape)
    grid = _Grid(tensor._numbers(), shape, MOST, EDGE)
    prefix = "Parameter containing:\ntensor(" if type(tensor).__name__ == "Parameter" else "tensor("
    write, width = _torch_writer(grid.all_shown(), of)
    body = _torch_rows(grid, (), 7, write, width) if tensor.numel() else "[]"
    suffixes = []
    if not tensor.numel() and len(shape) != 1:
        suffixes.append(f"size={shape}")
    plain = {dtypes.default().name, "int64", "bool"}
    if of.name not in plain or (not tensor.numel() and of.name != dtypes.default().name):
        suffixes.append(f"dtype=torch.{of.name}")
    if tensor._node is not None:
        suffixes.append(f"grad_fn={tensor._node!r}")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    return prefix + ", ".join([body, *suffixes]) + ")"


def _torch_writer(numbers: Sequence[Any], of: Any) -> tuple[Writer, int]:
    """Choose how numbers are written, for all of a tensor in the same way, and how wide."""
    if of.kind != FLOATING:
        return (word := _word(of)), max((len(word(number)) for number in numbers), default=1)
    finite = [number for number in numbers if math.isfinite(number) and number != 0]
    digits = DIGITS["torch"]
    whole = all(number == math.ceil(number) for number in numbers if math.isfinite(number))
    large, small = (choose(map(abs, finite), default=1.0) for choose in (max, min))
    scientific = large / small > 1000 or large > 1e8 or (not whole and small < 1e-4)

    def write(number: float) -> str:
        if scientific:
            return f"{number:.{digits}e}"
        if whole:
            return f"{number:.0f}" + ("." if math.isfinite(number) else "")
        return f"{number:.{digits}f}"

    return write, max((len(write(number)) for number in finite), default=1)


def _word(of: Any) -> Writer:
    """Return how a number of a type without fractions is written."""
    return (lambda number: str(bool(number))) if of.name == "bool" else str


def _torch_rows(grid: _Grid, index: tuple[int, ...], indent: int, write: Writer, width: int) -> str:
    left = len(grid.shape) - len(index)
    if left == 0:
        return write(grid.number(index)).rjust(width) if grid.shape else write(grid.number(index))
    shown = grid.shown[len(index)]
    if left == 1:
        words = [" ..." if at is None else write(grid.number((*index, at))).rjust(width) for at in shown]
        per_line = max(1, (TORCH_WIDTH - indent) // (width + 2))
        lines = [", ".join(words[start : start + per_line]) for start in range(0, len(words), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    rows = ["..." if at is None else _torch_rows(grid, (*index, at), indent + 1, write, width) for at in shown]
    return "[" + ("," + "\n" * (left - 1) + " " * (indent + 1)).join(rows) + "]"


# NumPy ------------------------------------------------------------------------------------------------------------


def array_text(array: Any) -> str:
    """Return ``repr`` of an array: ``array([[1., 2.]])``."""
    tensor = array._tensor
    shown = array2string(array, separator=", ", prefix="array(", _width=NUMPY_WIDTH - 1)
    suffixes = []
    if tensor.numel() > MOST or (not tensor.numel() and len(tensor.shape) != 1):
        suffixes.append(f"shape={tuple(tensor.shape)}")
    if tensor.dtype.name not in ("float64", "int64", "bool") or not tensor.numel():
        suffixes.append(f"dtype={tensor.dtype.name}")
    if not suffixes:
        return f"array({shown})"
    suffix = ", ".join(suffixes)
    last = shown.rpartition("\n")[2]
    fits = len(last) + len("array(" if "\n" not in shown else "") + 2 + len(suffix) < NUMPY_WIDTH
    return f"array({shown}, {suffix})" if fits else f"array({shown},\n      {suffix})"


def array2string(
    a: Any,
    max_line_width: int | None = None,
    precision: int | None = None,
    suppress_small: bool | None = None,
    separator: str = " ",
    prefix: str = "",
    threshold: int | None = None,
    edgeitems: int | None = None,
    _width: int | None = None,
) -> str:
    """Return the numbers of an array in brackets, as NumPy's function of this name does."""
    tensor = a._tensor
    if not tensor.numel():
        return "[]"
    edge = EDGE if edgeitems is None else edgeitems
    grid = _Grid(tensor._numbers(), tensor.shape, MOST if threshold is None else threshold, edge)
    digits = DIGITS["numpy"] if precision is None else precision
    write = _numpy_writer(grid, tensor.dtype, digits, bool(suppress_small))
    width = max_line_width or _width or NUMPY_WIDTH
    return _numpy_rows(grid, (), " " * (len(prefix) + 1), width, separator, write)


def _numpy_writer(grid: _Grid, of: Any, digits: int, suppress: bool) -> Writer:
    numbers = grid.all_shown()
    if of.kind != FLOATING:
        word = _word(of)
        width = max(map(len, map(word, numbers))) if of.name != "bool" or not grid.shape else len("False")
        return lambda number: word(number).rjust(width)
    finite = [number for number in numbers if math.isfinite(number)]
    sizes = [abs(number) for number in finite if number]
    largest = 10.0 ** min(8, 6 if of.name == "float32" else 15)
    scientific = bool(sizes) and (
        max(sizes) >= largest or (not suppress and (min(sizes) < 1e-4 or max(sizes) / min(sizes) > 1000))
    )
    form = _scientific if scientific else _positional
    parts = [form(number, digits, of.name) for number in finite]
    left = max((len(whole) for whole, _ in parts), default=0)
    right = max((len(rest) for _, rest in parts), default=0)
    if scientific:  # all with as many digits as the longest
        most = max(len(rest.partition("e")[0]) for _, rest in parts)
    if len(finite) < len(numbers):
        left = max(left, 3 - right - 1 + any(number == -math.inf for number in numbers))

    def write(number: float) -> str:
        if not math.isfinite(number):
            return str(number).rjust(left + right + 1)
        if scientific:
            whole, _, rest = f"{number:.{most}e}".partition(".") if most else (f"{number:.0e}", "", "")
            return f"{whole.rjust(left)}.{rest}" if most else _without_point(number).rjust(left)
        whole, rest = form(number, digits, of.name)
        return f"{whole.rjust(left)}.{rest.ljust(right)}"

    return write


def _without_point(number: float) -> str:
    digits, _, power = f"{number:.0e}".partition("e")
    return f"{digits}.e{power}"


def _positional(number: float, digits: int, name: str) -> tuple[str, str]:
    """Write a number without an exponent: what is before the point, and what is after it."""
    text = format(Decimal(_shortest(number, name)), "f")
    if len(text.partition(".")[2]) > digits:
        text = f"{number:.{digits}f}"
    whole, _, rest = text.partition(".")
    return whole, rest.rstrip("0")


def _scientific(number: float, digits: int, name: str) -> tuple[str, str]:
    """Write a number with an exponent: its first digit, and the rest."""
    own = len(Decimal(_shortest(number, name)).normalize().as_tuple().digits) - 1
    text = f"{number:.{min(own, digits)}e}"
    base, _, power = text.partition("e")
    whole, _, rest = base.partition(".")
    return whole, f"{rest.rstrip('0')}e{power}"


def _shortest(number: float, name: str) -> str:
    """Write the fewest digits that give the number back in its type."""
    if name != "float32":
        return repr(number)
    for digits in range(1, 10):
        text = f"{number:.{digits}g}"
        if struct.unpack("f", struct.pack("f", float(text)))[0] == number:
            break
    return text


def _numpy_rows(grid: _Grid, index: tuple[int, ...], indent: str, width: int, separator: str, write: Writer) -> str:
    left = len(grid.shape) - len(index)
    if left == 0:
        return write(grid.number(index))
    shown, inner = grid.shown[len(index)], width - 1
    if left > 1:
        rows = [
            "..." if at is None else _numpy_rows(grid, (*index, at), indent + " ", inner, separator, write)
            for at in shown
        ]
        return "[" + (separator.rstrip() + "\n" * (left - 1) + indent).join(rows) + "]"
    room, text, line = width - max(len(separator.rstrip()), 1), "", indent
    for number, at in enumerate(shown):
        word = "..." if at is None else write(grid.number((*index, at)))
        if len(line) + len(word) > room and len(line) > len(indent):
            text, line = f"{text}{line.rstrip()}\n", indent
        line += word + (separator if number < len(shown) - 1 else "")
    return f"[{(text + line)[len(indent) :]}]"
