import numpy as np
import pytest
import torch
from sklearn import datasets

from cnncourse.data import load_digits


def test_the_first_digit_is_scikit_learns_first_zero_scaled_to_1():
    images, labels = load_digits("train")
    assert (images[0, 0] * 16).tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert labels[0] == 0


@pytest.mark.parametrize(("split", "count"), [("train", 1442), ("test", 355)])
def test_digits_are_float32_from_0_to_1_with_int64_labels(split, count):
    images, labels = load_digits(split)
    assert images.shape == (count, 8, 8)
    assert images.dtype == torch.float32
    assert (images.min(), images.max()) == (0, 1)
    assert labels.shape == (count,)
    assert labels.dtype == torch.int64


def test_the_two_splits_hold_every_digit_of_scikit_learn_once():
    digits = datasets.load_digits()
    pairs = [(image.tobytes(), label) for image, label in zip(digits.images, digits.target, strict=True)]
    found = [
        ((image.double().numpy() * 16).tobytes(), int(label))
        for split in ("train", "test")
        for image, label in zip(*load_digits(split), strict=True)
    ]
    assert sorted(found) == sorted(pairs)


def test_every_fifth_image_of_each_digit_is_a_test_image():
    digits = datasets.load_digits()
    images, labels = load_digits("test")
    for digit in range(10):
        expected = digits.images[digits.target == digit][4::5] / 16
        np.testing.assert_array_equal(images[labels == digit].double().numpy(), expected)


def test_load_digits_refuses_another_split():
    with pytest.raises(ValueError, match="`split` must be 'train' or 'test', not 'validation'"):
        load_digits("validation")
