"""One network, one start, trained by this course's code and by torch.nn: equal step by step, to rounding."""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse import layers, models
from cnncourse.training import SGD, cross_entropy, minibatches, relu


class OurReLU(nn.Module):
    def forward(self, input):
        return relu(input)


def both_networks():
    """`two_conv_net` of our layers and of torch's, in float64, with equal weights."""
    theirs = models.build("two_conv", torch.Generator().manual_seed(0)).double()
    ours = models.two_conv_net(layers).double()
    ours.load_state_dict(copy.deepcopy(theirs.state_dict()))
    ours.relu1, ours.relu2 = OurReLU(), OurReLU()
    return ours, theirs


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_both_networks_agree_after_every_step(momentum):
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(24, 1, 28, 28, generator=generator, dtype=torch.float64)
    labels = torch.randint(10, (24,), generator=generator)
    ours, theirs = both_networks()
    our_optimizer = SGD(ours.parameters(), learning_rate=0.1, momentum=momentum)
    their_optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1, momentum=momentum)
    for inputs, targets in minibatches(images, labels, batch_size=8, generator=generator):
        our_optimizer.zero_grad()
        our_loss = cross_entropy(ours(inputs), targets)
        our_loss.backward()
        our_optimizer.step()
        their_optimizer.zero_grad()
        their_loss = F.cross_entropy(theirs(inputs), targets)
        their_loss.backward()
        their_optimizer.step()
        assert our_loss.item() == pytest.approx(their_loss.item(), rel=1e-10)
        for own, torchs in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.allclose(own, torchs, rtol=0, atol=1e-10)
