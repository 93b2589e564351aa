"""Predictions on the built pages: mouse in one browser, keyboard in the other, and what follows them is opened."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PAGE = "book/training.html"
NAME = "dropout-draws"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_prediction_is_committed_to_by_mouse_in_chromium(chromium, address, scheme):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address + PAGE, wait_until="load")
    form = page.locator(f"#predict-{NAME}")
    result = form.locator("xpath=ancestor::div[contains(@class, 'cell ')]/following-sibling::div[1]//details")
    form.get_by_label("Your prediction").fill("1")
    assert result.get_attribute("open") is None
    form.get_by_role("button", name="Commit").click()
    assert form.get_by_text("Not so.").is_visible()
    assert form.get_by_text("That would be so if the units were drawn once").is_visible()
    assert form.get_by_text("The answer: 3").is_visible()
    assert result.get_attribute("open") is not None  # the printed result below it
    assert Axe().run(page, {"include": [f"#predict-{NAME}"]}).response["violations"] == []
    context.close()


def test_a_prediction_is_committed_to_by_keyboard_in_firefox(firefox, address):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    firefox.get(address + "book/convolution.html")
    form = firefox.find_element(By.ID, "predict-edge-cells")
    cells = form.find_elements(By.CSS_SELECTOR, "[role=gridcell]")
    assert len(cells) == 16
    firefox.execute_script("arguments[0].focus()", cells[0])
    cells[0].send_keys(Keys.ARROW_RIGHT)
    for step in range(4):
        firefox.switch_to.active_element.send_keys(Keys.SPACE)
        firefox.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
        firefox.switch_to.active_element.send_keys(Keys.ENTER)
        firefox.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
        if step < 3:
            firefox.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    firefox.switch_to.active_element.send_keys(Keys.TAB)
    firefox.switch_to.active_element.send_keys(Keys.ENTER)
    assert form.find_element(By.CSS_SELECTOR, ".cnn-predict-verdict").text == "Right."
    assert firefox.switch_to.active_element.get_attribute("class") == "cnn-predict-verdict"
    assert form.find_element(By.CSS_SELECTOR, "details pre").is_displayed()


def test_without_javascript_and_on_paper_the_question_stays(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + PAGE)
    form = page.locator(f"#predict-{NAME}")
    assert not form.get_by_role("button").is_visible()
    form.get_by_text("Show me").click()
    assert form.get_by_text("The answer: 3").is_visible()
    page.emulate_media(media="print")
    assert form.get_by_text("How many different results?").is_visible()
    context.close()


def test_every_exercise_has_a_heading_in_the_contents_and_a_stub(chromium, address):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "book/pooling.html", wait_until="load")
    entry = page.locator(".page-toc a, .bd-toc a", has_text="Exercise max_pool2d").first
    assert entry.get_attribute("href") == "#exercise-max-pool2d"
    section = page.locator("#exercise-max-pool2d")
    assert section.locator("a.headerlink").get_attribute("href") == "#exercise-max-pool2d"
    assert section.get_by_text("passed").count() == 0
    stub = section.locator("div.highlight pre").first.inner_text().strip()
    context.close()
    assert stub.startswith("def max_pool2d(")
    assert stub.endswith("raise NotImplementedError")
