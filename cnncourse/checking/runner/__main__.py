"""Observe an answer in a process of its own: ``python -m runner``, a child of the process that decides.

The first line of standard input is JSON with ``cells`` (plain Python sources, run in order), ``name`` (what the answer
is called) and ``refuses``. It is answered by one line with ``fault``: the exception that a cell raised, that no cell
defines the answer, or "". Every further line is a case with ``probe`` and ``inputs``; each is answered by one line, an
observation. The answer's own standard output is discarded.
"""

import json
import os
import sys

from .observing import describe, observe
from .program import OWN, Program, Undefined


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
    answer, error = Program([(OWN, source) for source in task["cells"]]).run(task["name"])
    fault = f"it does not define {task['name']}" if isinstance(answer, Undefined) else ""
    reply({"fault": ": ".join(describe(error).values()) if error else fault})
    for line in requests:
        case = json.loads(line)
        reply(observe(answer, case["probe"], case["inputs"], task["refuses"]))


if __name__ == "__main__":
    main()
