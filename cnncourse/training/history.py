"""What happened during training: a small table, one row per epoch, that prints and plots itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, overload

from cnncourse.tables import html_table, text_table


class History:
    """The record of one training run.

    Attributes
    ----------
    records : list of dict
        One per epoch, in order: ``epoch`` (from 1), ``train_loss``, ``learning_rate``, and with validation data
        ``validation_loss`` and ``validation_accuracy``.
    note : str
        Why training ended before its last epoch; empty when it did not.

    Examples
    --------
    >>> history = History()
    >>> history.append(epoch=1, train_loss=0.7, validation_accuracy=0.5)
    >>> history.append(epoch=2, train_loss=0.2, validation_accuracy=0.9)
    >>> history
    epoch  train_loss  validation_accuracy
        1      0.7000               0.5000
        2      0.2000               0.9000
    >>> history["train_loss"]
    [0.7, 0.2]
    >>> history[-1]["epoch"]
    2
    """

    def __init__(self, records: list[dict[str, float]] | None = None):
        self.records = [] if records is None else [dict(record) for record in records]
        self.note = ""

    def append(self, **values: float) -> None:
        """Add the row of one epoch."""
        self.records.append(values)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in the order in which they first occur."""
        return list(dict.fromkeys(name for record in self.records for name in record))

    @overload
    def __getitem__(self, key: int) -> dict[str, float]: ...

    @overload
    def __getitem__(self, key: str) -> list[float]: ...

    def __getitem__(self, key: str | int) -> list[float] | dict[str, float]:
        """A column by its name, a row by its number (-1 is the last epoch).

        An epoch without that figure, as after resuming without validation data, has NaN in the column.
        """
        if isinstance(key, int):
            return self.records[key]
        if key not in self.columns:
            raise KeyError(f"no column {key!r} in this history; it has {', '.join(self.columns) or 'no rows yet'}")
        return self._column(key)

    def _column(self, name: str) -> list[float]:
        return [record.get(name, math.nan) for record in self.records]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.records)

    def __repr__(self) -> str:
        if not self.records:
            return "History(no epochs yet)" + (f"\n{self.note}" if self.note else "")
        table = text_table(self.columns, self._cells(), align="right")
        return f"{table}\n{self.note}" if self.note else table

    def _repr_html_(self) -> str:
        table = html_table([name.replace("_", " ") for name in self.columns], self._cells())
        return f"{table}<p>{self.note}</p>" if self.note else table

    def _cells(self) -> list[list[str]]:
        return [[_cell(record.get(name)) for name in self.columns] for record in self.records]

    def plot(self, ax: Any = None) -> Any:
        """Draw the learning curves, one panel for the losses and one for accuracy.

        Parameters
        ----------
        ax : Axes or sequence of Axes, optional
            One per panel; new ones if not given.

        Returns
        -------
        ndarray of Axes
            See `cnncourse.plotting.show_history`.
        """
        from cnncourse.plotting import show_history  # drawing is loaded when something is drawn

        curves = [name for name in self.columns if name.endswith(("loss", "accuracy"))]
        return show_history({name: self._column(name) for name in curves}, ax=ax)


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:d}" if isinstance(value, int) else f"{value:.4f}"
