"""Tricks that do not solve an exercise, tried on every exercise of the bank in the sandbox: none may pass it."""

import textwrap

import pytest

from cnncourse.checking.checker import Checker
from cnncourse.checking.runner.program import OWN
from cnncourse.checking.source import PRACTICE_IMPORTS
from cnncourse.classroom.isolation import why_unavailable
from cnncourse.classroom.sandbox import Sandbox
from cnncourse.exercises.registry import bank

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
SEED = 23

LOOKS = """
def found(thing, depth=0):
    if isinstance(thing, dict) and depth < 4:
        for key, held in list(thing.items()):
            if key in ("planted", "expected", "reference", "solution", "real", "right"):
                return held
            if (deeper := found(held, depth + 1)) is not None:
                return deeper
"""
TRICKS = {
    "reads the frames above": LOOKS
    + """
import sys
def NAME(*given, **options):
    frame = sys._getframe(1)
    while frame:
        if (held := found(dict(frame.f_locals))) is not None:
            return held
        frame = frame.f_back
""",
    "asks the garbage collector": LOOKS
    + """
import gc
def NAME(*given, **options):
    for thing in gc.get_objects():
        if type(thing) is dict and "note" not in thing and {"planted", "expected", "reference", "probe"} & thing.keys():
            if (held := found(thing)) is not None:
                return held
        if callable(thing) and getattr(thing, "__name__", "") == "NAME" and thing is not NAME:
            return thing(*given, **options)
""",
    "claims what the probe should see": """
import runner.calls

LAYERS = ["convolution 1 -> 16, 5x5", "max pooling", "convolution 16 -> 64, 5x5", "max pooling", "linear 64 -> 10"]
MADE_OF = {
    "weight": torch.rand(3, 3), "bias": None, "stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1,
    "window": [[2, 2], [2, 2]],
}
FLAGS = {
    "detached": True, "hooks left": 0, "modes kept": True, "weights kept": True, "train mode": True,
    "weights registered": True, "graph recorded": False, "shape as built": (1, 10),
}

def claim(answer, **given):
    count = len(given.get("images", ()))
    output = torch.zeros(count, 10)
    shapes = [(count, 16, 24, 24), (count, 16, 12, 12), (count, 64, 8, 8), (count, 64, 1, 1), (count, 10)]
    seen = {"kind": "nn.Sequential", "layers": LAYERS[: len(LAYERS) - (answer.__name__ == "build_feature_stack")]}
    seen["steps"] = [
        {"layer": layer, "input": torch.rand(shape), "output": torch.rand(shape), **MADE_OF}
        for layer, shape in zip(seen["layers"], shapes)
    ]
    seen |= {"output": output, "last linear layer": output, "images alone": [output[:1]] * count}
    seen |= {"output shape": (count, 64, 1, 1)}
    return seen | FLAGS | {name: value for name, value in given.items() if name in ("training", "running_mean")}

runner.calls.PROBES.update(dict.fromkeys(runner.calls.PROBES, claim))
def NAME(*given, **options):
    return None
""",
    "returns its argument": """
def NAME(*given, **options):
    return next(iter(given or options.values()), None)
""",
}


@pytest.fixture(scope="module")
def sandbox(require):
    why = why_unavailable()
    require(not why, why)
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def checkers():
    return {name: Checker(exercise, SEED) for name, exercise in bank().items()}


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("name", bank())
def test_no_trick_passes_an_exercise(sandbox, checkers, name, trick):
    checker = checkers[name]
    source = textwrap.dedent(TRICKS[trick]).replace("NAME", name)
    result = sandbox.observe([(OWN, PRACTICE_IMPORTS + source)], checker.exercise, checker.cases)
    report = checker.report(result.observed)
    hidden = report.results[len(checker.exercise.visible) :] or report.results
    assert report.status == "failed"
    assert not all(result.mismatch is None for result in hidden)
    if name in ("learn_kernel", "FashionCNN", "build_feature_stack", "train_detector"):
        assert not any(result.mismatch is None for result in hidden)


def test_the_tricks_run_to_their_end(sandbox, checkers):
    checker = checkers["FashionCNN"]
    source = TRICKS["claims what the probe should see"].replace("NAME", "FashionCNN")
    result = sandbox.observe([(OWN, PRACTICE_IMPORTS + source)], checker.exercise, checker.cases)
    assert [observed.outcome for observed in result.observed] == ["returned"] * len(checker.cases)
    assert checker.mismatches(result.observed)[-1].kind == "value"
