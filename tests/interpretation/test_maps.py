"""Activations, occlusion, saliency and Grad-CAM: by hand, robust, and the same as the exercises' solutions."""

import pytest
import torch
from torch import nn

from cnncourse.exercises import solved
from cnncourse.interpretation import (
    activation_maps,
    grad_cam,
    grad_cam_map,
    occlusion_map,
    saliency_map,
    spread_patches,
)

EXPLAIN = {
    "activation_maps": lambda model, image: activation_maps(model, image, "2"),
    "saliency_map": lambda model, image: saliency_map(model, image, 1),
    "grad_cam_map": lambda model, image: grad_cam_map(model, image, 1, "2"),
}


@pytest.mark.parametrize("name", EXPLAIN)
def test_a_single_image_gives_what_it_gives_in_a_batch(name, model, images, untouched):
    together = EXPLAIN[name](model, images)
    for index, image in enumerate(images):
        alone = EXPLAIN[name](model, image)
        torch.testing.assert_close(alone[0] if name == "activation_maps" else alone, together[index])
        assert not alone.requires_grad


@pytest.mark.parametrize("name", EXPLAIN)
def test_the_model_is_as_it_was_also_after_an_error(name, model, images, untouched):
    with pytest.raises(RuntimeError):
        EXPLAIN[name](model, images[:, :1])  # one channel where two are expected


def test_an_occlusion_map_leaves_model_and_image_as_they_were(model, images, untouched):
    before = images.clone()
    occlusion_map(model, images[0], 1, (3, 2), (2, 3))
    occlusion_map(model, images[0], 1, (12, 10), 1)  # one patch: the batch of copies is one image
    assert torch.equal(images, before)
    with pytest.raises(RuntimeError):
        occlusion_map(model, images[0, :1], 1, (3, 2), (2, 3))


@pytest.mark.parametrize("name", EXPLAIN)
def test_maps_can_be_had_where_gradients_are_off_and_weights_frozen(name, model, images):
    expected = EXPLAIN[name](model, images)
    model.requires_grad_(False)
    with torch.no_grad():
        torch.testing.assert_close(EXPLAIN[name](model, images), expected)
    assert not images.requires_grad


def test_activations_are_those_before_a_relu_that_works_in_place(model, images):
    assert activation_maps(model, images, "2").min() < 0
    assert activation_maps(model, images, "3").min() == 0


def test_a_gradient_map_sees_through_a_relu_that_works_in_place(images):
    torch.manual_seed(0)
    layers = nn.Conv2d(2, 4, 3), nn.Conv2d(4, 3, (10, 8))
    loud, quiet = (nn.Sequential(layers[0], nn.ReLU(inplace), layers[1], nn.Flatten()) for inplace in (True, False))
    torch.testing.assert_close(
        grad_cam_map(loud.double(), images, 0, "0"), grad_cam_map(quiet.double(), images, 0, "0")
    )


def test_of_a_layer_that_runs_twice_the_first_output_is_returned():
    relu = nn.ReLU()
    model = nn.Sequential(relu, nn.Conv2d(1, 1, 1), relu)
    image = torch.rand(1, 3, 3)
    torch.testing.assert_close(activation_maps(model, image, "0"), image[None])


def test_each_target_has_its_own_map(model, images):
    targets = torch.tensor([2, 0, 1])
    for explain in (saliency_map, lambda *args: grad_cam_map(*args, "2")):
        together = explain(model, images, targets)
        for index, target in enumerate(targets.tolist()):
            torch.testing.assert_close(together[index], explain(model, images[index], target))


def test_a_drop_is_the_logit_of_the_image_minus_that_of_the_covered_one():
    weight = torch.arange(12.0).reshape(3, 4)
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 1, bias=False))
    model[1].weight.data = weight.reshape(1, 12)
    drops = occlusion_map(model, torch.ones(1, 3, 4), 0, patch_size=(1, 2), stride=(1, 2), fill=3.0)
    expected = torch.stack([weight[:, :2].sum(1), weight[:, 2:].sum(1)], dim=1) * (1 - 3.0)
    torch.testing.assert_close(drops, expected)


