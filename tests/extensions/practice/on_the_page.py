"""Judge answers as the page does: with the imitation in the place of torch, in a process of its own.

Reads a file of JSON and prints for each answer what the report says. The file holds the "exercise", the "modules" of
the bank's records, the "prepared" checker, the "real names" of torch, and "answers": pairs of a module and a name in
it. The module is imported here, with the imitation; "record" stands for the answers that the record itself holds.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[3]
STAND_INS = ("extensions", "extensions.practice", "cnncourse", "cnncourse.exercises", "cnncourse.checking")
ABSENT = ("cnncourse.data", "cnncourse.layers", "cnncourse.models", "cnncourse.training", "cnncourse.interpretation")


class Absent(ModuleType):
    """A module of the course that is not on the page. Calling its functions is a gap."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        from extensions.practice.imitation.gaps import gap

        return lambda *args, **kwargs: gap(f"{self.__name__}.{name}")


def install(real_names, modules):
    """Put the imitation in the place of torch and NumPy, and let the checker be imported without the rest of the "
    "course."""
    sys.path.insert(0, str(ROOT))
    for name in STAND_INS:
        package = sys.modules[name] = ModuleType(name)
        package.__path__ = [str(ROOT.joinpath(*(("book",) if name.startswith("extensions") else ()), *name.split(".")))]
    for name in ABSENT:
        sys.modules[name] = Absent(name)
        setattr(sys.modules["cnncourse"], name.rpartition(".")[2], sys.modules[name])
    from extensions.practice.imitation import gaps, namespaces

    namespaces.install(real_names)
    sys.modules["cnncourse.exercises"].solved = lambda name: record_of(name, modules[name]).solved
    return gaps


def record_of(name, module):
    """Return an exercise's record."""
    from cnncourse.checking.record import exercises_in

    return next(one for one in exercises_in(import_module(module)) if one.name == name)


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
    gaps = install(material["real names"], material["modules"])
    from cnncourse.checking.checker import Checker

    record = record_of(material["exercise"], material["modules"][material["exercise"]])
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
