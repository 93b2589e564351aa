"""Observe an answer in a process of its own: ``python -m probes`` beside a parent that decides.

The first line of standard input is JSON with ``cells`` (sources, run in order), ``name`` (what the answer is called)
and ``refuses``. Every further line is a case with ``probe`` and ``inputs``; each is answered by one line, an
observation. The answer's own standard output goes nowhere.
"""

import json
import os
import sys

from .observing import observe


class Missing:
    """Stands for an answer that the cells do not define; using it looks like a stub."""

    def __call__(self, *args, **kwargs):
        raise NotImplementedError


def run_cells(cells):
    """Run sources in one namespace; a cell that raises keeps what it defined before.

    Parameters
    ----------
    cells : sequence of str

    Returns
    -------
    dict
        The namespace.
    """
    namespace = {"__name__": "__main__"}
    for number, source in enumerate(cells, start=1):
        try:
            exec(compile(source, f"cell {number}", "exec"), namespace)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            print(f"cell {number} raised {type(error).__name__}", file=sys.stderr)
    return namespace


def main():
    """Serve one answer until standard input ends."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    requests = os.fdopen(os.dup(sys.stdin.fileno()), encoding="utf-8")
    with open(os.devnull, "r+b") as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
        os.dup2(nothing.fileno(), sys.stdout.fileno())
    task = json.loads(requests.readline())
    answer = run_cells(task["cells"]).get(task["name"], Missing())
    for line in requests:
        case = json.loads(line)
        replies.write(json.dumps(observe(answer, case["probe"], case["inputs"], task["refuses"])) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
