"""Exercise: move every image of a batch by its own random shift."""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.checking.record import case, exercise
from cnncourse.checking.rules import by_rules
from cnncourse.exercises.random_inputs import integer


@exercise(points=6, minutes=20, after="minibatches")
def random_shift(images, max_shift, generator):
    """Move each image by its own random numbers of rows and columns; zeros come in.

    Parameters
    ----------
    images : torch.Tensor, shape (N, C, H, W)
        Any number type.
    max_shift : int
        Largest shift along each axis, at least 0 and less than H and W.
    generator : torch.Generator
        Where all random numbers come from.

    Returns
    -------
    torch.Tensor, shape (N, C, H, W)
        Of the number type of `images`.
    """
    count, _, height, width = images.shape
    padded = F.pad(images, [max_shift] * 4)
    tops, lefts = torch.randint(2 * max_shift + 1, (2, count), generator=generator).tolist()
    result = torch.empty_like(images)
    for index, (top, left) in enumerate(zip(tops, lefts, strict=True)):
        result[index] = padded[index, :, top : top + height, left : left + width]
    return result


def shifts(note, varies, images, max_shift, calls=20, seed=0):
    """Make a case of several calls; what the generator decides is looked at where that varies."""
    given = {"images": images, "max_shift": max_shift, "seed": seed, "calls": calls}
    return case(note, varies=varies, probe="shift_often", **given, states="random" in varies)


def numbered(*shape, generator=None, dtype=torch.float32):
    """Number all pixels from 1, so that each says where it comes from; with a generator in a random order."""
    count = torch.Size(shape).numel()
    order = torch.arange(count) if generator is None else torch.randperm(count, generator=generator)
    return (order + 1).reshape(shape).to(dtype)


random_shift.add_visible(
    shifts("an image of 3x3 pixels, many calls", "basic", numbered(1, 1, 3, 3), 1),
    shifts("max_shift 0: nothing moves", "zero", numbered(1, 1, 3, 3), 0),
    shifts("an image of 3x5 pixels", "axis", numbered(1, 1, 3, 5), 1, calls=30),
    shifts("three images", "batch", numbered(3, 1, 3, 3), 1),
    shifts("an image of two channels", "channels", numbered(1, 2, 3, 3), 1),
)


@random_shift.random_cases
def fresh(generator):
    def drawn(note, varies, shape, max_shift=1, dtype=torch.float32, **options):
        images = numbered(*shape, generator=generator, dtype=dtype)
        return shifts(note, varies, images, max_shift, seed=integer(generator, 0, 1000), **options)

    yield drawn("an image", "basic", (1, 1, 4, 4))
    yield drawn("max_shift 0", "zero", (1, 1, 4, 4), 0)
    yield drawn("a high image", "axis", (1, 1, 5, 3), calls=30)
    yield drawn("a wide image", "axis", (1, 1, 3, 6), calls=30)
    yield drawn("four images", "batch", (4, 1, 4, 4))
    yield drawn("three channels", "channels", (1, 3, 4, 4))
    yield drawn("is the argument left alone?", "state", (1, 1, 4, 4))
    yield drawn("integers of 8 bits", "dtype", (1, 1, 4, 4), dtype=torch.uint8)
    yield drawn("float64", "dtype", (1, 1, 4, 4), dtype=torch.float64)
    yield drawn("max_shift 2: do all shifts occur?", "setting", (1, 1, 5, 5), 2, calls=100)
    yield drawn("max_shift 3: do all shifts occur?", "setting", (1, 1, 7, 7), 3, calls=140)
    yield drawn("400 shifts from one generator, as many from another", "random", (40, 1, 3, 3), calls=10)
    tags = "axis batch channels state dtype setting"
    yield drawn("everything at once", tags, (3, 2, 5, 6), 2, torch.float64, calls=36)


