"""What a page says about sources that readers write."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cnncourse.exercises.registry import bank, checker_for
from extensions.practice import data
from extensions.practice.imitation import namespaces

HERE = Path(__file__).parent
RIGHT = bank()["corr2d"].source
ANSWERS = {
    "right": RIGHT,
    "a named mistake": "def corr2d(image, kernel):\n    return convolve(image, kernel)\n"
    f"{RIGHT.replace('def corr2d', 'def valid')}\n"
    "def convolve(image, kernel):\n    return valid(image, kernel.flip(0, 1))",
    "unnamed": "def corr2d(image, kernel):\n    print('shape', image.shape)\n    return image",
    "a syntax error": "def corr2d(image kernel):\n    return image",
    "another name": "def correlate(image, kernel):\n    return image",
    "a stub": bank()["corr2d"].stub(),
    "a gap": "def corr2d(image, kernel):\n    return torch.fft.rfft2(image)",
    "a gap that is caught": "def corr2d(image, kernel):\n    try:\n        return torch.fft.rfft2(image)\n"
    "    except BaseException:\n        return image",
    "a module that is not there": "import scipy.signal\ndef corr2d(image, kernel):\n    return image",
    "the way out": "import js\ndef corr2d(image, kernel):\n    return image",
    "torch changed": "torch.zeros = torch.Tensor.sum = None\ndef corr2d(image, kernel):\n    return image",
    "right after that": RIGHT,
    "Python changed": "import builtins, json\ndef corr2d(image, kernel):\n    json.dumps = builtins.sorted = None\n"
    "    return image",
    "right after that, too": RIGHT,
    "equal axes": RIGHT.replace("image.shape", "image.T.shape", 1),
    "an exception": "def corr2d(image, kernel):\n    raise ValueError('<img src=x>' * 100_000)",
    "a lot printed": "print('a' * 10**7)\ndef corr2d(image, kernel):\n    print('b' * 10**7)\n    return image",
    "an end": "import sys\ndef corr2d(image, kernel):\n    sys.exit(0)",
    "a fault beside the answer": f"{RIGHT}\nprint(1 / 0)",
    "a function with imports of its own": "import math, torch\nimport numpy as np\n" + RIGHT,
}


@pytest.fixture(scope="module")
def verdicts():
    """The verdict on each answer, all from one process."""
    task = {
        "modules": {name: exercise.solved.__module__ for name, exercise in bank().items()},
        "real names": namespaces.real_names(),
        "data": {"corr2d": data.without_repeats(checker_for("corr2d").prepare())},
        "answers": [("corr2d", source) for source in ANSWERS.values()],
    }
    command = [sys.executable, str(HERE / "judge_sources.py")]
    done = subprocess.run(command, input=json.dumps(task), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(zip(ANSWERS, json.loads(done.stdout), strict=True))


def test_each_answer_gets_its_status(verdicts):
    statuses = {kind: verdict["status"] for kind, verdict in verdicts.items()}
    passed = dict.fromkeys(
        ("right", "right after that", "right after that, too", "a function with imports of its own"), "passed"
    )
    kinds = ("a gap", "a gap that is caught", "a module that is not there", "Python changed")
    gaps = dict.fromkeys(kinds, "gap")
    others = {"a stub": "not attempted", "a fault beside the answer": "passed"}
    assert statuses == dict.fromkeys(ANSWERS, "failed") | passed | gaps | others


def test_the_named_mistake_is_the_notebooks(verdicts):
    namespace = {}
    exec(f"import torch\n{ANSWERS['a named mistake']}", namespace)
    checker = checker_for("corr2d")
    report = checker.report(checker.observe(namespace["corr2d"]))
    assert report.misconception
    text, html = (
        written.replace("a hint below", "{}") for written in map(verdicts["a named mistake"].get, ("text", "html"))
    )
    assert text.format('hint("corr2d")') == str(report)
    assert html.format("hint(&quot;corr2d&quot;)") == report._repr_html_()


def test_each_case_is_a_step(verdicts):
    assert verdicts["right"]["steps"] == len(checker_for("corr2d").cases) + 1


def test_what_the_failing_call_prints_is_shown(verdicts):
    assert verdicts["unnamed"]["printed"] == "shape torch.Size([1, 1])\n"


def test_much_that_is_printed_is_cut(verdicts):
    assert verdicts["a lot printed"]["printed"] == "a" * 2000 + "b" * 2000


def test_a_gap_is_said_and_no_verdict(verdicts):
    assert verdicts["a gap that is caught"]["text"] == "This page cannot run `torch.fft`; use the notebook."
    assert "<code>torch.fft</code>" in verdicts["a gap"]["html"]
    assert "import scipy" in verdicts["a module that is not there"]["text"]


def test_what_keeps_an_answer_from_being_defined_is_said_with_its_line(verdicts):
    assert "line 1: def corr2d(image kernel):" in verdicts["a syntax error"]["text"]
    assert "it defines correlate" in verdicts["another name"]["text"]
    assert "No module named 'js'\n  line 1: import js" in verdicts["the way out"]["text"]


def test_html_of_a_message_is_text(verdicts):
    assert "<img" not in verdicts["an exception"]["html"]
    assert len(verdicts["an exception"]["html"]) < 100_000


def test_an_answer_that_breaks_the_checker_gets_no_verdict(verdicts):
    assert "This page cannot judge this answer" in verdicts["Python changed"]["text"]
