"""The detector, planted evidence, the sanity check, patches and receptive fields: tried where the answer is known."""

import importlib

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnncourse import models
from cnncourse.data import load_digits
from cnncourse.exercises import solved
from cnncourse.geometry import receptive_field
from cnncourse.interpretation import (
    counted_passes,
    grad_cam_map,
    localisation_score,
    make_planted,
    map_similarity,
    occlusion_map,
    receptive_field_map,
    saliency_map,
    shuffled_weights,
    spread_patches,
    strongest_patches,
    train_detector,
    weight_randomisation,
    window_of,
)
from cnncourse.studies import load_study
from cnncourse.training import evaluate, fit, ordered_batches


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


# The detector


@pytest.mark.parametrize("scale", [1, 16])
@pytest.mark.parametrize("digit", [3, 7])
def test_the_detector_agrees_with_the_exercise(digit, scale):
    images, labels = load_digits("train")
    ours = train_detector(images * scale, labels, digit, epochs=3, generator=generator())
    theirs = solved("train_detector")(images * scale, labels, digit, epochs=3, generator=generator())
    torch.testing.assert_close(ours[0], theirs[0])
    assert ours[1] == pytest.approx(theirs[1], rel=1e-5)


@pytest.mark.parametrize("digit", [0, 2, 4, 5, 6, 7])
def test_a_detector_is_right_on_new_images(digit):
    kernel, bias = train_detector(*load_digits("train"), digit, generator=generator())
    images, labels = load_digits("test")
    detected = (images * kernel).sum((1, 2)) + bias > 0
    assert (detected == (labels == digit)).double().mean() >= 0.97


def test_the_detector_refuses_what_it_cannot_learn_from():
    images, labels = torch.rand(4, 8, 8), torch.tensor([3, 3, 3, 3])
    with pytest.raises(ValueError, match="`labels` must hold the digit 3 and others"):
        train_detector(images, labels, 3)
    with pytest.raises(ValueError, match=r"\(N, 8, 8\) and \(N,\), not \(4, 8, 8\) and \(3,\)"):
        train_detector(images, labels[:3], 3)


# Planted evidence


@settings(deadline=None, derandomize=True, max_examples=30)
@given(seed=st.integers(0, 10**6), size=st.integers(20, 40))
def test_mark_and_distractor_are_whole_and_apart(seed, size):
    planted = make_planted(3, size, generator(seed))
    assert planted.marks.sum((1, 2)).tolist() == [25] * 3
    assert planted.distractors.sum((1, 2)).tolist() == [81] * 3
    grown = F.max_pool2d(planted.marks[:, None].float(), 3, 1, 1)[:, 0] > 0
    assert not (grown & planted.distractors).any()
    assert (planted.images[:, 0][planted.distractors] == 1).all()
    assert (planted.images[:, 0][planted.marks] == 1).sum() == 3 * 9  # both marks have nine bright pixels
    assert planted.images[:, 0][~planted.marks & ~planted.distractors].max() <= 0.2


def test_the_same_generator_draws_the_same_images():
    for one, other in zip(
        make_planted(5, generator=generator(3)), make_planted(5, generator=generator(3)), strict=True
    ):
        assert torch.equal(one, other)


@pytest.fixture(scope="module")
def planted():
    train, test = make_planted(1000, generator=generator(1)), make_planted(24, generator=generator(2))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = models.planted_net()
    fit(model, (train.images, train.labels), epochs=8, generator=generator(), device="cpu", progress=False)
    assert evaluate(model, ordered_batches(test.images, test.labels)) == 1
    return model, test


def occlusion_maps(model, test):
    drops = [
        spread_patches(occlusion_map(model, image, int(label), 4, 2), 28, 4, 2)
        for image, label in zip(test.images, test.labels, strict=True)
    ]
    return torch.stack(drops)


METHODS = {
    "occlusion": occlusion_maps,
    "saliency": lambda model, test: saliency_map(model, test.images, test.labels),
    "Grad-CAM": lambda model, test: grad_cam_map(model, test.images, test.labels, "relu2"),
}


@pytest.mark.parametrize("method", METHODS)
def test_a_method_points_at_the_mark_and_heeds_the_weights(method, planted):
    model, test = planted
    maps = METHODS[method](model, test)
    chance = 25 / 28**2
    assert localisation_score(maps, test.marks) > 4 * chance
    remains = weight_randomisation(lambda model: METHODS[method](model, test), model, draws=3, generator=generator())
    assert remains < 0.6


@pytest.mark.parametrize(
    ("method", "forward", "backward"), [("occlusion", 170, 0), ("saliency", 1, 1), ("Grad-CAM", 1, 1)]
)
def test_a_method_costs_what_its_table_says(method, forward, backward, planted):
    model, test = planted
    with counted_passes(model) as passes:
        METHODS[method](model, test)
    assert (passes.forward, passes.backward) == (forward * 24, backward * 24)
    assert not model._forward_hooks


