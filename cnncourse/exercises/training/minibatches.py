"""Exercise: cut a data set into shuffled batches."""

from itertools import chain

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


ENOUGH = 12  # samples from which a shuffled order is never the old one by chance


def _rows_of(case, batches):
    """Find out which samples each batch holds, and what is wrong with them: (list of lists, list of sentences)."""
    inputs, targets, size = (case.inputs[name] for name in ("inputs", "targets", "batch_size"))
    if all(len(x) == len(y) and y.shape[1:] == inputs.shape[1:] and torch.isin(y, inputs).all() for x, y in batches):
        return [], ["The targets come first: yield inputs, then targets."]
    if not all(len(x) == len(y) and x.shape[1:] == inputs.shape[1:] and y.ndim == 1 for x, y in batches):
        return [], ["A batch of n samples should have inputs of shape (n, ...) as the data, and targets of shape (n,)."]
    rows, owners = [_find(x, inputs) for x, _ in batches], [_find(y, targets) for _, y in batches]
    flat = list(chain.from_iterable(rows))
    if -1 in flat:
        return [], ["Inputs come out that are not in the data."]
    wrong = []
    if len(set(flat)) < len(inputs):
        wrong.append("Some samples never come.")
    if len(set(flat)) < len(flat):
        wrong.append("Some samples come more than once.")
    if owners != rows:
        wrong.append("Inputs meet targets that are not theirs.")
    full, rest = divmod(len(inputs), size)
    if not wrong and sorted(map(len, rows)) != [rest] * (rest > 0) + [size] * full:
        wrong.append("The batches have other sizes: all are full but the last, which holds what is left over.")
    return rows, wrong


def _find(rows, data):
    """Tell where in the data each row stands; -1 for a row that is not there."""
    same = (rows[:, None] == data).reshape(len(rows), len(data), -1).all(2)
    return torch.where(same.any(1), same.int().argmax(1), -1).tolist()


def _order_broken(orders):
    """Judge who decides on the order, and how well it is shuffled."""
    flat = {name: list(chain.from_iterable(rows)) for name, rows in orders.items()}
    if all(order == sorted(order) for order in flat.values()):
        yield "The samples come in their old order."
        return
    if all(max(rows) - min(rows) == len(rows) - 1 for rows in orders["global"]):
        yield "The same neighbours stay together."
    for name in ("generator", "global"):
        if name not in flat or f"{name}, next" not in flat:
            continue
        if flat[name] == flat[f"{name}, next"]:
            yield f"Two epochs with the same generator ({name}) come in the same order."
        if flat[name] != flat[f"{name}, same state"]:
            yield f"The same state of the generator ({name}) gives two different orders."


def _by_order(order_of, cut=lambda order, size: order.split(size), keep=lambda inputs, targets, rows: True):
    """Make a wrong answer from the way it orders the samples and the way it cuts that order."""

    def answer(inputs, targets, batch_size, generator=None):
        for rows in cut(order_of(len(inputs), batch_size, generator), batch_size):
            if keep(inputs, targets, rows):
                yield inputs[rows], targets[rows]

    return answer


def _random(count, size, generator):
    return torch.randperm(count, generator=generator)


def _batches_shuffled(count, size, generator):
    blocks = torch.arange(count).split(size)
    return [blocks[index] for index in torch.randperm(len(blocks), generator=generator)]


def _within_batches(count, size, generator):
    return [rows[torch.randperm(len(rows), generator=generator)] for rows in torch.arange(count).split(size)]


def _inputs_only(inputs, targets, batch_size, generator=None):
    inputs = inputs[torch.randperm(len(inputs), generator=generator)]
    yield from zip(inputs.split(batch_size), targets.split(batch_size), strict=True)


