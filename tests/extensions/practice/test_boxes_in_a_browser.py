"""The boxes of exercises in Chromium and Firefox: edit, check, hints, solution, what is kept. The runner is a fake."""

import json
import re

import nbformat
import pytest

from tools.weigh_pages import served

from .small_practice import REASON, build_book

pytestmark = [pytest.mark.slow, pytest.mark.browser]
NAME = "calculate_output_shape"
ANSWER = f"def {NAME}(image_size, kernel, stride, padding):\n    return PASSED"
KEY = "cnncourse"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served(build_book(tmp_path_factory.mktemp("book"))) as address:
        yield address


@pytest.fixture
def visit(chromium, address):
    """Return `visit(script="", **context)`: open the page in a new profile; an error of the script fails the test."""
    contexts, errors = [], []

    def visit(script="", **settings):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | settings)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.on("pageerror", lambda error: "practice.js" in error.stack and errors.append(str(error)))
        page.goto(address + "index.html", wait_until="load")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert errors == []


def editor(page, name=NAME):
    return page.locator(f"#answer-{name}")


def box(page, name=NAME):
    return page.locator(f"[aria-label='Exercise {name}']")


def check(page, answer, name=NAME):
    editor(page, name).fill(answer)
    box(page, name).get_by_role("button", name="Check").click()
    page.wait_for_function("!document.querySelector('.cnn-practice-check[aria-disabled]')")
    return box(page, name).locator(".cnn-practice-result")


def kept(page):
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')"))


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def open_panel(page):
    page.get_by_text("Your answers in this browser").click()
    return page.locator(".cnn-practice-answers")


def saved(page, button):
    with page.expect_download() as download:
        button.click()
    return download.value.path().read_text(encoding="utf-8")


def test_nothing_is_fetched_before_an_editor_has_the_focus_and_then_it_says_how_much(visit):
    page = visit()
    assert page.evaluate("globalThis.asked") is None
    editor(page).focus()
    state = box(page).locator(".cnn-practice-state")
    assert state.inner_text() == "Loading Python: 3.1 of 6.3 MB"
    assert box(page).get_by_role("progressbar").is_visible()
    editor(page, "max_pool2d").focus()
    assert state.inner_text() == ""
    assert box(page, "max_pool2d").locator(".cnn-practice-state").inner_text().startswith("Loading Python")
    page.wait_for_function("!document.querySelector('progress:not([hidden])')")
    assert page.evaluate("asked.warmed") == 1
    assert page.evaluate("asked.base").endswith("/_static/practice/")


def test_an_answer_is_checked_by_mouse_and_the_report_is_shown_and_announced(visit):
    page = visit()
    result = check(page, f"def {NAME}():\n    PRINT")
    assert result.locator(".cnn-practice-verdict").inner_text() == "Not yet."
    assert result.get_by_text("Padding is counted on one side only").is_visible()
    assert result.locator("pre").last.inner_text().startswith("line line")
    said = box(page).get_by_role("status").inner_text()
    assert said.startswith(f"Not yet. {NAME}: failed")
    red = result.locator(".cnn-report").evaluate("(report) => getComputedStyle(report).borderLeftColor")
    assert box(page).locator(".cnn-practice-done").is_hidden()
    result = check(page, ANSWER)
    assert result.locator(".cnn-practice-verdict").inner_text() == "Passed."
    assert box(page).get_by_text("✓ Passed").is_visible()
    assert result.locator(".cnn-report").evaluate("(report) => getComputedStyle(report).borderLeftColor") != red
    assert page.evaluate("asked.checked.at(-1)") == [NAME, ANSWER]
    editor(page).press_sequentially("x")
    assert box(page).locator(".cnn-practice-state").inner_text() == "Changed since this check."


