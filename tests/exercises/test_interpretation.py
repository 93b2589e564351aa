"""The exercises of the chapter *Interpretation*: solutions against the package, right styles, wrong answers."""

import inspect

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnncourse.data import load_digits
from cnncourse.exercises import solved
from cnncourse.exercises.examining import examination


def verdict(name, answer, seed=0):
    examined = examination(name, seed)
    return examined.verdict(examined.observe(answer))


def edited(name, *edits):
    """Make an answer by edits of the solution's source."""
    source = inspect.getsource(solved(name))
    for old, new in edits:
        assert old in source, old
        source = source.replace(old, new)
    namespace = {"torch": torch, "F": F, "np": np, "nn": nn}
    exec(source, namespace)
    return namespace[name]


@pytest.fixture
def interpretation():
    return pytest.importorskip("cnncourse.interpretation")


@pytest.fixture
def model():
    torch_model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.LazyLinear(4))
    generator = torch.Generator().manual_seed(0)
    torch_model(torch.zeros(1, 2, 6, 7))
    with torch.no_grad():
        for parameter in torch_model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return torch_model


@pytest.fixture
def image():
    return torch.randn(2, 6, 7, generator=torch.Generator().manual_seed(1))


# The solutions


def test_activation_maps_gives_what_the_layer_gives(model, image):
    maps = solved("activation_maps")(model, image, "0")
    torch.testing.assert_close(maps, model[0](image[None]).detach())


def test_activation_maps_takes_its_hook_away_even_after_an_error(model, image):
    with pytest.raises(RuntimeError):
        solved("activation_maps")(model, image[:, :5], "0")
    assert not model[0]._forward_hooks


def test_occlusion_map_is_the_drop_patch_by_patch(model, image):
    drops = solved("occlusion_map")(model, image, 2, (2, 3), (3, 2), fill=0.5)
    assert drops.shape == (2, 3)
    covered = image.clone()
    covered[:, 3:5, 2:5] = 0.5
    with torch.no_grad():
        expected = (model(image[None]) - model(covered[None]))[0, 2]
    torch.testing.assert_close(drops[1, 1], expected)


def test_grad_cam_by_hand():
    activations = torch.tensor([[[[1.0, 2.0]], [[4.0, 0.0]]]])
    gradients = torch.tensor([[[[1.0, 3.0]], [[0.0, -2.0]]]])
    # weights 2 and -1: [2 - 4, 4 - 0] -> ReLU [0, 4] -> [0, 1]
    assert solved("grad_cam")(activations, gradients).tolist() == [[[0.0, 1.0]]]


def test_the_interpretation_exercises_equal_the_package(interpretation, model, image):
    torch.testing.assert_close(
        solved("activation_maps")(model, image, "0"), interpretation.activation_maps(model, image, "0")
    )
    torch.testing.assert_close(
        solved("occlusion_map")(model, image, 1, (2, 3), (2, 2)),
        interpretation.occlusion_map(model, image, 1, (2, 3), (2, 2)),
    )


@pytest.mark.parametrize("largest", [1, 16])
@pytest.mark.parametrize("digit", [0, 2, 3, 4, 5, 6, 7])
def test_train_detector_keeps_its_promise_on_held_out_images(digit, largest):
    images, labels = load_digits("train")
    held_images, held_labels = load_digits("test")
    generator = torch.Generator().manual_seed(digit)
    kernel, bias = solved("train_detector")(images * largest, labels, digit, generator=generator)
    detected = (held_images * largest * kernel).sum((1, 2)) + bias > 0
    assert (detected == (held_labels == digit)).float().mean() >= (0.95 if digit == 3 else 0.97)


# Right answers in other styles


def maps_by_dictionary(model, image, layer_name):
    if image.dim() == 3:
        image = image.unsqueeze(0)
    store = {}

    def keep(module, args, output):
        store["maps"] = output.detach().clone()

    handle = dict(model.named_modules())[layer_name].register_forward_hook(keep)
    model(image)
    handle.remove()
    return store["maps"]


def maps_in_eval_mode(model, image, layer_name):
    was_training = model.training
    model.eval()
    maps = maps_by_dictionary(model, image.reshape(-1, *image.shape[-3:]), layer_name)
    model.train(was_training)
    return maps


