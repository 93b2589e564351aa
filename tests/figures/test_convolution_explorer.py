"""Convolution explorer: the page computes what `conv2d` computes, by mouse, by finger and by keyboard."""

import json
import random

import pytest
import torch
from playwright.sync_api import expect
from torch.nn import functional as F

from cnncourse.convolution import edge_kernel
from cnncourse.figures import ConvolutionExplorer
from cnncourse.geometry import output_size

browser = pytest.mark.browser


def draw_state(generator, fitting=True):
    """Return settings at random; where `fitting`, only those whose kernel fits into the padded input."""
    while True:
        size, stride, padding, dilation = (generator.randint(*ends) for ends in [(1, 5), (1, 4), (0, 2), (1, 3)])
        height, width = generator.randint(1, 8), generator.randint(1, 8)
        if not fitting or dilation * (size - 1) < min(height, width) + 2 * padding:
            break

    def matrix(rows, columns, low, high):
        return [[generator.randint(low, high) for _ in range(columns)] for _ in range(rows)]

    state = {"kernel_size": size, "stride": stride, "padding": padding, "dilation": dilation, "row": 0, "column": 0}
    return state | {"kernel": matrix(size, size, -9, 9), "input": matrix(height, width, 0, 9)}


def by_torch(state):
    image, kernel = (torch.tensor(state[name], dtype=torch.float64)[None, None] for name in ("input", "kernel"))
    return F.conv2d(image, kernel, stride=state["stride"], padding=state["padding"], dilation=state["dilation"])[0, 0]


def unread(state):
    """Return where the padded input gets no gradient from any output: the cells that the page hatches."""
    padding, size = state["padding"], state["kernel_size"]
    image = torch.zeros(
        1, 1, len(state["input"]) + 2 * padding, len(state["input"][0]) + 2 * padding, requires_grad=True
    )
    F.conv2d(image, torch.ones(1, 1, size, size), stride=state["stride"], dilation=state["dilation"]).sum().backward()
    return (image.grad == 0)[0, 0].tolist()


def test_the_page_computes_what_torch_computes(node_test):
    generator = random.Random(7)
    states = [draw_state(generator) for _ in range(250)]
    sizes = []
    for state in states:
        size, kernel, options = (
            len(state["input"]),
            state["kernel_size"],
            [state[name] for name in ("stride", "padding", "dilation")],
        )
        case = dict(zip(("stride", "padding", "dilation"), options, strict=True)) | {"size": size, "kernel": kernel}
        sizes.append(case | {"expected": output_size(size, kernel, *options)})
    golden = {
        "cases": [{"state": state, "output": by_torch(state).tolist(), "unread": unread(state)} for state in states],
        "sizes": sizes,
        "wild": [draw_state(generator, fitting=False) | {"row": 11, "column": 11} for _ in range(200)],
        "vertical": edge_kernel("vertical").tolist(),
        "horizontal": edge_kernel("horizontal").tolist(),
    }
    values = node_test(ConvolutionExplorer.module(), "convolution_explorer.test.mjs", golden)
    normalised = json.loads(values.read_text())["normalised"]
    assert len(normalised) == 200
    for state in normalised:
        ConvolutionExplorer(**state)  # Python accepts every state that the page can be in


def test_python_computes_what_torch_computes():
    generator = random.Random(8)
    for _ in range(20):
        state = draw_state(generator)
        torch.testing.assert_close(ConvolutionExplorer(**state).output(), by_torch(state))


def test_a_kernel_size_alone_gives_the_vertical_edge():
    assert ConvolutionExplorer(kernel_size=3).kernel == edge_kernel("vertical").tolist()
    assert ConvolutionExplorer.from_query("k=5").kernel[0] == [-1, -1, 0, 1, 1]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stride": 5}, "`stride` must be a whole number from 1 to 4, not 5"),
        ({"padding": 1.5}, "`padding` must be a whole number from 0 to 2, not 1.5"),
        ({"kernel": [[1, 2]]}, "`kernel` must be square, not 1 x 2"),
        ({"kernel": [[1]], "kernel_size": 3}, "`kernel_size` must be 1, the rows of `kernel`, not 3"),
        ({"kernel": [[1, 2], [3]]}, "`kernel` must be rows of equal length, at most 5 x 5, of numbers from -99 to 99"),
        ({"input": [[10]]}, "`input` must be rows of equal length, at most 8 x 8, of numbers from 0 to 9"),
        ({"stride": 4, "row": 2}, "`row` and `column` must lie in the 2 x 2 output, not be 2 and 1"),
        ({"input": [[1, 2], [3, 4]]}, "kernel"),
    ],
)
def test_a_wrong_setting_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        ConvolutionExplorer(**settings)


# ---- On a page ------------------------------------------------------------------------------------------------------


def shown(page):
    """Return the numbers that the output grid shows."""
    rows = page.locator(".output [role=row]").all()
    return [
        [float(text.replace("−", "-")) for text in row.locator("[role=gridcell]").all_inner_texts()] for row in rows
    ]


