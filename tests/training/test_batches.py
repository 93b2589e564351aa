import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.training import minibatches, ordered_batches


@given(count=st.integers(0, 40), batch_size=st.integers(1, 12), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=40, derandomize=True)
def test_minibatches_hand_out_every_sample_once_and_keep_pairs(count, batch_size, seed):
    inputs = torch.arange(count)[:, None].expand(-1, 3)
    batches = list(minibatches(inputs, torch.arange(count) * 10, batch_size, torch.Generator().manual_seed(seed)))
    assert all(torch.equal(batch[:, 0] * 10, targets) for batch, targets in batches)
    assert sorted(value for batch, _ in batches for value in batch[:, 0].tolist()) == list(range(count))
    full, rest = divmod(count, batch_size)
    assert [len(targets) for _, targets in batches] == [batch_size] * full + [rest] * (rest > 0)


def test_minibatches_shuffle_samples_and_not_whole_batches():
    inputs = torch.arange(100)
    batches = [batch.sort().values for batch, _ in minibatches(inputs, inputs, 10, torch.Generator().manual_seed(0))]
    assert not any(torch.equal(batch, torch.arange(10) + batch[0]) for batch in batches)


def test_the_generator_alone_decides_the_order():
    inputs = torch.arange(20)

    def order(seed):
        batches = minibatches(inputs, inputs, 7, torch.Generator().manual_seed(seed))
        return torch.cat([batch for batch, _ in batches]).tolist()

    before = torch.get_rng_state()
    assert order(1) == order(1) != order(2)
    assert torch.equal(torch.get_rng_state(), before)


def test_every_epoch_has_an_order_of_its_own():
    inputs, generator = torch.arange(20), torch.Generator().manual_seed(0)
    first, second = ([batch.tolist() for batch, _ in minibatches(inputs, inputs, 5, generator)] for _ in range(2))
    assert first != second


def test_minibatches_leave_their_arguments_unchanged():
    inputs = torch.arange(6)
    for batch, _ in minibatches(inputs, inputs, 2):
        batch.zero_()
    assert inputs.tolist() == [0, 1, 2, 3, 4, 5]


def test_ordered_batches_keep_the_order():
    inputs = torch.arange(5)
    assert [batch.tolist() for batch, _ in ordered_batches(inputs, inputs, 2)] == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize("function", [minibatches, ordered_batches])
def test_bad_arguments_are_named_at_the_call(function):
    with pytest.raises(ValueError, match=r"must be equally long, not 3 and 4 \(shapes \(3, 2\)"):
        function(torch.zeros(3, 2), torch.zeros(4), 2)
    with pytest.raises(ValueError, match="`batch_size` must be at least 1, not 0"):
        function(torch.zeros(3), torch.zeros(3), 0)
