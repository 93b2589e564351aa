import pytest
import torch

from cnncourse.training import dropout


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_dropout_scales_what_it_keeps():
    result = dropout(torch.full((1000,), 3.0), p=0.25, training=True, generator=seeded())
    assert set(result.tolist()) == {0.0, 4.0}
    assert 200 < int((result == 0).sum()) < 300


def test_dropout_does_nothing_when_not_training():
    values = torch.randn(5, generator=seeded())
    assert torch.equal(dropout(values, p=0.9, training=False), values)


@pytest.mark.parametrize(("p", "expected"), [(0.0, 2.0), (1.0, 0.0)])
def test_dropout_at_the_ends_of_its_range(p, expected):
    values = torch.tensor([2.0, 2.0])
    assert dropout(values, p, training=True).tolist() == [expected, expected]
    assert values.tolist() == [2.0, 2.0]


def test_dropout_draws_anew_at_each_call_and_from_its_generator_only():
    values, generator = torch.ones(100), seeded()
    before = torch.get_rng_state()
    first, second = dropout(values, 0.5, True, generator), dropout(values, 0.5, True, generator)
    assert not torch.equal(first, second)
    assert torch.equal(first, dropout(values, 0.5, True, seeded()))
    assert torch.equal(torch.get_rng_state(), before)


def test_gradient_flows_through_the_kept_values_only():
    values = torch.ones(50, requires_grad=True)
    result = dropout(values, 0.5, True, seeded())
    result.sum().backward()
    assert torch.equal(values.grad, result.detach())


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_dropout_refuses_what_is_no_probability(p):
    with pytest.raises(ValueError, match=rf"`p` must be (in \[0, 1\]|finite), not {p}"):
        dropout(torch.ones(1), p, training=True)
