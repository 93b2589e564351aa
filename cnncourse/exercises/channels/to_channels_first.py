"""Exercise: from photographs to a batch that a layer can read."""

import numpy as np
import torch

from cnncourse.checking.compare import Mismatch, agree, compare_values
from cnncourse.checking.record import case, exercise


@exercise(points=3, minutes=8)
def to_channels_first(images):
    """Turn photographs as files hold them into a batch as layers expect it.

    Parameters
    ----------
    images : numpy.ndarray or torch.Tensor, uint8, shape (N, H, W, 3)
        Values 0 to 255. Not changed.

    Returns
    -------
    torch.Tensor, float32, shape (N, 3, H, W)
        Values 0 to 1.
    """
    return torch.as_tensor(images).permute(0, 3, 1, 2).float() / 255


def _dtype(observation):
    return getattr(observation.value, "dtype", None)


def _laid_out(layout, scale=lambda images: images.float() / 255):
    def answer(images):
        return layout(scale(torch.as_tensor(images)))

    return answer


def _first(images):
    return images.permute(0, 3, 1, 2)


def _int8(images):
    return images.to(torch.int8).float() / 255


def _own_range(images):
    return images.float() / images.max()


def _photographs(generator, *shape):
    return torch.randint(0, 256, (*shape, 3), generator=generator, dtype=torch.uint8)


@to_channels_first.comparison
def _compare(case, observed, expected):
    """The values, and that they are float32: layers refuse anything else."""
    mismatch = compare_values(case, observed, expected)
    if mismatch is None and _dtype(observed) != torch.float32:
        name = str(_dtype(observed)).removeprefix("torch.")
        return Mismatch("type", f"It has dtype {name}, expected float32.")
    return mismatch


@to_channels_first.agreement
def _agree(case, one, other):
    return agree(case, one, other) and _dtype(one) == _dtype(other)


to_channels_first.add_visible(
    case("one pixel", varies="basic", images=torch.tensor([[[[255, 51, 0]]]], dtype=torch.uint8)),
    case("one pixel, NumPy", varies="dtype", images=np.array([[[[0, 102, 255]]]], dtype=np.uint8)),
    case(
        "red, green and blue in a row",
        varies="axis",
        images=torch.tensor([[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 8, 7]]]], dtype=torch.uint8),
    ),
)


@to_channels_first.random_cases
def _fresh(generator):
    yield case("tensor, two photographs", varies="batch axis", images=_photographs(generator, 2, 3, 4))
    yield case("NumPy, two photographs", varies="batch axis dtype", images=_photographs(generator, 2, 4, 2).numpy())
    yield case("tensor, as high as there are colours", varies="axis", images=_photographs(generator, 1, 3, 3))
    yield case(
        "NumPy, a dark photograph", varies="extreme dtype", images=(_photographs(generator, 1, 2, 5) // 4).numpy()
    )


@to_channels_first.variant("Scale the values to the range -1 to 1: black is -1, white is 1.")
def signed(images):
    """Turn photographs as files hold them into a batch as layers expect it, centred.

    Returns
    -------
    torch.Tensor, float32, shape (N, 3, H, W)
        Values -1 to 1.
    """
    return torch.as_tensor(images).permute(0, 3, 1, 2).float() / 127.5 - 1


to_channels_first.mistake("The axes are reshaped, which scrambles the picture: transpose them (permute).", "reshape")(
    _laid_out(lambda x: x.reshape(len(x), 3, *x.shape[1:3]))
)
to_channels_first.mistake("The values are still 0 to 255: divide by 255.", "not-divided")(
    _laid_out(_first, lambda images: images.float())
)
to_channels_first.mistake(
    "The values are divided by 256: the largest byte is 255, and white should be 1.", "divided-by-256"
)(_laid_out(_first, lambda images: images.float() / 256))
to_channels_first.mistake(
    "The values are divided as integers, so that nearly all become 0: convert to float first.", "integer-division"
)(_laid_out(_first, lambda images: (images // 255).float()))
to_channels_first.mistake(
    "Bytes above 127 have become negative: int8 is too small for them; convert uint8 to float32 directly.", "overflow"
)(_laid_out(_first, _int8))
to_channels_first.mistake(
    "The values are divided by the largest one: a dark picture should stay dark, so divide by 255.", "own-range"
)(_laid_out(_first, _own_range))
to_channels_first.mistake("The values run from -1 to 1: here they run from 0 to 1.", "signed")(signed)
to_channels_first.mistake(
    "Height and width are swapped: the colours move to the front, rows and columns stay in order.", "image-turned"
)(_laid_out(lambda x: x.permute(0, 3, 2, 1)))
to_channels_first.mistake("The colours are still the last axis: layers want (N, 3, H, W).", "channels-left-last")(
    _laid_out(lambda x: x)
)
to_channels_first.mistake("Red and blue are swapped: keep the colours in order.", "colours-reversed")(
    _laid_out(lambda x: x.permute(0, 3, 1, 2).flip(1))
)
to_channels_first.mistake("The result is float64: layers hold float32, so convert to that.", "float64")(
    _laid_out(_first, lambda images: images.double() / 255)
)
to_channels_first.mistake(
    "Only NumPy arrays are handled: a tensor comes as well (`torch.as_tensor` takes both).", "numpy-only"
)(lambda images: to_channels_first(torch.from_numpy(images)))
to_channels_first.mistake(
    "Only tensors are handled: a NumPy array comes as well (`torch.as_tensor` takes both).", "tensors-only"
)(lambda images: images.permute(0, 3, 1, 2).float() / 255)
to_channels_first.mistake("A NumPy array comes back as one: return a tensor for both.", "stays-numpy")(
    lambda images: (
        np.float32(images.transpose(0, 3, 1, 2) / 255.0)
        if isinstance(images, np.ndarray)
        else to_channels_first(images)
    )
)


@to_channels_first.mistake("The photographs that were given are changed: work on a copy.")
def argument_changed(images):
    result = to_channels_first(images)
    images[...] = images[...] // 255
    return result
