"""Answers to minibatches, written from its prompt alone."""

import random

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from cnncourse.exercises.answers import answer


@answer("minibatches", "right")
def randperm_split(inputs, targets, batch_size, generator=None):
    order = torch.randperm(len(inputs), generator=generator)
    for index in order.split(batch_size):
        yield inputs[index], targets[index]


@answer("minibatches", "right")
def sort_random_keys(inputs, targets, batch_size, generator=None):
    """Draw one key for each sample and sort by it, in double precision, so that keys differ."""
    keys = torch.rand(targets.shape[0], generator=generator, dtype=torch.float64)
    order = sorted(range(len(keys)), key=keys.tolist().__getitem__)
    while order:
        now, order = order[:batch_size], order[batch_size:]
        yield torch.stack([inputs[i] for i in now]), torch.stack([targets[i] for i in now])


@answer("minibatches", "right")
def class_with_next(inputs, targets, batch_size, generator=None):
    class Batches:
        def __init__(self):
            self.order = torch.randperm(inputs.shape[0], generator=generator)
            self.position = 0

        def __iter__(self):
            return self

        def __next__(self):
            if self.position >= len(self.order):
                raise StopIteration
            rows = self.order[self.position : self.position + batch_size]
            self.position += batch_size
            return inputs.index_select(0, rows), targets.index_select(0, rows)

    return Batches()


@answer("minibatches", "right")
def data_loader(inputs, targets, batch_size, generator=None):
    loader = DataLoader(TensorDataset(inputs, targets), batch_size, shuffle=True, generator=generator)
    for x, y in loader:
        yield x, y


@answer("minibatches", "shuffles the finished batches, not the samples", "batches-shuffled")
def shuffles_batches(inputs, targets, batch_size, generator=None):
    xs, ys = inputs.split(batch_size), targets.split(batch_size)
    for i in torch.randperm(len(xs), generator=generator):
        yield xs[i], ys[i]


@answer("minibatches", "does not shuffle", "not-shuffled")
def in_order(inputs, targets, batch_size, generator=None):
    for i in range(0, len(inputs), batch_size):
        yield inputs[i : i + batch_size], targets[i : i + batch_size]


@answer("minibatches", "drops the short last batch", "last-batch-dropped")
def drops_last(inputs, targets, batch_size, generator=None):
    n = inputs.size(0)
    perm = torch.randperm(n, generator=generator)
    for b in range(n // batch_size):
        idx = perm[b * batch_size : (b + 1) * batch_size]
        yield inputs[idx], targets[idx]


@answer("minibatches", "shuffles inputs and targets independently, so samples lose their targets", "shuffled-apart")
def two_permutations(inputs, targets, batch_size, generator=None):
    x = inputs[torch.randperm(len(inputs), generator=generator)]
    y = targets[torch.randperm(len(targets), generator=generator)]
    for start in range(0, len(x), batch_size):
        yield x[start : start + batch_size], y[start : start + batch_size]


@answer(
    "minibatches",
    "ignores the generator: Python's random module decides the order",
    "randomness-of-numpy generator-ignored",
)
def python_shuffle(inputs, targets, batch_size, generator=None):
    num_examples = len(inputs)
    indices = list(range(num_examples))
    random.shuffle(indices)
    for i in range(0, num_examples, batch_size):
        batch_indices = torch.tensor(indices[i : min(i + batch_size, num_examples)])
        yield inputs[batch_indices], targets[batch_indices]


@answer("minibatches", "ignores the generator: always takes torch's global one", "generator-ignored")
def global_generator(inputs, targets, batch_size, generator=None):
    idx = torch.randperm(inputs.shape[0])
    inputs, targets = inputs[idx], targets[idx]
    return zip(inputs.split(batch_size), targets.split(batch_size))


@answer("minibatches", "draws each batch anew, so some samples come twice and others never", "with-replacement")
def with_replacement(inputs, targets, batch_size, generator=None):
    n = len(inputs)
    for start in range(0, n, batch_size):
        size = min(batch_size, n - start)
        ix = torch.randint(0, n, (size,), generator=generator)
        yield inputs[ix], targets[ix]


@answer("minibatches", "seeds the generator itself, so every epoch has the same order", "always-the-same-order")
def same_seed_each_epoch(inputs, targets, batch_size, generator=None):
    if generator is None:
        generator = torch.Generator()
    generator.manual_seed(42)
    order = torch.randperm(len(inputs), generator=generator)
    for k in range(0, len(order), batch_size):
        sel = order[k : k + batch_size]
        yield inputs[sel], targets[sel]


@answer(
    "minibatches", "yields an empty batch at the end when the batch size divides the number of samples", "empty-batch"
)
def one_batch_too_many(inputs, targets, batch_size, generator=None):
    n = len(inputs)
    order = torch.randperm(n, generator=generator)
    for b in range(n // batch_size + 1):
        chosen = order[b * batch_size : (b + 1) * batch_size]
        yield inputs[chosen], targets[chosen]


@answer("minibatches", "shuffles within each batch only, so every epoch has the same batches", "batches-shuffled")
def within_batches(inputs, targets, batch_size, generator=None):
    for x, y in zip(inputs.split(batch_size), targets.split(batch_size)):
        p = torch.randperm(len(x), generator=generator)
        yield x[p], y[p]


@answer("minibatches", "shuffles a tensor's rows with random swaps of views, which duplicates samples", "unknown")
def swaps_views(inputs, targets, batch_size, generator=None):
    x, y = inputs.clone(), targets.clone()
    for i in range(len(x) - 1, 0, -1):
        j = int(torch.randint(0, i + 1, (1,), generator=generator))
        x[i], x[j] = x[j], x[i]
        y[i], y[j] = y[j], y[i]
    for i in range(0, len(x), batch_size):
        yield x[i : i + batch_size], y[i : i + batch_size]


@answer(
    "minibatches",
    "two mistakes: ignores the generator; drops the short last batch",
    "generator-ignored randomness-of-numpy last-batch-dropped",
)
def cs231n_batches(inputs, targets, batch_size, generator=None):
    permutation = np.random.permutation(inputs.shape[0])
    num_batches = inputs.shape[0] // batch_size
    for t in range(num_batches):
        rows = torch.from_numpy(permutation[t * batch_size : (t + 1) * batch_size])
        yield inputs[rows], targets[rows]


@answer(
    "minibatches",
    "two mistakes: shuffles the inputs but not the targets; drops the short last batch",
    "last-batch-dropped shuffled-apart",
)
def targets_stay(inputs, targets, batch_size, generator=None):
    shuffled = inputs[torch.randperm(len(inputs), generator=generator)]
    i = 0
    while i + batch_size <= len(inputs):
        yield shuffled[i : i + batch_size], targets[i : i + batch_size]
        i += batch_size
