"""Squares and circles of equal area."""

import pytest
import torch

from cnncourse.data import draw_circle, draw_square, make_equal_shapes, make_shapes

PLACES = torch.cartesian_prod(torch.arange(5, 23), torch.arange(5, 23))  # all there are in 28x28 pixels


def test_each_place_has_a_small_and_a_large_square_and_circle_about_it():
    images, labels = make_equal_shapes(torch.tensor([[6, 9], [15, 5]]), size=21)
    expected = []
    for row, column in ((6, 9), (15, 5)):
        expected += [draw_square(21, row - 3, column - 3, 7), draw_square(21, row - 4, column - 4, 9)]
        expected += [draw_circle(21, row, column, 4), draw_circle(21, row, column, 5)]
    assert torch.equal(images, torch.stack(expected).unsqueeze(1))
    assert labels.tolist() == [0, 0, 1, 1] * 2


def test_both_classes_have_the_same_two_areas_equally_often():
    images, labels = make_equal_shapes(PLACES)
    areas = images.sum((1, 2, 3))
    for label in (0, 1):
        values, counts = areas[labels == label].unique(return_counts=True)
        assert values.tolist() == [49, 81]
        assert counts.tolist() == [324, 324]


def test_counting_white_pixels_gives_classes_away_in_make_shapes_only():
    def best_rule(images, labels):
        """Share of right answers when each area is given to its more frequent class."""
        areas = images.sum((1, 2, 3))
        of_area = [labels[areas == area].bincount(minlength=2).max() for area in areas.unique()]
        return sum(of_area).item() / len(labels)

    assert best_rule(*make_shapes(4000, generator=torch.Generator().manual_seed(0))) > 0.9
    assert best_rule(*make_equal_shapes(PLACES)) == 0.5


def test_no_two_images_are_the_same_so_that_other_places_give_other_images():
    images, _ = make_equal_shapes(PLACES)
    assert len({image.numpy().tobytes() for image in images}) == len(images) == 1296


def test_every_place_at_which_all_shapes_lie_inside_is_allowed():
    images, _ = make_equal_shapes(torch.tensor([[5, 5], [5, 7], [7, 5], [7, 7]]), size=13)
    assert images.shape == (16, 1, 13, 13)
    assert images.amax((0, 1, 2))[[0, 12]].tolist() == [1, 1]


def test_bytes_are_integers_too():
    few = PLACES[::50]
    images, labels = make_equal_shapes(few.to(torch.uint8))
    assert torch.equal(images, make_equal_shapes(few)[0])
    assert labels.dtype == torch.int64


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"centres": [[5, 5]]}, TypeError, r"`centres` must be a tensor of integers, not list"),
        ({"centres": torch.tensor([[5.0, 5.0]])}, TypeError, r"must be a tensor of integers, not torch.float32"),
        ({"centres": torch.tensor([5, 5])}, ValueError, r"`centres` must have shape \(P, 2\) .*, not \(2,\)"),
        ({"centres": PLACES[:0]}, ValueError, r"`centres` must have shape \(P, 2\) with P at least 1, not \(0, 2\)"),
        ({"centres": PLACES, "size": 10}, ValueError, r"`size` must be at least 11, not 10"),
        ({"centres": torch.tensor([[4, 9]])}, ValueError, r"`centres` must be from 5 to 22, not from 4 to 9"),
        ({"centres": torch.tensor([[9, 23]])}, ValueError, r"`centres` must be from 5 to 22, not from 9 to 23"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        make_equal_shapes(**arguments)
