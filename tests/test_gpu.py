"""On an accelerator: what is computed there is what the CPU computes, and it stays there."""

import copy

import pytest
import torch
from torch import nn

from cnncourse.convolution import METHODS, conv2d
from cnncourse.interpretation import activation_maps, grad_cam_map, occlusion_map, saliency_map
from cnncourse.layers import AvgPool2d, Conv2d, MaxPool2d
from cnncourse.models import batch_norm_net, fast_fashion_net, resnet8, shapes_net
from cnncourse.pooling import avg_pool2d, blur_pool2d, max_pool2d, min_pool2d, sum_pool2d
from cnncourse.training import SGD, Checkpoint, batch_norm2d, cross_entropy, dropout, evaluate, fit

pytestmark = pytest.mark.gpu
CLOSE = {"rtol": 1e-3, "atol": 1e-4}  # float32, added in another order


@pytest.fixture(scope="module")
def device():
    """Return the accelerator, computing in full float32."""
    name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else None
    if name is None:
        pytest.skip("no GPU")
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield torch.device(name)


@pytest.fixture
def draw():
    """Return `draw(*shape)`: normal numbers on the CPU, the same in every run."""
    generator = torch.Generator().manual_seed(0)
    return lambda *shape: torch.randn(shape, generator=generator)


def assert_same_there(function, tensors, device):
    """Compare values and gradients of `function` on both devices."""
    results = []
    for place in ("cpu", device):
        given = [tensor.detach().to(place).requires_grad_() for tensor in tensors]
        value = function(*given)
        assert value.device.type == torch.device(place).type
        gradients = torch.autograd.grad(value.square().sum(), given)
        results.append([tensor.cpu() for tensor in (value.detach(), *gradients)])
    for here, there in zip(*results, strict=True):
        torch.testing.assert_close(there, here, **CLOSE)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_convolution_computes_the_same(method, device, draw):
    def operation(input, weight, bias):
        return conv2d(input, weight, bias, padding=1, groups=2, method=method)

    assert_same_there(operation, [draw(3, 4, 9, 8), draw(6, 2, 3, 3), draw(6)], device)


@pytest.mark.parametrize("pool", [max_pool2d, min_pool2d, sum_pool2d, avg_pool2d, blur_pool2d])
def test_pooling_computes_the_same(pool, device, draw):
    assert_same_there(lambda input: pool(input, 3, 2), [draw(2, 3, 9, 8)], device)


def test_the_layers_compute_the_same(device, draw):
    model = nn.Sequential(Conv2d(3, 5, 3, padding=1), MaxPool2d(2), Conv2d(5, 4, 3), AvgPool2d(2))
    assert_same_there(lambda input: model.to(input.device)(input), [draw(2, 3, 12, 12)], device)


def test_dropout_and_batch_norm_work_there(device, draw):
    images = draw(8, 3, 6, 6).to(device)
    dropped = dropout(images, 0.5, training=True, generator=torch.Generator(device).manual_seed(0))
    assert dropped.device.type == device.type
    assert 0.3 < (dropped == 0).float().mean().item() < 0.7
    theirs = nn.BatchNorm2d(3).to(device)
    ours = batch_norm2d(images, theirs.weight, theirs.bias, torch.zeros(3).to(device), torch.ones(3).to(device), True)
    torch.testing.assert_close(ours, theirs(images), **CLOSE)


def test_a_model_is_trained_where_it_is(device, draw):
    for place in ("cpu", device):  # chapters expect their models on the CPU, also on a machine with a GPU
        model = shapes_net().to(place)
        fit(model, (draw(20, 1, 28, 28), torch.arange(20) % 2), epochs=1, progress=False)
        assert next(model.parameters()).device.type == torch.device(place).type


@pytest.mark.parametrize("build", [batch_norm_net, fast_fashion_net, resnet8])
def test_a_network_trains_there_and_its_checkpoint_loads_on_the_cpu(build, device, draw, tmp_path):
    model = build()
    inputs, targets = draw(40, 1, 28, 28), torch.arange(40) % 10
    history = fit(
        model, (inputs, targets), epochs=2, device=device, progress=False, callbacks=[Checkpoint(tmp_path / "run.pt")]
    )
    assert next(model.parameters()).device.type == device.type
    assert len(history) == 2
    assert 0 <= evaluate(model, [(inputs, targets)]) <= 1  # the batches are on the CPU
    fit(
        build(),
        (inputs, targets),
        epochs=2,
        device="cpu",
        progress=False,
        callbacks=[Checkpoint(tmp_path / "run.pt", resume=True)],
    )


def test_a_step_of_gradient_descent_is_the_same_there(device, draw):
    start, inputs, targets = shapes_net(), draw(20, 1, 28, 28), torch.arange(20) % 2
    after = []
    for place in ("cpu", device):
        model = copy.deepcopy(start).to(place)
        optimizer = SGD(model.parameters(), 0.1)
        cross_entropy(model(inputs.to(place)), targets.to(place)).backward()
        optimizer.step()
        after.append([parameter.detach().cpu() for parameter in model.parameters()])
    for here, there in zip(*after, strict=True):
        torch.testing.assert_close(there, here, **CLOSE)


def test_the_maps_of_interpretation_are_the_same_there(device, draw):
    model, image = shapes_net().eval(), draw(1, 28, 28)
    layer = next(name for name, module in model.named_modules() if isinstance(module, nn.Conv2d))
    methods = (
        lambda net, x: activation_maps(net, x, layer),
        lambda net, x: saliency_map(net, x, 0),
        lambda net, x: grad_cam_map(net, x, 0, layer),
        lambda net, x: occlusion_map(net, x, 0, 4, 4),
    )
    here = [method(model, image) for method in methods]
    model.to(device)
    for expected, method in zip(here, methods, strict=True):
        value = method(model, image.to(device))
        assert value.device.type == device.type
        torch.testing.assert_close(value.cpu(), expected, **CLOSE)
