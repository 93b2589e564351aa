"""Answers to the exercise `random_shift`: right ones in several styles, and wrong ones."""

import random

import torch
import torch.nn.functional as F

from cnncourse import training

from . import edited


def drawn(images, max_shift, generator, pairs=2):
    return torch.randint(-max_shift, max_shift + 1, (pairs, len(images)), generator=generator)


def windows(images, max_shift, generator):
    n, _, height, width = images.shape
    padded = F.pad(images, (max_shift, max_shift, max_shift, max_shift))
    down, right = drawn(images, max_shift, generator)
    return padded.unfold(2, height, 1).unfold(3, width, 1)[torch.arange(n), :, max_shift - down, max_shift - right]


def slices(images, max_shift, generator):
    shifted = torch.zeros_like(images)
    _, _, height, width = images.shape
    for i in range(len(images)):
        dy = torch.randint(-max_shift, max_shift + 1, (1,), generator=generator).item()
        dx = torch.randint(-max_shift, max_shift + 1, (1,), generator=generator).item()
        shifted[i, :, max(dy, 0) : height + min(dy, 0), max(dx, 0) : width + min(dx, 0)] = images[
            i, :, max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)
        ]
    return shifted


def gathered(images, max_shift, generator):
    n, _, height, width = images.shape
    down, right = drawn(images, max_shift, generator)
    rows = torch.arange(height) - down[:, None]
    columns = torch.arange(width) - right[:, None]
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    rows, columns = rows.clamp(0, height - 1), columns.clamp(0, width - 1)
    moved = images[torch.arange(n)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    return moved * inside[:, None].to(images.dtype)


def rolled_and_cleared(images, max_shift, generator):
    moved = []
    for image in images:
        dy, dx = (int(d) for d in torch.randint(-max_shift, max_shift + 1, (2,), generator=generator))
        image = torch.roll(image, (dy, dx), dims=(1, 2))
        if dy > 0:
            image[:, :dy] = 0
        elif dy < 0:
            image[:, dy:] = 0
        if dx > 0:
            image[:, :, :dx] = 0
        elif dx < 0:
            image[:, :, dx:] = 0
        moved.append(image)
    return torch.stack(moved)


def by_rand(images, max_shift, generator):
    _, _, height, width = images.shape
    numbers = (torch.rand(len(images), 2, generator=generator) * (2 * max_shift + 1)).floor().int().tolist()
    padded = F.pad(images, 4 * [max_shift])
    return torch.stack([padded[i, :, y : y + height, x : x + width] for i, (y, x) in enumerate(numbers)])


def shift(*edits):
    return edited("random_shift", *edits)


def globally_random(images, max_shift, generator):
    dy, dx = random.randint(-max_shift, max_shift), random.randint(-max_shift, max_shift)
    return slices(images, 0, generator).roll((dy, dx), (2, 3))


RIGHT = [windows, slices, gathered, rolled_and_cleared, by_rand, training.random_shift]

DRAW = "torch.randint(2 * max_shift + 1, (2, count), generator=generator)"
WRONG = [
    lambda images, max_shift, generator: images,
    lambda images, max_shift, generator: None,
    lambda images, max_shift, generator: images[0],
    lambda images, max_shift, generator: images.roll(
        tuple(torch.randint(-max_shift, max_shift + 1, (2,), generator=generator).tolist()), (2, 3)
    ),
    globally_random,
    lambda images, max_shift, generator: windows(images, max_shift, None),
    lambda images, max_shift, generator: windows(images, max_shift + 1, generator),
    lambda images, max_shift, generator: windows(images, max(max_shift - 1, 0), generator),
    lambda images, max_shift, generator: windows(images.flip(3), max_shift, generator),
    lambda images, max_shift, generator: windows(images, max_shift, generator).float(),
    lambda images, max_shift, generator: windows(images, max_shift, generator).double(),
    lambda images, max_shift, generator: windows(images, max_shift, generator).flip(0),
    lambda images, max_shift, generator: windows(images, max_shift, generator)[:, :1],
    lambda images, max_shift, generator: windows(images, max_shift, generator) + 1,
    lambda images, max_shift, generator: windows(images, max_shift, torch.Generator().manual_seed(3)),
    lambda images, max_shift, generator: windows(windows(images, max_shift, generator), max_shift, generator),
    shift((DRAW, "torch.from_numpy(np.random.randint(0, 2 * max_shift + 1, (2, count)))")),
    shift((DRAW, "torch.randn(2, count, generator=generator).mul(max_shift).round().clamp(0, 2 * max_shift).int()")),
    shift((DRAW, "torch.randint(2, (2, count), generator=generator) * 2 * max_shift")),
    shift((DRAW, "torch.randint(2 * max_shift + 1, (2, count)[::-1], generator=generator)[:2]")),
    shift(("[max_shift] * 4", "[max_shift, max_shift, 0, 0]")),
    shift(("[max_shift] * 4", "[max_shift] * 4, value=1")),
]
