"""Exercise: cover the image patch by patch, and see what the network misses."""

import torch

from cnncourse.checking.compare import Observation
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
        The class whose logit is measured.
    patch_size, stride : (int, int)
        Height and width.
    fill : float, default 0
        What a covered pixel becomes, in all channels.

    Returns
    -------
    torch.Tensor, shape (rows, columns)
        Drop of the logit for each patch that is wholly in the image; rows = (H - patch height) // stride height + 1.
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


def occlude(note, varies, image, weight, bias, target, patch_size, stride, fill=None):
    given = {"image": image, "target": target, "patch_size": patch_size, "stride": stride}
    return case(note, varies=varies, probe="occlude", **given, weight=weight, bias=bias, fill=fill)


IMAGE = torch.tensor([[[1.0, 2, 3], [4, 5, 6]]])
WEIGHT = torch.tensor([[0.1, -0.1, 0.2, 0.0, 0.1, -0.2], [0.0, 0.2, -0.1, 0.1, -0.3, 0.1]])
BIAS = torch.tensor([0.5, -0.25])

occlusion_map.add_visible(
    occlude("pixel by pixel", "basic classes", IMAGE, WEIGHT, BIAS, 0, (1, 1), (1, 1)),
    occlude("the other class, a tall patch", "classes kernel", IMAGE, WEIGHT, BIAS, 1, (2, 1), (1, 1)),
    occlude("a stride with a remainder", "stride classes", IMAGE, WEIGHT, BIAS, 1, (1, 1), (1, 2)),
    occlude("covered with 2", "setting kernel classes", IMAGE, WEIGHT, BIAS, 1, (1, 2), (1, 1), fill=2.0),
)


@occlusion_map.random_cases
def fresh(generator):
    def drawn(note, varies, shape, patch_size=(1, 1), stride=(1, 1), classes=1, fill=None, dtype=torch.float32):
        while True:  # until some patches speak for the class and others against it: no drop of one sign hides a slip
            image = 0.5 + tensor(generator, *shape, dtype=dtype).abs()
            weight = torch.randn(classes, image.numel(), generator=generator, dtype=dtype) / 4
            bias = tensor(generator, classes, dtype=dtype)
            logits = torch.sin(image.flatten() @ weight.T + bias)
            target = 0 if classes == 1 else 1 + int(logits[1:].argmin())  # neither the first nor the largest
            drawn_case = occlude(note, varies, image, weight, bias, target, patch_size, stride, fill)
            drops = Observation.read(occlusion_map.observe(occlusion_map.solved, drawn_case)).value
            if drops.min() < -0.1 and drops.max() > 0.1:
                return drawn_case

    one = 1, 4, 5
    yield drawn("pixel by pixel, one class", "basic", one)
    yield drawn("a wide patch", "kernel", one, (2, 3))
    yield drawn("a tall patch", "kernel", one, (3, 1))
    yield drawn("stride (2, 3)", "stride", (1, 5, 10), stride=(2, 3))
    yield drawn("stride (3, 1), a remainder", "stride", (1, 6, 4), stride=(3, 1))
    yield drawn("three classes", "classes", one, classes=3)
    yield drawn("three channels", "channels", (3, 4, 5))
    yield drawn("covered with 3", "setting", one, fill=3.0)
    yield drawn("covered with -1", "setting", one, fill=-1.0)
    yield drawn("float64", "dtype", one, dtype=torch.float64)
    tags, shape = "kernel stride classes channels setting", (2, 6, integer(generator, 7, 8))
    yield drawn("everything at once", tags, shape, (3, 2), (1, 2), 3, 0.5)
    yield drawn("everything at once, float64", f"{tags} dtype", shape, (1, 2), (2, 3), 3, -1.0, torch.float64)


