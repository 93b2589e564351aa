import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset

from cnncourse.data import SHAPE_CLASSES, ShapesDataset, draw_circle, draw_square, make_shapes, random_shapes


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def bounding_box(image):
    """First row, first column, height and width of what is not black in a (H, W) image."""
    rows, columns = (image > 0).any(1).nonzero(), (image > 0).any(0).nonzero()
    (top, left), (bottom, right) = (rows[0].item(), columns[0].item()), (rows[-1].item(), columns[-1].item())
    return top, left, bottom - top + 1, right - left + 1


def test_a_square_is_drawn_where_it_is_asked_for():
    assert draw_square(4, top=0, left=1, side=2).tolist() == [[0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_a_circle_holds_the_pixels_within_its_radius():
    assert draw_circle(5, row=2, column=2, radius=2).tolist() == [
        [0, 0, 1, 0, 0],
        [0, 1, 1, 1, 0],
        [1, 1, 1, 1, 1],
        [0, 1, 1, 1, 0],
        [0, 0, 1, 0, 0],
    ]


def test_a_circle_of_radius_5_has_81_pixels_and_of_radius_6_113():
    assert [int(draw_circle(28, 10, 12, radius).sum()) for radius in (5, 6)] == [81, 113]


def test_drawing_takes_tensors_and_draws_one_image_for_each_element():
    top, side = torch.tensor([0, 3]), torch.tensor([5, 7])
    images = draw_square(12, top, 2, side)
    assert images.dtype == torch.float32
    assert torch.equal(images, torch.stack([draw_square(12, 0, 2, 5), draw_square(12, 3, 2, 7)]))
    rows = torch.tensor([[3], [4]])
    images = draw_circle(12, rows, torch.tensor([5, 6, 7]), 2)
    assert images.shape == (2, 3, 12, 12)
    assert torch.equal(images[1, 2], draw_circle(12, 4, 7, 2))


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: draw_square(10, -1, 0, 3), r"a square must lie inside .* rows 0 to 9, not in rows -1 to 1"),
        (lambda: draw_square(10, 0, 8, 3), r"a square must lie inside .* columns 0 to 9, not in columns 8 to 10"),
        (lambda: draw_square(10, 4, 4, 0), r"a square must lie inside .* not in rows 4 to 3"),
        (lambda: draw_circle(10, 2, 5, 3), r"a circle must lie inside .* not in rows -1 to 5"),
        (lambda: draw_circle(10, 5, 7, 3), r"a circle must lie inside .* not in columns 4 to 10"),
        (lambda: draw_circle(10, torch.tensor([5, 9]), 5, 1), r"not in rows 8 to 10"),
        (lambda: draw_circle(0, 5, 5, 1), "`size` must be at least 1, not 0"),
    ],
)
def test_a_shape_that_leaves_the_image_is_refused(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


def test_make_shapes_returns_binary_float32_images_and_int64_labels():
    images, labels = make_shapes(50, generator=seeded())
    assert images.shape == (50, 1, 28, 28)
    assert images.dtype == torch.float32
    assert labels.shape == (50,)
    assert labels.dtype == torch.int64
    assert set(images.unique().tolist()) == {0.0, 1.0}
    assert set(labels.tolist()) == {0, 1}


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32), size=st.integers(24, 41))
def test_every_image_is_one_whole_shape_of_an_allowed_size(seed, size):
    images, labels = make_shapes(12, size, seeded(seed))
    for image, label in zip(images[:, 0], labels.tolist(), strict=True):
        top, left, height, width = bounding_box(image)
        assert height == width
        if SHAPE_CLASSES[label] == "square":
            assert 5 <= height <= 13
            assert torch.equal(image, draw_square(size, top, left, height))
        else:
            assert height in (11, 13)
            radius = height // 2
            assert torch.equal(image, draw_circle(size, top + radius, left + radius, radius))


