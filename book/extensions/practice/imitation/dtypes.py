"""Torch's types of numbers: how they are stored, rounded and wrapped, and which type two of them give together."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from typing import Any

from .gaps import gap

FLOATING, INTEGRAL, BOOLEAN = "floating", "integral", "boolean"
KINDS = (BOOLEAN, INTEGRAL, FLOATING)  # a later kind wins


class dtype:
    """A type of numbers.

    Parameters
    ----------
    name : str
    code : str or None
        For `array.array`; None for types that are known by name only.
    kind : str
        "floating", "integral" or "boolean".
    itemsize : int
        In bytes.
    rank : int
        Of two types of one kind, the one of higher rank wins.
    """

    def __init__(self, name: str, code: str | None, kind: str, itemsize: int, rank: int) -> None:
        self.name, self.code, self.kind, self.itemsize, self.rank = name, code, kind, itemsize, rank
        self.is_floating_point, self.is_complex = kind == FLOATING, False
        self.is_signed = name not in ("uint8", "bool")

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name

    def store(self, values: Iterable[Any]) -> array:
        """Put numbers into an array of this type: floats are rounded and cut to it, integers wrap around."""
        if self.code is None:
            gap(repr(self))
        if self.kind == FLOATING:
            return array(self.code, values)
        if self.kind == BOOLEAN:
            return array(self.code, [1 if value else 0 for value in values])
        whole = [value if type(value) is int else self._whole(value) for value in values]
        try:
            return array(self.code, whole)
        except OverflowError:
            return array(self.code, [self._wrapped(value) for value in whole])

    def _whole(self, value: Any) -> int:
        if not math.isfinite(value):
            gap("a number that is not finite as an integer")
        return math.trunc(value)

    def _wrapped(self, value: int) -> int:
        bits = 8 * self.itemsize
        value &= (1 << bits) - 1
        return value - (1 << bits) if self.is_signed and value >> (bits - 1) else value


bool_ = dtype("bool", "B", BOOLEAN, 1, 0)
uint8 = dtype("uint8", "B", INTEGRAL, 1, 1)
int8 = dtype("int8", "b", INTEGRAL, 1, 1)
int16 = dtype("int16", "h", INTEGRAL, 2, 2)
int32 = dtype("int32", "i", INTEGRAL, 4, 3)
int64 = dtype("int64", "q", INTEGRAL, 8, 4)
float16 = dtype("float16", None, FLOATING, 2, 5)
bfloat16 = dtype("bfloat16", None, FLOATING, 2, 5)
float32 = dtype("float32", "f", FLOATING, 4, 6)
float64 = dtype("float64", "d", FLOATING, 8, 7)
ALL = {each.name: each for each in (bool_, uint8, int8, int16, int32, int64, float16, bfloat16, float32, float64)}
ALIASES = {
    "half": "float16",
    "float": "float32",
    "double": "float64",
    "short": "int16",
    "int": "int32",
    "long": "int64",
}
CLASS_NAMES = {
    "float32": "Float",
    "float64": "Double",
    "float16": "Half",
    "bfloat16": "BFloat16",
    "int64": "Long",
    "int32": "Int",
    "int16": "Short",
    "int8": "Char",
    "uint8": "Byte",
    "bool": "Bool",
}
_default = [float32]


def default() -> dtype:
    """Return the type that new floating-point tensors get."""
    return _default[0]


def set_default(new: dtype) -> None:
    """Change the type that new floating-point tensors get."""
    _default[0] = new


def title(of: dtype) -> str:
    """Name a type as torch's error messages do: "Float", "Long"."""
    return CLASS_NAMES[of.name]


def of_number(value: Any) -> dtype:
    """Return the type that a Python number counts as."""
    if isinstance(value, bool):
        return bool_
    if isinstance(value, int):
        return int64
    if isinstance(value, float):
        return default()
    gap(f"a {type(value).__name__} as a number")


def promote(one: dtype, other: dtype) -> dtype:
    """Return the type of two tensors' numbers together.

    Examples
    --------
    >>> promote(uint8, int64), promote(int64, float32), promote(uint8, int8)
    (torch.int64, torch.float32, torch.int16)
    """
    if {one.name, other.name} == {"uint8", "int8"}:
        return int16
    if {one.name, other.name} == {"float16", "bfloat16"}:
        return float32
    return max(one, other, key=lambda each: (KINDS.index(each.kind), each.rank))


def result_type(dimensioned: Iterable[dtype], scalars: Iterable[dtype], numbers: Iterable[dtype]) -> dtype:
    """Return the type of a result: tensors with axes decide, then tensors without, then Python numbers.

    A lower level changes the result only where it is of a higher kind: ``uint8 tensor + 1`` stays uint8 and
    ``uint8 tensor + 1.5`` becomes the default floating-point type.
    """
    result: dtype | None = None
    for level in (dimensioned, scalars, numbers):
        found: dtype | None = None
        for each in level:
            found = each if found is None else promote(found, each)
        if found is None:
            continue
        if result is None or KINDS.index(found.kind) > KINDS.index(result.kind):
            result = found
    assert result is not None
    return result
