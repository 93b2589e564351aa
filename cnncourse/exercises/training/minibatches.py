"""Exercise: cut a data set into shuffled batches."""

import math
from itertools import chain

import numpy as np
import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer


@exercise(points=4, minutes=12)
def minibatches(inputs, targets, batch_size, generator=None):
    """Shuffle the samples and hand them out in batches: one epoch.

    Parameters
    ----------
    inputs : torch.Tensor, shape (N, ...)
    targets : torch.Tensor, shape (N,)
    batch_size : int
    generator : torch.Generator, optional
        Where the order comes from; torch's global generator without one.

    Yields
    ------
    (torch.Tensor, torch.Tensor)
        Inputs and targets of `batch_size` samples; the last batch holds what is left over.
    """
    order = torch.randperm(len(inputs), generator=generator)
    for rows in order.split(batch_size):
        yield inputs[rows], targets[rows]


def one_epoch(note, varies, inputs, targets, batch_size):
    return case(note, varies=varies, probe="one_epoch", inputs=inputs, targets=targets, batch_size=batch_size)


minibatches.add_visible(
    one_epoch("a short last batch", "remainder", torch.arange(1.0, 6), torch.arange(10, 60, 10), 2),
    one_epoch("no rest", "axis", torch.arange(8.0).reshape(4, 2), torch.tensor([3, 1, 2, 0]), 2),
    one_epoch(
        "fewer samples than a batch", "axis remainder", torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([1, 0]), 5
    ),
    one_epoch("nine samples in fours", "remainder", torch.arange(9.0) / 2, torch.arange(9) + 20, 4),
)


@minibatches.random_cases
def fresh(generator):
    def drawn(note, varies, shape, batch_size, **options):
        numbers = torch.randperm(math.prod(shape), generator=generator).float()
        targets = torch.randperm(len(numbers), generator=generator)[: shape[0]] + 100
        probe = "many_epochs" if options else "one_epoch"
        given = {"inputs": numbers.reshape(shape), "targets": targets, "batch_size": batch_size}
        return case(note, varies=varies, probe=probe, **given, **options)

    seed = integer(generator, 0, 1000)
    yield drawn("two batches", "basic", (10,), 5)
    yield drawn("samples of several axes", "axis", (10, 1, 2, 2), 5)
    yield drawn("a short last batch", "remainder", (10,), 4)
    yield drawn("a last batch of one", "remainder", (11,), 5)
    yield drawn("fewer samples than a batch", "remainder", (10,), 12)
    yield drawn("several epochs, with generators and without", "random", (12,), 4, seed=seed)
    yield drawn("several epochs of more samples", "random", (20,), 5, seed=seed + 1)
    yield drawn("several epochs, a short last batch", "axis random remainder", (13, 1, 2, 2), 4, seed=seed)


ENOUGH = 12  # samples: a shuffled order of so many is never the old one by chance


@minibatches.rules
def broken(case, value):
    epochs = value if isinstance(value, dict) else {"global": value}
    inputs, targets, size = (case.inputs[name] for name in ("inputs", "targets", "batch_size"))
    orders = {}
    for name, batches in epochs.items():
        faults = faults_of(batches, inputs, targets, size)
        if faults:
            yield from faults
            return
        orders[name] = [positions(x, inputs) for x, _ in batches]
    if len(targets) >= ENOUGH:
        yield from order_broken(orders)


def faults_of(batches, inputs, targets, size):
    """List what is wrong with the batches of one epoch, whatever their order."""
    if not all(isinstance(batch, list | tuple) and len(batch) == 2 for batch in batches):
        return ["Each batch should be a pair: inputs, targets."]
    if any(len(x) for x, _ in batches) and all(
        len(x) == len(y) and y.shape[1:] == inputs.shape[1:] and torch.isin(y, inputs).all() for x, y in batches
    ):
        return ["The targets come first: yield inputs, then targets."]
    if not all(len(x) == len(y) and x.shape[1:] == inputs.shape[1:] and y.ndim == 1 for x, y in batches):
        return ["A batch of n samples should have inputs of shape (n, ...) as the data, and targets of shape (n,)."]
    rows, owners = [positions(x, inputs) for x, _ in batches], [positions(y, targets) for _, y in batches]
    flat = list(chain.from_iterable(rows))
    if -1 in flat:
        return ["The batches contain inputs that are not in the data."]
    faults = {
        "Some samples are missing.": len(set(flat)) < len(inputs),
        "Some samples come more than once.": len(set(flat)) < len(flat),
        "Inputs come with targets that are not theirs.": owners != rows,
    }
    if not any(faults.values()) and sorted(map(len, rows)) != sorted(map(len, inputs.split(size))):
        return ["The batches have other sizes: all are full but the last, which holds what is left over."]
    return [sentence for sentence, found in faults.items() if found]


