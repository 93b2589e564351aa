"""Answers to the exercise `dropout`: right ones in several styles, and wrong ones."""

import torch
import torch.nn.functional as F

from cnncourse import training

from . import edited


def drop_by_bernoulli(input, p, training, generator=None):
    if not training or p == 0:
        return input.clone()
    if p == 1:
        return input * 0
    mask = torch.bernoulli(torch.full(input.shape, 1 - p), generator=generator)
    return input * mask / (1 - p)


def drop_by_where(input, p, training, generator=None):
    if training:
        dropped = torch.empty(input.shape).uniform_(generator=generator) < p
        input = torch.where(dropped, torch.zeros_like(input), input / max(1 - p, 1e-12))
    return input


def drop_by_torch(input, p, training, generator=None):
    if generator is None:
        return F.dropout(input, p, training)
    return drop_by_where(input, p, training, generator)


def drop(edit):
    return edited("dropout", edit)


RIGHT = [
    drop_by_bernoulli,
    drop_by_where,
    drop_by_torch,
    training.dropout,
    lambda x, p, training, generator=None: (
        x * (torch.rand_like(x) if generator is None else torch.rand(x.shape, generator=generator)).ge(p) / (1 - p)
        if training and p < 1
        else x * (1.0 - p if training else 1.0)
    ),
]

WRONG = [
    drop((" / (1 - p)", "")),
    drop((" / (1 - p)", " / p if p else input")),
    drop((" / (1 - p)", " * (1 - p)")),
    drop((">= p", "< p")),
    drop(("    if not training:\n        return input\n", "")),
    drop(("    if not training:\n        return input\n", "    if not training:\n        return input * (1 - p)\n")),
    drop(("if not training", "if training")),
    drop(("torch.rand(input.shape, generator=generator)", "torch.rand(input.shape)")),
    drop(("torch.rand(input.shape, generator=generator)", "torch.rand(input.shape[-1], generator=generator)")),
    drop(("torch.rand(input.shape, generator=generator)", "torch.rand((), generator=generator)")),
    drop(("torch.rand(input.shape, generator=generator)", "torch.randn(input.shape, generator=generator)")),
    drop(("torch.rand(input.shape, generator=generator)", "torch.from_numpy(np.random.rand(*input.shape))")),
    drop(("return input * kept / (1 - p)", "return input[kept] / (1 - p)")),
    drop(("return input * kept / (1 - p)", "return input * kept / kept.float().mean()")),
    drop(("return input * kept / (1 - p)", "return input.mul_(kept) / (1 - p)")),
    drop(("torch.zeros_like(input)", "input")),
    drop(("torch.zeros_like(input)", "torch.ones_like(input)")),
    lambda x, p, training, generator=None: F.dropout(x, p),
    lambda x, p, training, generator=None: F.dropout(x, p, training),
    lambda x, p, training, generator=None: F.alpha_dropout(x, p, training),
    lambda x, p, training, generator=None: F.dropout2d(x, p, training) if x.ndim == 4 else F.dropout(x, p, training),
    lambda x, p, training, generator=None: x * (1 - p),
]
