import pytest
import torch
import torch.nn.functional as F

from cnncourse.training import batch_norm2d


def images(seed=0, shape=(4, 3, 5, 7)):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 3 + 2


def statistics():
    return torch.tensor([0.5, -1.0, 2.0]).double(), torch.tensor([1.0, 4.0, 0.25]).double()


GAMMA, BETA = torch.tensor([1.0, 2.0, -1.0]).double(), torch.tensor([0.0, 3.0, 1.0]).double()


def test_two_values_become_minus_one_and_one():
    result = batch_norm2d(
        torch.tensor([2.0, 6.0]).double().view(2, 1, 1, 1),
        *(torch.ones(1).double(), torch.zeros(1).double()),
        *(torch.zeros(1).double(), torch.ones(1).double()),
        training=True,
        eps=0.0,
    )
    assert result.flatten().tolist() == [-1, 1]


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("momentum", "eps"), [(0.1, 1e-5), (0.5, 0.1)])
def test_batch_norm_agrees_with_torch_and_updates_the_same_statistics(training, momentum, eps):
    ours, theirs = statistics(), statistics()
    result = batch_norm2d(images(), GAMMA, BETA, *ours, training, momentum, eps)
    expected = F.batch_norm(images(), *theirs, GAMMA, BETA, training, momentum, eps)
    assert torch.allclose(result, expected)
    for own, torchs in zip(ours, theirs, strict=True):
        assert torch.allclose(own, torchs)


def test_evaluation_leaves_the_running_statistics_alone():
    mean, var = statistics()
    batch_norm2d(images(), GAMMA, BETA, mean, var, training=False)
    assert torch.equal(mean, statistics()[0])
    assert torch.equal(var, statistics()[1])


def test_batch_norm_agrees_in_its_gradients():
    gradients = []
    for function in (
        lambda x, g, b: batch_norm2d(x, g, b, *statistics(), training=True),
        lambda x, g, b: F.batch_norm(x, *statistics(), g, b, training=True),
    ):
        leaves = [value.clone().requires_grad_() for value in (images(), GAMMA, BETA)]
        (function(*leaves) * images(1)).sum().backward()
        gradients.append([leaf.grad for leaf in leaves])
    for own, torchs in zip(*gradients, strict=True):
        assert torch.allclose(own, torchs)


def test_the_running_statistics_keep_no_graph():
    mean, var = statistics()
    batch_norm2d(images().requires_grad_(), GAMMA, BETA, mean, var, training=True)
    assert not mean.requires_grad
    assert not var.requires_grad


def test_batch_norm_names_what_does_not_fit():
    ones, zeros = torch.ones(3), torch.zeros(3)
    with pytest.raises(ValueError, match=r"more than one value per channel in training, not shape \(1, 3, 1, 1\)"):
        batch_norm2d(torch.zeros(1, 3, 1, 1), ones, zeros, zeros, ones, training=True)
    with pytest.raises(ValueError, match=r"\(N, C, H, W\), not \(2, 3\)"):
        batch_norm2d(torch.zeros(2, 3), ones, zeros, zeros, ones, training=True)
