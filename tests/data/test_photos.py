import numpy as np
import pytest

from cnncourse.data import PHOTOS, load_photo


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_is_a_colour_image_of_bytes_that_you_may_change(name):
    photo = load_photo(name)
    assert photo.dtype == np.uint8
    assert photo.ndim == 3
    assert photo.shape[2] == 3
    assert photo.flags.writeable
    assert photo.max() - photo.min() > 200


def test_the_photos_have_the_documented_sizes():
    assert {name: load_photo(name).shape[:2] for name in PHOTOS} == {
        "china": (427, 640),
        "flower": (427, 640),
        "grace_hopper": (600, 512),
    }


def test_the_channels_come_in_the_order_red_green_blue():
    assert load_photo("flower")[213, 320].argmax() == 0  # the orange dahlia in the middle
    assert load_photo("china")[30, 600].argmax() == 2  # the blue sky in the corner


def test_changing_a_photo_does_not_change_the_next_one():
    photo = load_photo("china")
    expected = photo.copy()
    photo[:] = 0
    np.testing.assert_array_equal(load_photo("china"), expected)


@pytest.mark.parametrize("name", PHOTOS)
def test_every_photo_names_its_author_licence_and_source(name):
    photo = PHOTOS[name]
    assert photo.author
    assert photo.licence in {"CC BY 2.0", "public domain"}
    assert photo.source.startswith("https://")


def test_load_photo_lists_the_names_it_knows():
    with pytest.raises(ValueError, match="`name` must be one of 'china', 'flower', 'grace_hopper', not 'cat'"):
        load_photo("cat")