def test_the_picture_itself_points_at_the_distractor_and_heeds_nothing(planted):
    model, test = planted
    pictures = test.images[:, 0]
    assert localisation_score(pictures, test.distractors) > localisation_score(pictures, test.marks)
    assert weight_randomisation(lambda model: pictures, model) == pytest.approx(1)


def test_a_map_without_evidence_scores_nothing():
    region = torch.ones(2, 2, 3, dtype=torch.bool)
    assert localisation_score(torch.stack([-torch.ones(2, 3), torch.ones(2, 3)]), region) == 0.5
    with pytest.raises(ValueError, match="`regions` boolean"):
        localisation_score(torch.ones(2, 2, 3), region.float())


# The sanity check


def test_shuffling_keeps_the_numbers_and_the_model():
    model = models.planted_net()
    before = [parameter.clone() for parameter in model.parameters()]
    other = shuffled_weights(model, generator())
    for old, new, now in zip(before, other.parameters(), model.parameters(), strict=True):
        assert torch.equal(old, now)
        assert torch.equal(old.flatten().sort().values, new.flatten().sort().values)
        assert not torch.equal(old, new)


def test_similarity_is_a_correlation_and_of_constant_maps_nothing():
    torch.manual_seed(0)
    one, other = torch.rand(2, 4, 5, 6)
    expected = [
        torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1].item() for a, b in zip(one, other, strict=True)
    ]
    assert map_similarity(one, other).tolist() == pytest.approx(expected, abs=1e-5)
    assert map_similarity(one, torch.full_like(one, 0.3)).tolist() == [0] * 4
    with pytest.raises(ValueError, match="the same shape"):
        map_similarity(one, other[:2])
    with pytest.raises(ValueError, match="`draws` must be at least 1"):
        weight_randomisation(lambda model: one, nn.Linear(1, 1), draws=0)


# What a unit sees


CHAIN = nn.Sequential(
    nn.Conv2d(1, 2, (3, 5), stride=(2, 1), padding=(1, 2)),
    nn.Tanh(),
    nn.AvgPool2d(2),
    nn.Conv2d(2, 3, 3, padding=(1, 2), dilation=(1, 2)),
)


def test_a_window_has_the_size_that_geometry_gives():
    height, width = [(3, 2), (2, 2), (3, 1)], [(5, 1), (2, 2), (3, 1, 2)]
    assert window_of(CHAIN, "3").size == (receptive_field(height), receptive_field(width))


def test_a_unit_has_no_gradient_outside_its_window_and_some_in_all_of_it():
    window = window_of(CHAIN, "3")
    (top, left), (height, width) = window.at(1, 3), window.size
    seen = receptive_field_map(CHAIN, torch.randn(4, 1, 24, 26, generator=generator()), "3", place=(1, 3)) > 0
    expected = torch.zeros(24, 26, dtype=torch.bool)
    expected[max(top, 0) : top + height, max(left, 0) : left + width] = True
    assert torch.equal(seen, expected)


@pytest.mark.parametrize("name", ["one_kernel", "shapes", "two_conv", "lenet5", "alexnet"])
def test_windows_of_the_courses_networks_end_inside_or_in_the_padding(name):
    model = models.build(name, device="meta")
    last = [key for key, layer in model.named_modules() if isinstance(layer, nn.Conv2d)][-1]
    window = window_of(model, last)
    assert window.size[0] == window.size[1] > 1
    assert window.start[0] <= 0 < window.step[0]


def test_the_strongest_patches_are_cut_where_the_channel_answered():
    images = torch.rand(6, 1, 8, 9, generator=generator()) * 0.1
    for index in range(6):
        images[index, 0, index, index] = 1 + index
    model = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1, bias=False))
    model[0].weight.data = torch.zeros(2, 1, 3, 3)
    model[0].weight.data[1, 0, 1, 1] = 1
    found = strongest_patches(model, images, "0", channel=1, count=3)
    assert found.images.tolist() == [5, 4, 3]
    assert found.responses.tolist() == found.patches[:, 0, 1, 1].tolist() == [6, 5, 4]
    first = strongest_patches(model, images[:1], "0", channel=1, count=1).patches[0, 0]
    assert first[0].tolist() == [0, 0, 0]  # the padding above the image
    assert torch.equal(first[1:, 1:], images[0, 0, :2, :2])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: window_of(models.lenet5(), "output"), r"slide a window, not after 'flatten' \(Flatten\)"),
        (lambda: window_of(CHAIN, "7"), "must be a layer of the model, not '7'"),
        (lambda: strongest_patches(CHAIN, torch.zeros(2, 1, 24, 26), "3", 3), "`channel` must be from 0 to 2, not 3"),
        (lambda: strongest_patches(CHAIN, torch.zeros(2, 1, 24, 26), "3", 0), "`count` must be at most 2"),
        (
            lambda: receptive_field_map(CHAIN, torch.zeros(2, 1, 24, 26), "3", (9, 0)),
            "`place` must lie in the map of 6 x",
        ),
        (
            lambda: receptive_field_map(models.lenet5(), torch.zeros(1, 1, 28, 28), "f6"),
            r"returns maps \(N, C, H, W\)",
        ),
        (lambda: make_planted(0), "`num_images` must be at least 1"),
        (lambda: make_planted(3, size=19), "`size` must be at least 20, not 19"),
    ],
)
def test_errors_say_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


