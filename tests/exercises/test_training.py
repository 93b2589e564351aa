"""The exercises of the chapter *Training*: the solutions against torch and the package, right styles, wrong answers."""

import inspect
import math
import random

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import models, training
from cnncourse.exercises import solved
from cnncourse.exercises.examining import examination


def verdict(name, answer, seed=0):
    examined = examination(name, seed)
    return examined.verdict(examined.observe(answer))


def draw(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


# The solutions


@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_softmax_equals_torch_and_the_package(scale):
    logits = draw(4, 6) * scale
    torch.testing.assert_close(solved("softmax")(logits), torch.softmax(logits, 1))
    torch.testing.assert_close(solved("softmax")(logits), training.softmax(logits))


@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_cross_entropy_equals_torch_and_the_package(scale):
    logits, targets = draw(4, 6) * scale, torch.tensor([5, 0, 2, 2])
    torch.testing.assert_close(solved("cross_entropy")(logits, targets), F.cross_entropy(logits, targets))
    torch.testing.assert_close(solved("cross_entropy")(logits, targets), training.cross_entropy(logits, targets))


def test_sgd_step_equals_torch_and_the_package():
    moved = []
    for step in (
        solved("sgd_step"),
        training.sgd_step,
        lambda parameters, rate: torch.optim.SGD(list(parameters), lr=rate).step(),
    ):
        parameter = nn.Parameter(draw(3, 2))
        (parameter**3).sum().backward()
        step(iter([parameter]), 0.1)
        moved.append(parameter.detach())
    torch.testing.assert_close(moved[0], moved[1])
    torch.testing.assert_close(moved[0], moved[2])


def test_minibatches_equals_the_package():
    inputs, targets = draw(7, 2), torch.arange(7)
    ours, theirs = (
        list(cut(inputs, targets, 3, generator=torch.Generator().manual_seed(1)))
        for cut in (solved("minibatches"), training.minibatches)
    )
    torch.testing.assert_close(ours, theirs)


def test_train_one_epoch_and_evaluate_equal_the_package():
    batches = [(draw(n, 3, seed=n, dtype=torch.float32), torch.arange(n) % 4) for n in (5, 5, 2)]
    results = []
    for train, evaluate in (
        (solved("train_one_epoch"), solved("evaluate")),
        (training.train_one_epoch, training.evaluate),
    ):
        model = nn.Linear(3, 4)
        with torch.no_grad():
            model.weight.copy_(draw(4, 3))
            model.bias.zero_()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        losses = [train(model, iter(batches), F.cross_entropy, optimizer) for _ in range(3)]
        results.append([*losses, evaluate(model, iter(batches))])
    assert results[0] == pytest.approx(results[1])


def test_confusion_matrix_equals_the_package():
    predictions, targets = torch.tensor([0, 1, 1, 3, 0]), torch.tensor([0, 0, 0, 3, 1])
    assert torch.equal(
        solved("confusion_matrix")(predictions, targets, 5), training.confusion_matrix(predictions, targets, 5)
    )


def test_build_feature_stack_has_the_parameters_of_the_package_s():
    ours, theirs = solved("build_feature_stack")(), models.build_feature_stack()
    shapes = [[tuple(parameter.shape) for parameter in model.parameters()] for model in (ours, theirs)]
    assert shapes[0] == shapes[1]
    assert ours(torch.zeros(2, 1, 28, 28)).shape == (2, 64, 1, 1)


def test_fashion_cnn_computes_what_the_package_s_does():
    ours, theirs = solved("FashionCNN")(), models.FashionCNN()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True)))
    images = draw(2, 1, 28, 28, dtype=torch.float32)
    torch.testing.assert_close(ours(images), theirs(images))


@pytest.mark.parametrize("in_training", [True, False])
def test_batch_norm2d_equals_torch_and_the_package(in_training):
    results = []
    for norm in (
        solved("batch_norm2d"),
        training.batch_norm2d,
        lambda x, g, b, m, v, t, **options: F.batch_norm(x, m, v, g, b, t, **options),
    ):
        mean, var = draw(3, seed=1), draw(3, seed=2).exp()
        output = norm(
            draw(2, 3, 4, 5), draw(3, seed=3), draw(3, seed=4), mean, var, in_training, momentum=0.3, eps=0.01
        )
        results.append((output, mean, var))
    torch.testing.assert_close(results[0], results[1])
    torch.testing.assert_close(results[0], results[2])


