"""A page of feedback: complete, nothing hidden in it, nothing of the student alive in it, readable on every screen."""

import base64
import io
import json
from dataclasses import replace

import nbformat
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from cnncourse.classroom.course import Assignment
from cnncourse.classroom.feedback import answers_as_handed_in, feedback_page, pages
from cnncourse.classroom.grade import empty_record
from cnncourse.classroom.graded_notebook import graded_notebook
from cnncourse.classroom.sandbox import SandboxResult
from cnncourse.classroom.student_view import student_view
from cnncourse.classroom.submission import read_submission
from cnncourse.classroom.verdict import FAILED, GRADED, MISSING, Verdict, read_verdict, save_verdict
from cnncourse.exercises.registry import bank

ASSIGNMENT = Assignment("ps1", {"corr2d": 4.0}, seed=987654321, late_penalty=0.1)
FLIPPED = "def corr2d(image, kernel):\n    return F.conv2d(image[None], kernel.flip(0, 1)[None, None])[0]"


def page(record=None, assignment=ASSIGNMENT, comment="", answer=(), **about):
    records = {name: empty_record(4.0, "failed") | (record or {}) for name in assignment.points}
    verdict = Verdict(**{"student": "Student 17", "status": GRADED, "exercises": records} | about)
    marks = {name: each["mark"] for name, each in records.items()}
    comments, answers = (dict.fromkeys(records, each) for each in (comment, answer))
    return feedback_page(assignment, assignment.exercises(), verdict, marks, comments, answers)


def seen_by_a_student(name):
    """The record of the answer that makes the first known mistake of an exercise."""
    checker = Assignment("ps1", {name: 4.0}, seed=3).checkers()[name]
    report = checker.report(checker.observe(checker.exercise.mistakes[0].ways[0]))
    return json.loads(json.dumps(student_view(report, SandboxResult([], "", "", False)), allow_nan=False))


def png(width=3, height=2):
    content = io.BytesIO()
    Image.new("L", (width, height), 128).save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()


def parsed(text):
    return BeautifulSoup(text, "html.parser")


def test_a_right_answer_is_told_so_and_gets_no_hints():
    text = page({"mark": 4.0, "status": "passed"})
    assert "4 of 4 points" in text
    assert "Right in every case." in text
    assert "Next hint" not in [heading.get_text() for heading in parsed(text).find_all(["h3", "summary"])]


def test_a_wrong_answer_gets_its_sentence_its_call_and_the_next_hint_with_the_others_folded():
    call = [["called", "corr2d(image)"], ["returned", "0"], ["expected", "1"], ["so", "It returns 0."]]
    shown = parsed(page({"sentence": "The kernel is flipped.", "call": call}))
    assert shown.find(class_="mistake").get_text() == "The kernel is flipped."
    assert [text.get_text() for text in shown.select(".cnn-call pre")] == ["corr2d(image)", "0", "1"]
    first, *others = bank()["corr2d"].hints
    headings = [heading for heading in shown.find_all("h3") if heading.get_text() == "Next hint"]
    assert headings[0].find_next("p").get_text() == first
    assert len(shown.find_all("details")) == len(others)


def test_both_of_two_known_mistakes_are_on_the_page():
    checker = Assignment("ps1", {"corr2d": 4.0}, seed=3).checkers()["corr2d"]
    first, second = checker.exercise.mistakes[:2]
    report = replace(checker.report(checker.observe(first.ways[0])), mistakes=(first, second))
    shown = parsed(page(student_view(report, SandboxResult([], "", "", False)))).find(class_="mistake").get_text()
    assert shown == f"{first.sentence} There is a second mistake: {second.sentence}"


def test_arrays_of_the_failing_call_are_pictures_got_and_expected_side_by_side():
    shown = parsed(page(seen_by_a_student("corr2d")))
    labels = [figure.find("strong").get_text() for figure in shown.find_all("figure")]
    assert labels == ["image", "kernel", "returned", "expected"]
    returned, expected = shown.find_all("figure")[2:]
    assert returned.parent is expected.parent
    assert "not as expected" in returned.find("svg")["aria-label"]


