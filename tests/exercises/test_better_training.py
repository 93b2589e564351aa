"""The exercises of the chapter *Better training*: the solutions against the package, torch and counting by hand."""

import pytest
import torch
from torch import nn

from cnncourse import training
from cnncourse.checking.compare import Observation
from cnncourse.exercises import solved
from cnncourse.exercises.registry import bank, checker_for


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("num_bins", [1, 4, 15])
def test_expected_calibration_error_equals_the_package(seed, num_bins):
    probabilities = torch.softmax(3 * torch.randn(200, 4, generator=seeded(seed), dtype=torch.float64), dim=1)
    targets = torch.randint(4, (200,), generator=seeded(seed + 1))
    expected = training.expected_calibration_error(probabilities, targets, num_bins)
    assert solved("expected_calibration_error")(probabilities, targets, num_bins) == pytest.approx(expected)


def test_ema_update_equals_the_package():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    before = solved("ema_update")(model.state_dict(), model.state_dict(), 0.0)
    model(torch.rand(4, 1, 5, 5, generator=seeded()))
    mine, theirs = (update(before, model.state_dict(), 0.9) for update in (solved("ema_update"), training.ema_update))
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_random_shift_moves_as_the_package_does():
    images = torch.rand(50, 2, 5, 6, generator=seeded())
    mine, theirs = (shift(images, 2, seeded(1)) for shift in (solved("random_shift"), training.random_shift))
    assert torch.equal(mine, theirs)


def test_the_prompt_of_random_shift_leaves_the_use_of_the_generator_free():
    def columns_first(images, max_shift, generator):
        moved = list(images.clone())
        for index, image in enumerate(images):
            right, down = torch.randint(-max_shift, max_shift + 1, (2,), generator=generator).tolist()
            padded = nn.functional.pad(image, [max_shift] * 4)
            height, width = image.shape[1:]
            top, left = max_shift - down, max_shift - right
            moved[index] = padded[:, top : top + height, left : left + width]
        return torch.stack(moved)

    checker = checker_for("random_shift")
    assert checker.report(checker.observe(columns_first)).passed


@pytest.mark.parametrize("seed", range(10))
def test_right_shifts_are_never_refused_by_chance(seed):
    exercise = bank()["random_shift"]
    for case in exercise.cases(seed):
        seen = Observation.read(exercise.observe(exercise.solved, case))
        assert exercise.sentences(case, seen.value) == []