def test_dropout_equals_the_package():
    input = draw(50, 3)
    for p in (0.0, 0.3, 1.0):
        ours, theirs = (
            drop(input, p, True, generator=torch.Generator().manual_seed(4))
            for drop in (solved("dropout"), training.dropout)
        )
        torch.testing.assert_close(ours, theirs)


# Right answers in other styles


def softmax_by_loops(logits):
    rows = []
    for row in logits.tolist():
        largest = max(row)
        exponentials = [math.exp(value - largest) for value in row]
        rows.append([value / sum(exponentials) for value in exponentials])
    return torch.tensor(rows)


def softmax_by_numpy(logits):
    array = logits.numpy().astype(np.float64)
    array = np.exp(array - array.max(axis=1, keepdims=True))
    return torch.from_numpy(array / array.sum(axis=1, keepdims=True))


def loss_by_floats(logits, targets):
    total = 0.0
    for row, target in zip(logits.tolist(), targets.tolist(), strict=True):
        largest = max(row)
        total += largest + math.log(sum(math.exp(value - largest) for value in row)) - row[target]
    return total / len(targets)


def loss_by_tensors(logits, targets):
    total = 0
    for row, target in zip(logits, targets, strict=True):
        total = total - torch.log_softmax(row, 0)[target]
    return total / len(targets)


def step_by_data(parameters, learning_rate):
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.data -= learning_rate * parameter.grad.data
            parameter.grad.zero_()


def step_by_new_data(parameters, learning_rate):
    for parameter in list(parameters):
        if parameter.grad is None:
            continue
        parameter.data = parameter.data - learning_rate * parameter.grad
        parameter.grad = torch.zeros_like(parameter)


def step_by_optimizer(parameters, learning_rate):
    optimizer = torch.optim.SGD(parameters, lr=learning_rate)
    optimizer.step()
    optimizer.zero_grad()


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


def epoch_that_clears_afterwards(model, batches, loss_fn, optimizer):
    losses, sizes = [], []
    for inputs, targets in batches:
        model.train()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        optimizer.step()
        model.zero_grad()
        losses.append(loss.item())
        sizes.append(inputs.shape[0])
    model.eval()
    return float(np.average(losses, weights=sizes))


def epoch_by_tensors(model, batches, loss_fn, optimizer):
    model.train()
    total, count = torch.zeros(()), 0
    for x, y in list(batches):
        optimizer.zero_grad(set_to_none=False)
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        total = total + loss.detach() * x.size(0)
        count += x.size(0)
    return (total / count).item()


def epoch_with_closures(model, batches, loss_fn, optimizer):
    model.train()
    total = count = 0
    for x, y in batches:

        def closure(x=x, y=y):
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            return loss

        total += optimizer.step(closure).item() * len(x)
        count += len(x)
    return total / count


def evaluate_by_inference_mode(model, batches):
    mode = model.training
    model.train(False)
    with torch.inference_mode():
        hits = torch.cat([model(x).softmax(1).max(1).indices == y for x, y in batches])
    model.train(mode)
    return hits.float().mean().item()


@torch.no_grad()
def evaluate_row_by_row(model, batches):
    was = model.training
    model.eval()
    pairs = [pair for batch in batches for pair in zip(*batch, strict=True)]
    hits = [np.argmax(model(row[None])[0].numpy()) == int(y) for row, y in pairs]
    if was:
        model.train()
    return sum(hits) / len(hits)


def evaluate_in_both_modes(model, batches):
    modes = {module: module.training for module in model.modules()}
    try:
        model.eval()
        right = total = 0
        previous = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        for x, y in batches:
            right += torch.eq(torch.argmax(model(x), -1), y).sum()
            total += y.numel()
        torch.set_grad_enabled(previous)
    finally:
        for module, mode in modes.items():
            module.training = mode
    return float(right) / total


