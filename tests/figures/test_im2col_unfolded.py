"""im2col unfolded: the matrix is torch's `unfold`, its product torch's convolution."""

import json
import random

import pytest
import torch
from torch.nn import functional as F

from cnncourse.figures import Im2colUnfolded

browser = pytest.mark.browser


def draw_state(generator, fitting=True):
    height, width, padding = generator.randint(1, 6), generator.randint(1, 6), generator.randint(0, 1)
    size = generator.randint(1, min(3, height + 2 * padding, width + 2 * padding) if fitting else 3)
    return {
        "kernel_size": size,
        "stride": generator.randint(1, 3),
        "padding": padding,
        "row": 0 if fitting else 7,
        "column": 0 if fitting else 7,
        "term": 0 if fitting else generator.randint(0, 9),
        "kernel": [[generator.randint(-9, 9) for _ in range(size)] for _ in range(size)],
        "input": [[generator.randint(0, 9) for _ in range(width)] for _ in range(height)],
    }


def by_torch(state):
    image, kernel = (torch.tensor(state[name], dtype=torch.float64)[None, None] for name in ("input", "kernel"))
    stride, padding = state["stride"], state["padding"]
    columns = F.unfold(image, state["kernel_size"], stride=stride, padding=padding)[0]
    return columns, F.conv2d(image, kernel, stride=stride, padding=padding)[0, 0]


def test_the_page_computes_what_torch_computes(node_test):
    generator = random.Random(5)
    cases = []
    for state in [draw_state(generator) for _ in range(250)]:
        columns, output = by_torch(state)
        cases.append({"state": state, "columns": columns.tolist(), "output": output.flatten().tolist()})
    wild = [draw_state(generator, fitting=False) for _ in range(200)]
    values = node_test(Im2colUnfolded.module(), "im2col_unfolded.test.mjs", {"cases": cases, "wild": wild})
    normalised = json.loads(values.read_text())["normalised"]
    assert len(normalised) == 200
    for state in normalised:
        Im2colUnfolded(**state)  # Python accepts every state that the page can be in


def test_python_computes_what_torch_computes():
    generator = random.Random(6)
    for _ in range(30):
        state = draw_state(generator)
        columns, output = by_torch(state)
        torch.testing.assert_close(Im2colUnfolded(**state).columns(), columns)
        torch.testing.assert_close(Im2colUnfolded(**state).output(), output)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kernel": [[1, 2]]}, "`kernel` must be square, not 1 x 2"),
        ({"input": [[1] * 7]}, "`input` must be rows of equal length, at most 6 x 6"),
        ({"column": 3}, "`row` and `column` must lie in the 3 x 3 output, not be 0 and 3"),
        ({"term": 10}, "`term` must be a whole number from 0 to 9, not 10"),
    ],
)
def test_a_wrong_setting_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        Im2colUnfolded(**settings)


# ---- On a page ------------------------------------------------------------------------------------------------------


def shown(page, label):
    rows = page.get_by_role("grid", name=label).locator("[role=row]").all()
    return [
        [float(text.replace("−", "-")) for text in row.locator("[role=gridcell]").all_inner_texts()] for row in rows
    ]


@browser
def test_the_page_shows_pythons_matrix_and_product(open_figure):
    for settings in [{}, {"kernel_size": 2, "stride": 2, "padding": 1}]:
        figure = Im2colUnfolded(**settings)
        page = open_figure(figure)
        assert shown(page, "Unfolded input") == figure.columns().tolist()
        assert shown(page, "Product") == [figure.output().flatten().tolist()]
        assert shown(page, "Output") == figure.output().tolist()


@browser
def test_a_column_shows_its_patch_and_a_pixel_its_copies(open_figure):
    page = open_figure(Im2colUnfolded())
    matrix = page.get_by_role("grid", name="Unfolded input")
    matrix.locator(".cell").nth(8).hover()  # the first term of the last column
    assert (
        page.get_by_role("grid", name="Output").locator(".chosen").get_attribute("aria-label") == "Row 2, column 2: 5"
    )
    assert page.locator(".input .term").evaluate_all("all => all.map(e => e.ariaLabel)") == [
        "Row 2, column 2: 6, copied 9 times",
        "Term 0, column 8: 6, from row 2, column 2",
    ]
    page.get_by_role("grid", name="Input").locator(".cell").nth(24).hover(force=True)  # under the ring
    assert matrix.locator(".changed").count() == 1
    page.get_by_text("This pixel stands once in the matrix.").wait_for(state="attached")


@browser
def test_steps_add_one_product_after_another(open_figure):
    page = open_figure(Im2colUnfolded(term=8))  # column 1: 20 is the sum of nine
    for words in ["= 11 so far (8 of 9)", "1·9 = 20", "column 2: (−1)·7 = −7 so far (1 of 9)"]:
        assert words in page.locator(".words").inner_text()
        page.get_by_role("button", name="Step").click()
    assert page.evaluate("location.hash") == "#im2col-unfolded?c=2&t=2"
    assert page.get_by_role("grid", name="Product").get_by_label("Column 3: to come").count() == 1
    page.get_by_role("button", name="Back").click()
    assert page.evaluate("location.hash") == "#im2col-unfolded?c=2&t=1"


@browser
def test_keys_walk_through_the_matrix(open_figure):
    page = open_figure(Im2colUnfolded())
    page.get_by_role("grid", name="Unfolded input").locator("[tabindex='0']").focus()
    page.keyboard.press("End")
    assert page.evaluate("location.hash") == "#im2col-unfolded?r=2&c=2"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.ariaLabel").startswith("Term 1, column 0: 2")


@browser
def test_a_finger_taps_a_column_on_a_phone_and_the_page_stays_still(open_figure):
    page = open_figure(Im2colUnfolded(kernel_size=2, padding=1), width=360, touch=True)
    page.get_by_role("grid", name="Unfolded input").locator(".cell").nth(3).tap()
    assert page.evaluate("location.hash") == "#im2col-unfolded?k=2&p=1&c=3&w=-1,1_-1,1"
    assert page.evaluate("document.documentElement.scrollWidth") == 360