@random_shift.rules
def broken(case, value, border="zeros", together=False):
    """Yield what is wrong; `border` is what comes in, and `together` says that a batch moves as a whole."""
    images, most, calls = (case.inputs[name] for name in ("images", "max_shift", "calls"))
    results = {name: output for name, output in value.items() if name != "argument changed"}
    if any(output.shape != (calls, *images.shape) for output in results.values()):
        larger = all(
            output.ndim == 4 and output.shape[:2] == images.shape[:2] and output.shape[2] > images.shape[2]
            for output in results.values()
        )
        yield "The result is larger than the images." if larger else "The result should have the images' shape."
        return
    if "dtype" in case.varies and any(output.dtype != images.dtype for output in results.values()):
        yield "The result should have the images' number type."
    if "state" in case.varies and value["argument changed"]:
        yield "The images that are given are changed."
    moved = {}
    for name, output in results.items():
        kind, movement = movements(output, images)
        if kind != border and (kind == "unknown" or movement.any()):
            yield FAULTS[kind]
        if kind == "unknown":
            return
        moved[name] = movement
    yield from movement_broken(case, moved, most, together)


FAULTS = {
    "zeros": "Zeros come in at the border.",
    "wrap": "What leaves on one side comes in on the other.",
    "nearest": "Pixels at the border are repeated.",
    "unknown": "Some results are not a shifted copy of their image.",
}


