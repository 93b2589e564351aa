"""Run the studies and write their files, or print what the files hold: ``python -m studies [--show] [NAME ...]``."""

import argparse
import datetime
import importlib
import json
import pkgutil
import sys
from pathlib import Path

import torch
from rich.console import Console

import cnncourse.studies
from cnncourse.files import atomic_write
from cnncourse.studies import load_study
from cnncourse.training.tasks import versions

from .table import table

FOLDER = Path(__file__).parent
RECORDS = Path(cnncourse.studies.__file__).parent
NO_STUDIES = ("__main__", "pocket", "table")


def names() -> list[str]:
    """Return the studies there are, by module name."""
    return sorted(module.name for module in pkgutil.iter_modules([str(FOLDER)]) if module.name not in NO_STUDIES)


def record(name: str) -> dict:
    """Run a study over all its seeds, and return what its file will hold."""
    study = importlib.import_module(f"studies.{name}")
    results = []
    for seed in study.SEEDS:
        results.append({"seed": seed, **study.run(seed)})
        print(f"{name}: {results[-1]}", flush=True)
    return {
        "study": name,
        "question": study.__doc__.splitlines()[0],
        "date": datetime.date.today().isoformat(),
        "versions": versions(),
        "results": results,
    }


def show(name: str) -> None:
    """Print the table of a study from its file."""
    found = load_study(name)
    Console(width=120).print(table(found, getattr(importlib.import_module(f"studies.{name}"), "COLUMNS", ())))


def main(arguments: list[str]) -> int:
    """Run or show the chosen studies, all of them when none is named; return the exit code."""
    parser = argparse.ArgumentParser(prog="studies", description="Run the studies and write their files.")
    parser.add_argument("--show", action="store_true", help="run nothing, print the tables of the files there are")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names())}; all without a name")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in names()]:
        print(f"studies: no study {', '.join(unknown)}; choose from {', '.join(names())}", file=sys.stderr)
        return 2
    torch.set_num_threads(1)  # the sums of several threads round differently from run to run
    for name in options.names or names():
        if options.show:
            show(name)
            continue
        found = record(name)
        rows = ",\n".join(f"    {json.dumps(row)}" for row in found.pop("results"))
        head = json.dumps(found, indent=2).removesuffix("\n}")
        atomic_write(RECORDS / f"{name}.json", f'{head},\n  "results": [\n{rows}\n  ]\n}}\n')
        print(f"cnncourse/studies/{name}.json is written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
