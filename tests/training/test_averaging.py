import pytest
import torch
from torch import nn

from cnncourse.training import ema_update


def test_an_average_of_two_steps_by_hand():
    averaged = {"weight": torch.tensor([8.0, 0.0])}
    for value in (4.0, 0.0):
        averaged = ema_update(averaged, {"weight": torch.tensor([value, 1.0])}, 0.5)
    assert averaged["weight"].tolist() == [3.0, 0.75]


def test_it_agrees_with_torch_s_averaged_model_and_counts_batches_as_the_network_does():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    oracle = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.75), use_buffers=True
    )
    oracle.update_parameters(model)  # the first call copies
    averaged = ema_update(model.state_dict(), model.state_dict(), 0.0)  # a copy
    model(torch.rand(4, 1, 5, 5)).square().mean().backward()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= parameter.grad
    oracle.update_parameters(model)
    averaged = ema_update(averaged, model.state_dict(), 0.75)
    for name, values in oracle.module.state_dict().items():
        if values.is_floating_point():
            torch.testing.assert_close(averaged[name], values)
    assert averaged["1.num_batches_tracked"] == 1


def test_buffers_of_floats_are_averaged_and_the_result_loads():
    model = nn.BatchNorm2d(1)
    before = {name: values.clone() for name, values in model.state_dict().items()}
    model(torch.full((2, 1, 2, 2), 10.0))
    averaged = ema_update(before, model.state_dict(), 0.5)
    assert averaged["running_mean"].item() == pytest.approx(0.5)
    model.load_state_dict(averaged)


def test_nothing_is_changed_and_nothing_is_shared():
    averaged = {"weight": torch.zeros(2), "steps": torch.tensor(1)}
    current = {"weight": torch.ones(2, requires_grad=True), "steps": torch.tensor(2)}
    result = ema_update(averaged, current, 0.0)
    assert not result["weight"].requires_grad
    for values in result.values():
        values += 5
    assert averaged["weight"].tolist() == [0, 0]
    assert current["weight"].tolist() == [1, 1]
    assert current["steps"] == 2


def test_other_names_and_shapes_are_named():
    with pytest.raises(ValueError, match=r"`current` must have the same names .* it lacks 'b'"):
        ema_update({"a": torch.zeros(1), "b": torch.zeros(1)}, {"a": torch.zeros(1)}, 0.5)
    with pytest.raises(ValueError, match=r"equal shapes, not \(1,\) and \(2,\) for 'a'"):
        ema_update({"a": torch.zeros(1)}, {"a": torch.zeros(2)}, 0.5)
