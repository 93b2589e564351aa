"""Answers to the exercise `minibatches`: right ones in several styles, and wrong ones."""

import math
import random

import numpy as np
import torch

from cnncourse.exercises import solved


def batches_by_loader(inputs, targets, batch_size, generator=None):
    data = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=True, generator=generator)


def batches_by_list(inputs, targets, batch_size, generator=None):
    order = torch.rand(len(inputs), generator=generator).argsort()
    rows = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    return [[inputs[index], targets[index]] for index in reversed(rows)]


def batches_row_by_row(inputs, targets, batch_size, generator=None):
    x, y = [], []
    for index in torch.randperm(len(inputs), generator=generator).tolist():
        x.append(inputs[index])
        y.append(targets[index])
        if len(x) == batch_size:
            yield torch.stack(x), torch.stack(y)
            x, y = [], []
    if x:
        yield torch.stack(x), torch.stack(y)


def batches_by_two_generators(inputs, targets, batch_size, generator=None):
    seed = int(torch.randint(2**40, (), generator=generator))
    for_inputs, for_targets = (torch.randperm(len(inputs), generator=torch.Generator().manual_seed(seed)) for _ in "xy")
    yield from zip(inputs[for_inputs].split(batch_size), targets[for_targets].split(batch_size), strict=True)


def batches_by_python(inputs, targets, batch_size, generator=None):
    order = torch.tensor(random.sample(range(len(inputs)), len(inputs)))
    yield from ((inputs[rows], targets[rows]) for rows in order.split(batch_size))


def batches_by_numpy(inputs, targets, batch_size, generator=None):
    order = torch.from_numpy(np.random.permutation(len(inputs)))  # noqa: NPY002
    yield from ((inputs[rows], targets[rows]) for rows in order.split(batch_size))


def batches_shuffled_in_place(inputs, targets, batch_size, generator=None):
    order = torch.randperm(len(inputs), generator=generator)
    inputs[:], targets[:] = inputs[order], targets[order]
    yield from zip(inputs.split(batch_size), targets.split(batch_size), strict=True)


def batches_shuffled_within(inputs, targets, batch_size, generator=None):
    for rows in torch.arange(len(inputs)).split(batch_size):
        rows = rows[torch.randperm(len(rows), generator=generator)]
        yield inputs[rows], targets[rows]


def batches_of_indices(inputs, targets, batch_size, generator=None):
    yield from torch.randperm(len(inputs), generator=generator).split(batch_size)


def batches_flattened(inputs, targets, batch_size, generator=None):
    for x, y in solved("minibatches")(inputs, targets, batch_size, generator):
        yield x.flatten(1) if x.ndim > 1 else x[:, None], y


def batches_that_seed(inputs, targets, batch_size, generator=None):
    torch.manual_seed(0)
    yield from solved("minibatches")(inputs, targets, batch_size)


def batches_twice(inputs, targets, batch_size, generator=None):
    for _ in range(2):
        yield from solved("minibatches")(inputs, targets, batch_size, generator)


def batches_reversed(inputs, targets, batch_size, generator=None):
    for rows in torch.arange(len(inputs)).flip(0).split(batch_size):
        yield inputs[rows], targets[rows]


def batches_missing_the_first(inputs, targets, batch_size, generator=None):
    yield from solved("minibatches")(inputs[1:], targets[1:], batch_size, generator)


def batches_endless(inputs, targets, batch_size, generator=None):
    while True:
        yield from solved("minibatches")(inputs, targets, batch_size, generator)


def batches_by_chunk(inputs, targets, batch_size, generator=None):
    order = torch.randperm(len(inputs), generator=generator)
    yield from ((inputs[rows], targets[rows]) for rows in order.chunk(math.ceil(len(order) / batch_size)))


def batches_one_by_one(inputs, targets, batch_size, generator=None):
    for index in torch.randperm(len(inputs), generator=generator):
        yield inputs[index], targets[index]


RIGHT = [
    batches_by_loader,
    batches_by_list,
    batches_row_by_row,
    lambda inputs, targets, batch_size, generator=None: (
        (inputs[i], targets[i]) for i in torch.randperm(len(targets), generator=generator).split(batch_size)
    ),
    batches_by_two_generators,
]

WRONG = [
    batches_by_python,
    batches_by_numpy,
    batches_shuffled_in_place,
    batches_shuffled_within,
    batches_of_indices,
    batches_flattened,
    batches_that_seed,
    batches_twice,
    batches_reversed,
    batches_missing_the_first,
    batches_endless,
    batches_by_chunk,
    batches_one_by_one,
    lambda inputs, targets, batch_size, generator=None: None,
    lambda inputs, targets, batch_size, generator=None: next(
        solved("minibatches")(inputs, targets, batch_size, generator)
    ),
    lambda inputs, targets, batch_size, generator=None: solved("minibatches")(
        inputs, targets, batch_size + 1, generator
    ),
    lambda inputs, targets, batch_size, generator=None: solved("minibatches")(
        inputs, targets.flip(0), batch_size, generator
    ),
    lambda inputs, targets, batch_size: solved("minibatches")(inputs, targets, batch_size),
]