def _dropped_last(order, size):
    return order[: len(order) // size * size].split(size)


def _empty_last(order, size):
    return [order[start : start + size] for start in range(0, len(order) + 1, size)]


def _filled_last(order, size):
    return torch.cat([order, order[: -len(order) % size]]).split(size)


def _one_epoch(note, varies, inputs, targets, batch_size):
    return case(note, varies=varies, probe="one_epoch", inputs=inputs, targets=targets, batch_size=batch_size)


@minibatches.rules
def _broken(case, value):
    epochs = value if isinstance(value, dict) else {"global": value}
    orders = {}
    for name, batches in epochs.items():
        if not all(isinstance(batch, list | tuple) and len(batch) == 2 for batch in batches):
            yield "Each batch should be a pair: inputs, targets."
            return
        rows, wrong = _rows_of(case, batches)
        yield from wrong
        if wrong:
            return
        orders[name] = rows
    if len(case.inputs["targets"]) >= ENOUGH:
        yield from _order_broken(orders)


minibatches.add_visible(
    _one_epoch(
        "a short last batch",
        "remainder",
        torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]),
        torch.tensor([10, 20, 30, 40, 50]),
        2,
    ),
    _one_epoch("no rest", "batch", torch.arange(8.0).reshape(4, 2), torch.tensor([3, 1, 2, 0]), 2),
    _one_epoch("fewer samples than a batch", "batch", torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([1, 0]), 5),
    _one_epoch("nine samples in fours", "remainder", torch.arange(9.0) / 2, torch.arange(9) + 20, 4),
)


@minibatches.random_cases
def _fresh(generator):
    for count, size, shape in ((13, 4, (1, 2, 2)), (12, 5, ())):
        numbers = torch.randperm(count * 4, generator=generator)[: 4 * count].float()
        yield case(
            "several epochs, with generators and without",
            varies="random",
            probe="many_epochs",
            inputs=numbers.reshape(count, 1, 2, 2) if shape else numbers[:count],
            targets=torch.randperm(count, generator=generator) + 100,
            batch_size=size,
            seed=integer(generator, 0, 1000),
        )


minibatches.mistake("The samples come in their old order: shuffle them for every epoch.", "not-shuffled")(
    _by_order(lambda count, size, generator: torch.arange(count))
)
minibatches.mistake(
    "The data is cut before it is shuffled, so the same samples stay together: shuffle, then cut.", "batches-shuffled"
)(_by_order(_batches_shuffled, lambda blocks, size: blocks))
minibatches.same_mistake("batches-shuffled")(_by_order(_within_batches, lambda blocks, size: blocks))


@minibatches.mistake("Inputs and targets are shuffled each on their own: use one order for both.")
def shuffled_apart(inputs, targets, batch_size, generator=None):
    inputs = inputs[torch.randperm(len(inputs), generator=generator)]
    targets = targets[torch.randperm(len(targets), generator=generator)]
    yield from zip(inputs.split(batch_size), targets.split(batch_size), strict=True)


minibatches.mistake("The short last batch is dropped: keep it, or some samples are never seen.", "last-batch-dropped")(
    _by_order(_random, _dropped_last)
)
minibatches.mistake("The last batch is filled up with samples that came before: let it be short.", "last-batch-filled")(
    _by_order(_random, _filled_last)
)
minibatches.mistake("An empty batch comes last where the batch size divides the number of samples.", "empty-batch")(
    _by_order(_random, _empty_last)
)
minibatches.mistake(
    "Samples are drawn with replacement: some come twice and some never. Use a permutation.", "with-replacement"
)(_by_order(lambda count, size, generator: torch.randint(count, (count,), generator=generator)))
minibatches.mistake("The samples are spread evenly: every batch but the last has exactly `batch_size`.", "even-sizes")(
    _by_order(_random, lambda order, size: order.tensor_split(-(-len(order) // size)))
)
minibatches.mistake(
    "The data is cut into `batch_size` batches: it is the size of one batch.", "batch-size-is-their-number"
)(_by_order(_random, lambda order, size: order.tensor_split(size)))
minibatches.mistake(
    "The generator is ignored: hand it to torch.randperm, so that a run can be repeated.", "generator-ignored"
)(_by_order(lambda count, size, generator: torch.randperm(count)))
minibatches.mistake(
    "Every epoch has the same order: draw from the generator as it is; do not seed one yourself.",
    "always-the-same-order",
)(_by_order(lambda count, size, generator: torch.randperm(count, generator=torch.Generator().manual_seed(0))))
minibatches.mistake(
    "Without a generator every epoch has the same order: draw from torch's global one, not from a new one.",
    "same-order-without-generator",
)(_by_order(lambda count, size, generator: torch.randperm(count, generator=generator or torch.Generator())))
minibatches.mistake("The targets come first: yield inputs, then targets.", "targets-first")(
    lambda inputs, targets, batch_size, generator=None: (
        batch[::-1] for batch in minibatches(inputs, targets, batch_size, generator)
    )
)
minibatches.mistake("The targets are missing: yield pairs of inputs and targets.", "inputs-only")(
    lambda inputs, targets, batch_size, generator=None: inputs[torch.randperm(len(inputs), generator=generator)].split(
        batch_size
    )
)
