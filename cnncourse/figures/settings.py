"""The settings of a figure: traits that know their range, their letter in a link and how to say no.

Each setting is a traitlet that Jupyter keeps equal in Python and in the page. Its `rule` is written into the figure's
script, so ranges, defaults and letters have one source; `parse` and `format` are the two directions of a deep link.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from traitlets import TraitType


class Setting(TraitType):
    """A validated, synchronised trait with a short `key` for links."""

    def __init__(self, default, key: str, **kwargs):
        super().__init__(default_value=default, **kwargs)
        self.key = key
        self.tag(sync=True)

    def rule(self) -> dict:
        """Return what the script needs to know about this setting, as plain JSON values."""
        return {"key": self.key, "type": self.kind, "default": self.default_value}

    def refuse(self, value, expected: str):
        """Raise the `ValueError` that names the setting, the value and what was expected."""
        raise ValueError(f"`{self.name}` must be {expected}, not {value!r}")


class Whole(Setting):
    """An int from `low` to `high`, both included."""

    kind = "whole"

    def __init__(self, default: int, key: str, low: int, high: int):
        super().__init__(default, key)
        self.low, self.high = low, high

    def rule(self) -> dict:
        return super().rule() | {"low": self.low, "high": self.high}

    def validate(self, obj, value):
        whole = not isinstance(value, bool) and hasattr(value, "__index__")
        if not whole or not self.low <= value.__index__() <= self.high:
            self.refuse(value, f"a whole number from {self.low} to {self.high}")
        return value.__index__()

    def parse(self, text: str) -> int:
        return int(text)

    def format(self, value: int) -> str:
        return str(value)


class Flag(Setting):
    """True or False, 1 or 0 in a link."""

    kind = "flag"

    def validate(self, obj, value):
        if not isinstance(value, bool):
            self.refuse(value, "True or False")
        return value

    def parse(self, text: str) -> bool:
        return {"0": False, "1": True}[text]

    def format(self, value: bool) -> str:
        return "1" if value else "0"


class Choice(Setting):
    """One of a few words."""

    kind = "choice"

    def __init__(self, default: str, key: str, choices: Sequence[str]):
        super().__init__(default, key)
        self.choices = list(choices)

    def rule(self) -> dict:
        return super().rule() | {"choices": self.choices}

    def validate(self, obj, value):
        if value not in self.choices:
            self.refuse(value, f"one of {', '.join(map(repr, self.choices))}")
        return value

    def parse(self, text: str) -> str:
        return text

    def format(self, value: str) -> str:
        return value


class Matrix(Setting):
    """Rows of numbers from `low` to `high`: at least 1 x 1, at most `size` x `size`; `1,0,-1_2,0,-2` in a link."""

    kind = "matrix"

    def __init__(self, default: list[list[float]], key: str, low: float, high: float, size: int):
        super().__init__(default, key)
        self.low, self.high, self.size = low, high, size

    def rule(self) -> dict:
        return super().rule() | {"low": self.low, "high": self.high, "size": self.size}

    def validate(self, obj, value):
        try:
            rows = [[float(number) for number in row] for row in value]
        except (TypeError, ValueError):
            rows = []
        shape_fits = 1 <= len(rows) <= self.size and 1 <= len(rows[0]) <= self.size
        numbers_fit = all(math.isfinite(number) and self.low <= number <= self.high for row in rows for number in row)
        if not shape_fits or len({len(row) for row in rows}) != 1 or not numbers_fit:
            size = f"{self.size} x {self.size}"
            self.refuse(value, f"rows of equal length, at most {size}, of numbers from {self.low} to {self.high}")
        return [[int(number) if number.is_integer() else number for number in row] for row in rows]

    def parse(self, text: str) -> list[list[float]]:
        return [[float(number) for number in row.split(",")] for row in text.split("_")]

    def format(self, value: list[list[float]]) -> str:
        return "_".join(",".join(f"{number:.6g}" for number in row) for row in value)


class Ink(Setting):
    """What is drawn over a picture, in reading order: `k90w8b3` keeps 90 pixels, makes 8 white and 3 black."""

    kind = "ink"

    def __init__(self, key: str, pixels: int):
        super().__init__("", key)
        self.pixels = pixels

    def rule(self) -> dict:
        return super().rule() | {"pixels": self.pixels}

    def validate(self, obj, value):
        runs = isinstance(value, str) and re.fullmatch(r"([kbw][1-9][0-9]{0,5})*", value)
        if not runs or sum(map(int, re.findall("[0-9]+", value))) > self.pixels:
            self.refuse(value, f"letters k, b or w, each with a number, of at most {self.pixels} pixels")
        return value

    def parse(self, text: str) -> str:
        if not text:
            raise ValueError("a link without a drawing does not name it")
        return text

    def format(self, value: str) -> str:
        return value
