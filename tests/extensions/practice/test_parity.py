"""The page's verdicts are torch's: on the solutions, every known mistake and the answers of learners, or there is "
"none."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cnncourse.checking.checker import Checker
from cnncourse.exercises.answers import MARK
from cnncourse.exercises.registry import bank, checker_for, find
from extensions.practice.imitation import namespaces

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
GAPS = json.loads((HERE / "gaps.json").read_text())  # how many answers of an exercise the page cannot judge
SLOW = {"build_feature_stack": 2, "FashionCNN": 2, "occlusion_map": 12, "dropout": 12}  # answers tried of each kind
NOT_ON_THE_PAGE = {"train_detector"}  # its judge needs the digits of the test set
# Two nearly equal numbers are normalised, so that float32's rounding decides what comes out.
ROUNDING_DECIDES = {("ResidualBlock", "stride-twice/0")}


def own_answers(record):
    yield ("record", "solution"), record.solved
    for known in record.mistakes:
        for number, way in enumerate(known.ways):
            yield ("record", f"{known.id}/{number}"), way


def listed_answers(name):
    path = ROOT / "tests" / "exercises" / "answers" / f"{name}.py"
    if path.exists():
        module = f"tests.exercises.answers.{name}"
        content = importlib.import_module(module)
        for kind in ("RIGHT", "WRONG"):
            for number, answer in enumerate(getattr(content, kind)):
                yield (module, f"{kind}:{number}"), answer


def answers_from_prompts(name):
    for path in sorted((ROOT / "tests" / "exercises" / "answers" / "from_prompts").glob("[!_]*.py")):
        module = f"tests.exercises.answers.from_prompts.{path.stem}"
        for place, value in vars(importlib.import_module(module)).items():
            marked = getattr(value, "__dict__", {}).get(MARK)
            if marked and marked.exercise == name:
                yield (module, place), value


def brief(report):
    failing = [(number, result.mismatch.sentence) for number, result in enumerate(report.results) if result.mismatch]
    return {
        "status": report.status,
        "misconception": report.misconception,
        "failing": [number for number, _ in failing],
        "sentences": [sentence for _, sentence in failing],
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(bank()) - NOT_ON_THE_PAGE))
def test_the_page_gives_the_verdicts_of_torch(name, tmp_path):
    prepared = checker_for(name).prepare()
    checker = Checker(find(name), prepared=prepared)  # as on the page; it knows what is prepared
    tried = []
    for answers in (own_answers(checker.exercise), listed_answers(name), answers_from_prompts(name)):
        tried += list(answers)[: SLOW.get(name)]
    native = [brief(checker.report(checker.observe(answer))) for _, answer in tried]
    material = {
        "exercise": name,
        "modules": {each: record.solved.__module__ for each, record in bank().items()},
        "prepared": prepared,
        "real names": namespaces.real_names(),
        "answers": [place for place, _ in tried],
    }
    path = tmp_path / "material.json"
    path.write_text(json.dumps(material))
    command = [sys.executable, str(HERE / "on_the_page.py"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    page = json.loads(done.stdout)
    gaps, differences = [], []
    for (place, _), real, seen in zip(tried, native, page, strict=True):
        if "gap" in seen:
            gaps.append(f"{place}: {seen['gap']}")
        elif (name, place[1]) not in ROUNDING_DECIDES and any(
            real[key] != seen[key] for key in ("status", "misconception", "failing")
        ):
            differences.append(f"{place}: torch says {real}, the page says {seen}")
    print(f"{name}: {len(tried)} answers, {len(gaps)} gaps")
    assert not differences, "\n".join(differences)
    assert len(gaps) <= GAPS.get(name, 0), "\n".join(gaps)
