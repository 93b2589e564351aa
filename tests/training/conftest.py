"""Small data that trains in a blink: three clouds of points in the plane, one a class."""

import pytest
import torch
from torch import nn


@pytest.fixture
def clouds():
    """`(inputs (60, 2), targets (60,))`."""
    generator = torch.Generator().manual_seed(7)
    targets = torch.arange(60) % 3
    centres = torch.tensor([[0.0, 2.0], [2.0, -1.0], [-2.0, -1.0]])
    return centres[targets] + torch.randn(60, 2, generator=generator) * 0.5, targets


@pytest.fixture
def build_net():
    """A function that builds the same small network at every call, with dropout if asked."""

    def build(p=0.0):
        model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Dropout(p), nn.Linear(8, 3))
        generator = torch.Generator().manual_seed(3)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.5)
        return model

    return build