def positions(rows, data):
    """Find the index of each row in the data; -1 for a row that is not there."""
    same = (rows[:, None] == data).reshape(len(rows), len(data), -1).all(2)
    return torch.where(same.any(1), same.int().argmax(1), -1).tolist()


def order_broken(orders):
    """Check what decides the order, and how well it is shuffled."""
    flat = {name: list(chain.from_iterable(rows)) for name, rows in orders.items()}
    if all(order == sorted(order) for order in flat.values()):
        yield "The samples come in their old order."
        return
    if all(max(rows) - min(rows) == len(rows) - 1 for rows in orders["global"]):
        yield "The same neighbours stay together."
    for name in ("generator", "global"):
        if f"{name}, next" in flat:
            if flat[name] == flat[f"{name}, next"]:
                yield f"Two epochs with the same generator ({name}) come in the same order."
            if flat[name] != flat[f"{name}, same state"]:
                yield f"The same state of the generator ({name}) gives two different orders."


minibatches.mistake("The samples come in their old order: shuffle them for every epoch.", "not-shuffled")(
    minibatches.edited("torch.randperm(len(inputs), generator=generator)", "torch.arange(len(inputs))")
)


@minibatches.mistake(
    "The data is cut before it is shuffled, so the same samples stay together: shuffle, then cut.", "batches-shuffled"
)
def shuffled_blocks(inputs, targets, batch_size, generator=None):
    blocks = list(zip(inputs.split(batch_size), targets.split(batch_size), strict=True))
    for index in torch.randperm(len(blocks), generator=generator):
        yield blocks[index]


@minibatches.same_mistake("batches-shuffled")
def shuffled_within_blocks(inputs, targets, batch_size, generator=None):
    for block in zip(inputs.split(batch_size), targets.split(batch_size), strict=True):
        yield from minibatches(*block, batch_size, generator)


@minibatches.mistake("Inputs and targets are shuffled separately: use one order for both.")
def shuffled_apart(inputs, targets, batch_size, generator=None):
    inputs = inputs[torch.randperm(len(inputs), generator=generator)]
    targets = targets[torch.randperm(len(targets), generator=generator)]
    yield from zip(inputs.split(batch_size), targets.split(batch_size), strict=True)


minibatches.mistake("The short last batch is dropped: keep it, or some samples are never seen.", "last-batch-dropped")(
    minibatches.edited("order.split", "order[: len(order) // batch_size * batch_size].split")
)
minibatches.mistake("The last batch is filled up with samples that came before: let it be short.", "last-batch-filled")(
    minibatches.edited("order.split", "torch.cat([order, order[: -len(order) % batch_size]]).split")
)


@minibatches.mistake("An empty batch comes last if the batch size divides the number of samples: stop before it.")
def empty_batch(inputs, targets, batch_size, generator=None):
    yield from minibatches(inputs, targets, batch_size, generator)
    if len(inputs) % batch_size == 0:
        yield inputs[:0], targets[:0]


minibatches.mistake(
    "Samples are drawn with replacement: some come twice and some never. Use a permutation.", "with-replacement"
)(minibatches.edited("torch.randperm(len(inputs)", "torch.randint(len(inputs), (len(inputs),)"))
minibatches.mistake("The samples are spread evenly: give every batch but the last `batch_size` samples.", "even-sizes")(
    minibatches.edited("order.split(batch_size)", "order.tensor_split(-(-len(order) // batch_size))")
)
minibatches.mistake(
    "The data is cut into `batch_size` batches: it is the size of one batch.", "batch-size-is-their-number"
)(minibatches.edited("order.split", "order.tensor_split"))
minibatches.mistake(
    "The generator is ignored: pass it to torch.randperm, so that a run can be repeated.", "generator-ignored"
)(minibatches.edited(", generator=generator", ""))
minibatches.mistake(
    "Every epoch has the same order: use the generator that is given; do not seed one.", "always-the-same-order"
)(minibatches.edited("generator=generator", "generator=torch.Generator().manual_seed(0)"))
minibatches.mistake(
    "Without a generator every epoch has the same order: use torch's global one.", "same-order-without-generator"
)(minibatches.edited("generator=generator", "generator=generator or torch.Generator()"))
minibatches.mistake("The targets come first: yield inputs, then targets.", "targets-first")(
    minibatches.edited("inputs[rows], targets[rows]", "targets[rows], inputs[rows]")
)
minibatches.mistake("The targets are missing: yield pairs of inputs and targets.", "inputs-only")(
    minibatches.edited("inputs[rows], targets[rows]", "inputs[rows]")
)


@minibatches.mistake(
    "NumPy's or Python's random numbers decide the order: use torch.randperm with `generator`, so that torch's seed or "
    "the generator decides."
)
def randomness_of_numpy(inputs, targets, batch_size, generator=None):
    order = torch.from_numpy(np.random.permutation(len(inputs)))  # noqa: NPY002 - the mistake
    for rows in order.split(batch_size):
        yield inputs[rows], targets[rows]