occlusion_map.mistake("The sign is wrong: the drop is the whole image's logit minus the covered one's.", "sign")(
    occlusion_map.edited("return drops", "return -drops")
)
occlusion_map.mistake("This is the logit itself: subtract it from the whole image's.", "covered-logit")(
    occlusion_map.edited("whole - model", "model")
)
occlusion_map.mistake("The sign is lost: a patch that speaks against the class has a negative drop.", "absolute")(
    occlusion_map.edited("return drops", "return drops.abs()")
)
occlusion_map.mistake("Negative drops are set to 0: keep them, they speak against the class.", "negative-drops-cut")(
    occlusion_map.edited("return drops", "return drops.clamp(min=0)")
)
occlusion_map.mistake("The drop is divided by the whole image's logit: leave it as it is.", "relative")(
    occlusion_map.edited("return drops", "return drops / whole")
)
occlusion_map.mistake("The drop is measured in the probability: use the logit, before any softmax.", "probability")(
    occlusion_map.edited("[0, target]", ".softmax(1)[0, target]")
)
occlusion_map.mistake(
    "The largest logit is followed, whichever class it belongs to: use the logit of `target`.", "largest-logit"
)(occlusion_map.edited("[0, target]", ".max()"))
occlusion_map.mistake("The first class is measured, whatever `target` says: use `target`.", "first-class")(
    occlusion_map.edited("[0, target]", "[0, 0]")
)
occlusion_map.mistake("Covered pixels always become 0: set them to `fill`.", "fill-ignored")(
    occlusion_map.edited("= fill", "= 0")
)
occlusion_map.mistake("Only the first channel is covered: cover all of them.", "first-channel-only")(
    occlusion_map.edited("covered[:,", "covered[0,")
)
occlusion_map.mistake("Everything but the patch is covered: cover the patch.", "all-but-the-patch")(
    occlusion_map.edited(
        "image.clone()", "torch.full_like(image, fill)", "= fill", "= image[:, top : top + ph, left : left + pw]"
    )
)
occlusion_map.mistake("Earlier patches stay covered: begin each time with a fresh copy of the image.", "stays-covered")(
    occlusion_map.edited("covered = image.clone()", "pass", "    drops = ", "    covered = image.clone()\n    drops = ")
)
occlusion_map.mistake("The patches are covered in the image that was given: work on a copy.", "image-changed")(
    occlusion_map.edited("image.clone()", "image")
)
occlusion_map.mistake("Patches that extend beyond the image are counted: take whole ones only.", "partial-patches")(
    occlusion_map.edited("(height - ph)", "(height - 1)", "(width - pw)", "(width - 1)")
)
occlusion_map.mistake(
    "The last place is missing: there are (size - patch) // stride + 1, not one less.", "last-place-missing"
)(
    occlusion_map.edited(
        "(height - ph) // sh", "(height - ph - 1) // sh", "(width - pw) // sw", "(width - pw - 1) // sw"
    )
)
occlusion_map.mistake("The stride's two numbers are swapped: the first is for the height.", "stride-swapped")(
    occlusion_map.edited("= patch_size, stride", "= patch_size, stride[::-1]")
)
occlusion_map.mistake("The patch's two numbers are swapped: the first is for the height.", "patch-swapped")(
    occlusion_map.edited("= patch_size, stride", "= patch_size[::-1], stride")
)
occlusion_map.mistake("Every pair is taken as (width, height): the first number is for the height.", "pairs-swapped")(
    occlusion_map.edited("= patch_size, stride", "= patch_size[::-1], stride[::-1]")
)
occlusion_map.mistake("The patch moves on by one pixel: move it by `stride`.", "stride-ignored")(
    occlusion_map.edited("= patch_size, stride", "= patch_size, (1, 1)")
)
occlusion_map.mistake("The patch moves on by its own size: move it by `stride`.", "patch-as-stride")(
    occlusion_map.edited("= patch_size, stride", "= patch_size, patch_size")
)
occlusion_map.mistake("Rows and columns of the result are swapped: rows belong to the height.", "transposed")(
    occlusion_map.edited("return drops", "return drops.T")
)
