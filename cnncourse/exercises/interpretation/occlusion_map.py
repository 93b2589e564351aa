"""Exercise: cover the image patch by patch, and see what the network misses."""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=6, minutes=20, after="calculate_output_shape activation_maps")
def occlusion_map(model, image, target, patch_size, stride, fill=0.0):
    """Measure by how much the target logit drops when a patch of the image is covered.

    Parameters
    ----------
    model : nn.Module
        Takes batches (N, C, H, W), returns logits (N, K).
    image : torch.Tensor, shape (C, H, W)
        Is not changed.
    target : int
        The class whose logit is looked at.
    patch_size, stride : (int, int)
        Height and width.
    fill : float, default 0
        What a covered pixel becomes, in all channels.

    Returns
    -------
    torch.Tensor, shape (rows, columns)
        Drop of the logit for each patch that lies wholly in the image; rows = (H - patch height) // stride height + 1.
    """
    height, width = image.shape[1:]
    (ph, pw), (sh, sw) = patch_size, stride
    rows, columns = (height - ph) // sh + 1, (width - pw) // sw + 1
    drops = torch.zeros(rows, columns, dtype=image.dtype)
    with torch.no_grad():
        whole = model(image[None])[0, target]
        for row in range(rows):
            for column in range(columns):
                covered = image.clone()
                top, left = row * sh, column * sw
                covered[:, top : top + ph, left : left + pw] = fill
                drops[row, column] = whole - model(covered[None])[0, target]
    return drops


def _occlude(
    *,
    score=lambda model, image, target: model(image[None])[0, target],
    drop=lambda whole, covered: whole - covered,
    cover=lambda image, rows, columns, fill: _filled(image, rows, columns, fill),
    places=lambda size, patch, stride: range(0, size - patch + 1, stride),
    order=lambda patch, stride: (patch, stride),
    finish=lambda drops: drops,
):
    """Make a wrong answer: an occlusion map with a part that can be another."""

    def answer(model, image, target, patch_size, stride, fill=0.0):
        (ph, pw), (sh, sw) = order(patch_size, stride)
        _, height, width = image.shape
        with torch.no_grad():
            whole = score(model, image, target)
            drops = [
                [
                    drop(whole, score(model, cover(image, slice(t, t + ph), slice(le, le + pw), fill), target))
                    for le in places(width, pw, sw)
                ]
                for t in places(height, ph, sh)
            ]
        return finish(torch.tensor(drops))

    return answer


def _filled(image, rows, columns, fill):
    covered = image.clone()
    covered[:, rows, columns] = fill
    return covered


def _first_channel(image, rows, columns, fill):
    covered = image.clone()
    covered[0, rows, columns] = fill
    return covered


def _all_but_the_patch(image, rows, columns, fill):
    covered = torch.full_like(image, fill)
    covered[:, rows, columns] = image[:, rows, columns]
    return covered


def _changes_the_image(image, rows, columns, fill):
    image[:, rows, columns] = fill
    return image


def _probability(model, image, target):
    return model(image[None]).softmax(1)[0, target]


def _case(note, varies, image, weight, bias, target, patch_size, stride, fill=None):
    return case(
        note,
        varies=varies,
        probe="occlude",
        image=image,
        target=target,
        patch_size=patch_size,
        stride=stride,
        weight=weight,
        bias=bias,
        fill=fill,
    )


_IMAGE = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])
_WEIGHT = torch.tensor([[0.1, -0.1, 0.2, 0.0, 0.1, -0.2], [0.0, 0.2, -0.1, 0.1, -0.3, 0.1]])
_BIAS = torch.tensor([0.5, -0.25])


occlusion_map.add_visible(
    _case("pixel by pixel", "basic", _IMAGE, _WEIGHT, _BIAS, 0, (1, 1), (1, 1)),
    _case("the other class, a patch that is not square", "classes axis", _IMAGE, _WEIGHT, _BIAS, 1, (2, 1), (1, 1)),
    _case("a stride with a remainder", "stride remainder", _IMAGE, _WEIGHT, _BIAS, 1, (1, 1), (1, 2)),
    _case("covered with 2", "setting", _IMAGE, _WEIGHT, _BIAS, 1, (1, 2), (1, 1), fill=2.0),
)


