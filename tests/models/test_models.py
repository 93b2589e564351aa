import pytest
import torch
import torch.nn.functional as F

from cnncourse import models
from cnncourse.models import MODELS, build, shape_trace
from cnncourse.pooling import blur_pool2d, max_pool2d, subsample2d


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def parameters(name):
    return sum(parameter.numel() for parameter in build(name, device="meta").parameters())


def shapes(name):
    trace = shape_trace(build(name, device="meta"), MODELS[name].input_shape)
    return {row.name: row.output_shape[1:] for row in trace}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dense_shapes", 784 * 20 + 20 + 20 * 2 + 2),
        ("one_kernel", (9 + 1) + (9 + 1) + (9 * 2 + 2)),
        ("shapes", (9 * 8 + 8) + (9 * 8 * 16 + 16) + (144 * 2 + 2)),
        ("colour", (9 * 3 * 2 + 2) + (9 * 2 * 2 + 2) + (18 * 2 + 2)),
        ("two_conv", (9 * 16 + 16) + (9 * 16 * 32 + 32) + (1568 * 10 + 10)),
        ("pocket", (9 * 8 + 8) + (9 * 8 * 16 + 16) + (784 * 10 + 10)),
        ("fashion", (25 * 16 + 16) + (25 * 16 * 64 + 64) + (64 * 10 + 10)),
        ("stride_halving", 23_834),
        ("max_halving", 23_834),
        ("blur_halving", 23_834),
        ("lenet5", 61_706),
        ("alexnet", 60_965_224),
        ("vgg16", 138_357_544),
        ("resnet8", 77_754),
        ("mobilenet", 4_231_976),
    ],
)
def test_parameters_are_those_of_the_text(name, expected):
    assert parameters(name) == expected


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ("alexnet", "vgg16", "mobilenet")])
def test_every_network_gives_logits_for_two_images_and_for_one(name):
    model = build(name, seeded()).eval()
    images = torch.rand(2, *MODELS[name].input_shape[1:], generator=seeded())
    logits = model(images)
    assert logits.shape in ((2, 2), (2, 10))
    assert not torch.allclose(logits.sum(dim=1), torch.ones(2))
    assert torch.allclose(model(images[:1]), logits[:1], atol=1e-5)


def test_the_batch_norm_net_has_the_shapes_of_the_seed_and_no_bias_before_a_norm():
    sizes = [shape[-1] for shape in shapes("batch_norm").values() if len(shape) == 3]
    assert sizes == [14, 7, 5, 5, 5, 1]
    names = [name for name, _ in build("batch_norm", device="meta").named_parameters()]
    assert not [name for name in names if name.endswith("conv.bias")]


def test_shape_traces_of_the_classics():
    assert [shapes("lenet5")[name] for name in ("c1", "s2", "c3", "s4", "c5")] == [
        (6, 28, 28),
        (6, 14, 14),
        (16, 10, 10),
        (16, 5, 5),
        (120, 1, 1),
    ]
    assert [shapes("alexnet")[name] for name in ("conv1", "pool1", "conv2", "pool2", "pool5", "fc8")] == [
        (96, 55, 55),
        (96, 27, 27),
        (256, 27, 27),
        (256, 13, 13),
        (256, 6, 6),
        (1000,),
    ]
    assert [shapes("vgg16")[f"pool{block}"] for block in range(1, 6)] == [
        (64, 112, 112),
        (128, 56, 56),
        (256, 28, 28),
        (512, 14, 14),
        (512, 7, 7),
    ]
    assert [shapes("resnet8")[f"stage{stage}"] for stage in (1, 2, 3)] == [(16, 28, 28), (32, 14, 14), (64, 7, 7)]


def test_vgg16_counts_as_torchvision_does():
    from torchvision.models import vgg16

    with torch.device("meta"):
        assert parameters("vgg16") == sum(parameter.numel() for parameter in vgg16().parameters())


@pytest.mark.parametrize("halving", models.HALVINGS)
def test_black_stays_black_and_a_shift_by_four_pixels_changes_no_score(halving):
    model = build(f"{halving}_halving", seeded())
    assert model[:4](torch.zeros(1, 1, 29, 30)).abs().max() == 0
    images = torch.zeros(4, 1, 40, 44)
    images[:, :, 14:26, 14:26] = torch.rand(4, 1, 12, 12, generator=seeded(1))
    torch.testing.assert_close(model(images.roll((4, 8), (2, 3))), model(images))
    assert not torch.allclose(model(images.roll(1, 3)), model(images), atol=1e-6)


def test_the_three_halvings_differ_in_the_halving_only():
    stride, largest, blurred = (models.halving_net(halving) for halving in models.HALVINGS)
    for other in (largest, blurred):
        other.load_state_dict(stride.state_dict())
    images = torch.rand(2, 1, 28, 28, generator=seeded())
    assert {model[:2](images).shape for model in (stride, largest, blurred)} == {(2, 32, 7, 7)}
    maps = stride.block1.relu(F.conv2d(images, stride.block1.conv.weight, padding=1))
    torch.testing.assert_close(stride.block1(images), subsample2d(maps, 2))
    torch.testing.assert_close(largest.block1(images), max_pool2d(maps, 2))
    torch.testing.assert_close(blurred.block1(images), blur_pool2d(max_pool2d(maps, 2, 1)))


def test_an_unknown_halving_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="`halving` must be one of stride, max, blur, not 'mean'"):
        models.halving_net("mean")


def test_the_feature_stack_ends_in_64_single_values():
    assert models.build_feature_stack()(torch.rand(3, 1, 28, 28)).shape == (3, 64, 1, 1)


def test_a_residual_block_adds_its_input():
    block = models.ResidualBlock(2, 2).eval()
    with torch.no_grad():
        block.second.norm.weight.zero_()
        block.second.norm.bias.zero_()
        images = torch.rand(1, 2, 5, 5, generator=seeded())
        assert torch.equal(block(images), images)


def test_the_generator_decides_the_weights_and_the_global_one_is_left_alone():
    before = torch.get_rng_state()
    first, second, third = build("colour", seeded(1)), build("colour", seeded(1)), build("colour", seeded(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.conv1.weight, second.conv1.weight)
    assert not torch.equal(first.conv1.weight, third.conv1.weight)


def test_successive_networks_from_one_generator_differ():
    generator = seeded()
    assert not torch.equal(build("colour", generator).conv1.weight, build("colour", generator).conv1.weight)


def test_a_shape_trace_leaves_no_hook_and_no_other_mode():
    model = build("one_kernel").train()
    model.conv1.eval()
    shape_trace(model, (1, 1, 28, 28))
    assert not any(module._forward_hooks for module in model.modules())
    assert model.training
    assert not model.conv1.training


def test_an_unknown_network_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"`name` must be one of dense_shapes, one_kernel, .*, not 'lenet'"):
        build("lenet")
