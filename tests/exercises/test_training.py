"""The exercises of the chapter *Training*: the solutions against torch and the package."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import models, training
from cnncourse.exercises import solved


def draw(*shape, seed=0, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


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


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_label_smoothing_loss_equals_torch_and_the_package(smoothing):
    logits, targets = draw(4, 6) * 100, torch.tensor([5, 0, 2, 2])
    result = solved("label_smoothing_loss")(logits, targets, smoothing)
    torch.testing.assert_close(result, F.cross_entropy(logits, targets, label_smoothing=smoothing))
    torch.testing.assert_close(result, training.label_smoothing_loss(logits, targets, smoothing))


@pytest.mark.parametrize("shape", [(16, 8, 3, 5), (10, 64)])
@pytest.mark.parametrize("nonlinearity", ["linear", "relu", "tanh"])
def test_kaiming_std_equals_torch_and_the_package(shape, nonlinearity):
    weight = torch.empty(shape)
    generator = torch.Generator().manual_seed(0)
    nn.init.kaiming_uniform_(weight, nonlinearity=nonlinearity, generator=generator)
    bound = torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    expected = (weight / bound).median().item() / 3**0.5
    assert solved("kaiming_std")(shape, nonlinearity) == pytest.approx(expected, rel=1e-5)
    assert solved("kaiming_std")(shape, nonlinearity) == training.kaiming_std(shape, nonlinearity)


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
