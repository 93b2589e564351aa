"""Exercise: from photographs to a batch that a layer can read."""

import numpy as np
import torch

from cnncourse.checking.compare import Mismatch, agree, compare_values
from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=3, minutes=8)
def to_channels_first(images):
    """Turn photographs as files hold them into a batch as layers expect it.

    Parameters
    ----------
    images : numpy.ndarray or torch.Tensor, uint8, shape (N, H, W, 3)
        Values 0 to 255. Is not changed.

    Returns
    -------
    torch.Tensor, float32, shape (N, 3, H, W)
        Values 0 to 1.
    """
    return torch.as_tensor(images).permute(0, 3, 1, 2).float() / 255


ROW = torch.tensor([[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 8, 7]]]], dtype=torch.uint8)

to_channels_first.add_visible(
    case("one pixel", varies="basic", images=torch.tensor([[[[255, 51, 0]]]], dtype=torch.uint8)),
    case("one pixel, NumPy", varies="dtype extreme", images=np.array([[[[0, 102, 255]]]], dtype=np.uint8)),
    case("red, green and blue in a row", varies="axis", images=ROW),
)


@to_channels_first.random_cases
def fresh(generator):
    def photographs(*shape):
        drawn = torch.randint(0, 250, (*shape, 3), generator=generator, dtype=torch.uint8)
        drawn[0, 0, 0] = torch.tensor([250, 130, 77])  # bright and dark beside each other
        return drawn

    yield case("a square tensor", varies="basic", images=photographs(1, 2, 2))
    yield case("as high and wide as there are colours", varies="basic", images=photographs(1, 3, 3))
    yield case("a tensor that is not square", varies="axis", images=photographs(1, 3, integer(generator, 4, 6)))
    yield case("two photographs", varies="batch", images=photographs(2, 2, 2))
    yield case("NumPy", varies="dtype", images=photographs(1, 2, 2).numpy())
    yield case("a dark photograph", varies="extreme", images=photographs(1, 2, 2) // 2)
    yield case("NumPy, two photographs", varies="batch axis dtype", images=photographs(2, 4, 2).numpy())
    yield case("NumPy, a dark photograph", varies="extreme axis dtype", images=(photographs(1, 2, 5) // 4).numpy())


def dtype_of(observation):
    return getattr(observation.value, "dtype", None)


@to_channels_first.comparison
def compare(case, observed, expected):
    """Compare the values and, where types are the subject, that they are float32: layers refuse anything else."""
    mismatch = compare_values(case, observed, expected)
    if mismatch is None and "dtype" in case.varies and dtype_of(observed) != torch.float32:
        name = str(dtype_of(observed)).removeprefix("torch.")
        return Mismatch("type", f"It has dtype {name}, expected float32.")
    return mismatch


@to_channels_first.agreement
def alike(case, one, other):
    return agree(case, one, other) and dtype_of(one) == dtype_of(other)


to_channels_first.mistake(
    "The axes are reshaped, which mixes pixels and colours: move the colour axis (permute).", "reshape"
)(to_channels_first.edited("permute(0, 3, 1, 2)", "reshape(len(images), 3, *images.shape[1:3])"))
to_channels_first.mistake("The values are still 0 to 255: divide by 255.", "not-divided")(
    to_channels_first.edited(" / 255", "")
)
to_channels_first.mistake("The values are divided by 256: divide by 255, so that white is 1.", "divided-by-256")(
    to_channels_first.edited("255", "256")
)
to_channels_first.mistake(
    "The values are divided as integers, so that nearly all become 0: convert to float first.", "integer-division"
)(to_channels_first.edited(".float() / 255", ".floor_divide(255).float()"))
to_channels_first.mistake(
    "Bytes above 127 have become negative: int8 is too small for them; convert uint8 to float32 directly.", "overflow"
)(to_channels_first.edited(".float()", ".to(torch.int8).float()"))
to_channels_first.mistake(
    "The values are divided by the largest one: divide by 255, so that a dark photograph stays dark.", "own-range"
)(to_channels_first.edited("255", "torch.as_tensor(images).max()"))


@to_channels_first.mistake("The values run from -1 to 1: here they run from 0 to 1.")
@to_channels_first.variant("Scale the values to the range -1 to 1: black is -1, white is 1.")
def signed(images):
    """Turn photographs as files hold them into a batch as layers expect it, centred.

    Returns
    -------
    torch.Tensor, float32, shape (N, 3, H, W)
        Values -1 to 1.
    """
    return torch.as_tensor(images).permute(0, 3, 1, 2).float() / 127.5 - 1


to_channels_first.mistake("Height and width are swapped: move the colours only, (N, 3, H, W).", "image-turned")(
    to_channels_first.edited("(0, 3, 1, 2)", "(0, 3, 2, 1)")
)
to_channels_first.mistake("The colours are still the last axis: layers expect (N, 3, H, W).", "channels-left-last")(
    to_channels_first.edited(".permute(0, 3, 1, 2)", "")
)
to_channels_first.mistake("Red and blue are swapped: keep the colours in order.", "colours-reversed")(
    to_channels_first.edited(".float()", ".flip(1).float()")
)
to_channels_first.mistake("The result is float64: convert to float32, which layers expect.", "float64")(
    to_channels_first.edited(".float()", ".double()")
)
to_channels_first.mistake("Only NumPy arrays are handled: accept tensors too (`torch.as_tensor`).", "numpy-only")(
    to_channels_first.edited("torch.as_tensor", "torch.from_numpy")
)
to_channels_first.mistake("Only tensors are handled: accept NumPy arrays too (`torch.as_tensor`).", "tensors-only")(
    to_channels_first.edited("torch.as_tensor(images)", "images")
)
to_channels_first.mistake("For a NumPy array the result is one as well: return a tensor for both.", "stays-numpy")(
    to_channels_first.edited(
        "return ", "result = ", " / 255", " / 255\n    return result if torch.is_tensor(images) else result.numpy()"
    )
)
to_channels_first.mistake("The photographs that were given are changed: work on a copy.", "argument-changed")(
    to_channels_first.edited("return ", "result = ", " / 255", " / 255\n    images //= 255\n    return result")
)
