"""Observe an answer in a process of its own: ``python -m runner``, a child of the process that decides.

The first line of standard input is JSON with ``cells`` (plain Python sources, run in order), ``name`` (what the answer
is called), ``refuses`` and ``folder`` (where the cells run and find modules, or null). It is answered by one line with
``defined`` (whether a cell defines the answer) and ``faults``, the exceptions that cells raised: ``exception``,
``message``, and ``cell`` and ``line``, from 1, or 0 where that is not known. Every further line is a case with
``probe`` and ``inputs``; each is answered by one line, an observation. The answer's own standard output is discarded.
"""

import json
import os
import sys

from .observing import describe, observe
from .program import OWN, Program, Undefined, place_of


def main() -> None:
    """Serve one answer until standard input ends."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    requests = os.fdopen(os.dup(sys.stdin.fileno()), encoding="utf-8")
    with open(os.devnull, "r+b") as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
        os.dup2(nothing.fileno(), sys.stdout.fileno())

    def reply(content: dict) -> None:
        replies.write(json.dumps(content) + "\n")
        replies.flush()

    task = json.loads(requests.readline())
    if task["folder"]:
        os.chdir(task["folder"])
        sys.path.append(task["folder"])
    answer, start = run(task["cells"], task["name"])
    reply(start)
    for line in requests:
        case = json.loads(line)
        reply(observe(answer, case["probe"], case["inputs"], task["refuses"]))


def run(cells: list[str], name: str) -> tuple[object, dict]:
    """Run cells; return the answer, and the reply with ``defined`` and ``faults``."""
    program = Program([(OWN, source) for source in cells])
    answer, _ = program.run(name)
    faults = [
        describe(error) | place_of(error)
        for _, error in program.faults
        if not (isinstance(error, NameError) and error.name == name)  # a cell that calls what is not defined
    ]
    return answer, {"defined": not isinstance(answer, Undefined), "faults": faults}


if __name__ == "__main__":
    main()