def confusion_by_bincount(predictions, targets, num_classes):
    return torch.bincount(targets * num_classes + predictions, minlength=num_classes**2).reshape(-1, num_classes)


def confusion_by_one_hot(predictions, targets, num_classes):
    return F.one_hot(targets, num_classes).T @ F.one_hot(predictions, num_classes)


def confusion_by_numpy(predictions, targets, num_classes):
    matrix = np.zeros((num_classes, num_classes), dtype=np.int64)
    np.add.at(matrix, (targets.numpy(), predictions.numpy()), 1)
    return torch.from_numpy(matrix)


def confusion_by_index_put(predictions, targets, num_classes):
    matrix = torch.zeros(num_classes, num_classes).long()
    return matrix.index_put_((targets, predictions), torch.tensor(1), accumulate=True)


def stack_padded():
    return nn.Sequential(
        nn.Conv2d(1, 16, (5, 5), padding=2),
        nn.Tanh(),
        nn.MaxPool2d(2, 2),
        nn.Conv2d(16, 64, 3, stride=2, padding=1),
        nn.LeakyReLU(),
        nn.MaxPool2d((7, 7)),
    )


def stack_plain():
    return nn.Sequential(nn.Conv2d(1, 16, 5), nn.MaxPool2d(4), nn.Conv2d(16, 64, 5), nn.MaxPool2d(2))


def stack_nested():
    block = nn.Sequential(nn.Conv2d(1, 16, 5, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3))
    stack = nn.Sequential()
    stack.add_module("first", block)
    stack.add_module("second", nn.Sequential(nn.LazyConv2d(64, 3), nn.GELU(), nn.AdaptiveMaxPool2d(1)))
    return stack


class FunctionalCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 16, 5), nn.Conv2d(16, 64, 5)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 8)
        return self.fc(self.drop(x.view(x.size(0), -1)))


class SequentialCNN(nn.Sequential):
    def __init__(self):
        super().__init__(stack_plain(), nn.Flatten(), nn.Linear(64, 10, bias=False))


class DeepHeadCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([stack_padded(), nn.Flatten(), nn.LazyLinear(32), nn.ReLU(), nn.Linear(32, 10)])

    def forward(self, image):
        for layer in self.layers:
            image = layer(image)
        return image