class Found(Exception):
    pass


def maps_by_exception(model, image, layer_name):
    def stop(module, args, output):
        raise Found(output)

    hook = model.get_submodule(layer_name).register_forward_hook(stop)
    try:
        model(image[None] if image.ndim == 3 else image)
    except Found as found:
        return found.args[0].detach()
    finally:
        hook.remove()


def maps_by_replaced_forward(model, image, layer_name):
    layer, kept = model.get_submodule(layer_name), []
    original = layer.forward
    layer.forward = lambda input: kept.append(original(input)) or kept[-1] * 1
    with torch.inference_mode():
        model(image if image.ndim == 4 else image[None])
    del layer.forward
    return kept[0]


def occlude_in_a_batch(model, image, target, patch_size, stride, fill=0.0):
    tops = range(0, image.shape[1] - patch_size[0] + 1, stride[0])
    lefts = range(0, image.shape[2] - patch_size[1] + 1, stride[1])
    batch = image.repeat(len(tops) * len(lefts), 1, 1, 1)
    for index, (top, left) in enumerate((t, le) for t in tops for le in lefts):
        batch[index, :, top : top + patch_size[0], left : left + patch_size[1]] = fill
    logits = model(torch.cat([image[None], batch])).detach()[:, target]
    return (logits[0] - logits[1:]).reshape(len(tops), len(lefts))


def occlude_by_masks(model, image, target, patch_size, stride, fill=0.0):
    rows = []
    with torch.no_grad():
        base = model(image.unsqueeze(0)).squeeze(0)[target].item()
        top = 0
        while top + patch_size[0] <= image.shape[-2]:
            row, left = [], 0
            while left + patch_size[1] <= image.shape[-1]:
                mask = torch.zeros(image.shape[1:], dtype=torch.bool)
                mask[top : top + patch_size[0], left : left + patch_size[1]] = True
                row.append(base - model(torch.where(mask, fill, image).to(image.dtype)[None])[0, target].item())
                left += stride[1]
            rows.append(row)
            top += stride[0]
    return torch.tensor(rows)


def occlude_and_restore(model, image, target, patch_size, stride, fill=0.0):
    work = torch.stack(list(image))
    base = model(work[None])[0][target]
    result = torch.empty(
        (work.shape[1] - patch_size[0]) // stride[0] + 1, (work.shape[2] - patch_size[1]) // stride[1] + 1
    )
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            window = work[:, i * stride[0] :, j * stride[1] :][:, : patch_size[0], : patch_size[1]]
            before = window.clone()
            window.fill_(fill)
            result[i, j] = (base - model(work[None])[0][target]).item()
            window.copy_(before)
    return result


def occlude_with_model_untouched(model, image, target, patch_size, stride, fill=0.0):
    was = model.training
    model.eval()
    result = occlude_in_a_batch(model, image.detach(), target, patch_size, stride, fill)
    model.train(was)
    return result.double()


def cam_by_einsum(activations, gradients):
    maps = F.relu(torch.einsum("nc,nchw->nhw", gradients.mean((2, 3)), activations))
    return maps / (maps.amax((1, 2), keepdim=True) + 1e-8)


def cam_by_loops(activations, gradients):
    maps = []
    for a, g in zip(activations, gradients, strict=True):
        total = torch.zeros(a.shape[1:], dtype=a.dtype)
        for channel, slope in zip(a, g, strict=True):
            total += channel * slope.mean()
        total = torch.maximum(total, torch.zeros(()))
        maps.append(total / total.max() if total.max() > 0 else total)
    return torch.stack(maps)


def cam_by_sums(activations, gradients):
    maps = (gradients.sum((-2, -1), keepdim=True) * activations).mean(1).relu()
    return torch.nan_to_num(maps / maps.flatten(1).max(1).values[:, None, None])


def cam_by_numpy(activations, gradients):
    a, g = activations.numpy(), gradients.numpy()
    maps = np.maximum((a * g.mean(axis=(2, 3), keepdims=True)).sum(axis=1), 0)
    return torch.from_numpy(maps / np.maximum(maps.max(axis=(1, 2), keepdims=True), 1e-12))


