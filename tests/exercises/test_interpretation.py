"""The exercises of the chapter *Interpretation*: solutions against the package."""

import pytest
import torch
from torch import nn

from cnncourse import interpretation
from cnncourse.data import load_digits
from cnncourse.exercises import solved


@pytest.fixture
def model():
    torch_model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.LazyLinear(4))
    generator = torch.Generator().manual_seed(0)
    torch_model(torch.zeros(1, 2, 6, 7))
    with torch.no_grad():
        for parameter in torch_model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return torch_model


@pytest.fixture
def image():
    return torch.randn(2, 6, 7, generator=torch.Generator().manual_seed(1))


def test_activation_maps_gives_what_the_layer_gives(model, image):
    maps = solved("activation_maps")(model, image, "0")
    torch.testing.assert_close(maps, model[0](image[None]).detach())


def test_activation_maps_takes_its_hook_away_even_after_an_error(model, image):
    with pytest.raises(RuntimeError):
        solved("activation_maps")(model, image[:, :5], "0")
    assert not model[0]._forward_hooks


def test_occlusion_map_is_the_drop_patch_by_patch(model, image):
    drops = solved("occlusion_map")(model, image, 2, (2, 3), (3, 2), fill=0.5)
    assert drops.shape == (2, 3)
    covered = image.clone()
    covered[:, 3:5, 2:5] = 0.5
    with torch.no_grad():
        expected = (model(image[None]) - model(covered[None]))[0, 2]
    torch.testing.assert_close(drops[1, 1], expected)


def test_grad_cam_by_hand():
    activations = torch.tensor([[[[1.0, 2.0]], [[4.0, 0.0]]]])
    gradients = torch.tensor([[[[1.0, 3.0]], [[0.0, -2.0]]]])
    # weights 2 and -1: [2 - 4, 4 - 0] -> ReLU [0, 4] -> [0, 1]
    assert solved("grad_cam")(activations, gradients).tolist() == [[[0.0, 1.0]]]


def test_the_interpretation_exercises_equal_the_package(model, image):
    torch.testing.assert_close(
        solved("activation_maps")(model, image, "0"), interpretation.activation_maps(model, image, "0")
    )
    torch.testing.assert_close(
        solved("occlusion_map")(model, image, 1, (2, 3), (2, 2)),
        interpretation.occlusion_map(model, image, 1, (2, 3), (2, 2)),
    )


@pytest.mark.parametrize("largest", [1, 16])
@pytest.mark.parametrize("digit", [0, 2, 3, 4, 5, 6, 7])
def test_train_detector_keeps_its_promise_on_held_out_images(digit, largest):
    images, labels = load_digits("train")
    held_images, held_labels = load_digits("test")
    generator = torch.Generator().manual_seed(digit)
    kernel, bias = solved("train_detector")(images * largest, labels, digit, generator=generator)
    detected = (held_images * largest * kernel).sum((1, 2)) + bias > 0
    assert (detected == (held_labels == digit)).float().mean() >= (0.95 if digit == 3 else 0.97)
