"""Exercise: from photographs to a batch that a layer can read."""

import numpy as np
import torch

from ..judging import Finding, agree, judge_by_value
from ..record import Exercise, Misconception, Variant, case


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


def to_channels_first_signed(images):
    """Turn photographs as files hold them into a batch as layers expect it, centred.

    Parameters
    ----------
    images : numpy.ndarray or torch.Tensor, uint8, shape (N, H, W, 3)
        Values 0 to 255. Not changed.

    Returns
    -------
    torch.Tensor, float32, shape (N, 3, H, W)
        Values -1 to 1.
    """
    return torch.as_tensor(images).permute(0, 3, 1, 2).float() / 127.5 - 1


def _dtype(observation):
    return getattr(observation.value, "dtype", None)


def _judge(case, observed, expected):
    """The values, and that they are float32: layers refuse anything else."""
    finding = judge_by_value(case, observed, expected)
    if finding is None and _dtype(observed) != torch.float32:
        name = str(_dtype(observed)).removeprefix("torch.")
        return Finding("type", f"It has dtype {name}, expected float32.")
    return finding


def _agrees(case, one, other):
    return agree(case, one, other) and _dtype(one) == _dtype(other)


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


def _in_place(images):
    result = to_channels_first(images)
    images[...] = images[...] // 255
    return result


def _photographs(generator, *shape):
    return torch.randint(0, 256, (*shape, 3), generator=generator, dtype=torch.uint8)


def _fresh(generator):
    yield case("tensor, two photographs", images=_photographs(generator, 2, 3, 4))
    yield case("NumPy, two photographs", images=_photographs(generator, 2, 4, 2).numpy())
    yield case("tensor, as high as there are colours", images=_photographs(generator, 1, 3, 3))
    yield case("NumPy, a dark photograph", images=(_photographs(generator, 1, 2, 5) // 4).numpy())


EXERCISE = Exercise(
    solved=to_channels_first,
    chapter="channels",
    prompt="""
A photograph comes from a file as bytes, row by row, the three colours of a pixel side by side: (N, H, W, 3). Layers
want floats near 1 and one plane for each colour: (N, 3, H, W). Convert a batch, NumPy array or tensor, to a float32
tensor with values from 0 to 1, and leave the argument as it is. A reshape would give the right shape and a scrambled
picture.
""",
    objectives=("tell a transpose from a reshape", "scale bytes without overflow"),
    out_of_scope=("grey pictures and transparency", "refusing other dtypes"),
    visible=(
        case("one pixel", images=torch.tensor([[[[255, 51, 0]]]], dtype=torch.uint8)),
        case("one pixel, NumPy", images=np.array([[[[0, 102, 255]]]], dtype=np.uint8)),
        case(
            "red, green and blue in a row",
            images=torch.tensor([[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 8, 7]]]], dtype=torch.uint8),
        ),
    ),
    fresh=_fresh,
    judge=_judge,
    agrees=_agrees,
    misconceptions=(
        Misconception(
            "reshape",
            "The axes are reshaped, which scrambles the picture: transpose them (permute).",
            _laid_out(lambda x: x.reshape(len(x), 3, *x.shape[1:3])),
        ),
        Misconception(
            "not-divided",
            "The values are still 0 to 255: divide by 255.",
            _laid_out(_first, lambda images: images.float()),
        ),
        Misconception(
            "divided-by-256",
            "The values are divided by 256: the largest byte is 255, and white should be 1.",
            _laid_out(_first, lambda images: images.float() / 256),
        ),
        Misconception(
            "integer-division",
            "The values are divided as integers, so that nearly all become 0: convert to float first.",
            _laid_out(_first, lambda images: (images // 255).float()),
        ),
        Misconception(
            "overflow",
            "Bytes above 127 have become negative: int8 is too small for them; convert uint8 to float32 directly.",
            _laid_out(_first, _int8),
        ),
        Misconception(
            "own-range",
            "The values are divided by the largest one: a dark picture should stay dark, so divide by 255.",
            _laid_out(_first, _own_range),
        ),
        Misconception(
            "signed",
            "The values run from -1 to 1: here they run from 0 to 1.",
            to_channels_first_signed,
        ),
        Misconception(
            "image-turned",
            "Height and width are swapped: the colours move to the front, rows and columns stay in order.",
            _laid_out(lambda x: x.permute(0, 3, 2, 1)),
        ),
        Misconception(
            "channels-left-last",
            "The colours are still the last axis: layers want (N, 3, H, W).",
            _laid_out(lambda x: x),
        ),
        Misconception(
            "colours-reversed",
            "Red and blue are swapped: keep the colours in order.",
            _laid_out(lambda x: x.permute(0, 3, 1, 2).flip(1)),
        ),
        Misconception(
            "float64",
            "The result is float64: layers hold float32, so convert to that.",
            _laid_out(_first, lambda images: images.double() / 255),
        ),
        Misconception(
            "numpy-only",
            "Only NumPy arrays are handled: a tensor comes as well (`torch.as_tensor` takes both).",
            lambda images: to_channels_first(torch.from_numpy(images)),
        ),
        Misconception(
            "tensors-only",
            "Only tensors are handled: a NumPy array comes as well (`torch.as_tensor` takes both).",
            lambda images: images.permute(0, 3, 1, 2).float() / 255,
        ),
        Misconception(
            "stays-numpy",
            "A NumPy array comes back as one: return a tensor for both.",
            lambda images: (
                np.float32(images.transpose(0, 3, 1, 2) / 255.0)
                if isinstance(images, np.ndarray)
                else to_channels_first(images)
            ),
        ),
        Misconception(
            "argument-changed",
            "The photographs that were given are changed: work on a copy.",
            _in_place,
        ),
    ),
    hints=(
        "Two things have to happen: the axes move, and the numbers shrink. Which function moves axes without mixing?",
        "`torch.as_tensor` takes NumPy arrays and tensors; `permute` says for each new axis which old one it is.",
        "`torch.as_tensor(images).permute(0, 3, 1, 2).float() / 255`.",
    ),
    points=3,
    minutes=8,
    variants=(
        Variant("signed", "Scale the values to the range -1 to 1: black is -1, white is 1.", to_channels_first_signed),
    ),
)
