import pytest
import torch
import torch.nn.functional as F

from cnncourse import models
from cnncourse.data import hold_out, make_colour_shapes, make_shapes
from cnncourse.training.starts import SideBySide, fit_starts


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", ["one_kernel", "shapes", "colour"])
def test_networks_side_by_side_answer_as_each_does_alone(name):
    networks = [models.build(name, seeded(seed)) for seed in range(3)]
    images = torch.rand(4, *models.MODELS[name].input_shape[1:], generator=seeded())
    together = SideBySide(networks)(images)
    assert together.shape == (4, 2, 3)
    for index, network in enumerate(networks):
        assert torch.allclose(together[:, :, index], network(images), atol=1e-6)


def test_networks_side_by_side_get_the_gradients_that_each_gets_alone():
    networks = [models.build("colour", seeded(seed)) for seed in range(2)]
    images, labels = make_colour_shapes(10, generator=seeded())
    together = SideBySide(networks)
    F.cross_entropy(together(images), labels[:, None].expand(-1, 2), reduction="sum").backward()
    for index, network in enumerate(networks):
        F.cross_entropy(network(images), labels, reduction="sum").backward()
        for name, parameter in network.named_parameters():
            gradient = together.parts[name.replace(".", "_")].grad.chunk(2)[index]
            assert torch.allclose(gradient, parameter.grad, atol=1e-4), name


@pytest.mark.parametrize(("name", "make"), [("one_kernel", make_shapes), ("colour", make_colour_shapes)])
def test_the_best_of_eight_starts_tells_the_shapes_apart(name, make):
    generator = seeded(1)
    images, labels, *validation = hold_out(*make(1000, generator=generator), 200, generator)
    networks = [models.build(name, generator) for _ in range(8)]
    starts = fit_starts(networks, (images, labels), validation, epochs=12, generator=generator)
    test_images, test_labels = make(500, generator=generator)
    with torch.no_grad():
        accuracy = (starts.model(test_images).argmax(dim=1) == test_labels).double().mean()
    assert accuracy > 0.97
    assert starts.losses.min() == starts.losses[networks.index(starts.model)]
    assert starts.history["validation_accuracy"][-1] == pytest.approx(starts.accuracies.mean().item())
