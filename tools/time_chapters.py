"""Time the chapters beside as many notebooks that only import torch, torchvision and matplotlib.

    python tools/time_chapters.py

Chapters and empty notebooks take turns, one thread each, and the ratio of the sums is printed last.
"""

import sys
from pathlib import Path
from time import perf_counter

import nbformat

sys.path.insert(0, str(Path(__file__).parent))
from notebooks import execute

CHAPTERS = sorted(Path("book").glob("*.ipynb"))
IMPORTS = "import matplotlib.pyplot as plt\nimport torch\nimport torchvision"


def seconds(notebook):
    """Execute a notebook and return how long it took."""
    start = perf_counter()
    execute(notebook, Path("book"))
    return perf_counter() - start


def main():
    """Print a line a chapter, then the ratio."""
    total = empty = 0.0
    for chapter in CHAPTERS:
        alone = seconds(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(IMPORTS)]))
        taught = seconds(nbformat.read(chapter, as_version=4))
        total, empty = total + taught, empty + alone
        print(f"{chapter.stem:<20} {taught:6.1f} s, imports alone {alone:5.1f} s", flush=True)
    print(f"{'all':<20} {total:6.1f} s, imports alone {empty:5.1f} s, ratio {total / empty:.2f}")


if __name__ == "__main__":
    main()