def test_tab_indents_and_leaves_after_escape(visit):
    page = visit()
    area = editor(page)
    area.fill("")
    page.keyboard.type("def f():")
    press(page, "Enter")
    page.keyboard.type("if x:")
    press(page, "Enter", "Tab")
    page.keyboard.type("y")
    assert area.input_value() == "def f():\n    if x:\n            y"
    press(page, "Shift+Tab")
    assert area.input_value() == "def f():\n    if x:\n        y"
    press(page, "Control+a", "Tab")
    assert area.input_value() == "    def f():\n        if x:\n            y"
    press(page, "Shift+Tab", "Control+z")
    assert area.input_value() == "    def f():\n        if x:\n            y"
    press(page, "Escape", "Shift+Tab")
    assert not area.evaluate("(area) => area === document.activeElement")
    area.focus()
    press(page, "Tab")  # whoever only passes by is not held
    assert page.evaluate("document.activeElement.textContent") == "Check"
    area.focus()
    page.keyboard.type("z")
    press(page, "Tab")
    assert area.evaluate("(area) => area === document.activeElement")
    press(page, "Escape", "Tab")
    assert page.evaluate("document.activeElement.textContent") == "Check"


def test_ctrl_enter_checks_and_the_focus_stays_in_the_editor(visit):
    page = visit()
    editor(page).fill(ANSWER)
    press(page, "Control+Enter")
    box(page).get_by_text("✓ Passed").wait_for()
    assert editor(page).input_value() == ANSWER
    assert editor(page).evaluate("(area) => area === document.activeElement")


def test_hints_come_one_after_the_other_and_the_solution_after_a_try(visit):
    page = visit()
    folds = box(page, "max_pool2d").locator(":scope > details")
    hints = folds.count() - 1
    for shown in range(1, hints + 1):
        assert [fold.is_visible() for fold in folds.all()] == [place < shown for place in range(hints + 1)]
        folds.nth(shown - 1).locator("summary").click()
    assert box(page, "max_pool2d").get_by_text("The solution appears here after your first try.").is_visible()
    result = check(page, editor(page, "max_pool2d").input_value(), "max_pool2d")
    assert "Not attempted" in result.inner_text()
    assert not folds.last.is_visible()
    check(page, "wrong", "max_pool2d")
    assert folds.last.is_visible()
    page.reload()
    assert folds.last.is_visible()


def test_reset_brings_the_stub_back_and_can_be_undone(visit):
    page = visit()
    stub = editor(page).input_value()
    assert stub.startswith(f"def {NAME}(")
    assert stub.endswith("raise NotImplementedError")
    editor(page).fill(ANSWER)
    box(page).get_by_role("button", name="Reset").click()
    assert editor(page).input_value() == stub
    assert kept(page)["exercises"] == {}
    box(page).get_by_role("button", name="Undo reset").click()
    assert editor(page).input_value() == ANSWER
    assert box(page).get_by_role("button", name="Reset", exact=True).is_visible()


def test_an_answer_and_what_was_passed_survive_a_reload(visit):
    page = visit()
    check(page, ANSWER)
    editor(page, "max_pool2d").fill("typed, and left at once")
    page.reload()
    assert editor(page).input_value() == ANSWER
    assert editor(page, "max_pool2d").input_value() == "typed, and left at once"
    assert box(page).get_by_text("✓ Passed").is_visible()
    entry = kept(page)["exercises"][NAME]
    assert kept(page)["version"] == 1
    assert entry["answer"] == ANSWER
    assert entry["tried"] is True
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", entry["passed"])


def test_answers_are_exported_imported_and_forgotten(visit, tmp_path):
    page = visit()
    check(page, ANSWER)
    stub = editor(page, "max_pool2d").input_value()
    panel = open_panel(page)
    exported = tmp_path / "answers.json"
    exported.write_text(saved(page, panel.get_by_role("button", name="Export", exact=True)), encoding="utf-8")
    page.evaluate("localStorage.setItem('theme', 'dark')")
    editor(page, "max_pool2d").fill("mine")
    page.on("dialog", lambda dialog: dialog.accept())
    panel.get_by_role("button", name="Forget everything").click()
    assert page.evaluate(f"localStorage.getItem('{KEY}')") is None
    assert page.evaluate("localStorage.getItem('theme')") == "dark"
    assert [editor(page).input_value() == ANSWER, editor(page, "max_pool2d").input_value()] == [False, stub]
    assert not box(page).get_by_text("✓ Passed").is_visible()
    panel.locator("input[type=file]").set_input_files(exported)
    panel.get_by_text("Imported 1 answer.").wait_for()
    assert editor(page).input_value() == ANSWER
    assert box(page).get_by_text("✓ Passed").is_visible()


