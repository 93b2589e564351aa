import torch

from cnncourse.models import Augmented, FashionClassifier, RandomShiftAndMirror, TestTimeAugmentation


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_shift_and_mirror_act_in_training_only_and_move_whole_images():
    layer = RandomShiftAndMirror(pixels=1)
    images = torch.zeros(64, 1, 5, 7)
    images[:, :, 2, 3] = 1
    assert torch.equal(layer.eval()(images), images)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        moved = layer.train()(images)
    assert moved.shape == images.shape
    assert torch.equal(moved.sum(dim=(1, 2, 3)), torch.ones(64))
    assert torch.equal(moved[:, :, 1:4, 2:5].sum(dim=(1, 2, 3)), torch.ones(64))
    assert len({tuple(position.tolist()) for position in moved.nonzero()[:, 2:]}) == 9


def test_mirroring_happens_to_about_half_of_the_images():
    layer = RandomShiftAndMirror(pixels=0).train()
    images = torch.arange(3.0).expand(200, 1, 1, 3)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        mirrored = (layer(images)[:, 0, 0, 0] == 2).sum()
    assert 70 < mirrored < 130


def test_an_augmented_network_changes_images_in_training_only():
    network = torch.nn.Flatten()
    images = torch.rand(3, 1, 2, 2, generator=seeded())
    model = Augmented(network, lambda batch: batch.flip(3))
    assert torch.equal(model(images), network(images.flip(3)))
    assert torch.equal(model.eval()(images), network(images))


def test_the_fashion_classifier_averages_an_image_and_its_mirror_image():
    model = FashionClassifier(seeded()).eval()
    images = torch.rand(3, 1, 28, 28, generator=seeded())
    logits = model(images)
    assert logits.shape == (3, 10)
    assert logits.dtype == torch.float32
    assert torch.allclose(logits, model(images.flip(3)), atol=1e-4)


def test_test_time_augmentation_averages_the_image_and_its_four_neighbours():
    images = torch.rand(2, 1, 4, 5, generator=seeded())
    averages = TestTimeAugmentation(torch.nn.Flatten())(images).view(2, 1, 4, 5)
    padded = torch.nn.functional.pad(images, (1, 1, 1, 1))
    middle, up, down = padded[:, :, 1:5, 1:6], padded[:, :, 0:4, 1:6], padded[:, :, 2:6, 1:6]
    left, right = padded[:, :, 1:5, 0:5], padded[:, :, 1:5, 2:7]
    torch.testing.assert_close(averages, (middle + up + down + left + right) / 5)
