"""What happened during training: a small table, one row per epoch, that prints and plots itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
        """Names of the columns, in the order of the first row."""
        return list(self.records[0]) if self.records else []

    def __getitem__(self, key: str | int) -> list[float] | dict[str, float]:
        """A column by its name, a row by its number (-1 is the last epoch)."""
        if isinstance(key, int):
            return self.records[key]
        if key not in self.columns:
            raise KeyError(f"no column {key!r} in this history; it has {', '.join(self.columns) or 'no rows yet'}")
        return [record[key] for record in self.records]

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
        return [
            [f"{record[name]:d}" if isinstance(record[name], int) else f"{record[name]:.4f}" for name in self.columns]
            for record in self.records
        ]

    def plot(self, ax: Any = None) -> Any:
        """Draw the learning curves, one panel for the losses and one for accuracy.

        Parameters
        ----------
        ax : Axes or sequence of Axes, optional
            One a panel; new ones without.

        Returns
        -------
        ndarray of Axes
            See `cnncourse.plotting.show_history`.
        """
        from cnncourse.plotting import show_history  # drawing is loaded when something is drawn

        curves = [name for name in self.columns if name.endswith(("loss", "accuracy"))]
        return show_history({name: [record[name] for record in self.records] for name in curves}, ax=ax)
