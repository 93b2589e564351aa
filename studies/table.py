"""Lay out what a study found, from its file: medians, and below each the lowest and the highest seed's figure."""

from statistics import median

from rich.table import Table


def table(record: dict, columns: tuple[str, ...] = ()) -> Table:
    """Return the figures of a study as a table.

    Parameters
    ----------
    record : dict
        What `cnncourse.studies.load_study` returns.
    columns : tuple of str
        Last words of the figures' names: ``occlusion_mark`` stands in the row "occlusion", column "mark". Figures that
        end in none of them stand below the table. Without columns each figure has a row.

    Returns
    -------
    rich.table.Table
    """
    figures = {name: [row[name] for row in record["results"]] for name in record["results"][0] if name != "seed"}
    rows: dict[str, dict[str, str]] = {}
    alone = []
    for name, values in figures.items():
        column = next((column for column in columns if name.endswith(f"_{column}")), "")
        if columns and not column:
            alone.append(f"{name}: {_summary(values, ', ')}")
        else:
            rows.setdefault(name.removesuffix(f"_{column}"), {})[column] = _summary(values)
    about = f"{len(record['results'])} seeds, {record['date']}: the median, below it the lowest and the highest"
    laid_out = Table(title=record["question"], caption="\n".join([*alone, about]), title_justify="left")
    laid_out.add_column(record["study"], no_wrap=True)
    for column in columns or ("",):
        laid_out.add_column(column.replace("_", " "), no_wrap=True)
    for row, cells in rows.items():
        laid_out.add_row(row.replace("_", " "), *(cells.get(column, "") for column in columns or ("",)))
    return laid_out


def _summary(values: list[float], between: str = "\n") -> str:
    """Write the median, the lowest and the highest; one number if all are the same."""
    shown = (median(values),) if min(values) == max(values) else (median(values), min(values), max(values))
    return between.join(f"{value:.3g}" for value in shown)
