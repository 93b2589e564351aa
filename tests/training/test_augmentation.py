import pytest
import torch
import torch.nn.functional as F

from cnncourse.training import random_erase, random_flip, random_shift


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def points(count, height=5, width=7):
    """Draw images of one bright pixel in the middle, with the channels 1 and 2."""
    images = torch.zeros(count, 2, height, width)
    images[:, :, height // 2, width // 2] = torch.tensor([1.0, 2.0])
    return images


def test_every_shift_up_to_the_largest_occurs_and_zeros_come_in():
    moved = random_shift(points(600), 2, seeded())
    places = moved[:, 0].nonzero()[:, 1:] - torch.tensor([2, 3])
    counts = torch.bincount((places[:, 0] + 2) * 5 + places[:, 1] + 2, minlength=25)
    assert len(counts) == 25
    assert counts.min() > 5
    assert torch.equal(moved.sum(dim=(2, 3)), torch.tensor([1.0, 2.0]).expand(600, 2))


def test_what_a_shift_moves_out_is_lost_and_not_wrapped_around():
    moved = random_shift(torch.ones(200, 1, 4, 6), 3, seeded(1))
    sums = moved.sum(dim=(1, 2, 3)).unique()
    expected = {(4 - row) * (6 - column) for row in range(4) for column in range(4)}
    assert set(sums.tolist()) == expected


def test_a_shift_of_zero_returns_equal_images_in_new_memory():
    images = points(2)
    moved = random_shift(images, 0)
    assert torch.equal(moved, images)
    moved += 1
    assert images.max() == 2


def test_about_half_of_the_images_are_mirrored_and_the_probability_counts():
    images = torch.arange(3.0).expand(400, 1, 2, 3)
    assert 160 < (random_flip(images, seeded())[:, 0, 0, 0] == 2).sum() < 240
    assert torch.equal(random_flip(images, seeded(), probability=1), images.flip(3))
    assert torch.equal(random_flip(images, seeded(), probability=0), images)


def test_an_erased_rectangle_is_whole_and_reaches_every_place():
    erased = random_erase(torch.ones(500, 2, 4, 6), (3, 2), seeded()) == 0
    assert torch.equal(erased[:, 0], erased[:, 1])
    assert (erased[:, 0].sum(dim=(1, 2)) == 6).all()
    windows = F.avg_pool2d(erased[:, :1].float(), (3, 2), stride=1)[:, 0] == 1  # (500, 2, 5), where one is whole
    assert (windows.sum(dim=(1, 2)) == 1).all()
    assert windows.any(dim=0).all()


@pytest.mark.parametrize(
    "change", [lambda *a: random_shift(a[0], 2, a[1]), random_flip, lambda *a: random_erase(a[0], 2, a[1])]
)
def test_the_generator_decides_and_integers_stay_integers(change):
    images = torch.randint(1, 255, (40, 1, 5, 7), generator=seeded()).to(torch.uint8)
    before = images.clone()
    first, again, other = (change(images, seeded(seed)) for seed in (3, 3, 4))
    assert first.dtype == torch.uint8
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(images, before)
    assert change(images[:0], seeded()).shape == (0, 1, 5, 7)


def test_a_shift_beyond_the_image_is_refused():
    with pytest.raises(ValueError, match=r"`max_shift` must be less than the images' size \(5, 7\), not 5"):
        random_shift(points(1), 5)
