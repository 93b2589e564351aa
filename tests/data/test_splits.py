import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.data import hold_out


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_a_quarter_of_each_class_is_held_out():
    labels = torch.tensor([0] * 8 + [1] * 4)
    images = torch.arange(12.0).view(12, 1, 1, 1)
    train_images, train_labels, held_images, held_labels = hold_out(images, labels, 3, seeded())
    assert train_labels.bincount().tolist() == [6, 3]
    assert held_labels.bincount().tolist() == [2, 1]
    assert train_images.shape == (9, 1, 1, 1)
    assert held_images.shape == (3, 1, 1, 1)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), labels=st.lists(st.integers(0, 4), min_size=2, max_size=60), seed=st.integers(0, 2**32))
def test_nothing_is_lost_or_doubled_and_each_class_gets_its_share(data, labels, seed):
    count = data.draw(st.integers(1, len(labels) - 1))
    labels = torch.tensor(labels)
    images = torch.arange(len(labels))
    train_images, train_labels, held_images, held_labels = hold_out(images, labels, count, seeded(seed))
    assert len(held_images) == count
    assert sorted([*train_images.tolist(), *held_images.tolist()]) == images.tolist()
    assert torch.equal(labels[train_images], train_labels)  # still paired
    assert torch.equal(labels[held_images], held_labels)
    assert torch.equal(train_images, train_images.sort().values)  # still in order
    assert torch.equal(held_images, held_images.sort().values)
    share = labels.bincount() * count / len(labels)
    assert ((held_labels.bincount(minlength=len(share)) - share).abs() < 1).all()


def test_which_images_are_held_out_depends_on_the_generator_only():
    images, labels = torch.arange(100), torch.arange(100) % 10
    first, second, other = (hold_out(images, labels, 20, seeded(seed))[2] for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_every_image_can_be_held_out():
    images, labels = torch.arange(12), torch.arange(12) % 2
    generator = seeded()
    assert {int(i) for _ in range(60) for i in hold_out(images, labels, 2, generator)[2]} == set(range(12))


def test_hold_out_uses_the_global_generator_only_when_there_is_no_other():
    images, labels = torch.arange(100), torch.arange(100) % 10
    before = torch.get_rng_state()
    hold_out(images, labels, 20, seeded())
    assert torch.equal(torch.get_rng_state(), before)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        first = hold_out(images, labels, 20)[2]
        assert not torch.equal(hold_out(images, labels, 20)[2], first)
        torch.manual_seed(5)
        assert torch.equal(hold_out(images, labels, 20)[2], first)


@pytest.mark.parametrize(
    ("images", "labels", "count", "error", "message"),
    [
        (
            torch.zeros(4, 1),
            torch.zeros(4).long(),
            4,
            ValueError,
            "leave at least one of the 4 images for training, not 4",
        ),
        (torch.zeros(4, 1), torch.zeros(4).long(), 0, ValueError, "`count` must be at least 1, not 0"),
        (torch.zeros(4, 1), torch.zeros(4).long(), 0.5, TypeError, r"`count` must be an integer, not 0\.5"),
        (torch.zeros(4, 1), torch.zeros(3).long(), 1, ValueError, r"must pair up .* not \(4, 1\) and \(3,\)"),
        (torch.zeros(4, 1), torch.zeros(4, 1).long(), 1, ValueError, r"must pair up .* not \(4, 1\) and \(4, 1\)"),
    ],
)
def test_hold_out_names_the_argument_that_is_wrong(images, labels, count, error, message):
    with pytest.raises(error, match=message):
        hold_out(images, labels, count, seeded())
