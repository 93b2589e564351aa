import pytest
import torch
import torch.nn.functional as F

from cnncourse import models
from cnncourse.data import make_colour_shapes
from cnncourse.models import ParallelRestarts


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", ["one_kernel", "shapes", "colour"])
def test_parallel_networks_give_the_logits_that_each_gives_alone(name):
    networks = [models.build(name, seeded(seed)) for seed in range(3)]
    images = torch.rand(4, *models.MODELS[name].input_shape[1:], generator=seeded())
    together = ParallelRestarts(networks)(images)
    assert together.shape == (4, 2, 3)
    for index, network in enumerate(networks):
        assert torch.allclose(together[:, :, index], network(images), atol=1e-6)


def test_parallel_networks_get_the_gradients_that_each_gets_alone():
    networks = [models.build("colour", seeded(seed)) for seed in range(2)]
    images, labels = make_colour_shapes(10, generator=seeded())
    together = ParallelRestarts(networks)
    F.cross_entropy(together(images), labels[:, None].expand(-1, 2), reduction="sum").backward()
    for index, network in enumerate(networks):
        F.cross_entropy(network(images), labels, reduction="sum").backward()
        for name, parameter in network.named_parameters():
            gradient = together.parts[name.replace(".", "_")].grad.chunk(2)[index]
            assert torch.allclose(gradient, parameter.grad, atol=1e-4), name
