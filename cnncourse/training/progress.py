"""A progress bar that is drawn only where somebody can see it."""

from __future__ import annotations

import sys
from typing import Any

from tqdm.auto import tqdm


def progress_bar(wanted: bool) -> tqdm:
    """Return a bar that counts from 0 to 1 and writes nothing unless somebody is there to see it.

    In a terminal it is drawn on stderr; in a notebook it is a widget. It is silent when stderr goes to a file or a
    pipe, and in notebooks that a program executes (a book build, nbval, nbgrader): their kernels do not allow input,
    which tells them apart. The bar disappears when training ends, so that no stored output contains it.
    """
    return tqdm(
        total=1.0,
        disable=not (wanted and _somebody_watches()),
        leave=False,
        bar_format="{percentage:3.0f}%|{bar}| {desc} [{elapsed}<{remaining}{postfix}]",
    )


def _somebody_watches() -> bool:
    if sys.stderr.isatty():
        return True
    kernel = getattr(_ipython_shell(), "kernel", None)
    return bool(getattr(kernel, "_allow_stdin", False))


def _ipython_shell() -> Any:
    ipython = sys.modules.get("IPython")  # present in every notebook; never worth importing elsewhere
    return ipython.get_ipython() if ipython is not None else None
