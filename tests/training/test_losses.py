import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.training import cross_entropy, label_smoothing_loss, relu, softmax


def rows(seed, samples=5, classes=4, scale=1.0):
    return torch.randn(samples, classes, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * scale


def test_softmax_of_equal_scores_is_uniform():
    assert torch.equal(softmax(torch.zeros(1, 4)), torch.full((1, 4), 0.25))


def test_softmax_weighs_by_the_exponential():
    scores = torch.tensor([[0.0, 3.0]], dtype=torch.float64).log1p()  # exponentials 1 and 4
    assert torch.allclose(softmax(scores), torch.tensor([[0.2, 0.8]], dtype=torch.float64))


def test_softmax_is_finite_for_scores_of_a_thousand():
    result = softmax(torch.tensor([[1000.0, -1000.0, 0.0]]))
    assert torch.equal(result, torch.tensor([[1.0, 0.0, 0.0]]))


@given(seed=st.integers(0, 999), scale=st.floats(0, 100))
@settings(deadline=None, max_examples=30, derandomize=True)
def test_softmax_and_cross_entropy_agree_with_torch(seed, scale):
    logits = rows(seed, scale=scale)
    targets = torch.randint(4, (5,), generator=torch.Generator().manual_seed(seed))
    assert torch.allclose(softmax(logits), F.softmax(logits, dim=1))
    assert torch.allclose(cross_entropy(logits, targets), F.cross_entropy(logits, targets))


def test_softmax_does_not_change_when_all_scores_of_a_row_rise_together():
    assert torch.allclose(softmax(rows(1)), softmax(rows(1) + torch.arange(5.0)[:, None]))


def test_cross_entropy_averages_minus_log_of_the_true_class():
    probabilities = torch.tensor([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]], dtype=torch.float64)
    expected = -(torch.tensor(0.25, dtype=torch.float64).log() + torch.tensor(0.8, dtype=torch.float64).log()) / 2
    assert torch.isclose(cross_entropy(probabilities.log(), torch.tensor([1, 2])), expected)


def test_cross_entropy_is_finite_for_scores_of_a_thousand():
    logits = torch.tensor([[1000.0, -1000.0]])
    assert cross_entropy(logits, torch.tensor([1])).item() == 2000
    assert cross_entropy(logits, torch.tensor([0])).item() == 0


def test_gradient_of_cross_entropy_is_softmax_minus_one_hot_over_n():
    logits = rows(2).requires_grad_()
    targets = torch.tensor([0, 1, 2, 3, 0])
    cross_entropy(logits, targets).backward()
    assert torch.allclose(logits.grad, (softmax(logits) - F.one_hot(targets, 4)).detach() / 5)
    assert torch.autograd.gradcheck(lambda scores: cross_entropy(scores, targets), logits)


def test_softmax_before_cross_entropy_cannot_reach_a_small_loss():
    certain = torch.tensor([[1000.0, -1000.0]])
    assert cross_entropy(softmax(certain), torch.tensor([0])).item() == pytest.approx(0.3133, abs=1e-4)


def test_relu_agrees_with_torch_and_keeps_the_argument():
    values = torch.tensor([[-2.0, 0.0, 3.0]])
    assert torch.equal(relu(values), F.relu(values))
    assert values[0, 0] == -2


def test_cross_entropy_wants_integer_targets():
    with pytest.raises(TypeError, match=r"`targets` must be integer class numbers, not torch\.float32"):
        cross_entropy(torch.zeros(2, 3), torch.zeros(2))


@pytest.mark.parametrize(
    ("logits", "targets", "message"),
    [
        (torch.zeros(3), torch.zeros(3, dtype=torch.int64), r"\(samples, classes\), not \(3,\)"),
        (torch.zeros(2, 3), torch.zeros(3, dtype=torch.int64), r"`targets` must have shape \(2,\)"),
        (torch.zeros(2, 3), torch.tensor([0, 3]), r"`targets` must be in 0..2 .* not from 0 to 3"),
        (torch.zeros(2, 3), torch.tensor([-1, 0]), r"from -1 to 0"),
        (torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64), "must hold at least one sample"),
    ],
)
def test_cross_entropy_names_what_does_not_fit(logits, targets, message):
    with pytest.raises(ValueError, match=message):
        cross_entropy(logits, targets)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_label_smoothing_agrees_with_torch(smoothing):
    logits, targets = rows(3, scale=50.0), torch.tensor([0, 1, 2, 3, 0])
    expected = F.cross_entropy(logits, targets, label_smoothing=smoothing)
    assert torch.allclose(label_smoothing_loss(logits, targets, smoothing), expected)


def test_the_smoothed_loss_is_lowest_at_the_wanted_probabilities():
    wanted = torch.tensor([[0.05, 0.85, 0.05, 0.05]], dtype=torch.float64)
    logits = wanted.log().requires_grad_()
    label_smoothing_loss(logits, torch.tensor([1]), 0.2).backward()
    assert logits.grad.abs().max() < 1e-12


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_a_smoothing_outside_its_range_is_refused(smoothing):
    with pytest.raises(ValueError, match="`smoothing` must be a number, at least 0 and less than 1, not"):
        label_smoothing_loss(rows(0), torch.tensor([0, 1, 2, 3, 0]), smoothing)