def detector_by_module(images, labels, digit, epochs=20, generator=None):
    largest = 16.0 if images.max() > 1 else 1.0
    x, y = (images / largest).float()[:, None], (labels == digit).float()
    layer = nn.Conv2d(1, 1, 8)
    nn.init.zeros_(layer.weight)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.5, momentum=0.9)
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=generator).split(32):
            loss = F.binary_cross_entropy_with_logits(layer(x[rows]).flatten(), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return layer.weight[0, 0] / largest, layer.bias


def detector_by_hand(images, labels, digit, epochs=20, generator=None):
    scale = float(images.max())
    x = torch.cat([images.flatten(1) / scale, torch.ones(len(images), 1, dtype=images.dtype)], 1)
    y = (labels == digit).to(x.dtype)
    weight = torch.zeros(65, dtype=x.dtype)
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=generator).split(16):
            weight -= 0.5 * x[rows].T @ (torch.sigmoid(x[rows] @ weight) - y[rows]) / len(rows)
    return weight[:64].reshape(8, 8) / scale, weight[64]


def detector_by_softmax(images, labels, digit, epochs=20, generator=None):
    x, y = images.flatten(1).float() / images.max(), (labels == digit).long()
    layer = nn.Linear(64, 2)
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=generator).split(64):
            optimizer.zero_grad()
            F.cross_entropy(layer(x[rows]), y[rows]).backward()
            optimizer.step()
    weight, bias = (values[1] - values[0] for values in (layer.weight.detach(), layer.bias.detach()))
    return weight.view(8, 8) / images.max(), bias.item()


def detector_by_lbfgs(images, labels, digit, epochs=20, generator=None):
    x, y = images.flatten(1).double(), (labels == digit).double()
    weight, bias = torch.zeros(64).double().requires_grad_(), torch.zeros(1).double().requires_grad_()
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=2, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = F.binary_cross_entropy_with_logits(x @ weight + bias, y) + 1e-3 * (weight**2).sum()
        value.backward()
        return value

    for _ in range(epochs):
        optimizer.step(loss)
    return [weight.detach().reshape(8, 8), bias.detach()]


RIGHT = {
    "activation_maps": [
        maps_by_dictionary,
        maps_in_eval_mode,
        maps_by_exception,
        maps_by_replaced_forward,
        lambda model, image, layer_name: maps_by_dictionary(model, image, layer_name).data,
    ],
    "occlusion_map": [
        occlude_in_a_batch,
        occlude_by_masks,
        occlude_and_restore,
        occlude_with_model_untouched,
        lambda *args, **options: occlude_in_a_batch(*args, **options).float(),
    ],
    "grad_cam": [
        cam_by_einsum,
        cam_by_loops,
        cam_by_sums,
        cam_by_numpy,
        lambda activations, gradients: cam_by_einsum(activations.double(), gradients.double()),
    ],
    "train_detector": [
        detector_by_module,
        detector_by_hand,
        detector_by_softmax,
        detector_by_lbfgs,
        lambda images, labels, digit, epochs=20, generator=None: detector_by_hand(
            images.double(), labels, digit, epochs, generator
        ),
    ],
}


# Wrong answers beyond the named ones


def maps(*edits):
    return edited("activation_maps", *edits)


def occluded(*edits):
    return edited("occlusion_map", *edits)


def cam(*edits):
    return edited("grad_cam", *edits)


def detector(*edits):
    return edited("train_detector", *edits)


BATCH = "batch = image[None] if image.ndim == 3 else image"
KEEP = "output.detach().clone()"

