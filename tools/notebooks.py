"""Execute notebooks and write them back in the form in which the repository stores them.

    python tools/notebooks.py book/*.ipynb

Text outputs and execution counts are kept, since `make test` compares them; pictures, times and the numbers of widgets
are dropped. Each notebook is written whole or, if a cell fails, not at all.
"""

import argparse
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

from cnncourse.palette import MACROS, formula_definitions

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
COLOUR_CELL = "formula-colours"
DROPPED = ("image/", "application/vnd.jupyter.widget-view")  # a widget's number is new in every run
ENCRYPTED = Config({"KernelManager": {"transport_encryption": "auto"}})  # what ipykernel asks for


def execute(notebook, folder):
    """Run all cells in `folder`, in one thread, in place."""
    os.environ["OMP_NUM_THREADS"] = "1"  # sums in one order on every machine
    os.environ.pop("CNNCOURSE_SITE", None)  # stored outputs are a notebook's, not the site's
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(
        notebook, timeout=900, kernel_name="python3", coalesce_streams=True, resources=place, config=ENCRYPTED
    ).execute()


def normalise(notebook):
    """Drop, in place, what differs from run to run or has no place in a repository."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    _define_formula_colours(notebook)
    for cell in notebook.cells:
        for key in ("execution", "collapsed", "editable", "slideshow"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        for output in cell.get("outputs", ()):
            if "text/plain" in output.get("data", {}):
                output.data = {kind: value for kind, value in output.data.items() if not kind.startswith(DROPPED)}
                output.metadata = nbformat.NotebookNode()
    return notebook


def _define_formula_colours(notebook):
    """Keep one hidden cell that defines the role colours of formulas for JupyterLab, where formulas use them."""
    cells = [cell for cell in notebook.cells if cell.get("id") != COLOUR_CELL]
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    if any(f"\\{macro}{{" in text for macro in MACROS):
        cell = nbformat.v4.new_markdown_cell(f"${formula_definitions()}$", metadata={"tags": ["remove-cell"]})
        cell.id = COLOUR_CELL
        cells.insert(1, cell)
    notebook.cells = cells


def write(notebook, path):
    """Write the whole notebook or leave the file as it was."""
    nbformat.validate(notebook)
    part = path.with_suffix(".part")
    part.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    part.replace(path)


def main(arguments=None):
    """Execute, normalise and write each notebook; return 0, or 1 if one failed."""
    parser = argparse.ArgumentParser(description="Execute notebooks, normalise them and write them back.")
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--no-execute", action="store_true", help="only normalise")
    options = parser.parse_args(arguments)
    failed = False
    for path in options.notebooks:
        notebook = nbformat.read(path, as_version=4)
        try:
            if not options.no_execute:
                execute(notebook, path.parent)
        except CellExecutionError as error:
            print(f"{path}: a cell failed, the file is unchanged\n{error}", file=sys.stderr)
            failed = True
            continue
        write(normalise(notebook), path)
        print(f"{path}: written")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
