import pytest
import torch
import torch.nn.functional as F

from cnncourse.training import expected_calibration_error, reliability, temperature_scale


def two_classes(*confidences):
    first = torch.tensor(confidences, dtype=torch.float64)
    return torch.stack([first, 1 - first], dim=1)


def test_the_error_weighs_each_gap_by_the_share_of_its_bin():
    probabilities = two_classes(0.75, 0.75, 0.75, 1.0)
    targets = torch.tensor([0, 1, 1, 0])  # one of three is right, then one of one
    assert expected_calibration_error(probabilities, targets, 4) == pytest.approx(3 / 4 * (0.75 - 1 / 3))


def test_gaps_of_different_sign_do_not_cancel():
    probabilities = two_classes(0.75, 0.9)
    assert expected_calibration_error(probabilities, torch.tensor([0, 1]), 4) == pytest.approx((0.25 + 0.9) / 2)


def test_a_confidence_on_an_edge_belongs_to_the_bin_below():
    bins = reliability(two_classes(0.5, 0.75, 1.0), torch.tensor([0, 0, 0]), 4)
    assert bins.counts.tolist() == [0, 1, 1, 1]
    assert bins.confidence.tolist()[1:] == [0.5, 0.75, 1.0]
    assert bins.accuracy.isnan().tolist() == [True, False, False, False]


def test_answers_that_are_right_as_often_as_they_say_have_no_error():
    generator = torch.Generator().manual_seed(0)
    probabilities = torch.softmax(torch.randn(100_000, 5, generator=generator, dtype=torch.float64), dim=1)
    targets = torch.multinomial(probabilities, 1, generator=generator)[:, 0]
    assert expected_calibration_error(probabilities, targets) < 0.01
    assert expected_calibration_error(probabilities, (targets + 1) % 5) > 0.1


def test_temperature_scaling_finds_the_temperature_that_was_planted():
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(50_000, 4, generator=generator)
    targets = torch.multinomial(torch.softmax(logits, dim=1), 1, generator=generator)[:, 0]
    for planted in (0.2, 1.0, 7.0):
        assert temperature_scale(logits * planted, targets) == pytest.approx(planted, rel=0.03)


def test_no_other_temperature_has_a_lower_loss():
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(30, 3, generator=generator, dtype=torch.float64)
    targets = torch.where(torch.arange(30) < 15, logits.argmax(dim=1), torch.arange(30) % 3)
    best = temperature_scale(logits, targets)
    losses = [F.cross_entropy(logits / (best * factor), targets) for factor in (1, 0.99, 1.01)]
    assert losses[0] == min(losses)


def test_without_a_best_temperature_it_says_why():
    logits = torch.tensor([[3.0, 0.0], [0.0, 1.0]])
    with pytest.raises(ValueError, match="at least one wrong answer, not 0"):
        temperature_scale(logits, torch.tensor([0, 1]))
    with pytest.raises(ValueError, match="would be infinite"):
        temperature_scale(logits, torch.tensor([1, 1]))


def test_logits_are_no_probabilities():
    with pytest.raises(ValueError, match="take the softmax first"):
        expected_calibration_error(torch.tensor([[2.0, 1.0]]), torch.tensor([0]))