@browser
def test_the_page_shows_pythons_output(open_figure):
    figure = ConvolutionExplorer(stride=2, padding=1, dilation=2)
    assert shown(open_figure(figure)) == figure.output().tolist()


@browser
def test_keys_move_the_kernel_and_the_link_follows(open_figure):
    page = open_figure(ConvolutionExplorer())
    page.locator(".input [tabindex='0']").focus()
    for key in ["ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft"]:
        page.keyboard.press(key)
    assert page.evaluate("location.hash") == "#convolution-explorer?r=4"
    page.keyboard.press("End")
    page.keyboard.press("Home")
    assert page.evaluate("location.hash") == "#convolution-explorer?r=4&c=0"
    assert page.locator(".output .chosen").get_attribute("aria-label") == "Row 4, column 0: 0"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.ariaLabel").startswith(
        "Weight row 0, column 0"
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    assert page.locator(".words b.output").first.inner_text() == "output[4, 0] = 0"
    expect(page.locator("[role=status]")).to_contain_text("Output row 4, column 0: 0 times −1 plus")


@browser
def test_a_drag_moves_the_kernel_and_writes_the_link_once_released(open_figure):
    page = open_figure(ConvolutionExplorer())
    box = page.locator(".ring").bounding_box()
    cell = page.locator(".input .cell").first.bounding_box()["width"]
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 10 + 2 * cell, box["y"] + 10 + cell, steps=5)
    assert page.locator(".output .chosen").get_attribute("aria-label") == "Row 3, column 3: 0"
    assert page.evaluate("location.hash") == ""
    page.mouse.up()
    assert page.evaluate("location.hash") == "#convolution-explorer?r=3&c=3"


@browser
def test_hovering_previews_clicking_pins_and_escape_lets_go(open_figure):
    page = open_figure(ConvolutionExplorer())
    cells = page.locator(".output .cell")
    cells.nth(0).hover()
    assert page.locator(".output .chosen").get_attribute("aria-label").startswith("Row 0, column 0")
    page.locator(".title").first.hover()
    assert page.locator(".output .chosen").get_attribute("aria-label").startswith("Row 2, column 1")
    cells.nth(7).click()
    cells.nth(0).hover()
    assert page.locator(".output .chosen").get_attribute("aria-label").startswith("Row 1, column 1")
    page.keyboard.press("Escape")
    cells.nth(0).hover()
    assert page.locator(".output .chosen").get_attribute("aria-label").startswith("Row 0, column 0")


@browser
def test_a_finger_taps_and_steps(open_figure):
    page = open_figure(ConvolutionExplorer(), width=360, touch=True)
    page.locator(".output .cell").nth(35).tap()
    assert page.evaluate("location.hash") == "#convolution-explorer?r=5&c=5"
    page.get_by_role("button", name="More stride").tap()
    assert "s=2" in page.evaluate("location.hash")
    assert shown(page) == ConvolutionExplorer(stride=2).output().tolist()
    page.get_by_role("button", name="Reset").tap()
    assert page.evaluate("location.hash") == "#convolution-explorer"


@browser
def test_cells_can_be_edited(open_figure):
    page = open_figure(ConvolutionExplorer())
    page.get_by_role("button", name="Edit input").click()
    page.locator(".input input").first.fill("7")
    page.keyboard.press("ArrowRight")
    page.keyboard.type("12")  # out of range: refused
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Edit input").click()
    image = ConvolutionExplorer().input
    image = [[7, *image[0][1:]], *image[1:]]
    assert shown(page) == ConvolutionExplorer(input=image).output().tolist()


@browser
def test_play_fills_the_output_and_stands_still_for_those_who_ask(open_figure):
    page = open_figure(ConvolutionExplorer(row=5, column=4))
    page.get_by_role("button", name="Play").click()
    assert page.get_by_label("Row 5, column 5: to come").count() == 1
    page.get_by_label("Row 5, column 5: 0").wait_for()
    page.get_by_role("button", name="Play").wait_for()
    calm = open_figure(ConvolutionExplorer(), motion="reduce")
    calm.get_by_role("button", name="Play").click()
    assert calm.locator(".output .chosen").get_attribute("aria-label").startswith("Row 2, column 2")
    assert calm.get_by_role("button", name="Pause").count() == 0


@browser
def test_a_link_opens_a_state_and_prose_moves_the_figure(open_figure):
    page = open_figure(ConvolutionExplorer(), at="convolution-explorer?k=5&s=2&p=99", link="convolution-explorer?k=2")
    assert shown(page) == ConvolutionExplorer(kernel_size=5, stride=2).output().tolist()
    page.locator("#prose").click()
    page.get_by_text("7 × 7", exact=True).wait_for()
    assert shown(page) == ConvolutionExplorer(kernel_size=2).output().tolist()