@occlusion_map.random_cases
def _fresh(generator):
    for dtype, fill, patch_size, stride in (
        (torch.float32, None, (2, 3), (2, 1)),
        (torch.float64, 0.5, (3, 2), (1, 2)),
        (torch.float32, -1.0, (1, 2), (2, 3)),
    ):
        height, width = integer(generator, 5, 6), integer(generator, 7, 8)
        yield _case(
            f"patches {patch_size}, stride {stride}, {'no fill given' if fill is None else f'fill {fill}'}",
            "axis stride setting default",
            tensor(generator, 2, height, width, dtype=dtype),
            torch.randn(3, 2 * height * width, generator=generator, dtype=dtype) / 8,
            tensor(generator, 3, dtype=dtype),
            integer(generator, 0, 2),
            patch_size,
            stride,
            fill,
        )


occlusion_map.mistake(
    "The sign is the wrong way round: the drop is the whole image's logit minus the covered one's.", "sign"
)(_occlude(drop=lambda whole, covered: covered - whole))
occlusion_map.mistake("This is the logit itself: subtract it from the whole image's.", "covered-logit")(
    _occlude(drop=lambda whole, covered: covered)
)
occlusion_map.mistake("The sign is lost: a patch that speaks against the class has a negative drop.", "absolute")(
    _occlude(drop=lambda whole, covered: (whole - covered).abs())
)
occlusion_map.mistake("Negative drops are set to 0: leave them, they speak against the class.", "negative-drops-cut")(
    _occlude(drop=lambda whole, covered: (whole - covered).clamp(min=0))
)
occlusion_map.mistake("The drop is divided by the whole image's logit: leave it as it is.", "relative")(
    _occlude(drop=lambda whole, covered: (whole - covered) / whole)
)
occlusion_map.mistake("The drop is measured in the probability: look at the logit, before any softmax.", "probability")(
    _occlude(score=_probability)
)
occlusion_map.mistake(
    "The largest logit is followed, whichever class it belongs to: look at `target`.", "largest-logit"
)(_occlude(score=lambda model, image, target: model(image[None]).max()))
occlusion_map.mistake("The first class is looked at, whatever `target` says.", "first-class")(
    _occlude(score=lambda model, image, target: model(image[None])[0, 0])
)
occlusion_map.mistake("Covered pixels always become 0: they become `fill`.", "fill-ignored")(
    _occlude(cover=lambda image, rows, columns, fill: _filled(image, rows, columns, 0.0))
)
occlusion_map.mistake("Only the first channel is covered: cover all of them.", "first-channel-only")(
    _occlude(cover=_first_channel)
)
occlusion_map.mistake("Everything but the patch is covered: cover the patch.", "all-but-the-patch")(
    _occlude(cover=_all_but_the_patch)
)


@occlusion_map.mistake("Earlier patches stay covered: begin each time with a fresh copy of the image.")
def stays_covered(model, image, target, patch_size, stride, fill=0.0):
    covered = image.clone()

    def cover(_, rows, columns, fill):
        covered[:, rows, columns] = fill
        return covered

    return _occlude(cover=cover)(model, image, target, patch_size, stride, fill)


occlusion_map.mistake("The patches are covered in the image that was given: work on a copy.", "image-changed")(
    _occlude(cover=_changes_the_image)
)
occlusion_map.mistake("Patches that stick out of the image are counted: take whole ones only.", "partial-patches")(
    _occlude(places=lambda size, patch, stride: range(0, size, stride))
)
occlusion_map.mistake(
    "The last place is missing: there are (size - patch) // stride + 1, not one less.", "last-place-missing"
)(_occlude(places=lambda size, patch, stride: range(0, size - patch, stride)))
occlusion_map.mistake("The stride's two numbers are swapped: the first is for the height.", "stride-swapped")(
    _occlude(order=lambda patch, stride: (patch, stride[::-1]))
)
occlusion_map.mistake("The patch's two numbers are swapped: the first is for the height.", "patch-swapped")(
    _occlude(order=lambda patch, stride: (patch[::-1], stride))
)
occlusion_map.mistake("The patch moves on by one pixel: it moves on by `stride`.", "stride-ignored")(
    _occlude(order=lambda patch, stride: (patch, (1, 1)))
)
occlusion_map.mistake("The patch moves on by its own size: it moves on by `stride`.", "patch-as-stride")(
    _occlude(order=lambda patch, stride: (patch, patch))
)
occlusion_map.mistake("Rows and columns of the result are swapped.", "transposed")(_occlude(finish=lambda m: m.T))
