"""Check sources as the worker of a page does, one after the other; a process of its own, since it replaces torch.

Reads JSON from standard input: "modules", "real names", "data" of exercises, and "answers", pairs of an exercise and a
source. Prints the verdicts.
"""

import json
import sys


def main():
    from on_the_page import load_page  # beside this file, where a process of its own finds it

    task = json.load(sys.stdin)
    page = load_page(task["modules"], task["real names"])
    verdicts = []
    for name, source in task["answers"]:
        verdict = json.loads(page.begin(name, json.dumps(task["data"][name]), source))
        steps = 0
        while verdict is None:
            verdict = json.loads(page.step())
            steps += 1
        verdicts.append(verdict | {"steps": steps})
        page.reset()
    sys.__stdout__.write(json.dumps(verdicts))


if __name__ == "__main__":
    main()
