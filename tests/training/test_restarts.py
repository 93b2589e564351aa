import pytest
import torch

from cnncourse import models
from cnncourse.data import hold_out, make_colour_shapes, make_shapes
from cnncourse.training import fit_with_restarts


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("name", "make"), [("one_kernel", make_shapes), ("colour", make_colour_shapes)])
def test_the_best_of_eight_restarts_separates_the_classes(name, make):
    generator = seeded(1)
    images, labels, *validation = hold_out(*make(1000, generator=generator), 200, generator)
    networks = [models.build(name, generator) for _ in range(8)]
    restarts = fit_with_restarts(networks, (images, labels), validation, epochs=12, generator=generator)
    test_images, test_labels = make(500, generator=generator)
    with torch.no_grad():
        accuracy = (restarts.model(test_images).argmax(dim=1) == test_labels).double().mean()
    assert accuracy > 0.97
    assert restarts.losses.min() == restarts.losses[networks.index(restarts.model)]
    assert restarts.history["validation_accuracy"][-1] == pytest.approx(restarts.accuracies.mean().item())
