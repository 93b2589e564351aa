import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse.training import SGD, sgd_step


def test_sgd_step_moves_against_the_gradient_and_clears_it():
    weight = torch.tensor([1.0, -2.0], requires_grad=True)
    weight.grad = torch.tensor([10.0, -10.0])
    sgd_step([weight], learning_rate=0.1)
    assert torch.equal(weight.detach(), torch.tensor([0.0, -1.0]))
    assert weight.grad is None
    assert weight.requires_grad
    assert weight.is_leaf


def test_sgd_step_takes_a_generator_and_leaves_parameters_without_gradient_alone():
    first, second = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    first.grad = torch.ones(2)
    sgd_step((parameter for parameter in (first, second)), learning_rate=1.0)
    assert first.tolist() == [0, 0]
    assert second.tolist() == [1, 1]


def test_sgd_step_updates_in_place():
    weight = torch.ones(2, requires_grad=True)
    alias = weight.detach()
    weight.grad = torch.ones(2)
    sgd_step([weight], learning_rate=0.5)
    assert alias.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_agrees_with_torch_step_by_step(momentum):
    generator = torch.Generator().manual_seed(0)
    inputs, targets = torch.randn(8, 3, generator=generator), torch.randint(2, (8,), generator=generator)
    start = torch.randn(2, 3, generator=generator)
    ours, theirs = nn.Linear(3, 2), nn.Linear(3, 2)
    for model in (ours, theirs):
        model.load_state_dict({"weight": start, "bias": torch.zeros(2)})
    own = SGD(ours.parameters(), learning_rate=0.1, momentum=momentum)
    torchs = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=momentum)
    for _ in range(5):
        for model, optimizer in ((ours, own), (theirs, torchs)):
            optimizer.zero_grad()
            F.cross_entropy(model(inputs), targets).backward()
            optimizer.step()
        assert torch.allclose(ours.weight, theirs.weight, atol=1e-6)


def test_sgd_skips_parameters_without_gradient():
    weight = nn.Parameter(torch.ones(1))
    SGD([weight], learning_rate=1.0, momentum=0.5).step()
    assert weight.item() == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": -0.1}, "`learning_rate` must be at least 0, not -0.1"),
        ({"learning_rate": float("nan")}, "`learning_rate` must be finite, not nan"),
        ({"learning_rate": 0.1, "momentum": 1.0}, r"`momentum` must be in \[0, 1\), not 1.0"),
    ],
)
def test_sgd_names_the_number_that_is_out_of_range(arguments, message):
    with pytest.raises(ValueError, match=message):
        SGD([nn.Parameter(torch.ones(1))], **arguments)


def test_sgd_step_refuses_a_negative_rate():
    with pytest.raises(ValueError, match="`learning_rate` must be at least 0, not -1"):
        sgd_step([], -1)
