import pytest
import torch
from torch import nn

from cnncourse.models import two_conv_net
from cnncourse.training import fit, freeze, replace_head


def trained_names(model):
    return [name for name, parameter in model.named_parameters() if parameter.requires_grad]


def test_only_the_named_layers_and_parameters_stay_trainable():
    model = nn.Sequential(*(nn.Linear(2, 2) for _ in range(11)))
    freeze(model, except_for=["1", "2.bias"])
    assert trained_names(model) == ["1.weight", "1.bias", "2.bias"]  # not those of layer 10
    freeze(model)
    assert trained_names(model) == []


def test_a_frozen_network_with_a_new_head_trains_the_head_only():
    model = two_conv_net()
    replace_head(model, "linear", num_classes=4)
    freeze(model, except_for="linear")
    before = {name: values.clone() for name, values in model.state_dict().items()}
    images, labels = torch.rand(8, 1, 28, 28), torch.arange(8) % 4
    assert model(images).shape == (8, 4)
    fit(model, (images, labels), epochs=1)
    changed = [name for name, values in model.state_dict().items() if not torch.equal(values, before[name])]
    assert changed == ["linear.weight", "linear.bias"]


def test_a_new_head_deep_inside_keeps_dtype_and_lack_of_bias():
    model = nn.Sequential(nn.Sequential(nn.Linear(3, 5, bias=False).double()))
    replace_head(model, "0.0", 2)
    assert model[0][0].weight.shape == (2, 3)
    assert model[0][0].weight.dtype == torch.float64
    assert model[0][0].bias is None


def test_unknown_names_are_refused_with_those_that_there_are():
    model = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Flatten(), nn.Linear(4, 2))
    with pytest.raises(ValueError, match=r"not 'head'; it has 0.weight, 0.bias, 2.weight, 2.bias"):
        freeze(model, except_for="head")
    with pytest.raises(ValueError, match="`layer_name` must name a linear layer of Sequential, not '0'; it has '2'"):
        replace_head(model, "0", 3)
