"""The site's pages in Firefox: opened without an error, their boxes in order."""

import pytest

from .conftest import choose_theme, faults_of_boxes

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (500, "dark")])  # 500 px: its narrowest window
def test_every_page_opens_without_an_error_and_its_boxes_are_in_order(firefox, address, pages, width, theme):
    firefox.set_window_size(width, 900)
    choose_theme(firefox, address, theme)
    faults = []
    for name in pages:
        firefox.complaints.clear()
        faults.extend(faults_of_boxes(firefox, address, name))
        faults.extend(f"{name}: {complaint}" for complaint in firefox.complaints)
    assert faults == []
