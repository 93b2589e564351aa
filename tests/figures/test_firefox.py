"""Every figure in Firefox: drawn, by keyboard, without an error."""

import pytest

from cnncourse import figures

from .conftest import write_page

pytestmark = pytest.mark.browser
FIGURES = [getattr(figures, name) for name in figures.__all__ if name not in ("Figure", "predict")]
FOCUSED = "return document.activeElement.shadowRoot?.activeElement"


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.stem())
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_figure_is_drawn_and_answers_to_the_keyboard(figure, theme, firefox, tmp_path):
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.wait import WebDriverWait

    firefox.complaints.clear()
    firefox.set_window_size(760, 900)
    firefox.get(write_page(figure(), tmp_path, theme).as_uri())
    element = firefox.find_element("css selector", f"cnn-{figure.slug()}")
    keys = firefox.switch_to.active_element
    keys.send_keys(Keys.TAB)
    WebDriverWait(firefox, 30).until(lambda driver: driver.execute_script(FOCUSED))
    changed = "return location.hash !== ''"
    for _ in range(12):  # the first control that an arrow moves changes the state, and with it the address
        keys.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
        if firefox.execute_script(changed):
            break
        keys.send_keys(Keys.TAB)
    assert firefox.execute_script(changed)
    controls = element.shadow_root.find_elements("css selector", "button, select, input")
    assert len(controls) >= 3
    assert element.size["height"] > 300
    assert firefox.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    assert firefox.complaints == []
