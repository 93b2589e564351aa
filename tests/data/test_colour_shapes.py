import pytest
import torch
from torch.utils.data import Dataset

from cnncourse.data import (
    COLOUR_KINDS,
    ColourShapesDataset,
    draw_square,
    make_colour_objects,
    make_colour_shapes,
    paint,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def is_square(image):
    """Whether the red channel of a (3, H, W) image fills its bounding box."""
    red = image[0]
    return bool(red.any(1).sum() * red.any(0).sum() == red.sum())


def test_yellow_is_red_and_green_and_red_is_red_alone():
    square = draw_square(28, top=4, left=6, side=9)
    nothing = torch.zeros(28, 28)
    assert torch.equal(paint(square, "yellow"), torch.stack([square, square, nothing]))
    assert torch.equal(paint(square, "red"), torch.stack([square, nothing, nothing]))


def test_paint_takes_a_batch_and_keeps_its_type():
    painted = paint(torch.ones(2, 5, 4, 6, dtype=torch.float64), "red")
    assert painted.shape == (2, 5, 3, 4, 6)
    assert painted.dtype == torch.float64


def test_paint_refuses_a_colour_it_does_not_have():
    with pytest.raises(ValueError, match="`colour` must be one of 'red', 'yellow', not 'blue'"):
        paint(torch.ones(4, 4), "blue")


def test_each_kind_has_its_shape_and_its_colour():
    kinds = torch.arange(3).repeat(20)
    images = make_colour_objects(kinds, generator=seeded())
    assert images.shape == (60, 3, 28, 28)
    assert images.dtype == torch.float32
    for image, kind in zip(images, kinds.tolist(), strict=True):
        colour = "yellow" if torch.equal(image[0], image[1]) else "red"
        assert f"{colour} {'square' if is_square(image) else 'circle'}" == COLOUR_KINDS[kind]
        assert torch.equal(image, paint(image[0], colour))


def test_class_0_is_yellow_squares_and_class_1_the_rest_without_red_circles():
    images, labels = make_colour_shapes(500, generator=seeded())
    assert labels.dtype == torch.int64
    yellow = images[:, 1].any(2).any(1)
    square = torch.tensor([is_square(image) for image in images])
    assert torch.equal(labels == 0, yellow & square)
    assert not (~yellow & ~square).any()
    assert set(images.unique().tolist()) == {0.0, 1.0}


def test_half_are_yellow_squares_and_a_quarter_each_of_the_others():
    images, labels = make_colour_shapes(10_000, generator=seeded())
    red = ~images[:, 1].any(2).any(1)
    assert abs((labels == 0).float().mean() - 0.5) < 0.02  # four standard deviations
    assert abs(red.float().mean() - 0.25) < 0.018


def test_blue_is_zero_everywhere():
    assert make_colour_shapes(100, generator=seeded())[0][:, 2].eq(0).all()


def test_colour_shapes_reach_every_row_and_column_in_every_kind():
    for kind in range(3):
        reached = make_colour_objects(torch.full((3000,), kind), generator=seeded())[:, 0].amax(0)
        assert reached.any(0).all()
        assert reached.any(1).all()


def test_the_same_generator_state_gives_the_same_colour_images():
    first, second = (make_colour_shapes(20, generator=seeded(3)) for _ in range(2))
    assert torch.equal(first[0], second[0])
    assert torch.equal(first[1], second[1])


def test_colour_shapes_use_the_global_generator_only_when_there_is_no_other():
    before = torch.get_rng_state()
    make_colour_shapes(20, generator=seeded())
    assert torch.equal(torch.get_rng_state(), before)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        first = make_colour_shapes(20)[0]
        assert not torch.equal(make_colour_shapes(20)[0], first)
        torch.manual_seed(5)
        assert torch.equal(make_colour_shapes(20)[0], first)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: make_colour_shapes(10, 23), ValueError, "`size` must be at least 24, not 23"),
        (lambda: make_colour_shapes(0), ValueError, "`num_images` must be at least 1, not 0"),
        (lambda: make_colour_shapes("ten"), TypeError, "`num_images` must be an integer, not 'ten'"),
        (
            lambda: make_colour_objects(torch.tensor([0, 3])),
            ValueError,
            "`kinds` must be from 0 yellow square, 1 yellow circle, 2 red square, not from 0 to 3",
        ),
    ],
)
def test_colour_shapes_name_the_argument_that_is_wrong(call, error, message):
    with torch.random.fork_rng(), pytest.raises(error, match=message):
        call()


def test_the_colour_dataset_holds_the_same_pairs_as_make_colour_shapes():
    dataset = ColourShapesDataset(30, generator=seeded(1))
    images, labels = make_colour_shapes(30, generator=seeded(1))
    assert isinstance(dataset, Dataset)
    assert len(dataset) == 30
    assert torch.equal(dataset[7][0], images[7])
    assert dataset[7][1] == labels[7]
