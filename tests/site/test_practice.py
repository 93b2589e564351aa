"""Exercises on the built pages, with the real runner: the landing page's, and what stays out."""

import pytest

from cnncourse.exercises import exercises
from extensions.practice.data import exercises_on_page

pytestmark = [pytest.mark.slow, pytest.mark.browser]
NAME = "edge_kernel"
FLIPPED = """def edge_kernel(direction):
    print(direction)
    kernel = torch.tensor([[-1.0, 0.0, 1.0]] * 3)
    if direction not in ("vertical", "horizontal"):
        raise ValueError(direction)
    return kernel if direction == "{word}" else kernel.T"""
SECONDS = 90_000  # ms until a check has ended on a busy machine


@pytest.fixture(scope="module")
def practised(site, require):
    require((site / "_static" / "practice" / "practice.js").is_file(), "the site is built without practice (no npm)")
    return site


@pytest.mark.parametrize("viewport", [(1280, 900), (360, 740)])
def test_a_newcomer_solves_the_exercise_of_the_landing_page(practised, chromium, address, viewport):
    context = chromium.new_context(viewport=dict(zip(("width", "height"), viewport, strict=True)))
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + "book/intro.html", wait_until="load")
    page.locator(".cnn-buttons").get_by_role("link", name="Try an exercise").click()
    assert not [url for url in asked if "pyodide" in url]
    box = page.locator(f"[aria-label='Exercise {NAME}']")
    editor = box.get_by_label("Your answer")
    editor.fill(FLIPPED.format(word="horizontal"))
    editor.press("Control+Enter")
    box.get_by_text("Not yet.").first.wait_for(timeout=SECONDS)
    assert "vertical" in box.get_by_label("Printed output").inner_text()
    editor.fill(FLIPPED.format(word="vertical"))
    box.get_by_role("button", name="Check").click()
    box.get_by_text("✓ Passed").wait_for(timeout=SECONDS)
    assert all(url.startswith((address, "blob:", "data:")) for url in asked)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.reload()
    assert editor.input_value() == FLIPPED.format(word="vertical")
    context.close()


def test_every_exercise_of_the_chapters_has_an_editor_or_says_why_not(practised, chromium, address, pages):
    page = chromium.new_page()
    found = set()
    for name in (name for name, parsed in pages.items() if parsed.select_one(".cnn-exercise")):
        page.goto(address + name, wait_until="load")
        for box in page.locator(".cnn-exercise").all():
            exercise = box.get_attribute("aria-label").removeprefix("Exercise ")
            found.add(exercise)
            if reason := exercises_on_page()[exercise]:
                assert box.get_by_text(reason).is_visible()
            else:
                stub = box.get_by_label("Your answer").input_value()
                assert stub.startswith((f"def {exercise}", f"class {exercise}"))
    page.close()
    assert found == {exercise.name for exercise in exercises()}


def test_pages_without_exercises_load_nothing_of_practice(practised, pages):
    for parsed in pages.values():
        has = any("practice/practice.js" in script.get("src", "") for script in parsed.select("script"))
        assert has == bool(parsed.select_one(".cnn-exercise"))