def norm_by_torch(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    return F.batch_norm(input, running_mean, running_var, gamma, beta, training, momentum, eps)


def norm_by_slices(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    output = torch.empty_like(input)
    for c in range(input.shape[1]):
        values = input[:, c]
        mean, var = (values.mean(), values.var(unbiased=False)) if training else (running_mean[c], running_var[c])
        output[:, c] = gamma[c] * (values - mean) * (var + eps) ** -0.5 + beta[c]
        if training:
            running_mean[c] = (1 - momentum) * running_mean[c] + momentum * mean
            running_var[c] += momentum * (values.var() - running_var[c])
    return output


def norm_by_transpose(input, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    rows = input.transpose(0, 1).flatten(1)
    mean, var = running_mean.clone(), running_var.clone()
    if training:
        mean, var = rows.mean(1), (rows**2).mean(1) - rows.mean(1) ** 2
        n = rows.shape[1]
        running_mean.copy_((1 - momentum) * running_mean + momentum * mean)
        running_var.lerp_(var * n / (n - 1), momentum)
    scale = gamma / (var.clamp(min=0) + eps).sqrt()
    return input * scale.view(1, -1, 1, 1) + (beta - mean * scale).view(1, -1, 1, 1)


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


RIGHT = {
    "softmax": [
        softmax_by_loops,
        softmax_by_numpy,
        lambda z: (z - torch.logsumexp(z, dim=-1, keepdim=True)).exp(),
        lambda z: torch.stack([(row - row.max()).exp() / (row - row.max()).exp().sum() for row in z]),
        lambda logits: (lambda e: e / e.sum(-1)[:, None])(torch.exp(logits.double() - logits.amax(1)[:, None])),
    ],
    "cross_entropy": [
        loss_by_floats,
        loss_by_tensors,
        lambda z, t: -torch.log_softmax(z, 1).gather(1, t[:, None]).mean(),
        lambda z, t: -(z.log_softmax(1) * F.one_hot(t, z.shape[1])).sum() / len(z),
        lambda z, t: (torch.logsumexp(z.double(), 1) - z.double()[range(len(t)), t]).mean(),
    ],
    "sgd_step": [
        step_by_data,
        step_by_new_data,
        step_by_optimizer,
        torch.no_grad()(step_by_data),
        lambda ps, learning_rate: [step_by_data([p], learning_rate) for p in ps],
    ],
    "minibatches": [
        batches_by_loader,
        batches_by_list,
        batches_row_by_row,
        lambda inputs, targets, batch_size, generator=None: (
            (inputs[i], targets[i]) for i in torch.randperm(len(targets), generator=generator).split(batch_size)
        ),
        batches_by_two_generators,
    ],
    "train_one_epoch": [
        epoch_that_clears_afterwards,
        epoch_by_tensors,
        epoch_with_closures,
        training.train_one_epoch,
        lambda model, batches, loss_fn, optimizer: epoch_with_closures(model.train(True), batches, loss_fn, optimizer),
    ],
    "evaluate": [
        evaluate_by_inference_mode,
        evaluate_row_by_row,
        evaluate_in_both_modes,
        training.evaluate,
        lambda model, batches: float(evaluate_by_inference_mode(model, list(batches))),
    ],
    "confusion_matrix": [
        confusion_by_bincount,
        confusion_by_one_hot,
        confusion_by_numpy,
        confusion_by_index_put,
        training.confusion_matrix,
        lambda p, t, num_classes: torch.tensor(
            [[int(((t == i) & (p == j)).sum()) for j in range(num_classes)] for i in range(num_classes)]
        ),
    ],
    "build_feature_stack": [
        stack_padded,
        stack_plain,
        stack_nested,
        models.build_feature_stack,
        lambda: nn.Sequential(*stack_plain()).double().float(),
    ],
    "FashionCNN": [FunctionalCNN, SequentialCNN, DeepHeadCNN, models.FashionCNN, lambda: FunctionalCNN().eval()],
    "batch_norm2d": [
        norm_by_torch,
        norm_by_slices,
        norm_by_transpose,
        training.batch_norm2d,
        lambda *args, **options: norm_by_torch(*args, **options) * 1.0,
    ],
    "dropout": [
        drop_by_bernoulli,
        drop_by_where,
        drop_by_torch,
        training.dropout,
        lambda x, p, training, generator=None: (
            x * (torch.rand_like(x) if generator is None else torch.rand(x.shape, generator=generator)).ge(p) / (1 - p)
            if training and p < 1
            else x * (1.0 - p if training else 1.0)
        ),
    ],
}


# Wrong answers beyond the named ones


def softmax_in_place(logits):
    logits -= logits.max(1, keepdim=True).values
    return logits.exp() / logits.exp().sum(1, keepdim=True)


def softmax_printed(logits):
    print(solved("softmax")(logits))


def step_momentum(parameters, learning_rate):
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.data -= learning_rate * parameter.grad
            parameter.grad *= 0.9


def step_clears_all_but_last(parameters, learning_rate):
    parameters = list(parameters)
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.data -= learning_rate * parameter.grad
    parameter.grad = None


def step_that_switches_gradients_off(parameters, learning_rate):
    torch.set_grad_enabled(False)
    solved("sgd_step")(parameters, learning_rate)


def step_with_decay(parameters, learning_rate):
    parameters = list(parameters)
    solved("sgd_step")(parameters, learning_rate)
    for parameter in parameters:
        parameter.data *= 0.99


def step_with_clipping(parameters, learning_rate):
    parameters = list(parameters)
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    solved("sgd_step")(parameters, learning_rate)


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


def epoch(edit):
    """Make a wrong answer by an edit of the solution's source."""
    return _edited("train_one_epoch", edit)


def evaluation(edit):
    return _edited("evaluate", edit)


def _edited(name, edit):
    source = inspect.getsource(solved(name))
    old, new = edit
    assert old in source, old
    namespace = {"torch": torch, "nn": nn, "F": F}
    exec(source.replace(old, new), namespace)
    return namespace[name]


def sequence(*layers):
    return lambda: nn.Sequential(*(layer() for layer in layers))


class ReversedCNN(SequentialCNN):
    def forward(self, input):
        return super().forward(input).flip(0)


class OneOutputCNN(SequentialCNN):
    def forward(self, input):
        return super().forward(input).argmax(1)


class TanhCNN(SequentialCNN):
    def forward(self, input):
        return super().forward(input).tanh()


class BatchSoftmaxCNN(SequentialCNN):
    def forward(self, input):
        return super().forward(input).softmax(0)


class NoSuperCNN(nn.Module):
    def __init__(self):
        self.stack = stack_plain()


class NoForwardCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.stack = stack_plain()


def drop(edit):
    return _edited("dropout", edit)


CONV1, CONV2 = lambda: nn.Conv2d(1, 16, 5), lambda: nn.Conv2d(16, 64, 5)
POOL2, POOL8 = lambda: nn.MaxPool2d(2), lambda: nn.MaxPool2d(8)

WRONG = {
    "softmax": [
        softmax_in_place,
        softmax_printed,
        lambda z: torch.softmax(z, 1),
        lambda z: torch.log_softmax(z, 1).exp(),
        lambda z: nn.Softmax(dim=1)(z),
        lambda z: z.exp() / (z.exp().sum(1, keepdim=True) + 1e-8),
        lambda z: torch.nan_to_num(z.exp() / z.exp().sum(1, keepdim=True)),
        lambda z: solved("softmax")(z.T).T,
        lambda z: solved("softmax")(z).flatten(),
        lambda z: solved("softmax")(z).tolist(),
        lambda z: solved("softmax")(z).half(),
        lambda z: solved("softmax")(z / z.shape[1] ** 0.5),
        lambda z: solved("softmax")(-z),
        lambda z: solved("softmax")(z)[:, :-1],
        lambda z: solved("softmax")(z).max(1).values,
        lambda z: (z.exp() / z.exp().sum(1, keepdim=True)).numpy(),
        lambda z: (z - z.min(1, keepdim=True).values).exp() / (z - z.min(1, keepdim=True).values).exp().sum(1, True),
        lambda z: solved("softmax")(z.clamp(max=88)),
        lambda z: solved("softmax")(z.round()),
    ],
    "cross_entropy": [
        lambda z, t: F.cross_entropy(z, t),
        lambda z, t: F.nll_loss(torch.log_softmax(z, 1), t),
        lambda z, t: nn.CrossEntropyLoss()(z, t),
        lambda z, t: -torch.log(torch.softmax(z, 1)[torch.arange(len(t)), t] + 1e-8).mean(),
        lambda z, t: -torch.log2(torch.softmax(z, 1)[torch.arange(len(t)), t]).mean(),
        lambda z, t: 1 - torch.softmax(z, 1)[torch.arange(len(t)), t].mean(),
        lambda z, t: torch.logsumexp(z, 1).mean(),
        lambda z, t: torch.logsumexp(z, 1).mean() - z.max(1).values.mean(),
        lambda z, t: solved("cross_entropy")(z, t) / math.log(z.shape[1]),
        lambda z, t: solved("cross_entropy")(z, t)[None],
        lambda z, t: solved("cross_entropy")(z, t) / len(t),
        lambda z, t: solved("cross_entropy")(z, t).exp(),
        lambda z, t: solved("cross_entropy")(z.clamp(-100, 100), t),
        lambda z, t: (torch.logsumexp(z, 1) - z[torch.arange(len(t)), t]).max(),
        lambda z, t: (torch.logsumexp(z, 1) - z[torch.arange(len(t)), t]).median(),
        lambda z, t: solved("cross_entropy")(z, (t + 1) % z.shape[1]),
        lambda z, t: -torch.log_softmax(z, 1)[0, t[0]],
        lambda z, t: (z.argmax(1) != t).float().mean(),
        lambda z, t: F.mse_loss(z, F.one_hot(t, z.shape[1]).to(z.dtype)),
    ],
    "sgd_step": [
        step_momentum,
        step_clears_all_but_last,
        step_that_switches_gradients_off,
        step_with_decay,
        step_with_clipping,
        lambda parameters, learning_rate: None,
        lambda parameters, learning_rate: [p - learning_rate * p.grad for p in parameters if p.grad is not None],
        lambda parameters, learning_rate: solved("sgd_step")(parameters, 0.01),
        lambda parameters, learning_rate: solved("sgd_step")(parameters, learning_rate / 2),
        lambda parameters, learning_rate: solved("sgd_step")(list(parameters)[::2], learning_rate),
        lambda parameters, learning_rate: solved("sgd_step")(list(parameters)[:-1], learning_rate),
        lambda parameters, learning_rate: [p.grad.zero_() for p in parameters],
        lambda parameters, learning_rate: parameters.sub_(learning_rate * parameters.grad),
        lambda parameters, learning_rate: torch.optim.SGD(parameters, lr=learning_rate).step(),
        lambda parameters, learning_rate: torch.optim.Adam(parameters, lr=learning_rate).step(),
        lambda parameters, learning_rate: [
            solved("sgd_step")([p], learning_rate) for p in parameters if p.requires_grad and p.grad.any()
        ],
    ],
    "minibatches": [
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
    ],
    "train_one_epoch": [
        epoch(("    model.train()\n", "    model.eval()\n")),
        epoch(("        optimizer.zero_grad()\n", "")),
        epoch(("        optimizer.step()\n", "        optimizer.step()\n        optimizer.step()\n")),
        epoch(("        loss.backward()\n", "")),
        epoch(("loss.item() * len(targets)", "loss.item()")),
        epoch(("loss.item() * len(targets)", "loss")),
        epoch(("count += len(targets)", "count += 1")),
        epoch(("return total / count", "return total")),
        epoch(("return total / count", "return loss.item()")),
        epoch(("return total / count", "return loss")),
        epoch(("return total / count", "pass")),
        epoch(("    return total / count", "        return total / count")),
        epoch(("total += loss.item() * len(targets)", "total = loss.item() * len(targets)")),
        epoch(("count += len(targets)", "count = len(targets)")),
        epoch(("count += len(targets)", "count += targets.max().item() + 1")),
        epoch(("loss.item() * len(targets)", "loss.item() * inputs.shape[1]")),
        epoch(("loss = loss_fn(model(inputs), targets)", "loss = loss_fn(targets, model(inputs))")),
        epoch(("model(inputs)", "model(inputs).detach()")),
        epoch(("model(inputs)", "model(inputs).softmax(1)")),
        epoch(("    for inputs, targets in batches", "    for inputs, targets in list(batches)[:-1]")),
        epoch(("    for inputs, targets in batches", "    for inputs, targets in 2 * list(batches)")),
        epoch(("    for inputs, targets in batches", "    for inputs, targets in list(batches)[::-1]")),
        epoch(("        optimizer.step()\n", "        [p.data.sub_(0.5 * p.grad) for p in model.parameters()]\n")),
        epoch(("loss.backward()", "(loss * len(targets)).backward()")),
    ],
    "evaluate": [
        evaluation(("    model.eval()\n", "")),
        evaluation(("    model.eval()\n", "    model.train()\n")),
        evaluation(("    with torch.no_grad():", "    with torch.enable_grad():")),
        evaluation(("    model.train(was_training)\n", "")),
        evaluation(("    model.train(was_training)\n", "    model.train()\n")),
        evaluation(("    model.train(was_training)\n", "    model.train(not was_training)\n")),
        evaluation(("argmax(dim=1)", "argmin(dim=1)")),
        evaluation(("argmax(dim=1)", "argmax(dim=0)")),
        evaluation(("argmax(dim=1)", "argmax()")),
        evaluation(("right / count", "right // count")),
        evaluation(("right / count", "torch.tensor(right / count)")),
        evaluation(("right / count", "100 * right / count")),
        evaluation(("right / count", "round(right / count, 1)")),
        evaluation(("right / count", "right")),
        evaluation(("count += len(targets)", "count += 1")),
        evaluation(("count += len(targets)", "count += inputs.shape[1]")),
        evaluation(("right += (", "right = (")),
        evaluation((".sum().item()", ".all().item()")),
        evaluation((".sum().item()", ".float().mean().item()")),
        evaluation((" == targets", " != targets")),
        evaluation(("(model(inputs).argmax(dim=1) == targets)", "(model(inputs).sigmoid() > 0.5).float()")),
    ],
    "confusion_matrix": [
        lambda p, t, k: solved("confusion_matrix")(p, t, k).int(),
        lambda p, t, k: solved("confusion_matrix")(p, t, k).double(),
        lambda p, t, k: solved("confusion_matrix")(p, t, k).numpy(),
        lambda p, t, k: solved("confusion_matrix")(p, t, k).bool(),
        lambda p, t, k: solved("confusion_matrix")(p, t, k).clamp(max=1),
        lambda p, t, k: solved("confusion_matrix")(p, t, k).diag(),
        lambda p, t, k: solved("confusion_matrix")(p, t, k).flatten(),
        lambda p, t, k: solved("confusion_matrix")(p, t, k) - torch.eye(k, dtype=torch.int64),
        lambda p, t, k: solved("confusion_matrix")(p, t, k).flip(0),
        lambda p, t, k: solved("confusion_matrix")(p, t, k + 1),
        lambda p, t, k: solved("confusion_matrix")(p, t, k) + 1,
        lambda p, t, k: solved("confusion_matrix")(p[1:], t[1:], k),
        lambda p, t, k: solved("confusion_matrix")(p.sort().values, t.sort().values, k),
        lambda p, t, k: solved("confusion_matrix")(p, p, k),
        lambda p, t, k: (p == t).sum(),
        lambda p, t, k: torch.bincount(p * k + t, minlength=k * k).reshape(k, k),
        lambda p, t, k: torch.bincount(t * k + p).reshape(k, k),
    ],
    "build_feature_stack": [
        sequence(CONV1, POOL2, CONV2),
        sequence(CONV1, CONV2, POOL2, POOL8),
        sequence(CONV1, POOL2, CONV2, POOL8, nn.Flatten, lambda: nn.Linear(64, 10)),
        sequence(lambda: nn.Conv2d(3, 16, 5), POOL2, CONV2, POOL8),
        sequence(lambda: nn.Conv2d(1, 32, 5), POOL2, lambda: nn.Conv2d(32, 64, 5), POOL8),
        sequence(lambda: nn.Conv2d(1, 16, 3), POOL2, CONV2, POOL8),
        sequence(lambda: nn.Conv2d(1, 16, (5, 3)), POOL2, CONV2, POOL8),
        sequence(CONV1, POOL2, lambda: nn.Conv2d(16, 16, 5), POOL8),
        sequence(CONV1, POOL2, CONV2, lambda: nn.AvgPool2d(8)),
        sequence(CONV1, lambda: nn.AvgPool2d(2), CONV2, POOL8),
        sequence(CONV1, POOL2, CONV2, lambda: nn.MaxPool2d(4)),
        sequence(CONV1, POOL2, CONV2, lambda: nn.MaxPool2d(9)),
        sequence(CONV1, POOL2, CONV2, POOL2, POOL2, POOL2),
        sequence(lambda: nn.LazyConv2d(16, 5, stride=2), lambda: nn.LazyConv2d(64, 12)),
        sequence(nn.Flatten, lambda: nn.Linear(784, 64), lambda: nn.Unflatten(1, (64, 1, 1))),
        lambda: [CONV1(), POOL2(), CONV2(), POOL8()],
        lambda: nn.ModuleList([CONV1(), POOL2(), CONV2(), POOL8()]),
        lambda: nn.Sequential,
        lambda: lambda input: stack_plain()(input),
        FunctionalCNN,
    ],
    "FashionCNN": [
        ReversedCNN,
        OneOutputCNN,
        TanhCNN,
        BatchSoftmaxCNN,
        NoSuperCNN,
        NoForwardCNN,
        stack_plain,
        sequence(nn.Flatten, lambda: nn.Linear(784, 10)),
        sequence(CONV1, POOL2, nn.Flatten, lambda: nn.Linear(16 * 144, 10)),
        sequence(stack_plain, nn.Flatten, lambda: nn.Linear(64, 11)),
        sequence(stack_plain, nn.Flatten, lambda: nn.Linear(64, 10), lambda: nn.Softmax(1)),
        sequence(stack_plain, nn.Flatten, lambda: nn.Linear(64, 10), nn.ReLU),
        sequence(stack_plain, lambda: nn.Linear(64, 10)),
        sequence(stack_plain, lambda: nn.Flatten(0), lambda: nn.Linear(64, 10)),
        sequence(stack_plain, nn.Flatten, lambda: nn.BatchNorm1d(64), lambda: nn.Linear(64, 10)),
        sequence(stack_plain, lambda: nn.Conv2d(64, 10, 1), nn.Flatten),
        sequence(CONV1, POOL2, CONV2, nn.Flatten, lambda: nn.Linear(64 * 64, 10)),
        lambda: lambda images: torch.randn(len(images), 10),
    ],
    "batch_norm2d": [
        _edited("batch_norm2d", ("correction=0", "correction=1")),
        _edited("batch_norm2d", (" * count / (count - 1)", "")),
        _edited("batch_norm2d", ("running_mean.mul_(1 - momentum)", "running_mean.mul_(momentum)")),
        _edited("batch_norm2d", ("count / (count - 1)", "(count - 1) / count")),
        _edited("batch_norm2d", ("input.numel() // input.shape[1]", "len(input)")),
        _edited("batch_norm2d", ("input.numel() // input.shape[1]", "input.numel()")),
        _edited("batch_norm2d", ("torch.sqrt(variance + eps)", "(torch.sqrt(variance) + eps)")),
        _edited("batch_norm2d", ("torch.sqrt(variance + eps)", "(variance + eps)")),
        _edited("batch_norm2d", ("torch.sqrt(variance + eps)", "torch.sqrt(variance)")),
        _edited("batch_norm2d", ("torch.sqrt(variance + eps)", "torch.sqrt(variance + 1e-5)")),
        _edited("batch_norm2d", ("gamma * (input - mean)", "(input - mean)")),
        _edited("batch_norm2d", (" + beta", "")),
        _edited("batch_norm2d", ("gamma * (input - mean)", "(gamma * input - mean)")),
        _edited("batch_norm2d", ("if training:", "if not training:")),
        _edited("batch_norm2d", ("if training:", "if True:")),
        _edited("batch_norm2d", ("mean = input.mean(dim=(0, 2, 3))", "mean = input.mean(dim=(2, 3))[0]")),
        _edited("batch_norm2d", ("running_var.mul_", "running_mean.mul_")),
        _edited("batch_norm2d", ("running_mean.mul_(1 - momentum).add_(momentum * mean)", "running_mean.copy_(mean)")),
        lambda x, g, b, m, v, training, momentum=0.1, eps=1e-5: F.batch_norm(x, m, v, g, b, True, momentum, eps),
        lambda x, g, b, m, v, training, momentum=0.1, eps=1e-5: F.instance_norm(x, m, v, g, b, True, momentum, eps),
        lambda x, g, b, m, v, training, momentum=0.1, eps=1e-5: nn.BatchNorm2d(x.shape[1]).to(x.dtype)(x).detach(),
        lambda x, g, b, m, v, training, momentum=0.1, eps=1e-5: F.batch_norm(x, m, v, g, b, training),
    ],
    "dropout": [
        drop((" / (1 - p)", "")),
        drop((" / (1 - p)", " / p if p else input")),
        drop((" / (1 - p)", " * (1 - p)")),
        drop((">= p", "< p")),
        drop(("    if not training:\n        return input\n", "")),
        drop(
            ("    if not training:\n        return input\n", "    if not training:\n        return input * (1 - p)\n")
        ),
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
        lambda x, p, training, generator=None: (
            F.dropout2d(x, p, training) if x.ndim == 4 else F.dropout(x, p, training)
        ),
        lambda x, p, training, generator=None: x * (1 - p),
    ],
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_pass_whatever_their_style(name, seed):
    assert len(RIGHT[name]) >= 5
    for position, answer in enumerate(RIGHT[name]):
        report = verdict(name, answer, seed)
        assert report.passed, f"{position}: {report}"


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_fail(name):
    assert len(WRONG[name]) >= 15
    passed = [position for position, answer in enumerate(WRONG[name]) if verdict(name, answer).status != "failed"]
    assert not passed