def test_two_tabs_keep_what_is_written_in_either(visit, address):
    page = visit()
    other = page.context.new_page()
    other.goto(address + "index.html", wait_until="load")
    check(page, ANSWER)
    check(other, "another", "max_pool2d")
    check(page, "a third")
    answers = {name: entry["answer"] for name, entry in kept(other)["exercises"].items()}
    assert answers == {NAME: "a third", "max_pool2d": "another"}


def test_sections_that_this_version_does_not_know_are_kept(visit):
    other = json.dumps({"version": 1, "drills": {"padding": {"seen": 3}}, "exercises": {NAME: {"later": 1}}})
    page = visit()
    page.evaluate(f"localStorage.setItem('{KEY}', {json.dumps(other)})")
    check(page, ANSWER)
    assert kept(page)["drills"] == {"padding": {"seen": 3}}
    assert kept(page)["exercises"][NAME]["later"] == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("no JSON", "This file holds no answers"),
        ('{"version": 2, "exercises": {}}', "newer version"),
        ('{"version": 1, "exercises": {"conv2d": {"answer": 3}}}', "This file holds no answers"),
        ('{"version": 1, "exercises": ["conv2d"]}', "This file holds no answers"),
    ],
)
def test_a_file_of_another_kind_changes_nothing(visit, tmp_path, content, sentence):
    (tmp_path / "answers.json").write_text(content, encoding="utf-8")
    page = visit()
    check(page, ANSWER)
    before = kept(page)
    panel = open_panel(page)
    panel.locator("input[type=file]").set_input_files(tmp_path / "answers.json")
    panel.get_by_text(sentence).wait_for()
    assert kept(page) == before


FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
FORBIDDEN = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
CORRUPT = f"localStorage.setItem('{KEY}', '{{\"version\": 1, \"exer')"
NEWER = f"localStorage.setItem('{KEY}', '{{\"version\": 2, \"answers\": []}}')"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (FULL, "storage for this site is full"),
        (FORBIDDEN, "This browser keeps nothing"),
        (CORRUPT, "cannot be read"),
        (NEWER, "was written by a newer version of the course"),
    ],
    ids=["full", "forbidden", "corrupt", "newer"],
)
def test_a_store_that_cannot_be_used_is_one_sentence_and_the_page_works(visit, script, sentence):
    page = visit(script)
    check(page, ANSWER)
    assert sentence in box(page).locator(".cnn-practice-problem").inner_text()
    assert box(page).get_by_text("✓ Passed").is_visible()
    if script in (CORRUPT, NEWER):  # what is there is not overwritten, and can be taken along
        there = page.evaluate(f"localStorage.getItem('{KEY}')")
        assert "NotImplementedError" not in there
        assert "PASSED" not in there
        assert saved(page, page.get_by_role("button", name="Export", exact=True)) == there


def test_forgetting_ends_what_a_corrupt_store_prevented(visit):
    page = visit(f"sessionStorage.begun ??= (() => {{ {CORRUPT}; return 1 }})()")
    page.on("dialog", lambda dialog: dialog.accept())
    assert page.locator(".cnn-practice-answers").get_attribute("open") is not None
    page.get_by_role("button", name="Forget everything").click()
    check(page, ANSWER)
    assert kept(page)["exercises"][NAME]["answer"] == ANSWER


def test_answers_are_exported_as_a_notebook_that_runs(visit, address):
    from cnncourse.exercises import check as check_here
    from cnncourse.exercises import solution

    page = visit()
    answer = solution(NAME).markdown.removeprefix("```python\n").removesuffix("\n```\n")
    editor(page).fill(answer)
    text = saved(page, open_panel(page).get_by_role("button", name="Export as a notebook"))
    book = nbformat.reads(text, as_version=4)
    nbformat.validate(book)
    assert [cell.source for cell in book.cells[1:]] == [answer, f"check({NAME})"]
    names = {}
    exec(book.cells[0].source + "\n" + book.cells[1].source, names)
    assert names["check"] is check_here
    assert check_here(NAME, names[NAME]).passed


