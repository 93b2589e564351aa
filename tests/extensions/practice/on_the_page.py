"""Judge answers as the page does: with the imitation in the place of torch, in a process of its own.

Reads a file of JSON and prints for each answer what the report says. The file holds the "exercise", the "modules" of
the bank's records, the "prepared" checker, the "real names" of torch, and "answers": pairs of a module and a name in
it. The module is imported here, with the imitation; "record" stands for the answers that the record itself holds.
"""

import importlib.util
import json
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).parents[3]
BOOK = ROOT / "book"


def load_page(modules, real_names):
    """Return the page, without a `cnncourse` or `extensions` but its own."""
    sys.path.insert(0, str(ROOT))
    name = "extensions.practice.page"
    spec = importlib.util.spec_from_file_location(name, BOOK / "extensions" / "practice" / "page.py")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Page(ROOT, BOOK, modules, real_names)


def find_answer(record, module, name):
    """Return an answer: one of the record's own, one registered from a prompt, or one of a list."""
    if module == "record":
        if name == "solution":
            return record.solved
        known, _, way = name.rpartition("/")
        return next(each for each in record.mistakes if each.id == known).ways[int(way)]
    content = import_module(module)
    if ":" in name:
        kind, _, place = name.partition(":")
        return getattr(content, kind)[int(place)]
    return getattr(content, name)


def main(path):
    material = json.loads(Path(path).read_text())
    page = load_page(material["modules"], material["real names"])
    from cnncourse.checking.checker import Checker
    from extensions.practice.imitation import gaps

    record = page.record(material["exercise"])
    checker = Checker(record, prepared=material["prepared"])
    verdicts = []
    for module, name in material["answers"]:
        gaps.FOUND.clear()
        try:
            answer = find_answer(record, module, name)
            observed = checker.observe(answer)
        except gaps.Gap:
            pass  # it is in `FOUND`
        if gaps.FOUND:
            verdicts.append({"gap": gaps.FOUND[0]})
            continue
        report = checker.report(observed)
        failing = [
            (number, result.mismatch.sentence) for number, result in enumerate(report.results) if result.mismatch
        ]
        verdicts.append(
            {
                "status": report.status,
                "misconception": report.misconception,
                "failing": [number for number, _ in failing],
                "sentences": [sentence for _, sentence in failing],
            }
        )
    print(json.dumps(verdicts))


if __name__ == "__main__":
    main(sys.argv[1])
