from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.training import Budget, constant, fit, one_cycle


@given(progress=st.floats(0, 1))
@settings(deadline=None, max_examples=30, derandomize=True)
def test_schedules_are_factors_of_the_rate(progress):
    assert 0 <= one_cycle(progress) <= 1
    assert constant(progress) == 1


def test_one_cycle_rises_for_a_quarter_and_falls_to_zero():
    assert one_cycle(0.25) == 1
    assert one_cycle(0.1) < one_cycle(0.2)
    assert one_cycle(0.3) > one_cycle(0.9) > one_cycle(1.0) == 0


def test_a_budget_of_time_ends_the_training_with_the_schedule_at_its_end(build_net, clouds):
    model = build_net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history = fit(model, clouds, epochs=10**6, optimizer=optimizer, schedule=one_cycle, callbacks=[Budget(0.2)])
    assert history.note.endswith("the budget of 0.2 s is spent")
    assert history["learning_rate"][-1] < max(history["learning_rate"])


def test_what_is_spent_already_counts(build_net, clouds):
    history = fit(build_net(), clouds, epochs=10**6, batch_size=10, callbacks=[Budget(100.0, spent=99.99)])
    assert history.note == f"stopped in epoch {len(history)}: the budget of 100 s is spent"


def test_a_budget_keeps_time_for_the_last_look_at_the_validation_data(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr("cnncourse.training.callbacks.time.monotonic", lambda: clock.now)
    run, budget = SimpleNamespace(epoch=0, progress=0.0, stop=""), Budget(10)
    clock.now = 4.0
    budget.batch_end(run)
    assert run.progress == 0.4
    clock.now = 6.0  # validation took two seconds
    budget.epoch_end(run)
    clock.now = 8.0
    budget.batch_end(run)
    assert (run.progress, run.stop) == (1.0, "stopped in epoch 1: the budget of 10 s is spent")


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_budget_must_be_above_zero(seconds):
    with pytest.raises(ValueError, match=f"`seconds` must be above 0, not {seconds}"):
        Budget(seconds)
