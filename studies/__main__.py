"""Run the studies and write their files: ``python -m studies [NAME ...]``."""

import datetime
import importlib
import json
import pkgutil
import sys
from pathlib import Path

import torch

from cnncourse.training.checkpoints import written_whole
from cnncourse.training.tasks import versions

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Return the studies there are, by module name."""
    return sorted(module.name for module in pkgutil.iter_modules([str(FOLDER)]) if module.name != "__main__")


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


def main(chosen: list[str]) -> int:
    """Run the chosen studies, all of them when none is named; return the exit code."""
    unknown = [name for name in chosen if name not in names()]
    if unknown:
        print(f"studies: no study {', '.join(unknown)}; choose from {', '.join(names())}", file=sys.stderr)
        return 2
    torch.set_num_threads(1)  # the sums of several threads round differently from run to run
    for name in chosen or names():
        found = record(name)
        with written_whole(FOLDER / f"{name}.json") as temporary:
            rows = ",\n".join(f"    {json.dumps(row)}" for row in found.pop("results"))
            head = json.dumps(found, indent=2).removesuffix("\n}")
            temporary.write_text(f'{head},\n  "results": [\n{rows}\n  ]\n}}\n', encoding="utf-8")
        print(f"studies/{name}.json is written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
