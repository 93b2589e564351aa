"""Arrays as small pictures: what is drawn, in which colour, what is ringed, what is left out."""

import json
import re

import numpy as np
import pytest
import torch

from cnncourse.checking.pictures import MAX_NUMBERS, Picture, figure_html, is_drawable, picture, scale_of
from cnncourse.palette import SIGNED, relative_luminance


def fills(each):
    return re.findall(r'<rect [^>]*fill="(#\w+)"/>', figure_html(each, scale_of([each])))


def test_numbers_that_are_not_negative_are_grey_from_0_to_the_largest():
    assert fills(picture("image", torch.tensor([[0, 5, 10]]))) == ["#000000", "#808080", "#FFFFFF"]


def test_negative_numbers_are_red_and_positive_ones_blue_by_one_scale():
    assert fills(picture("kernel", torch.tensor([[-2.0, 0, 2]]))) == [SIGNED[0], SIGNED[4], SIGNED[-1]]
    assert fills(picture("kernel", torch.tensor([[-1.0, 0, 4]]))) == [SIGNED[3], SIGNED[4], SIGNED[-1]]


def test_what_is_expected_sets_the_scale_for_what_came():
    came, right = picture("returned", torch.tensor([[1e9, 1]])), picture("expected", torch.tensor([[1.0, 0]]))
    assert scale_of([came, right], [right]) == (1.0, False)


def test_every_number_is_readable_on_its_cell():
    drawn = figure_html(picture("kernel", torch.linspace(-0.9, 0.9, 8).round(decimals=1)), (0.9, True))
    pairs = re.findall(r'fill="#(\w{6})"/><text [^>]*fill="#(\w{6})"', drawn)
    assert len(pairs) == 8
    for cell, ink in pairs:
        light = sorted(relative_luminance([int(c[i : i + 2], 16) / 255 for i in (0, 2, 4)]) for c in (cell, ink))
        assert (light[1] + 0.05) / (light[0] + 0.05) >= 4.5


def test_what_differs_is_ringed_in_its_own_plane():
    different = torch.tensor([[[[False, False]], [[False, True]]]])
    each = picture("returned", torch.zeros(1, 2, 1, 2), different)
    first, second = re.findall(r"<svg.*?</svg>", figure_html(each, (1.0, False)))
    assert 'aria-label="returned[0, 0], 1 x 2"' in first
    assert 'aria-label="returned[0, 1], 1 x 2, 1 not as expected"' in second
    assert (first.count("stroke="), second.count("stroke=")) == (0, 2)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_what_is_not_finite_is_drawn_as_a_word(number):
    each = picture("returned", torch.tensor([[float(number), 1.0]]))
    assert f">{number}</text>" in figure_html(each, scale_of([each]))


@pytest.mark.parametrize("shape", [(500, 700), (9, 9, 28, 28), (100_000,), (100_000, 1, 1), (3, 2, 2)])
def test_a_picture_is_small_whatever_the_array_and_says_what_is_left_out(shape):
    each = picture("input", torch.zeros(shape))
    assert sum(len(row) for plane in each.planes for row in plane) <= MAX_NUMBERS
    assert len(figure_html(each, scale_of([each]))) < 200_000
    assert bool(each.cut) == (shape != (3, 2, 2))
    assert each.cut in figure_html(each, scale_of([each]))


def test_a_picture_is_plain_data_that_json_keeps():
    each = picture("image", np.array([[0.5, np.nan]]))
    assert Picture(**json.loads(json.dumps(each.to_dict(), allow_nan=False))) == each


def test_a_label_is_text():
    assert "<b>" not in figure_html(picture("returned['<b>']", torch.zeros(1)), (1.0, False))


@pytest.mark.parametrize(
    "value", [torch.zeros(0, 3), torch.zeros(2, dtype=torch.complex64), np.array(["a"]), [1], None]
)
def test_what_holds_no_real_numbers_is_not_drawn(value):
    assert not is_drawable(value)