def test_every_pixel_gets_the_mean_of_the_patches_that_covered_it():
    drops = torch.tensor([[1.0, 3.0], [5.0, 7.0]])
    spread = spread_patches(drops, (3, 4), (2, 2), (1, 2))
    assert spread.tolist() == [[1, 1, 3, 3], [3, 3, 5, 5], [5, 5, 7, 7]]
    assert spread_patches(drops, (3, 5), (2, 2), (1, 2))[:, 4].tolist() == [0, 0, 0]  # no patch came here


def test_a_map_of_zeros_stays_zero():
    activations = torch.rand(2, 3, 4, 5)
    gradients = torch.stack([-torch.ones(3, 4, 5), torch.ones(3, 4, 5)])
    maps = grad_cam(activations, gradients)
    assert maps[0].count_nonzero() == 0
    assert maps[1].max() == 1


# The package beside the exercises' own solutions


@pytest.mark.parametrize("layer_name", ["0.0", "0", "1", "2"])
def test_activation_maps_agree_with_the_exercise(model, images, layer_name):
    expected = solved("activation_maps")(model.eval(), images, layer_name)
    torch.testing.assert_close(activation_maps(model, images, layer_name), expected)


def test_occlusion_maps_agree_with_the_exercise(model, images):
    arguments = (model.eval(), images[0], 2, (3, 2), (2, 3))
    torch.testing.assert_close(occlusion_map(*arguments), solved("occlusion_map")(*arguments))
    torch.testing.assert_close(occlusion_map(*arguments, 0.7), solved("occlusion_map")(*arguments, 0.7))


def test_more_patches_than_fit_a_batch_are_put_in_order(model):
    image = torch.randn(2, 12, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    arguments = (model.eval(), image, 0, (1, 1), (1, 1))  # 120 patches
    wide = torch.cat([image, image.flip(2)], dim=2)
    crop = nn.Sequential(nn.Identity(), model)
    crop[0].forward = lambda batch: batch[..., :10]
    drops = occlusion_map(crop, wide, 0, (1, 1), (1, 1))  # 240 patches, two batches
    torch.testing.assert_close(drops[:, :10], occlusion_map(*arguments))
    assert drops[:, 10:].abs().max() < 1e-12


def test_grad_cam_agrees_with_the_exercise():
    torch.manual_seed(1)
    activations, gradients = torch.randn(2, 4, 3, 5, 6)
    torch.testing.assert_close(grad_cam(activations, gradients), solved("grad_cam")(activations, gradients))


# Errors


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model, images: activation_maps(model, images, "9"), r"`layer_name` must be one of 0, 0\.0.*not '9'"),
        (lambda model, images: activation_maps(model, images[0, 0], "2"), r"`image` must be \(C, H, W\).*\(12, 10\)"),
        (lambda model, images: saliency_map(model, images, 3), "`target` must be from 0 to 2, not 3"),
        (
            lambda model, images: saliency_map(model, images, torch.tensor([0, 1])),
            r"one per image in shape \(3,\), not \(2,\)",
        ),
        (lambda model, images: saliency_map(model[:4], images, 0), r"must return logits \(N, K\), not a tensor of"),
        (lambda model, images: grad_cam_map(model, images, 0, "6"), r"the same shape \(N, C, H, W\), not \(3, 3\)"),
        (lambda model, images: occlusion_map(model, images, 0, 2, 2), r"`image` must be \(C, H, W\), not of shape"),
        (lambda model, images: occlusion_map(model, images[0], 0, 11, 2), "at most the 10 pixels .*, not 11"),
        (lambda model, images: spread_patches(images[0, 0], (5, 5), 2, 2), r"shape \(2, 2\) .*, not \(12, 10\)"),
        (lambda model, images: grad_cam(images, images[:1]), "must have the same shape"),
    ],
)
def test_errors_name_the_argument_and_what_was_expected(call, message, model, images, untouched):
    with pytest.raises(ValueError, match=message):
        call(model, images)


def test_a_layer_that_did_not_run_or_gives_no_tensor_is_named():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.idle, self.lstm = nn.Linear(2, 2), nn.LSTM(2, 2)

        def forward(self, input):
            return self.lstm(input[0])[0]

    with pytest.raises(ValueError, match="`layer_name` must name a layer that runs in the forward pass, not 'idle'"):
        activation_maps(Odd(), torch.zeros(1, 3, 2), "idle")
    with pytest.raises(TypeError, match="layer 'lstm' must return a tensor, not tuple"):
        activation_maps(Odd(), torch.zeros(1, 3, 2), "lstm")