def test_a_record_without_pictures_shows_its_call_as_text():
    record = seen_by_a_student("corr2d")
    del record["pictures"]
    assert "a tensor of shape" in parsed(page(record)).find("pre").get_text()


def test_the_answer_is_on_the_page_as_it_was_handed_in():
    cells = [f"{FLIPPED}  # a < b & c", "%matplotlib inline\r\nx = 1"]
    shown = [code.get_text() for code in parsed(page(answer=cells)).select("pre code")]
    assert shown == [cells[0], "%matplotlib inline\nx = 1"]


def test_the_answer_is_the_cell_that_defines_it_and_what_was_added_below_it(course):
    assignment = course.load("ps1")
    release = nbformat.read(course.release("ps1") / "ps1.ipynb", as_version=4)
    stub = next(cell for cell in release.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "corr2d")
    handed_in = nbformat.from_dict(release)
    place = handed_in.cells.index(stub)
    handed_in.cells[place].source = "# below"
    handed_in.cells[place + 1 : place + 1] = [nbformat.v4.new_code_cell(text) for text in (FLIPPED, "", "1 + 1")]
    submission = read_submission(nbformat.writes(handed_in).encode(), release)
    records = {name: empty_record(1.0, "failed") for name in assignment.points}
    graded = graded_notebook(release, submission, Verdict("ada", GRADED, exercises=records))
    answers = answers_as_handed_in(graded)
    assert answers["corr2d"] == [FLIPPED, "1 + 1"]  # the cell that defines it, then what was added
    assert len(answers["sgd_step"]) == 1


def test_the_section_of_the_book_is_linked_and_nothing_else_outside():
    links = [link["href"] for link in parsed(page()).find_all("a")]
    assert links == ["https://cnncourse.github.io/cnncourse/book/convolution.html#the-loop"]


def test_the_rule_of_a_variant_is_on_the_page():
    variant = bank()["corr2d"].variants[0]
    assignment = Assignment("ps1", {"corr2d": 4.0}, seed=1, variants={"corr2d": variant.id})
    assert variant.rule in parsed(page(assignment=assignment)).get_text()
    assert variant.rule not in parsed(page()).get_text()


def test_the_table_tells_an_answer_that_did_not_run_from_one_that_is_not_there():
    points = {"corr2d": 4.0, "softmax": 4.0}
    for sentence, result in (("", "not attempted"), ("Its cell raised NameError.", "did not run")):
        record = {"status": "not attempted", "sentence": sentence}
        shown = parsed(page(record, Assignment("ps1", points, seed=1)))
        rows = [[cell.get_text() for cell in row.find_all("td")] for row in shown.find("table").find_all("tr")[1:]]
        assert rows == [[name, result, "0 of 4"] for name in points]
        assert ("Not attempted." in shown.get_text()) == (sentence == "")


@pytest.mark.parametrize("status", [MISSING, FAILED])
def test_the_status_is_on_the_page_unless_it_was_graded(status):
    assert f"Status: {status}." in page(status=status)
    assert "Status" not in page()


def test_lateness_is_on_the_page_with_what_it_cost():
    right = {"mark": 4.0, "status": "passed"}
    text = page(right, days_late=2)
    assert "Handed in 2 days late, which cost 0.8 points." in text
    assert "3.2 of 4 points" in text
    assert "Handed in 1 day late" in page(right, days_late=1)
    free = Assignment("ps1", {"corr2d": 4.0}, seed=1)
    assert "Handed in late." in page(right, free, days_late=2)


def test_lateness_costs_no_more_than_there_is():
    assert "0 of 4 points" in page({"mark": 0.2}, days_late=9)


def test_what_came_from_a_student_or_a_person_is_text():
    script = "<script>alert(1)</script>{{ 7 * 7 }}"
    record = {"sentence": script, "call": [["called", script], ["returned", script], ["expected", script]]}
    text = page(record, student=script, comment=script, answer=[script])
    assert "<script" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}") == 8
    assert "default-src 'none'" in text


