"""Receptive field: the page follows a unit down to the pixels that torch's gradient reaches."""

import json
import random

import pytest
import torch
from playwright.sync_api import expect
from torch.nn import functional as F

from cnncourse.figures import ReceptiveField
from cnncourse.geometry import receptive_field

browser = pytest.mark.browser


def draw_state(generator):
    while True:
        layers = [[generator.randint(1, high) for high in (5, 3, 4)] for _ in range(generator.randint(1, 6))]
        if receptive_field(layers) <= 64:
            size = generator.randint(max(8, receptive_field(layers)), 64)
            return {"layers": layers, "size": size, "shift": 0}


def by_torch(state, unit):
    """Count the ways from every pixel to one unit: the gradient of a stack of kernels of ones."""
    image = torch.ones(1, 1, state["size"], dtype=torch.float64, requires_grad=True)
    output = image
    for kernel, stride, dilation in state["layers"]:
        output = F.conv1d(output, torch.ones(1, 1, kernel, dtype=torch.float64), stride=stride, dilation=dilation)
    output[0, 0, unit].backward()
    return image.grad[0, 0].tolist()


def test_the_page_and_python_follow_a_unit_as_torchs_gradient_does(node_test):
    generator = random.Random(5)
    cases = []
    for state in (draw_state(generator) for _ in range(220)):
        figure = ReceptiveField(**state)
        ways = by_torch(state, figure.unit())
        assert figure.ways()[0].tolist() == ways
        cases.append(
            state | {"unit": figure.unit(), "counts": figure.counts(), "fields": figure.fields(), "ways": ways}
        )
    wild = [
        {"layers": [[generator.randint(1, 8) for _ in range(3)]] * generator.randint(1, 8), "size": 8, "shift": shift}
        for shift in range(-32, 33)
    ]
    values = node_test(ReceptiveField.module(), "receptive_field.test.mjs", {"cases": cases, "wild": wild})
    for state in json.loads(values.read_text())["normalised"]:
        ReceptiveField(**state)  # Python accepts every state that the page can be in


def test_dilation_leaves_holes_and_the_description_counts_them():
    assert "13 by 13 pixels, 6 of them skipped" in ReceptiveField(layers=[[3, 1, 2]] * 3).describe()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layers": [[3, 1]]}, "`layers` must hold kernel, stride and dilation as whole numbers"),
        ({"size": 10}, "`size` must be at least the 18 pixels that the stack sees, not 10"),
        ({"shift": 2}, "`shift` must be from -1 to 1 for the last layer's 3 units, not 2"),
    ],
)
def test_a_wrong_setting_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        ReceptiveField(**settings)


@browser
def test_keys_choose_a_unit_and_a_layer(open_figure):
    page = open_figure(ReceptiveField())
    page.locator(".stack").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("location.hash") == "#receptive-field?u=1"
    page.keyboard.press("ArrowDown")
    expect(page.locator(".words")).to_contain_text("of layer 4 sees 10 pixels")


@browser
def test_a_finger_changes_a_layer(open_figure):
    page = open_figure(ReceptiveField(), width=360, touch=True)
    page.get_by_role("button", name="Change layer 1").tap()
    page.get_by_role("button", name="More kernel").tap()
    expect(page.locator(".words")).to_contain_text("sees 19 pixels")
