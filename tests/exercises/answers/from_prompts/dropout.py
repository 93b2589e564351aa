"""Answers to dropout, written from its prompt alone."""

import numpy as np
import torch
import torch.nn.functional as F

from cnncourse.exercises.answers import answer


@answer("dropout", "right")
def bernoulli_mask(input, p, training, generator=None):
    if not training or p == 0:
        return input
    if p == 1:
        return torch.zeros_like(input)
    keep = torch.full_like(input, 1 - p).bernoulli(generator=generator)
    return input * keep / (1 - p)


@answer("dropout", "right")
def rand_and_where(input, p, training, generator=None):
    if not training:
        return input
    u = torch.rand(input.shape, generator=generator)
    dropped = u < p
    return torch.where(dropped, torch.zeros_like(input), input / max(1 - p, 1e-12))


@answer("dropout", "does not scale what is kept", "not-scaled")
def no_scaling(input, p, training, generator=None):
    if training:
        mask = (torch.rand(input.shape, generator=generator) > p).float()
        return input * mask
    return input


@answer(
    "dropout",
    "keeps a value with probability p instead of dropping it, as in older TensorFlow",
    "keeps-with-probability-p",
)
def keep_probability(input, p, training, generator=None):
    if not training:
        return input
    if p == 0:
        return torch.zeros_like(input)
    mask = torch.rand(input.shape, generator=generator) < p
    return input * mask / p


@answer("dropout", "p = 1 gives nan: divides 0 by 0", "not-finite-for-p-1")
def nan_at_one(input, p, training, generator=None):
    if training:
        mask = (torch.rand(input.shape, generator=generator) >= p).to(input.dtype)
        return mask * input / (1.0 - p)
    else:
        return input


@answer("dropout", "divides by p instead of 1 - p", "divided-by-p")
def divides_by_p(input, p, training, generator=None):
    if not training or p == 0:
        return input
    keep = torch.bernoulli(torch.ones_like(input) * (1 - p), generator=generator)
    return input * keep / p


@answer("dropout", "drops in evaluation too", "drops-in-evaluation")
def ignores_training(input, p, training, generator=None):
    if p == 0:
        return input.clone()
    if p == 1:
        return input * 0
    mask = torch.rand(input.size(), generator=generator) > p
    return mask * input * (1 / (1 - p))


@answer("dropout", "ignores the generator: torch's own dropout draws from the global one", "generator-ignored")
def calls_torch(input, p, training, generator=None):
    return F.dropout(input, p=p, training=training)


@answer("dropout", "seeds the random numbers, so every call drops the same values", "always-the-same-mask")
def fixed_seed(input, p, training, generator=None):
    if not training:
        return input
    g = torch.Generator().manual_seed(0)
    keep = torch.rand(input.shape, generator=g) >= p
    if p == 1.0:
        return torch.zeros_like(input)
    return input * keep / (1 - p)


@answer("dropout", "draws one mask for the first axis only: whole samples are dropped", "whole-samples")
def whole_rows(input, p, training, generator=None):
    if not training or p == 0:
        return input
    if p == 1:
        return torch.zeros_like(input)
    keep = torch.rand(input.shape[0], generator=generator) >= p
    keep = keep.view(-1, *[1] * (input.dim() - 1))
    return input * keep / (1 - p)


@answer("dropout", "changes the input in place", "unknown")
def in_place(input, p, training, generator=None):
    if training and p > 0:
        mask = torch.rand(input.shape, generator=generator) < p
        input[mask] = 0
        if p < 1:
            input /= 1 - p
    return input


@answer(
    "dropout", "scales in evaluation by 1 - p instead of in training, as the first paper did", "scaled-in-evaluation"
)
def original_paper(input, p, training, generator=None):
    if training:
        r = torch.rand(input.shape, generator=generator, dtype=input.dtype)
        return input * (r >= p)
    return input * (1 - p)


@answer(
    "dropout", "two mistakes: does not scale; ignores the generator", "not-scaled generator-ignored randomness-of-numpy"
)
def numpy_binomial(input, p, training, generator=None):
    if not training:
        return input
    mask = np.random.binomial(1, 1 - p, size=tuple(input.shape))
    return input * torch.from_numpy(mask).to(input.dtype)


@answer(
    "dropout",
    "two mistakes: keeps a value with probability p; drops in evaluation too",
    "keeps-with-probability-p drops-in-evaluation",
)
def inverted_everywhere(input, p, training, generator=None):
    mask = torch.rand(input.shape, generator=generator) < p
    return torch.where(mask, input / max(p, 1e-8), torch.zeros_like(input))
