"""Squares and circles of equal area."""

import pytest
import torch

from cnncourse.data import draw_circle, draw_square, make_equal_shapes, make_shapes


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_both_classes_have_the_same_two_areas_equally_often():
    images, labels = make_equal_shapes(4000, generator=seeded())
    areas = images.sum((1, 2, 3))
    for label in (0, 1):
        values, counts = areas[labels == label].unique(return_counts=True)
        assert values.tolist() == [49, 81]
        assert (counts / counts.sum() - 0.5).abs().max() < 0.04


def test_counting_white_pixels_gives_classes_away_in_make_shapes_only():
    def best_rule(images, labels):
        """Share of right answers when each area is given to its more frequent class."""
        areas = images.sum((1, 2, 3))
        of_area = [labels[areas == area].bincount(minlength=2).max() for area in areas.unique()]
        return sum(of_area).item() / len(labels)

    assert best_rule(*make_shapes(4000, generator=seeded())) > 0.9
    assert best_rule(*make_equal_shapes(4000, generator=seeded())) < 0.55


def test_each_image_is_a_square_or_a_disc_about_a_centre_in_the_asked_rows_and_columns():
    images, labels = make_equal_shapes(50, size=21, generator=seeded(), centres=(6, 9))
    for image, label in zip(images[:, 0], labels, strict=True):
        rows, columns = (image.amax(axis).nonzero().flatten() for axis in (1, 0))
        row, column = (int(axis[0] + axis[-1]) // 2 for axis in (rows, columns))
        assert 6 <= row <= 9
        assert 6 <= column <= 9
        half = (len(rows) - 1) // 2
        square, disc = draw_square(21, row - half, column - half, len(rows)), draw_circle(21, row, column, half)
        assert torch.equal(image, square if label == 0 else disc)


def test_centres_reach_every_place_where_both_shapes_lie_inside():
    images, _ = make_equal_shapes(3000, size=13, generator=seeded())
    assert images.shape == (3000, 1, 13, 13)
    assert images.amax((0, 1)).min() == 0  # the corners stay black: a square of 9 begins in row 1
    assert images.amax((0, 1, 2))[[0, 12]].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_images": 0}, r"`num_images` must be at least 1, not 0"),
        ({"num_images": 1, "size": 10}, r"`size` must be at least 11, not 10"),
        ({"num_images": 1, "centres": (4, 9)}, r"`centres` must lie in 5 to 22, not in 4 to 9"),
        ({"num_images": 1, "centres": (5, 23)}, r"`centres` must lie in 5 to 22, not in 5 to 23"),
        ({"num_images": 1, "centres": (9, 8)}, r"`centres` must lie in 5 to 22, not in 9 to 8"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_equal_shapes(**arguments)
