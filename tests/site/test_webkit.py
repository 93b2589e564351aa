"""The site's pages in WebKit, as Safari has it: their boxes in order, their drawings in the theme's colours."""

import pytest

from .conftest import choose_theme, faults_of_boxes

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize(("width", "theme"), [(1280, "dark"), (500, "light")])
def test_the_boxes_of_every_page_are_in_order(webkit, address, pages, width, theme):
    webkit.set_window_size(width, 900)
    choose_theme(webkit, address, theme)
    assert [fault for name in pages for fault in faults_of_boxes(webkit, address, name)] == []