def test_control_characters_and_direction_marks_are_shown_as_text():
    hidden = "a\u202eb\x1b[2Jc\u200bd\x00e"
    record = {"sentence": hidden, "call": [["called", hidden], ["returned", hidden], ["expected", hidden]]}
    text = page(record, student=hidden, comment=hidden, answer=[hidden])
    assert text.count(r"a\u202eb\x1b[2Jc\u200bd\x00e") == 8
    assert not set("\u202e\x1b\u200b\x00") & set(text)


def test_every_piece_is_cut_at_a_length_with_a_sentence():
    long = "<&\u202e" * 500_000
    record = {"sentence": long, "call": [["called", long], ["returned", long], ["expected", long]]}
    text = page(record, comment=long, answer=[long, long], figures=[png()] * 12)
    assert len(text) < 2_000_000
    said = parsed(text).get_text()
    assert "The first 2,000 of 1,500,000 characters are shown." in said
    assert said.count("The first 20,000 of 1,500,000 characters are shown.") == 4
    assert "The first 10,000 of 1,500,000 characters are shown." in said
    assert "The rest is left out: 1 cell." in said


def test_an_answer_of_many_lines_is_cut_with_a_sentence():
    shown = parsed(page(answer=["x = 1\n" * 600]))
    assert shown.find(class_="cut").get_text() == "The first 500 of 601 lines are shown."
    assert shown.select_one("pre code").get_text().count("x = 1") == 500


def test_figures_are_pictures_inside_the_page():
    shown = parsed(page(figures=[png()]))
    assert [picture["alt"] for picture in shown.find_all("img")] == ["Your figure 1"]
    assert shown.find("img")["src"] == f"data:image/png;base64,{png()}"


def test_figures_that_are_too_large_are_left_out_with_a_sentence():
    heavy = png() + "A" * 3_000_000
    huge = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\0\xff\xff" * 2).decode()
    shown = parsed(page(figures=[heavy, huge, heavy, png(), "aGVsbG8="]))
    assert len(shown.find_all("img")) == 2
    assert "Left out, being too large: 3 of 5" in shown.find(id="figures").get_text()


def test_the_hidden_seed_is_not_on_the_page():
    assert "987654321" not in page()


def test_nothing_graded_is_one_sentence_that_names_the_next_command(course, run, capsys):
    assert run("feedback", "ps1", "--course", course.folder) == 2
    assert "nothing is graded yet; run cnncourse grade ps1 first" in capsys.readouterr().err
    assert not (course.folder / "feedback").exists()


def test_who_has_no_verdict_gets_no_page_and_the_others_do(course, run, capsys):
    (course.submitted / "bob").mkdir()
    records = {name: empty_record(4.0, "failed") for name in ("corr2d", "sgd_step")}
    save_verdict(course, "ps1", Verdict("ada", GRADED, exercises=records))
    assert run("feedback", "ps1", "--course", course.folder) == 0
    assert "has 1 page of feedback" in capsys.readouterr().out
    assert (course.feedback("ada", "ps1") / "ps1.html").exists()
    assert not (course.feedback("bob", "ps1")).exists()


def test_a_preview_makes_one_page(course, run):
    records = {name: empty_record(4.0, "failed") for name in ("corr2d", "sgd_step")}
    for student in ("ada", "bob"):
        (course.submitted / student).mkdir(exist_ok=True)
        save_verdict(course, "ps1", Verdict(student, GRADED, exercises=records))
    assert run("feedback", "ps1", "--preview", "bob", "--course", course.folder) == 0
    assert [path.name for path in (course.folder / "feedback").iterdir()] == ["bob"]
    assert read_verdict(course, "ada", "ps1") is not None