WRONG = {
    "activation_maps": [
        maps(("        hook.remove()\n", "        pass\n")),
        maps((KEEP, "output.detach()")),
        maps((KEEP, "output")),
        maps((KEEP, "output.clone()"), ("with torch.no_grad()", "with torch.enable_grad()")),
        maps((KEEP, "inputs[0].clone()")),
        maps((KEEP, "output.detach().clone().relu()")),
        maps((KEEP, "output.detach().mean(1)")),
        maps((KEEP, "output.detach().clone().numpy()")),
        maps((KEEP, "output.detach().clone().tolist()")),
        maps((KEEP, "output.detach().clone() / output.abs().max()")),
        maps(("outputs[0]", "outputs")),
        maps(("outputs[0]", "outputs[0][0]")),
        maps(("outputs[0]", "outputs[0].squeeze()")),
        maps(("outputs[0]", "outputs[0][:1]")),
        maps(("outputs[0]", "model(batch).detach()")),
        maps((BATCH, "batch = image")),
        maps((BATCH, "batch = image[None]")),
        maps((BATCH, "batch = image[:, None] if image.ndim == 3 else image")),
        maps((BATCH, "batch = image[None].transpose(2, 3) if image.ndim == 3 else image")),
        maps((BATCH, "batch = image[None] if image.ndim == 3 else image; model.eval()")),
        maps((BATCH, "batch = image[None] if image.ndim == 3 else image; model.train()")),
        maps(("model.get_submodule(layer_name)", "getattr(model, layer_name)")),
        maps(("model.get_submodule(layer_name)", "model")),
        maps(("model.get_submodule(layer_name)", "list(model.modules())[1]")),
        maps(("register_forward_hook", "register_forward_pre_hook"), ("layer, inputs, output:", "layer, output:")),
        lambda model, image, layer_name: model.get_submodule(layer_name).weight.detach(),
        lambda model, image, layer_name: model.get_submodule(layer_name)(image),
    ],
    "occlusion_map": [
        occluded(("whole - model", "model"), ("[0, target]\n    return", "[0, target] - whole\n    return")),
        occluded(("whole - model(covered[None])[0, target]", "model(covered[None])[0, target]")),
        occluded(("whole - model(covered[None])[0, target]", "(whole - model(covered[None])[0, target]).abs()")),
        occluded(("whole - model(covered[None])[0, target]", "(whole - model(covered[None])[0, target]).relu()")),
        occluded(("[0, target]", "[0].softmax(0)[target]")),
        occluded(("[0, target]", "[0].log_softmax(0)[target]")),
        occluded(("[0, target]", "[0].max()")),
        occluded(("[0, target]", "[0].sum()")),
        occluded(("[0, target]", "[0, 0]")),
        occluded(("= fill", "= 0.0")),
        occluded(("= fill", "= image.mean()")),
        occluded(("= fill", "+= fill")),
        occluded(("covered[:,", "covered[0,")),
        occluded(("covered = image.clone()", "covered = image")),
        occluded(("ph, pw), (sh, sw) = patch_size, stride", "pw, ph), (sw, sh) = patch_size, stride")),
        occluded(("(ph, pw), (sh, sw)", "(pw, ph), (sh, sw)")),
        occluded(("(ph, pw), (sh, sw)", "(ph, pw), (sw, sh)")),
        occluded(("ph, pw), (sh, sw) = patch_size, stride", "ph, pw), (sh, sw) = patch_size, patch_size")),
        occluded(("(height - ph) // sh + 1", "(height - ph) // sh")),
        occluded(("(height - ph) // sh + 1", "height // sh")),
        occluded(("(height - ph) // sh + 1", "-(-(height - ph) // sh) + 1")),
        occluded(("row * sh, column * sw", "row, column")),
        occluded(("row * sh, column * sw", "column * sh, row * sw")),
        occluded(("top : top + ph", "top : top + ph + 1")),
        occluded(("return drops", "return drops / drops.abs().max()")),
        occluded(("return drops", "return drops - drops.mean()")),
        occluded(("return drops", "return drops.T")),
        occluded(("return drops", "return drops[None]")),
        occluded(("return drops", "return drops.tolist()")),
        occluded(("return drops", "return drops.flip(0)")),
    ],
    "grad_cam": [
        cam((".clamp(min=0)", "")),
        cam((".clamp(min=0)", ".abs()")),
        cam((".clamp(min=0)", ".clamp(max=0)")),
        cam((".clamp(min=0)", ".sigmoid()")),
        cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients")),
        cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients.abs().mean(dim=(2, 3), keepdim=True)")),
        cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients.mean(dim=(2, 3), keepdim=True).relu()")),
        cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients.mean(dim=(0, 2, 3), keepdim=True)")),
        cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients.mean(dim=1, keepdim=True)")),
        cam(("gradients.mean(dim=(2, 3), keepdim=True)", "gradients.mean(dim=(2, 3), keepdim=True).softmax(1)")),
        cam(("gradients.mean(dim=(2, 3), keepdim=True)", "activations.mean(dim=(2, 3), keepdim=True)")),
        cam(("(weights * activations)", "(weights * gradients)")),
        cam(("(weights * activations)", "(weights * activations).clamp(min=0)")),
        cam(("(weights * activations)", "(weights + activations)")),
        cam((".sum(dim=1)", ".amax(dim=1)")),
        cam((".sum(dim=1)", ".sum(dim=1, keepdim=True)")),
        cam((".sum(dim=1)", "[:, 0]")),
        cam(("maps / torch.where(largest > 0, largest, 1.0)", "maps")),
        cam(("maps / torch.where(largest > 0, largest, 1.0)", "maps / largest")),
        cam(("maps / torch.where(largest > 0, largest, 1.0)", "maps / (maps.max() + 1e-8)")),
        cam(("maps / torch.where(largest > 0, largest, 1.0)", "maps / (maps.norm() + 1e-8)")),
        cam(("maps / torch.where(largest > 0, largest, 1.0)", "(maps / torch.where(largest > 0, largest, 1.0))[0]")),
        cam(("maps / torch.where(largest > 0, largest, 1.0)", "maps / largest.clamp(min=1)")),
        cam(("amax(dim=(1, 2), keepdim=True)", "amax(dim=2, keepdim=True)")),
        cam(("amax(dim=(1, 2), keepdim=True)", "amax(dim=1, keepdim=True)")),
    ],
    "train_detector": [
        detector(("labels == digit", "labels != digit")),
        detector(("labels == digit", "labels == 3")),
        detector(("(labels == digit)", "(digit * (labels == digit))")),
        detector(("(labels == digit)", "labels")),
        detector(("(labels == digit)", "(2 * (labels == digit).int() - 1)")),
        detector(("weight + bias, targets[rows]", "weight + bias, torch.ones_like(targets[rows])")),
        detector(("(inputs[rows] @ weight + bias, targets[rows])", "(targets[rows], inputs[rows] @ weight + bias)")),
        detector(("(inputs[rows] @ weight + bias,", "((inputs[rows] @ weight + bias).sigmoid(),")),
        detector(("F.binary_cross_entropy_with_logits", "F.mse_loss")),
        detector(("lr=0.05", "lr=1e-5")),
        detector(("lr=0.05", "lr=0.05, maximize=True")),
        detector(("            optimizer.step()\n", "")),
        detector(("            loss.backward()\n", "")),
        detector(("return kernel, bias", "return kernel.T, bias")),
        detector(("return kernel, bias", "return kernel.flip(0), bias")),
        detector(("return kernel, bias", "return -kernel, bias")),
        detector(("return kernel, bias", "return kernel.sigmoid(), bias")),
        detector(("return kernel, bias", "return kernel[None, None], bias")),
        detector(("return kernel, bias", "return kernel.flatten(), bias")),
        detector(("return kernel, bias.item()", "return kernel, bias.item(), 0")),
        detector(("return kernel, bias.item()", "return bias.item(), kernel")),
        detector(("return kernel, bias.item()", "return kernel")),
        detector(("return kernel, bias.item()", "return nn.Conv2d(1, 1, 8)")),
        detector(("return kernel, bias.item()", "return kernel, kernel[0]")),
        detector(("return kernel, bias.item()", "return kernel * float('nan'), 0.0")),
        detector(("    scale = images.max()\n", "    scale = images.max(); images /= scale\n")),
    ],
}


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_pass_whatever_their_style(name, seed):
    assert len(RIGHT[name]) >= 5
    for position, answer in enumerate(RIGHT[name]):
        report = verdict(name, answer, seed)
        assert report.passed, f"{position}: {report}"


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_fail(name):
    assert len(WRONG[name]) >= 15
    passed = [position for position, answer in enumerate(WRONG[name]) if verdict(name, answer).status != "failed"]
    assert not passed
