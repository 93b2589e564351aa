"""The pages without JavaScript: everything is there to read, and nothing is shown that could not work."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(params=[(1280, 900), (360, 740)], ids=["desktop", "phone"])
def page(chromium, address, request):
    width, height = request.param
    context = chromium.new_context(java_script_enabled=False, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(address + "book/convolution.html", wait_until="load")
    yield page
    context.close()


def test_the_menus_of_the_header_open_and_their_links_are_seen(page):
    menu = page.locator(".dropdown-download-buttons")
    menu.get_by_role("button", name="Download this page").click()
    link = menu.get_by_role("link", name=".ipynb")
    box = link.bounding_box()
    assert link.is_visible()
    assert 0 <= box["x"] < box["x"] + box["width"] <= page.viewport_size["width"]


def test_buttons_that_need_a_script_are_not_shown(page):
    dead = page.locator("button[onclick], .cnn-quiz-check button, .cnn-predict-commit button, .theme-switch-button")
    page.locator(".dropdown-download-buttons button").first.click()
    assert [button.get_attribute("class") for button in dead.all() if button.is_visible()] == []


def test_code_is_coloured_and_figures_are_pictures(page):
    colours = {one.evaluate("(e) => getComputedStyle(e).color") for one in page.locator("pre .k, pre .s2").all()[:9]}
    assert page.locator("pre").first.evaluate("(e) => getComputedStyle(e).color") not in colours
    picture = page.locator("cnn-convolution-explorer > img.cnn-light")
    picture.scroll_into_view_if_needed()
    assert picture.is_visible()