class Unordered(nn.Module):
    """Layers that run in another order than they are named in, the first of them twice."""

    def __init__(self):
        super().__init__()
        self.last, self.first = nn.Conv2d(1, 1, 5), nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, input):
        return self.last(torch.relu(self.first(self.first(input))))


@pytest.mark.parametrize(
    ("model", "layer_name", "place"),
    [
        (models.batch_norm_net(), "block1", (6, 6)),
        (models.batch_norm_net(), "block2", (3, 3)),
        (models.resnet8(), "stage1", (14, 14)),
        (models.resnet8(), "stage2", (7, 7)),
        (models.resnet8(), "stem", (14, 14)),
        (Unordered(), "first", (14, 14)),
        (Unordered(), "last", (14, 14)),
    ],
)
def test_the_window_of_a_block_is_what_its_gradient_reaches(model, layer_name, place):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.uniform_(0.1, 1, generator=generator())
    seen = receptive_field_map(model, torch.rand(64, 1, 28, 28, generator=generator()), layer_name, place) > 0
    window = window_of(model, layer_name)
    assert (int(seen.any(1).sum()), int(seen.any(0).sum())) == window.size
    assert (int(seen.any(1).int().argmax()), int(seen.any(0).int().argmax())) == window.at(*place)


def test_what_cannot_be_followed_is_refused():
    class Flipped(nn.Sequential):
        def forward(self, input):
            return super().forward(input.flip(2))

    with pytest.raises(ValueError, match="`layer_name` must come after layers that slide a window, not after 'flip'"):
        window_of(Flipped(nn.Conv2d(1, 1, 3)), "0")
    with pytest.raises(ValueError, match=r"`model` must be a network whose layers torch\.fx can follow; Fashion"):
        window_of(models.FashionClassifier(), "network")


def test_a_patch_that_reaches_far_over_the_border_is_black_there():
    model = nn.Sequential(nn.Conv2d(1, 1, 2, padding=4, bias=True))
    with torch.no_grad():
        model[0].weight.fill_(-1)
        model[0].bias.fill_(1)
    found = strongest_patches(model, torch.ones(1, 1, 4, 4), "0", channel=0, count=1)
    assert found.responses.item() == 1
    assert found.patches.tolist() == [[[[0, 0], [0, 0]]]]


def test_models_of_another_type_or_with_nan_are_named():
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    with pytest.raises(TypeError, match=r"`image` must have the dtype of the model's parameters, torch.float32, not"):
        saliency_map(model, torch.rand(1, 4, 4).double(), 0)
    model[1].weight.data.fill_(float("nan"))
    with pytest.raises(ValueError, match="`model` must return finite logits, not nan"):
        saliency_map(model, torch.rand(1, 4, 4), 0)


# The studies


def test_the_patches_of_the_study_lie_where_the_channel_answered_most():
    study = importlib.import_module("studies.planted_evidence")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = models.planted_net()
    with torch.no_grad():
        model.conv2.weight[1:], model.conv2.bias[1:] = 0, 0  # one channel answers
        model.conv2.bias[0] = 1
    some = make_planted(6, generator=generator())
    whole = 0
    for found, image in zip(study.patches(model, some), some.images, strict=True):
        strongest = strongest_patches(model, image[None], "relu2", channel=0, count=1)
        assert found.unique().tolist() == pytest.approx([0, strongest.responses.item()])
        if (found > 0).sum() == strongest.patches[0].numel():  # else it hangs over the border
            whole += 1
            assert torch.equal(image[0][found > 0], strongest.patches.flatten())
    assert whole > 0


def test_the_border_of_a_drawn_edge_counts_and_that_of_a_filled_shape_does_not():
    first_layer = importlib.import_module("studies.red_borders").first_layer
    model = models.colour_net()
    with torch.no_grad():
        model.conv1.weight.zero_()
        model.conv1.bias.zero_()
        model.conv1.weight[0, 0, 1, 1] = 0.5  # red fills the shape
        model.conv1.weight[0, 1, 1, 1] = -0.5  # green takes it away: nothing of yellow remains
    shapes = torch.zeros(2, 12, 12)
    shapes[:, 3:8, 4:9] = 1
    assert first_layer(model, shapes, "red") == pytest.approx((0, 0.4621), abs=1e-4)
    assert first_layer(model, shapes, "yellow") == (0, 0)
    with torch.no_grad():
        model.conv1.weight[1, 1] = torch.tensor([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])  # green draws borders
    assert first_layer(model, shapes, "red")[0] < 1e-6
    assert first_layer(model, shapes, "yellow")[0] > 0.3


def test_the_study_recorded_twenty_networks_that_had_learned_the_task():
    results = load_study("red_borders")["results"]
    assert len(results) == 20
    assert min(row["accuracy"] for row in results) > 0.99