def test_pages_show_the_answers_of_the_graded_notebooks(course):
    records = {name: empty_record(4.0, "failed") for name in ("corr2d", "sgd_step")}
    verdict = Verdict("ada", GRADED, exercises=records)
    release = nbformat.read(course.release("ps1") / "ps1.ipynb", as_version=4)
    submission = read_submission((course.submitted / "ada" / "ps1" / "ps1.ipynb").read_bytes(), release)
    graded = course.graded("ada", "ps1")
    graded.mkdir(parents=True)
    nbformat.write(graded_notebook(release, submission, verdict), graded / "ps1.ipynb")
    ((student, text),) = pages(course, course.load("ps1"), [verdict])
    assert student == "ada"
    shown = [code.get_text().splitlines()[0] for code in parsed(text).select("pre code")]
    assert shown == ["def corr2d(image, kernel):", "def sgd_step(parameters, learning_rate):"]


# In a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """The file of a page with a mistake in nine exercises, one right answer, figures, a comment, and strange texts."""
    wrong = ("corr2d", "conv2d", "conv2d_im2col", "max_pool2d_backward", "conv2d_backward", "learn_kernel", "softmax")
    points = dict.fromkeys((*wrong, "dropout", "same_padding", "edge_kernel"), 4.0)
    assignment = Assignment("ps1", points, seed=3)
    records = {name: empty_record(4.0, "failed") | seen_by_a_student(name) for name in points}
    records["edge_kernel"] = empty_record(4.0, "passed")
    strange = "'\"><img src=x onerror=alert(1)>\u202e" + "\u0301" * 50 + "W" * 300
    answers = dict.fromkeys(points, (FLIPPED, f"# {strange}"))
    verdict = Verdict(f"Student 17 {strange}", FAILED, days_late=1, exercises=records, figures=[png(900, 20)])
    comments = {"corr2d": f"Good names. {strange}"}
    text = feedback_page(assignment, assignment.exercises(), verdict, dict.fromkeys(points, 1 / 3), comments, answers)
    file = tmp_path_factory.mktemp("feedback") / "ps1.html"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_accessible_quiet_and_as_wide_as_the_window(chromium, everything, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    browsed, faults = context.new_page(), []
    browsed.on("request", lambda request: faults.append(request.url))
    browsed.on("dialog", lambda dialog: faults.append(dialog.message) or dialog.dismiss())
    browsed.on("console", lambda message: message.type == "error" and faults.append(message.text))
    browsed.goto(everything.as_uri())
    asked = [fault for fault in faults if not fault.startswith(("data:", everything.as_uri()))]
    overhang = browsed.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    background = browsed.evaluate("getComputedStyle(document.body).backgroundColor")
    browsed.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    violations = Axe().run(browsed).response["violations"]
    context.close()
    assert asked == []
    assert overhang <= 0
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 18, 18)"}[scheme]
    assert [(each["id"], [node["target"] for node in each["nodes"][:5]]) for each in violations] == []


@pytest.mark.browser
def test_got_and_expected_stand_side_by_side_on_a_phone(chromium, everything):
    browsed = chromium.new_page(viewport={"width": 360, "height": 800})
    browsed.goto(everything.as_uri())
    returned, expected = (
        browsed.locator("#corr2d figure").filter(has_text=label).bounding_box() for label in ("returned", "expected")
    )
    browsed.close()
    assert returned["y"] == expected["y"]
    assert returned["x"] + returned["width"] <= expected["x"]


@pytest.mark.browser
def test_on_paper_the_page_is_light_and_nothing_is_folded_or_cut(chromium, everything):
    context = chromium.new_context(viewport={"width": 794, "height": 1123}, color_scheme="dark")
    browsed = context.new_page()
    browsed.goto(everything.as_uri())
    browsed.emulate_media(media="print")
    background = browsed.evaluate("getComputedStyle(document.body).backgroundColor")
    folded = browsed.evaluate(
        "[...document.querySelectorAll('details > :not(summary)')].filter(each => !each.checkVisibility()).length"
    )
    cut = browsed.evaluate(
        "[...document.querySelectorAll('pre')].filter(each => each.scrollWidth > each.clientWidth + 1).length"
    )
    context.close()
    assert (background, folded, cut) == ("rgb(255, 255, 255)", 0, 0)
