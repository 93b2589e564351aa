"""Answers to the exercise `occlusion_map`: right ones in several styles, and wrong ones."""

import torch

from . import edited


def occlude_in_a_batch(model, image, target, patch_size, stride, fill=0.0):
    tops = range(0, image.shape[1] - patch_size[0] + 1, stride[0])
    lefts = range(0, image.shape[2] - patch_size[1] + 1, stride[1])
    batch = image.repeat(len(tops) * len(lefts), 1, 1, 1)
    for index, (top, left) in enumerate((t, le) for t in tops for le in lefts):
        batch[index, :, top : top + patch_size[0], left : left + patch_size[1]] = fill
    logits = model(torch.cat([image[None], batch])).detach()[:, target]
    return (logits[0] - logits[1:]).reshape(len(tops), len(lefts))


def occlude_by_masks(model, image, target, patch_size, stride, fill=0.0):
    rows = []
    with torch.no_grad():
        base = model(image.unsqueeze(0)).squeeze(0)[target].item()
        top = 0
        while top + patch_size[0] <= image.shape[-2]:
            row, left = [], 0
            while left + patch_size[1] <= image.shape[-1]:
                mask = torch.zeros(image.shape[1:], dtype=torch.bool)
                mask[top : top + patch_size[0], left : left + patch_size[1]] = True
                row.append(base - model(torch.where(mask, fill, image).to(image.dtype)[None])[0, target].item())
                left += stride[1]
            rows.append(row)
            top += stride[0]
    return torch.tensor(rows)


def occlude_and_restore(model, image, target, patch_size, stride, fill=0.0):
    work = torch.stack(list(image))
    base = model(work[None])[0][target]
    result = torch.empty(
        (work.shape[1] - patch_size[0]) // stride[0] + 1, (work.shape[2] - patch_size[1]) // stride[1] + 1
    )
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            window = work[:, i * stride[0] :, j * stride[1] :][:, : patch_size[0], : patch_size[1]]
            before = window.clone()
            window.fill_(fill)
            result[i, j] = (base - model(work[None])[0][target]).item()
            window.copy_(before)
    return result


def occlude_with_model_untouched(model, image, target, patch_size, stride, fill=0.0):
    was = model.training
    model.eval()
    result = occlude_in_a_batch(model, image.detach(), target, patch_size, stride, fill)
    model.train(was)
    return result.double()


def occluded(*edits):
    return edited("occlusion_map", *edits)


RIGHT = [
    occlude_in_a_batch,
    occlude_by_masks,
    occlude_and_restore,
    occlude_with_model_untouched,
    lambda *args, **options: occlude_in_a_batch(*args, **options).float(),
]

WRONG = [
    occluded(("whole - model", "model"), ("[0, target]\n    return", "[0, target] - whole\n    return")),
    occluded(("whole - model(covered[None])[0, target]", "model(covered[None])[0, target]")),
    occluded(("whole - model(covered[None])[0, target]", "(whole - model(covered[None])[0, target]).abs()")),
    occluded(("whole - model(covered[None])[0, target]", "(whole - model(covered[None])[0, target]).relu()")),
    occluded(("[0, target]", "[0].softmax(0)[target]")),
    occluded(("[0, target]", "[0].log_softmax(0)[target]")),
    occluded(("[0, target]", "[0].max()")),
    occluded(("[0, target]", "[0].sum()")),
    occluded(("[0, target]", "[0, 0]")),
    occluded(("= fill", "= 0.0")),
    occluded(("= fill", "= image.mean()")),
    occluded(("= fill", "+= fill")),
    occluded(("covered[:,", "covered[0,")),
    occluded(("covered = image.clone()", "covered = image")),
    occluded(("ph, pw), (sh, sw) = patch_size, stride", "pw, ph), (sw, sh) = patch_size, stride")),
    occluded(("(ph, pw), (sh, sw)", "(pw, ph), (sh, sw)")),
    occluded(("(ph, pw), (sh, sw)", "(ph, pw), (sw, sh)")),
    occluded(("ph, pw), (sh, sw) = patch_size, stride", "ph, pw), (sh, sw) = patch_size, patch_size")),
    occluded(("(height - ph) // sh + 1", "(height - ph) // sh")),
    occluded(("(height - ph) // sh + 1", "height // sh")),
    occluded(("(height - ph) // sh + 1", "-(-(height - ph) // sh) + 1")),
    occluded(("row * sh, column * sw", "row, column")),
    occluded(("row * sh, column * sw", "column * sh, row * sw")),
    occluded(("top : top + ph", "top : top + ph + 1")),
    occluded(("return drops", "return drops / drops.abs().max()")),
    occluded(("return drops", "return drops - drops.mean()")),
    occluded(("return drops", "return drops.T")),
    occluded(("return drops", "return drops[None]")),
    occluded(("return drops", "return drops.tolist()")),
    occluded(("return drops", "return drops.flip(0)")),
]