@pytest.mark.parametrize("size", [24, 28, 33])
@pytest.mark.parametrize("label", [0, 1])
def test_shapes_reach_every_place_and_so_every_row_and_column(size, label):
    images = random_shapes(torch.full((8000,), label), size, seeded())
    assert images.amax(0).any(0).all(), "a column is never reached"
    assert images.amax(0).any(1).all(), "a row is never reached"
    boxes = {bounding_box(image)[::2] for image in images}  # (top, height)
    extents = range(5, 14) if label == 0 else (11, 13)
    assert boxes == {(top, extent) for extent in extents for top in range(size - extent + 1)}


def test_squares_and_circles_are_equally_likely():
    _, labels = make_shapes(10_000, generator=seeded())
    assert abs(labels.float().mean() - 0.5) < 0.02  # four standard deviations


def test_every_size_is_equally_likely():
    squares = random_shapes(torch.zeros(9000, dtype=torch.long), generator=seeded())
    counts = squares.sum((1, 2)).sqrt().round().long().bincount()[5:]
    assert len(counts) == 9
    assert (counts - 1000).abs().max() < 120  # four standard deviations


def test_the_same_generator_state_gives_the_same_images():
    first, second, other = (make_shapes(20, generator=seeded(seed)) for seed in (3, 3, 4))
    assert torch.equal(first[0], second[0])
    assert torch.equal(first[1], second[1])
    assert not torch.equal(first[0], other[0])


def test_a_generator_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    make_shapes(20, generator=seeded())
    assert torch.equal(torch.get_rng_state(), before)


def test_without_a_generator_the_global_one_is_used_and_goes_on():
    with torch.random.fork_rng():
        torch.manual_seed(5)
        first, again = make_shapes(20), make_shapes(20)
        torch.manual_seed(5)
        assert torch.equal(make_shapes(20)[0], first[0])
    assert not torch.equal(first[0], again[0])


def test_random_shapes_draws_the_classes_asked_for():
    images = random_shapes(torch.tensor([1, 0, 1]), generator=seeded())
    corners = [image[top, left] for image in images for top, left, *_ in [bounding_box(image)]]
    assert corners == [0, 1, 0]  # a square fills the corner of its box, a circle does not


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((10, 23), ValueError, "`size` must be at least 24, not 23"),
        ((0,), ValueError, "`num_images` must be at least 1, not 0"),
        ((10.0,), TypeError, r"`num_images` must be an integer, not 10\.0"),
        ((10, 28.0), TypeError, r"`size` must be an integer, not 28\.0"),
    ],
)
def test_make_shapes_names_the_argument_that_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        make_shapes(*arguments, generator=seeded())


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (torch.tensor([0, 2]), "`labels` must be from 0 square, 1 circle, not from 0 to 2"),
        (torch.tensor([-1, 0]), "not from -1 to 0"),
        (torch.tensor([], dtype=torch.long), r"`labels` must have shape \(N,\) with N at least 1, not \(0,\)"),
        (torch.tensor([[0]]), r"not \(1, 1\)"),
    ],
)
def test_random_shapes_refuses_labels_that_are_not_classes(labels, message):
    with pytest.raises(ValueError, match=message):
        random_shapes(labels, generator=seeded())


def test_the_dataset_holds_the_same_pairs_as_make_shapes():
    dataset = ShapesDataset(30, size=24, generator=seeded(1))
    images, labels = make_shapes(30, size=24, generator=seeded(1))
    assert isinstance(dataset, Dataset)
    assert len(dataset) == 30
    assert torch.equal(dataset[7][0], images[7])
    assert dataset[7][1] == labels[7]
    batch_images, batch_labels = next(iter(DataLoader(dataset, batch_size=10)))
    assert torch.equal(batch_images, images[:10])
    assert torch.equal(batch_labels, labels[:10])


@pytest.mark.gpu
def test_the_images_are_made_on_the_generators_device():
    device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else None
    if device is None:
        pytest.skip("no GPU")
    images, labels = make_shapes(10, generator=torch.Generator(device).manual_seed(0))
    assert images.device.type == labels.device.type == device
