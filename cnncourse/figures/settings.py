"""The settings of a figure: traits that know their range and their letter in a link.

Each setting is a traitlet that Jupyter keeps equal in Python and in the page. Its `rule` is written into the figure's
script, so ranges, defaults and letters have one source; `parse` and `format` are the two directions of a deep link.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from traitlets import TraitType

T = TypeVar("T")


class Setting(TraitType[T, T]):
    """A validated, synchronised trait with a short `key` for links.

    A subclass states its `kind`, what is `expected`, and the methods `validate`, `parse` and `format`.
    """

    kind = ""  # the name of the rule in js/state.js

    def __init__(self, default: T, key: str) -> None:
        super().__init__(default_value=default)
        self.key = key
        self.tag(sync=True)

    @property
    def expected(self) -> str:
        """The values that the setting takes, in words."""
        raise NotImplementedError

    def rule(self) -> dict[str, Any]:
        """Return what the script needs to know about this setting, as plain JSON values."""
        return {"key": self.key, "type": self.kind, "default": self.default_value}

    def refuse(self, value: object) -> NoReturn:
        """Raise the `ValueError` that names the setting, the value and what was expected."""
        raise ValueError(f"`{self.name}` must be {self.expected}, not {value!r}")

    def validate(self, obj: Any, value: Any) -> T:
        """Return the value in its plain form, or refuse it."""
        raise NotImplementedError

    def parse(self, text: str) -> T:
        """Return the value that a link writes as `text`; `KeyError` or `ValueError` if it is none."""
        raise NotImplementedError

    def format(self, value: T) -> str:
        """Return the value as a link writes it."""
        raise NotImplementedError


class Whole(Setting[int]):
    """An int from `low` to `high`, both included."""

    kind = "whole"

    def __init__(self, default: int, key: str, low: int, high: int) -> None:
        super().__init__(default, key)
        self.low, self.high = low, high

    @property
    def expected(self) -> str:
        return f"a whole number from {self.low} to {self.high}"

    def rule(self) -> dict[str, Any]:
        return super().rule() | {"low": self.low, "high": self.high}

    def validate(self, obj: Any, value: Any) -> int:
        whole = not isinstance(value, bool) and hasattr(value, "__index__")
        if not whole or not self.low <= value.__index__() <= self.high:
            self.refuse(value)
        return value.__index__()

    def parse(self, text: str) -> int:
        return int(text)

    def format(self, value: int) -> str:
        return str(value)


class Flag(Setting[bool]):
    """True or False, 1 or 0 in a link."""

    kind = "flag"
    expected = "True or False"

    def validate(self, obj: Any, value: Any) -> bool:
        if not isinstance(value, bool):
            self.refuse(value)
        return value

    def parse(self, text: str) -> bool:
        return {"0": False, "1": True}[text]

    def format(self, value: bool) -> str:
        return "1" if value else "0"


class Choice(Setting[str]):
    """One of a few words."""

    kind = "choice"

    def __init__(self, default: str, key: str, choices: Sequence[str]) -> None:
        super().__init__(default, key)
        self.choices = list(choices)

    @property
    def expected(self) -> str:
        return f"one of {', '.join(map(repr, self.choices))}"

    def rule(self) -> dict[str, Any]:
        return super().rule() | {"choices": self.choices}

    def validate(self, obj: Any, value: Any) -> str:
        if value not in self.choices:
            self.refuse(value)
        return value

    def parse(self, text: str) -> str:
        return text

    def format(self, value: str) -> str:
        return value


class Matrix(Setting[Sequence[Sequence[float]]]):
    """Rows of numbers from `low` to `high`: at least 1 x 1, at most `size` x `size`; `1,0,-1_2,0,-2` in a link."""

    kind = "matrix"

    def __init__(self, default: Sequence[Sequence[float]], key: str, low: float, high: float, size: int) -> None:
        super().__init__(default, key)
        self.low, self.high, self.size = low, high, size

    @property
    def expected(self) -> str:
        return f"rows of equal length, at most {self.size} x {self.size}, of numbers from {self.low} to {self.high}"

    def rule(self) -> dict[str, Any]:
        return super().rule() | {"low": self.low, "high": self.high, "size": self.size}

    def validate(self, obj: Any, value: Any) -> Sequence[Sequence[float]]:
        try:
            rows = [[float(number) for number in row] for row in value]
        except (TypeError, ValueError):
            rows = []
        shape_fits = 1 <= len(rows) <= self.size and 1 <= len(rows[0]) <= self.size
        numbers_fit = all(math.isfinite(number) and self.low <= number <= self.high for row in rows for number in row)
        if not shape_fits or len({len(row) for row in rows}) != 1 or not numbers_fit:
            self.refuse(value)
        return [[int(number) if number.is_integer() else number for number in row] for row in rows]

    def parse(self, text: str) -> Sequence[Sequence[float]]:
        return [[float(number) for number in row.split(",")] for row in text.split("_")]

    def format(self, value: Sequence[Sequence[float]]) -> str:
        return "_".join(",".join(f"{number:.6g}" for number in row) for row in value)


class Ink(Setting[str]):
    """What is drawn over a picture, in reading order: `k90w8b3` keeps 90 pixels, makes 8 white and 3 black."""

    kind = "ink"

    def __init__(self, key: str, pixels: int) -> None:
        super().__init__("", key)
        self.pixels = pixels

    @property
    def expected(self) -> str:
        return f"letters k, b or w, each with a number, of at most {self.pixels} pixels"

    def rule(self) -> dict[str, Any]:
        return super().rule() | {"pixels": self.pixels}

    def validate(self, obj: Any, value: Any) -> str:
        runs = isinstance(value, str) and re.fullmatch(r"([kbw][1-9][0-9]{0,5})*", value)
        if not runs or sum(map(int, re.findall("[0-9]+", value))) > self.pixels:
            self.refuse(value)
        return value

    def parse(self, text: str) -> str:
        if not text:
            self.refuse(text)  # a link without a drawing leaves the letter out
        return text

    def format(self, value: str) -> str:
        return value
