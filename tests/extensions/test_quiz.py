"""Questions of the book: one right answer each, numbers computed, readable without script."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
import yaml
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from extensions.quiz import split

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^(:{3,}|`{3,})\{quiz\}\n(.*?)\n\1$", re.S | re.M)
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [
    ROOT / f"{page['file']}.ipynb"
    for part in TOC["parts"]
    if part["caption"] == "Chapters"
    for page in part["chapters"]
]


def quizzes(path):
    cells = nbformat.read(path, as_version=4).cells
    return [match[2] for cell in cells if cell.cell_type == "markdown" for match in FENCE.finditer(cell.source)]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_asks_at_least_four_questions(chapter):
    assert len(quizzes(chapter)) >= 4


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_a_number_that_is_asked_for_is_computed_by_a_function(chapter):
    answers = re.findall(r"^:answer: (.*)$", "\n".join(quizzes(chapter)), re.M)
    typed = [each for each in answers if not any(isinstance(node, ast.Call) for node in ast.walk(ast.parse(each)))]
    assert not typed, "the site's build refuses these"


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_every_question_has_one_right_answer_or_a_computed_number(chapter):
    for text in quizzes(chapter):
        lines = text.splitlines()
        question, choices, reason = split([line for line in lines if not line.startswith(":answer:")])
        assert "".join(question).strip()
        if any(line.startswith(":answer:") for line in lines):
            assert not choices
            assert reason
        else:
            assert sum(right for right, _, _ in choices) == 1
            assert all(why for _, _, why in choices)


@pytest.fixture
def build(tmp_path):
    def run(text):
        (tmp_path / "conf.py").write_text(
            'extensions = ["myst_parser", "extensions.quiz"]\nmyst_enable_extensions = ["colon_fence"]\n'
        )
        (tmp_path / "index.md").write_text(f"# Page\n\n::::{{quiz}}\n{text}\n::::\n")
        out = tmp_path / "out"
        warnings = tmp_path / "warnings"
        with warnings.open("w") as stream, docutils_namespace():
            Sphinx(tmp_path, tmp_path, out, tmp_path / "trees", "html", status=None, warning=stream).build()
        return (out / "index.html").read_text(), warnings.read_text()

    return run


def test_choices_become_radios_with_the_answer_in_a_fold(build):
    page, warnings = build("How many?\n\n- [ ] 3\n  > Too few.\n- [x] 4\n  > Yes, four.")
    assert warnings == ""
    assert page.count('type="radio"') == 2
    assert "<legend>How many?</legend>" in page
    fold = page[page.index("<details>") :]
    assert "Yes, four." in fold
    assert "Too few." not in fold
    assert 'role="status"' in page
    assert "quiz/quiz.js" in page


def test_a_number_is_computed_by_the_package(build):
    page, warnings = build(":answer: output_size(28, 3, stride=2)\nHow many?\n> The floor.")
    assert warnings == ""
    assert 'data-answer="13"' in page


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("How many?\n\n- [x] 3\n  > a\n- [x] 4\n  > b", "exactly one"),
        ("How many?\n\n- [ ] 3\n  > a\n- [ ] 4\n  > b", "exactly one"),
        ("How many?\n\n- [ ] 3\n- [x] 4\n  > b", "has no reason"),
        (":answer: 13\nHow many?\n> b", "is typed"),
        (":answer: output_size(2, 3)\nHow many?\n> b", "cannot be computed"),
        (":answer: nothing(2, 3)\nHow many?\n> b", "cannot be computed"),
    ],
)
def test_a_faulty_question_is_a_warning(build, text, fault):
    assert fault in build(text)[1]
