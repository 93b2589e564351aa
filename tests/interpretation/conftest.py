"""Small networks with everything that gets in an observer's way: in-place ReLUs, dropout, batch normalisation."""

import pytest
import torch
from torch import nn


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def model():
    """(N, 2, 12, 10) -> (N, 3), in float64, in train mode; its numbers do not come from the global generator."""
    model = nn.Sequential(
        nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True)),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 5, (3, 2)),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(5 * 4 * 4, 3),
    ).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator(7)) * 0.5)
        model[0][1].running_mean.copy_(torch.randn(4, generator=generator(8)))
        model[0][1].running_var.copy_(torch.rand(4, generator=generator(9)) + 0.5)
    return model.train()


@pytest.fixture
def images():
    return torch.randn(3, 2, 12, 10, dtype=torch.float64, generator=generator(1))


@pytest.fixture
def untouched(model):
    """Fails the test if anything on the model or in the global generator changed."""
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model[0][1].eval()  # one module in another mode than the rest
    modes = [module.training for module in model.modules()]
    state = torch.random.get_rng_state()
    yield
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert torch.equal(torch.random.get_rng_state(), state)
