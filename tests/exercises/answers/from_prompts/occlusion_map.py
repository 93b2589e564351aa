"""Answers to occlusion_map, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("occlusion_map", "right")
def one_big_batch(model, image, target, patch_size, stride, fill=0.0):
    (ph, pw), (sh, sw) = patch_size, stride
    _, H, W = image.shape
    tops, lefts = torch.arange(0, H - ph + 1, sh), torch.arange(0, W - pw + 1, sw)
    y, x = torch.arange(H), torch.arange(W)
    in_rows = (y >= tops[:, None]) & (y < tops[:, None] + ph)
    in_cols = (x >= lefts[:, None]) & (x < lefts[:, None] + pw)
    mask = in_rows[:, None, :, None] & in_cols[None, :, None, :]
    covered = image.masked_fill(mask.reshape(-1, 1, H, W), fill)
    with torch.no_grad():
        scores = model(torch.cat([image[None], covered]))[:, target]
    return (scores[0] - scores[1:]).reshape(len(tops), len(lefts))


@answer("occlusion_map", "right")
def restores_the_patch(model, image, target, patch_size, stride, fill=0.0):
    work = image.detach().clone()

    @torch.no_grad()
    def logit():
        return model(work.unsqueeze(0))[0, target].item()

    whole = logit()
    rows = []
    for top in range(0, image.shape[1] - patch_size[0] + 1, stride[0]):
        row = []
        for left in range(0, image.shape[2] - patch_size[1] + 1, stride[1]):
            patch = work[:, top : top + patch_size[0], left : left + patch_size[1]]
            before = patch.clone()
            patch.fill_(fill)
            row.append(whole - logit())
            patch.copy_(before)
        rows.append(row)
    return torch.tensor(rows, dtype=image.dtype)


@answer(
    "occlusion_map", "subtracts the wrong way round: a patch that speaks for the class gets a negative number", "sign"
)
def sign_reversed(model, image, target, patch_size, stride, fill=0.0):
    ph, pw = patch_size
    sh, sw = stride
    C, H, W = image.shape
    heat = torch.zeros((H - ph) // sh + 1, (W - pw) // sw + 1)
    with torch.no_grad():
        base = model(image.unsqueeze(0))[0, target]
        for i in range(heat.shape[0]):
            for j in range(heat.shape[1]):
                occluded = image.clone()
                occluded[:, i * sh : i * sh + ph, j * sw : j * sw + pw] = fill
                heat[i, j] = model(occluded.unsqueeze(0))[0, target] - base
    return heat


@answer("occlusion_map", "makes the copy before the loops, so patches stay covered", "stays-covered")
def copy_outside_loop(model, image, target, patch_size, stride, fill=0.0):
    rows = (image.shape[1] - patch_size[0]) // stride[0] + 1
    cols = (image.shape[2] - patch_size[1]) // stride[1] + 1
    result = torch.zeros(rows, cols)
    occluded = image.clone()
    with torch.no_grad():
        original = model(image[None])[0][target].item()
        for r in range(rows):
            for c in range(cols):
                y, x = r * stride[0], c * stride[1]
                occluded[:, y : y + patch_size[0], x : x + patch_size[1]] = fill
                result[r, c] = original - model(occluded[None])[0][target].item()
    return result


@answer("occlusion_map", "covers the image itself instead of a copy", "image-changed")
def changes_image(model, image, target, patch_size, stride, fill=0.0):
    ph, pw = patch_size
    sh, sw = stride
    heatmap = []
    with torch.no_grad():
        base = model(image.unsqueeze(0))[0, target]
        for y in range(0, image.shape[1] - ph + 1, sh):
            for x in range(0, image.shape[2] - pw + 1, sw):
                occluded = image
                occluded[:, y : y + ph, x : x + pw] = fill
                heatmap.append(base - model(occluded.unsqueeze(0))[0, target])
    return torch.stack(heatmap).view((image.shape[1] - ph) // sh + 1, -1)


@answer("occlusion_map", "measures probabilities instead of logits", "probability")
def probabilities(model, image, target, patch_size, stride, fill=0.0):
    _, H, W = image.shape

    def prob(img):
        with torch.no_grad():
            return F.softmax(model(img.unsqueeze(0)), dim=1)[0, target]

    full = prob(image)
    out = []
    for top in range(0, H - patch_size[0] + 1, stride[0]):
        line = []
        for left in range(0, W - patch_size[1] + 1, stride[1]):
            img = image.clone()
            img[:, top : top + patch_size[0], left : left + patch_size[1]] = fill
            line.append(full - prob(img))
        out.append(torch.stack(line))
    return torch.stack(out)


@answer("occlusion_map", "covers the first channel only", "first-channel-only")
def one_channel(model, image, target, patch_size, stride, fill=0.0):
    H, W = image.shape[-2:]
    ys = list(range(0, H - patch_size[0] + 1, stride[0]))
    xs = list(range(0, W - patch_size[1] + 1, stride[1]))
    drops = np.zeros((len(ys), len(xs)), dtype=np.float32)
    with torch.no_grad():
        ref = model(image[None])[0, target]
        for a, y in enumerate(ys):
            for b, x in enumerate(xs):
                covered = image.clone()
                covered[0, y : y + patch_size[0], x : x + patch_size[1]] = fill
                drops[a, b] = ref - model(covered[None])[0, target]
    return torch.from_numpy(drops)


@answer("occlusion_map", "ignores fill and always covers with 0", "fill-ignored")
def ignores_fill(model, image, target, patch_size, stride, fill=0.0):
    ph, pw = patch_size
    sh, sw = stride
    C, H, W = image.shape
    n_rows, n_cols = (H - ph) // sh + 1, (W - pw) // sw + 1
    drop = image.new_zeros(n_rows, n_cols)
    with torch.no_grad():
        whole = model(image[None])[0, target]
        for k in range(n_rows * n_cols):
            i, j = divmod(k, n_cols)
            mask = torch.ones(H, W, dtype=image.dtype)
            mask[i * sh : i * sh + ph, j * sw : j * sw + pw] = 0
            drop[i, j] = whole - model((image * mask)[None])[0, target]
    return drop


@answer("occlusion_map", "covers patches that reach over the border, too: there are too many places", "partial-patches")
def partial_patches(model, image, target, patch_size, stride, fill=0.0):
    rows = []
    with torch.no_grad():
        base = model(image.unsqueeze(0))[0, target]
        for top in range(0, image.shape[1], stride[0]):
            row = []
            for left in range(0, image.shape[2], stride[1]):
                copy = image.clone()
                copy[:, top : top + patch_size[0], left : left + patch_size[1]] = fill
                row.append(base - model(copy.unsqueeze(0))[0, target])
            rows.append(torch.stack(row))
    return torch.stack(rows)


@answer("occlusion_map", "measures the covered image's largest logit instead of the target's", "largest-logit")
def largest_logit(model, image, target, patch_size, stride, fill=0.0):
    _, height, width = image.shape
    with torch.no_grad():
        base_score = model(image.unsqueeze(0))[0, target]
        result = torch.stack(
            [
                torch.stack(
                    [
                        base_score
                        - model(
                            torch.where(
                                (torch.arange(height)[:, None] >= y)
                                & (torch.arange(height)[:, None] < y + patch_size[0])
                                & (torch.arange(width) >= x)
                                & (torch.arange(width) < x + patch_size[1]),
                                torch.as_tensor(fill, dtype=image.dtype),
                                image,
                            ).unsqueeze(0)
                        ).max()
                        for x in range(0, width - patch_size[1] + 1, stride[1])
                    ]
                )
                for y in range(0, height - patch_size[0] + 1, stride[0])
            ]
        )
    return result


@answer("occlusion_map", "reads patch_size and stride as (width, height)", "pairs-swapped stride-swapped patch-swapped")
def width_first(model, image, target, patch_size, stride, fill=0.0):
    pw, ph = patch_size
    sx, sy = stride
    c, h, w = image.shape
    out = torch.zeros((h - ph) // sy + 1, (w - pw) // sx + 1)
    with torch.no_grad():
        s0 = model(image.unsqueeze(0)).squeeze(0)[target]
        for i, y in enumerate(range(0, h - ph + 1, sy)):
            for j, x in enumerate(range(0, w - pw + 1, sx)):
                occ = image.clone()
                occ[:, y : y + ph, x : x + pw] = fill
                out[i, j] = s0 - model(occ.unsqueeze(0)).squeeze(0)[target]
    return out


@answer("occlusion_map", "returns the covered image's logit instead of the drop", "covered-logit")
def logit_itself(model, image, target, patch_size, stride, fill=0.0):
    hp, wp = patch_size
    hs, ws = stride
    sensitivity = []
    with torch.no_grad():
        for y in range(0, image.size(1) - hp + 1, hs):
            batch = []
            for x in range(0, image.size(2) - wp + 1, ws):
                img = image.clone()
                img[:, y : y + hp, x : x + wp] = fill
                batch.append(img)
            sensitivity.append(torch.cat([model(b[None]) for b in batch])[:, target])
    return torch.stack(sensitivity)


@answer(
    "occlusion_map",
    "takes absolute drops, so patches that speak against the class get a positive number too",
    "absolute",
)
def absolute_drop(model, image, target, patch_size, stride, fill=0.0):
    H, W = image.shape[1:]
    rows, cols = (H - patch_size[0]) // stride[0] + 1, (W - patch_size[1]) // stride[1] + 1
    out = torch.empty(rows, cols)
    with torch.no_grad():
        score = model(image[None])[0, target]
        for r in range(rows):
            for c in range(cols):
                test = image.clone()
                r0, c0 = r * stride[0], c * stride[1]
                test[:, r0 : r0 + patch_size[0], c0 : c0 + patch_size[1]] = fill
                out[r, c] = torch.abs(score - model(test[None])[0, target])
    return out


@answer("occlusion_map", "two mistakes: measures probabilities; subtracts the wrong way round", "sign probability")
def probabilities_reversed(model, image, target, patch_size, stride, fill=0.0):
    ph, pw = patch_size
    sh, sw = stride
    _, H, W = image.shape
    heatmap = np.zeros(((H - ph) // sh + 1, (W - pw) // sw + 1), dtype=np.float32)
    with torch.no_grad():
        p0 = torch.softmax(model(image.unsqueeze(0)), 1)[0, target].item()
        for i in range(heatmap.shape[0]):
            for j in range(heatmap.shape[1]):
                x = image.clone()
                x[:, i * sh : i * sh + ph, j * sw : j * sw + pw] = fill
                heatmap[i, j] = torch.softmax(model(x.unsqueeze(0)), 1)[0, target].item() - p0
    return torch.tensor(heatmap)


@answer(
    "occlusion_map",
    "two mistakes: covers the image itself; forgets the last place of each row and column",
    "image-changed last-place-missing stays-covered",
)
def in_place_and_short(model, image, target, patch_size, stride, fill=0.0):
    base = model(image.unsqueeze(0))[0, target].item()
    out = []
    for y in range(0, image.shape[1] - patch_size[0], stride[0]):
        row = []
        for x in range(0, image.shape[2] - patch_size[1], stride[1]):
            image[:, y : y + patch_size[0], x : x + patch_size[1]] = fill
            row.append(base - model(image.unsqueeze(0))[0, target].item())
        out.append(row)
    return torch.tensor(out)


@answer(
    "occlusion_map",
    "two mistakes: covers a patch around the place instead of from its corner; ignores fill",
    "fill-ignored",
)
def centred_patches(model, image, target, patch_size, stride, fill=0.0):
    ph, pw = patch_size
    _, H, W = image.shape
    res = torch.zeros((H - ph) // stride[0] + 1, (W - pw) // stride[1] + 1)
    with torch.no_grad():
        orig = model(image.unsqueeze(0))[0, target]
        for i in range(res.shape[0]):
            for j in range(res.shape[1]):
                cy, cx = i * stride[0], j * stride[1]
                img = image.clone()
                img[:, max(cy - ph // 2, 0) : cy + ph // 2, max(cx - pw // 2, 0) : cx + pw // 2] = 0
                res[i, j] = orig - model(img.unsqueeze(0))[0, target]
    return res
