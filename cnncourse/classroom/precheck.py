"""Before a student hands a notebook in: what will be graded, what is missing, and what cannot run there.

The notebook is read as the grader reads it, and its cells run as the grader runs them, in a child process without the
course and in an empty folder. The cases are those of the notebook's own check cells: no hidden case is known here.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder

from cnncourse.checking.notebooks import read_cells, source_of
from cnncourse.checking.runner.observing import describe
from cnncourse.checking.runner.program import OTHER, OWN, Program, Undefined, install_stand_in
from cnncourse.checking.source import PRACTICE_IMPORTS

from .cells import flags
from .submission import Submission, read_submission

SECONDS = 120  # for one exercise
JOBS = min(4, os.cpu_count() or 1)  # each needs some 500 MB
THERE = {  # beside Python's own modules, where it is graded
    *("cnncourse", "numpy", "torch", "torchvision", "matplotlib", "sklearn", "scipy", "PIL", "tqdm", "IPython"),
    *sys.stdlib_module_names,
}
IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)
WRITTEN = re.compile(r"run_cell_magic\('(?:writefile|file)', '(?:-a )?(?:\./)?(\w+)\.py")
ACCELERATOR = re.compile(r"\.cuda\(|['\"](?:cuda|mps)\b")
CHECK = re.compile(r"^# Visible check of (\w+)\.", re.MULTILINE)
MAX_SHOWN = 2_000  # characters of what a check prints


@dataclass
class Finding:
    """What the precheck says about one exercise.

    Parameters
    ----------
    exercise : str
    ready : bool
        Whether there is an answer, and nothing that was seen speaks against it.
    sentences : list of str
    """

    exercise: str
    ready: bool = False
    sentences: list[str] = field(default_factory=list)


def precheck(content: bytes) -> list[Finding]:
    """Look at a notebook before it is handed in.

    Parameters
    ----------
    content : bytes
        A notebook made from one that ``cnncourse assignment create`` made.

    Returns
    -------
    list of Finding
        One for each exercise, in the notebook's order.

    Raises
    ------
    UnreadableError
        If it is no notebook.
    """
    checks = _checks(content)
    submission = read_submission(content, _release(content, checks))
    with ThreadPoolExecutor(JOBS) as pool:
        return list(pool.map(lambda name: _look_at(name, submission, checks[name]), checks))


def _checks(content: bytes) -> dict[str, str]:
    """Return the source of each exercise's check cell; "" for an exercise of which only the solution cell is left."""
    checks: dict[str, str] = {}
    for cell in read_cells(content):
        source, name = source_of(cell), flags(cell).get("grade_id")
        if flags(cell).get("solution") and isinstance(name, str) and name.isidentifier():
            checks.setdefault(name, "")
        elif found := CHECK.search(source):
            checks[found[1]] = source[found.start() :]
    return checks


def _release(content: bytes, checks: dict[str, str]) -> dict:
    """Make what the reader needs of the notebook that was handed out: ids, and stubs where the bank knows them."""
    from cnncourse.exercises.registry import bank

    cells: list[dict] = [{"id": "imports", "cell_type": "code", "source": PRACTICE_IMPORTS}]
    for name, check in checks.items():
        stub = bank()[name].stub() if name in bank() else ""
        for part, source, kind in ((name, stub, "solution"), (f"{name}-check", check, "grade")):
            metadata = {"nbgrader": {"grade_id": part, kind: True}}
            cells.append(
                {"id": part.replace("_", "-")[:64], "cell_type": "code", "source": source, "metadata": metadata}
            )
    return {"cells": cells}


def _look_at(name: str, submission: Submission, check: str) -> Finding:
    finding = Finding(name)
    if name in submission.refused:
        finding.sentences.append(f"a person will have to look at it: {submission.refused[name]}")
        return finding
    cells = submission.cells_for(name)
    ran = _run({"cells": cells, "name": name, "check": check})
    made_only = all(submission.cells[place][0] == name for place in submission.places_of(name))
    unwritten = (name in submission.untouched and made_only) or "not implemented yet" in ran["shown"]
    finding.ready = ran["defined"] and not unwritten
    if ran["ended"]:
        finding.sentences.append(ran["ended"])
    elif not ran["defined"]:
        finding.sentences.append(submission.doubts.get(name, f"no cell defines {name}"))
    elif unwritten:
        finding.sentences.append("not written yet")
    finding.sentences += [note for note in submission.notes if note.startswith((f"{name} ", f"the cell of {name} "))]
    finding.sentences += [f"a line that cannot run: {fault}" for fault in ran["faults"]]
    finding.sentences += [f"not run, since it is not Python: {line}" for line in submission.left_out(name)]
    finding.sentences += _elsewhere([source for role, source in cells if role != OTHER])
    finding.sentences += ran["shown"].splitlines() if finding.ready else []
    return finding


def _elsewhere(sources: list[str]) -> Iterator[str]:
    """Say what runs here and perhaps not where it is graded."""
    text = "\n".join(sources)
    for name in sorted(set(IMPORT.findall(text)) - THERE - set(WRITTEN.findall(text))):
        yield f"{name} is imported, and may be missing where it is graded"
    if ACCELERATOR.search(text):
        yield "a GPU is asked for; it is graded on the processor"


def _run(task: dict) -> dict:
    """Run the cells and the check of one exercise in a child process."""
    result: dict = {"defined": False, "faults": [], "shown": "", "ended": ""}
    with tempfile.TemporaryDirectory(prefix="cnncourse-") as folder:
        environment = {**os.environ, "HOME": folder, "MPLBACKEND": "Agg", "PYTHONPATH": os.pathsep.join(sys.path)}
        try:
            child = subprocess.run(
                [sys.executable, "-m", __name__],
                input=json.dumps(task), capture_output=True, text=True, timeout=SECONDS, cwd=folder, env=environment,
            )  # fmt: skip
            return result | json.loads(child.stdout)
        except subprocess.TimeoutExpired:
            return result | {"ended": f"its cells take more than {SECONDS} seconds"}
        except ValueError:
            return result | {"ended": "its cells end the process that runs them"}


def main() -> None:
    """Be the child: read a task from standard input, write what happened to standard output."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    task = json.load(sys.stdin)
    with open(os.devnull, "r+b") as nothing:
        for standard in (0, 1, 2):
            os.dup2(nothing.fileno(), standard)
    for name in [name for name in sys.modules if name.startswith("cnncourse.")]:
        del sys.modules[name]
    sys.meta_path.insert(0, _NoCourse())
    install_stand_in()
    program = Program(task["cells"])
    answer, _ = program.run(task["name"])
    json.dump(
        {
            "defined": not isinstance(answer, Undefined),
            "faults": list(_faults(program)),
            "shown": _shown_by(task["check"], {task["name"]: answer})[:MAX_SHOWN],
        },
        replies,
    )
    replies.close()
    os._exit(0)  # whatever threads an answer has left


class _NoCourse(MetaPathFinder):
    """Finds no module of the course, as if it were not installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse the course's modules."""
        if name.startswith("cnncourse."):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _faults(program: Program) -> Iterator[str]:
    for role, error in program.faults:
        where = "in its cell" if role == OWN else "in a cell of your own"
        yield f"{': '.join(describe(error).values())} ({where})"


def _shown_by(check: str, namespace: dict) -> str:
    """Return what a check cell prints."""
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(io.StringIO()):
        try:
            exec(compile(check, "<check>", "exec", dont_inherit=True), namespace)
        except Exception as error:
            print(f"the check cell cannot run: {type(error).__name__}")
    return shown.getvalue()


if __name__ == "__main__":
    main()
