"""Pooling explorer: the page pools as torch pools; padding is minus infinity or 0; a shift is counted."""

import json
import random

import pytest
import torch
from torch.nn import functional as F

from cnncourse.figures import PoolingExplorer

browser = pytest.mark.browser


def draw_state(generator, fitting=True):
    height, width = generator.randint(1, 8), generator.randint(1, 8)
    size = generator.randint(1, min(4, height, width) if fitting else 4)
    return {
        "kind": generator.choice(["max", "average"]),
        "kernel_size": size,
        "stride": generator.randint(1, 4),
        "padding": generator.randint(0, size // 2 if fitting else 2),
        "fill": generator.choice(["nothing", "zero"]),
        "shift": generator.randint(0, 4),
        "row": 0 if fitting else 11,
        "column": 0 if fitting else 11,
        "input": [[generator.randint(-9, 9) for _ in range(width)] for _ in range(height)],
    }


def by_torch(state):
    image = torch.tensor(state["input"], dtype=torch.float64)
    if state["shift"]:  # written another way than in the figure
        image = torch.cat([image[:, :1].expand(-1, state["shift"]), image], dim=1)[:, : image.shape[1]]
    image, size, stride, padding = image[None, None], state["kernel_size"], state["stride"], state["padding"]
    if state["kind"] == "average":
        return F.avg_pool2d(image, size, stride, padding, count_include_pad=state["fill"] == "zero")[0, 0]
    if state["fill"] == "zero":
        return F.max_pool2d(F.pad(image, [padding] * 4), size, stride)[0, 0]
    return F.max_pool2d(image, size, stride, padding)[0, 0]


def test_the_page_computes_what_torch_computes(node_test):
    generator = random.Random(3)
    states = [draw_state(generator) for _ in range(300)]
    cases = [{"state": state, "output": by_torch(state).tolist()} for state in states]
    wild = [draw_state(generator, fitting=False) for _ in range(200)]
    values = node_test(PoolingExplorer.module(), "pooling_explorer.test.mjs", {"cases": cases, "wild": wild})
    normalised = json.loads(values.read_text())["normalised"]
    assert len(normalised) == 200
    for state in normalised:
        PoolingExplorer(**state)  # Python accepts every state that the page can be in


def test_python_computes_what_torch_computes():
    generator = random.Random(4)
    for _ in range(30):
        state = draw_state(generator)
        torch.testing.assert_close(PoolingExplorer(**state).output(), by_torch(state))


def test_padding_with_zero_invents_a_maximum():
    honest, zero = (PoolingExplorer(input=[[-5, -3], [-4, -7]], padding=1, fill=fill) for fill in ("nothing", "zero"))
    assert honest.output().tolist() == [[-5, -3], [-4, -7]]
    assert zero.output().tolist() == [[0, 0], [0, 0]]


def test_the_opening_picture_forgives_a_shift_of_one_but_not_of_two():
    changed = [int((PoolingExplorer().output() != PoolingExplorer(shift=shift).output()).sum()) for shift in range(3)]
    assert changed == [0, 2, 8]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"padding": 2}, "`padding` must be at most half the window of 2, not 2"),
        ({"kind": "median"}, "`kind` must be one of 'max', 'average', not 'median'"),
        ({"kernel_size": 3, "input": [[1, 2], [3, 4]]}, "`kernel_size` must be no larger than the 2 x 2 input, not 3"),
        ({"row": 4}, "`row` and `column` must lie in the 4 x 4 output, not be 4 and 2"),
    ],
)
def test_a_wrong_setting_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        PoolingExplorer(**settings)


# ---- On a page ------------------------------------------------------------------------------------------------------


def shown(page):
    rows = page.locator(".output [role=row]").all()
    return [
        [float(text.replace("−", "-")) for text in row.locator("[role=gridcell]").all_inner_texts()] for row in rows
    ]


@browser
def test_the_page_shows_pythons_output(open_figure):
    for settings in [{}, {"padding": 1, "fill": "zero"}, {"kind": "average", "shift": 3}]:
        assert shown(open_figure(PoolingExplorer(**settings))) == PoolingExplorer(**settings).output().tolist()


@browser
def test_a_shift_counts_what_changed(open_figure):
    page = open_figure(PoolingExplorer())
    page.get_by_role("button", name="More shift right").click()
    assert (
        page.locator(".moved").inner_text() == "Shifted right by 1: 12 of 64 inputs changed, 2 of 16 outputs (dashed)."
    )
    assert page.locator(".output .changed").count() == 2
    assert page.get_by_label("Row 3, column 2: −2, was 3").count() == 1
    assert page.evaluate("location.hash") == "#pooling-explorer?m=1"


@browser
def test_keys_move_the_window_by_its_stride(open_figure):
    page = open_figure(PoolingExplorer())
    page.locator(".input [tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("location.hash") == "#pooling-explorer?r=2&c=1"
    assert page.locator(".input .chosen").get_attribute("aria-label") == "Row 5, column 2: 8, the largest"


@browser
def test_a_finger_chooses_padding_and_drags_the_window(open_figure):
    page = open_figure(PoolingExplorer(), width=360, touch=True)
    page.get_by_role("button", name="More padding").tap()
    page.get_by_label("Padding is").select_option("zero")
    assert shown(page) == PoolingExplorer(padding=1, fill="zero").output().tolist()
    page.locator(".input .cell").last.tap()
    assert page.locator(".output .chosen").get_attribute("aria-label").startswith("Row 4, column 4")


@browser
def test_the_pencil_draws_on_what_is_seen(open_figure):
    page = open_figure(PoolingExplorer(shift=1))
    page.get_by_role("button", name="Edit input").click()
    page.locator(".input input").first.fill("-9")
    page.keyboard.press("Tab")
    image = PoolingExplorer(shift=1).shifted()
    image[0, 0] = -9
    assert shown(page) == PoolingExplorer(input=image.tolist()).output().tolist()
    assert "m=1" not in page.evaluate("location.hash")