@pytest.mark.parametrize("status", ["gap", "unavailable"])
def test_what_the_page_cannot_judge_says_what_to_do_instead(visit, status):
    page = visit()
    result = check(page, status.upper())
    assert box(page).locator(".cnn-practice-done").is_hidden()
    assert result.get_by_role("link", name="on your machine or in Colab").get_attribute("href") == "book/running.html"
    notebook = json.loads(saved(page, result.get_by_role("button", name="Export this answer as a notebook")))
    assert [cell["source"] for cell in notebook["cells"]][1:] == [status.upper(), f"check({NAME})"]


def test_a_stopped_answer_is_no_verdict(visit):
    page = visit()
    result = check(page, "STOPPED")
    assert "Stopped." in result.inner_text()
    assert "passed" not in kept(page)["exercises"][NAME]


def test_an_exercise_that_stays_out_says_why_and_is_as_without_the_script(visit):
    page = visit()
    out = box(page, "train_detector")
    assert out.get_by_text(REASON).is_visible()
    assert out.locator("textarea").count() == 0
    assert all(fold.is_visible() for fold in out.locator("details").all())
    assert out.locator("div.highlight").first.is_visible()


def test_without_javascript_and_on_paper_the_stub_is_on_the_page(visit):
    page = visit(java_script_enabled=False)
    assert box(page).get_by_text("Write it in a cell of your own").is_visible()
    assert all(fold.is_visible() for fold in box(page).locator(":scope > details").all())
    page = visit()
    assert not box(page).get_by_text("Write it in a cell of your own").is_visible()
    page.emulate_media(media="print")
    assert not editor(page).is_visible()
    assert box(page).locator("div.highlight").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_box_fits_is_accessible_and_its_targets_are_large_enough(visit, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(color_scheme=scheme, viewport={"width": width, "height": 740})
    editor(page).focus()
    options = {"resultTypes": ["violations"]}
    faults = Axe().run(page, {"include": [".cnn-exercise"]}, options).response["violations"]
    check(page, "PRINT")
    check(page, "DRAWN", "max_pool2d")
    open_panel(page)
    for part in (".cnn-exercise", ".cnn-practice-answers"):
        faults += Axe().run(page, {"include": [part]}, options).response["violations"]
    check(page, "GAP")
    check(page, "PASSED", "max_pool2d")
    faults += Axe().run(page, {"include": [".cnn-exercise"]}, options).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["target"]) for fault in faults] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    small = "[...document.querySelectorAll('.cnn-practice button, .cnn-practice-answers :is(button, summary)')]"
    assert page.evaluate(f"Math.min(...{small}.map((each) => each.getBoundingClientRect().height))") >= 24


def test_the_keyboard_alone_solves_an_exercise_in_firefox(firefox, address):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.wait import WebDriverWait

    firefox.get(address + "index.html")
    area = firefox.find_element(By.ID, f"answer-{NAME}")
    area.send_keys(Keys.CONTROL, "a")
    area.send_keys(f"def {NAME}():", Keys.ENTER, "PASSED", Keys.TAB, Keys.SHIFT, Keys.TAB)
    assert area.get_attribute("value").startswith(f"def {NAME}():\nPASSED")
    area.send_keys(Keys.CONTROL, Keys.ENTER)
    WebDriverWait(firefox, 10).until(
        lambda driver: driver.find_element(By.CSS_SELECTOR, ".cnn-practice-done").is_displayed()
    )
    area.send_keys(Keys.ESCAPE, Keys.TAB)
    assert firefox.switch_to.active_element.text == "Check"
    firefox.switch_to.active_element.send_keys(Keys.TAB)
    assert firefox.switch_to.active_element.text == "Reset"
    firefox.switch_to.active_element.send_keys(Keys.ENTER)
    area = firefox.find_element(By.ID, f"answer-{NAME}")
    assert area.get_attribute("value").endswith("raise NotImplementedError")
    firefox.find_element(By.XPATH, "//button[text()='Undo reset']").send_keys(Keys.ENTER)
    firefox.refresh()
    area = firefox.find_element(By.ID, f"answer-{NAME}")
    assert area.get_attribute("value").startswith(f"def {NAME}():\nPASSED")
    assert [each for each in firefox.complaints if "theme mode" not in each] == []  # the theme's word on a new profile