def movements(output, images):
    """Find how far each image was moved down and to the right, (2, calls, N, C), and what came in at the border.

    The number of a pixel says where it was.
    """
    height, width = images.shape[2:]
    places = torch.zeros(images.numel() + 1, dtype=torch.long)
    places[images.flatten().long()] = torch.arange(images.numel())
    numbers = output.double()
    if not ((numbers >= 0) & (numbers <= images.numel()) & (numbers == numbers.round())).all():
        return "unknown", None
    inside = numbers != 0
    if not inside.any(-1).any(-1).all():
        return "unknown", None
    place = places[numbers.long()]
    own = torch.arange(images.numel()).reshape(images.shape) // (height * width)
    if not (~inside | (place // (height * width) == own)).all():
        return "unknown", None
    was = torch.stack([place // width % height, place % width])  # (2, calls, N, C, H, W)
    sizes = torch.tensor([height, width]).reshape(2, 1, 1, 1, 1, 1)
    now = torch.stack([torch.arange(height)[:, None].expand(height, width), torch.arange(width).expand(height, width)])
    moved = now[:, None, None, None] - was
    most = torch.where(inside, moved, -height - width).amax((-2, -1))
    least = torch.where(inside, moved, height + width).amin((-2, -1))
    left = (sizes[..., 0, 0] - most.abs()).prod(0)
    if torch.equal(most, least) and torch.equal(inside.sum((-2, -1)), left):
        return "zeros", most
    if not inside.all():
        return "unknown", None
    turned = moved % sizes
    if torch.equal(turned.amax((-2, -1)), turned.amin((-2, -1))):
        turned = turned[..., 0, 0]
        return "wrap", torch.where(turned > sizes[..., 0, 0] // 2, turned - sizes[..., 0, 0], turned)
    middle = moved[..., height // 2, width // 2]
    nearest = torch.minimum((now[:, None, None, None] - middle[..., None, None]).clamp(min=0), sizes - 1)
    return ("nearest", middle) if torch.equal(nearest, was) else ("unknown", None)


def movement_broken(case, moved, most, together):
    """Check how far the images were moved, (2, calls, N, C) in each entry of `moved`."""
    if any(movement.abs().amax() > most for movement in moved.values()):
        signs = {sign for movement in moved.values() for sign in movement.sign().flatten().tolist()}
        further = "further than max_shift"
        yield f"Images are moved {further}." if {-1, 1} <= signs else f"Images are moved {further}, in one direction."
    elif any((movement != movement[..., :1]).any() for movement in moved.values()):
        yield "The channels of an image are moved apart."
    elif most and not any(movement.any() for movement in moved.values()):
        yield "Nothing is moved."
    elif most:
        first = moved["generator"][..., 0]  # (2, calls, N)
        constant = (first == first[:, :1]).all().item()
        alike = (first == first[..., :1]).all().item()
        if "batch" in case.varies and alike != together:
            yield "The images of a batch move alike." if alike else "The images of a batch move apart."
        if constant and {"axis", "setting", "random"} & set(case.varies):
            yield "Every call moves the images in the same way."
            return
        if "axis" in case.varies:
            yield from axes_broken(first)
        if "setting" in case.varies:
            yield from range_broken(first, most)
        if "random" in case.varies:
            yield from randomness_broken({name: movement[..., 0] for name, movement in moved.items()}, alike)


def axes_broken(movement):
    """Check that rows and columns are moved independently."""
    rows, columns = movement
    if not (rows.any() and columns.any()):
        yield "The images move along one axis only."
    elif torch.equal(rows.abs(), columns.abs()):
        yield "Rows and columns are moved by the same number."


def range_broken(movement, most):
    """Check that every number occurs along each axis that is moved at all."""
    missing = {
        number
        for axis in movement
        if axis.any()
        for number in set(range(-most, most + 1)) - set(axis.flatten().tolist())
    }
    if missing >= set(range(1, most + 1)) or missing >= set(range(-most, 0)):
        yield "No image is moved down or to the right." if most in missing else "No image is moved up or to the left."
    elif missing:
        ends = {"max_shift": most in missing, "-max_shift": -most in missing}
        named = " and ".join(name for name, lacks in ends.items() if lacks) or "Some numbers"
        yield f"{named} never occurs along an axis."


DEVIATIONS = 5  # standard deviations by which a count may differ from its expected value by chance


def randomness_broken(moved, alike):
    """Check that the generator decides, and that the numbers which occur are equally likely."""
    first = moved["generator"]
    if not torch.equal(first, moved["same state"]):
        yield "The same state of the generator moves the images in different ways."
    elif torch.equal(first, moved["other seed"]):
        yield "Another seed moves the images in the same way."
    for movement in torch.cat([first, moved["other seed"]], dim=1)[..., : 1 if alike else None]:
        counts = torch.unique(movement, return_counts=True)[1].double()
        expected = movement.numel() / len(counts)
        chance = DEVIATIONS * (expected * (1 - 1 / len(counts))) ** 0.5
        if ((counts - expected).abs() > chance).any():
            rare = counts[0] < expected and counts[-1] < expected
            yield "The largest shifts are rarer than others." if rare else "Some shifts are more likely than others."
            break


DRAW = "torch.randint(2 * max_shift + 1, (2, count), generator=generator)"
CUT = "padded[index, :, top : top + height, left : left + width]"
LOOP = "    for index, (top, left) in enumerate(zip(tops, lefts, strict=True)):\n"

random_shift.mistake("The whole batch gets one shift: draw another one for each image.", "one-shift-for-all")(
    random_shift.edited(DRAW, DRAW.replace("count", "1") + ".expand(2, count)")
)
random_shift.mistake(
    "The largest shift in one direction never occurs: the upper bound of torch.randint is excluded.",
    "largest-shift-missing",
)(random_shift.edited(DRAW, "(max_shift - torch.randint(-max_shift, max_shift, (2, count), generator=generator))"))
random_shift.same_mistake("largest-shift-missing")(
    random_shift.edited(DRAW, DRAW.replace("2 * max_shift + 1", "2 * max_shift"))
)
random_shift.mistake(
    "Images move in one direction only along an axis: draw from -max_shift to max_shift.", "one-direction-only"
)(random_shift.edited(DRAW, DRAW.replace("2 * max_shift + 1", "max_shift + 1")))
random_shift.same_mistake("one-direction-only")(
    random_shift.edited(DRAW, f"(max_shift + {DRAW})".replace("2 * max_shift + 1", "max_shift + 1"))
)
random_shift.mistake(
    "Shifts of 0 to 2 * max_shift are drawn: subtract max_shift, so that 0 is in the middle.", "not-centred"
)(random_shift.edited("F.pad(images, [max_shift] * 4)", "F.pad(images, [2 * max_shift, 0, 2 * max_shift, 0])"))
random_shift.mistake(
    "The largest shifts are rarer than the others: draw whole numbers with torch.randint instead of rounding.",
    "ends-rarer",
)(random_shift.edited(DRAW, "(torch.rand(2, count, generator=generator) * 2 * max_shift).round().long()"))
random_shift.mistake(
    "The largest shifts never occur in either direction: draw from -max_shift to max_shift, both included.",
    "ends-missing",
)(
    random_shift.edited(
        DRAW, "(max_shift + (torch.rand(2, count, generator=generator) * 2 * max_shift - max_shift).long())"
    )
)
random_shift.mistake("Rows and columns get the same number: draw one for each.", "one-number-for-both-axes")(
    random_shift.edited(DRAW, DRAW.replace("2, count", "1, count") + ".expand(2, count)")
)
random_shift.mistake("Only one axis moves: draw a number of rows and a number of columns.", "one-axis-only")(
    random_shift.edited(CUT, CUT.replace("top : top", "max_shift : max_shift"))
)
random_shift.same_mistake("one-axis-only")(
    random_shift.edited(CUT, CUT.replace("left : left", "max_shift : max_shift"))
)
random_shift.mistake("Nothing is moved: cut each image out of the padded one at a random place.", "never-moves")(
    random_shift.edited(CUT, "images[index]")
)
random_shift.mistake("The border stays: cut each image back to its size.", "not-cut")(
    random_shift.edited("empty_like(images)", "empty_like(padded)", CUT, "padded[index].roll((top, left), (1, 2))")
)
random_shift.mistake(
    "The generator is ignored: pass it to torch.randint, so that a run can be repeated.", "generator-ignored"
)(random_shift.edited(", generator=generator", ""))
random_shift.mistake(
    "Every call gives the same shifts: use the generator as it is; do not seed one.", "always-the-same"
)(random_shift.edited("generator=generator", "generator=torch.Generator().manual_seed(0)"))
random_shift.same_mistake("always-the-same", marked=False)(
    random_shift.edited("generator=generator", "generator=generator.manual_seed(generator.initial_seed())")
)
random_shift.mistake("The result is always float32: make it like `images`, with their number type.", "dtype-lost")(
    random_shift.edited("torch.empty_like(images)", "torch.empty(images.shape)")
)
random_shift.mistake("The images that are given are changed: write into a new tensor.", "in-place")(
    random_shift.edited("torch.empty_like(images)", "images")
)


@random_shift.same_mistake("generator-ignored")
def randomness_of_numpy(images, max_shift, generator):
    own = torch.Generator().manual_seed(int(np.random.randint(2**31)))  # noqa: NPY002 - the mistake
    return random_shift(images, max_shift, own)


@random_shift.mistake("Each channel gets its own shift: the channels of an image move together.")
def channels_apart(images, max_shift, generator):
    return random_shift(images.flatten(0, 1)[:, None], max_shift, generator).reshape(images.shape)


def variant_rule(**options):
    """Make the comparison of a variant."""
    return by_rules(partial(broken, **options))[0]


@random_shift.mistake(
    "What leaves on one side comes in on the other, as with torch.roll: zeros come in.", "wraps-around"
)
@random_shift.variant(
    "What leaves the frame on one side comes in on the other: no zeros.",
    "wraps-around",
    compare=variant_rule(border="wrap"),
)
def rolled(images, max_shift, generator):
    """Move each image by its own random numbers of rows and columns; what leaves comes in on the other side."""
    downs, rights = torch.randint(-max_shift, max_shift + 1, (2, len(images)), generator=generator).tolist()
    pairs = zip(images, downs, rights, strict=True)
    return torch.stack([image.roll((down, right), (1, 2)) for image, down, right in pairs])


@random_shift.mistake("The border repeats the image's outermost pixels: zeros come in.", "border-repeated")
@random_shift.variant(
    "The pixels that come in repeat the image's outermost row or column: no zeros.",
    "border-repeated",
    compare=variant_rule(border="nearest"),
)
def repeated(images, max_shift, generator):
    """Move each image by its own random numbers of rows and columns; its outermost pixels are repeated."""
    count, _, height, width = images.shape
    downs, rights = torch.randint(-max_shift, max_shift + 1, (2, count), generator=generator).tolist()
    result = torch.empty_like(images)
    for index, (down, right) in enumerate(zip(downs, rights, strict=True)):
        rows = (torch.arange(height) - down).clamp(0, height - 1)
        columns = (torch.arange(width) - right).clamp(0, width - 1)
        result[index] = images[index][:, rows][:, :, columns]
    return result


@random_shift.variant(
    "All images of a batch get the same shift, which is drawn anew for each call.",
    "batch-together",
    compare=variant_rule(together=True),
)
def batch_together(images, max_shift, generator):
    """Move a batch of images by random numbers of rows and columns; zeros come in."""
    height, width = images.shape[2:]
    top, left = torch.randint(2 * max_shift + 1, (2,), generator=generator).tolist()
    return F.pad(images, [max_shift] * 4)[:, :, top : top + height, left : left + width].clone()
