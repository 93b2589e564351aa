from types import SimpleNamespace

import torch

from cnncourse.models import RandomShiftAndMirror
from cnncourse.training import fit_fashion
from cnncourse.training.fashion import StopShifting


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_shifting_stops_after_its_share_of_the_training_and_the_checkpoint_keeps_that():
    layer = RandomShiftAndMirror()
    stop = StopShifting(layer, share=0.5)
    stop.batch_end(SimpleNamespace(progress=0.49))
    assert layer.state_dict()["pixels"] == 1
    stop.batch_end(SimpleNamespace(progress=0.5))
    assert layer.state_dict()["pixels"] == 0
    images = torch.eye(5)[None, None].expand(40, 1, 5, 5)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        assert {tuple(image.flatten().tolist()) for image in layer.train()(images)} == {
            tuple(image.flatten().tolist()) for image in (torch.eye(5), torch.eye(5).flip(1))
        }


def test_fit_fashion_learns():
    generator = seeded()
    labels = torch.arange(60) % 3
    images = torch.rand(60, 1, 28, 28, generator=generator) * 0.2
    for label in range(3):
        images[labels == label, :, 8 * label : 8 * label + 8] += 0.8
    model, history = fit_fashion((images, labels), epochs=4, batch_size=10, generator=generator)
    assert history["train_loss"][-1] < history["train_loss"][0] / 2
    assert model.augment.pixels == 0  # the last images were not shifted
    assert not model.training
