"""The site's pages in Firefox: opened without an error."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_every_page_opens_without_an_error(firefox, address, pages):
    firefox.set_window_size(1280, 900)
    faults = []
    for name in pages:
        firefox.complaints.clear()
        firefox.get(address + name)
        faults.extend(f"{name}: {complaint}" for complaint in firefox.complaints)
    assert faults == []
