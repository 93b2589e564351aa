"""Answers to activation_maps, written from its prompt alone."""

import torch
from torch import nn

from cnncourse.exercises.answers import answer


@answer("activation_maps", "right")
def hook_in_try(model, image, layer_name):
    kept = []
    layer = dict(model.named_modules())[layer_name]
    handle = layer.register_forward_hook(lambda module, args, output: kept.append(output.detach().clone()))
    try:
        with torch.no_grad():
            model(image[None] if image.dim() == 3 else image)
    finally:
        handle.remove()
    return kept[0]


@answer("activation_maps", "right")
def stops_at_the_layer(model, image, layer_name):
    """Leave the forward pass as soon as the layer has answered: nothing can overwrite it."""

    class Found(Exception):
        pass

    def hook(module, inputs, output):
        raise Found(output)

    handle = model.get_submodule(layer_name).register_forward_hook(hook)
    try:
        model(image.reshape(-1, *image.shape[-3:]))
    except Found as found:
        return found.args[0].detach()
    finally:
        handle.remove()


@answer("activation_maps", "right")
def wraps_forward(model, image, layer_name):
    module = model.get_submodule(layer_name)
    original = module.forward
    store = {}

    def recording(*args, **kwargs):
        result = original(*args, **kwargs)
        store["maps"] = result.clone()
        return result

    module.forward = recording
    try:
        batch = image if image.ndim == 4 else image.unsqueeze(0)
        with torch.inference_mode(False), torch.no_grad():
            model(batch)
    finally:
        del module.forward
    return store["maps"].detach()


@answer("activation_maps", "does not remove the hook", "hook-left")
def hook_stays(model, image, layer_name):
    activation = {}

    def get_activation(name):
        def hook(model, input, output):
            activation[name] = output.detach().clone()

        return hook

    for name, module in model.named_modules():
        if name == layer_name:
            module.register_forward_hook(get_activation(name))
    if len(image.shape) == 3:
        image = image.unsqueeze(0)
    model(image)
    return activation[layer_name]


@answer("activation_maps", "keeps no copy, so a ReLU that works in place overwrites the result", "overwritten-in-place")
def pytorch_forum(model, image, layer_name):
    activation = {}

    def hook(module, inp, out):
        activation["out"] = out.detach()

    h = dict(model.named_modules())[layer_name].register_forward_hook(hook)
    if image.dim() == 3:
        image = image.unsqueeze(0)
    with torch.no_grad():
        model(image)
    h.remove()
    return activation["out"]


@answer("activation_maps", "switches the model to eval mode and leaves it there", "left-in-eval-mode")
def leaves_eval(model, image, layer_name):
    model.eval()
    features = []
    module = model.get_submodule(layer_name)
    hook = module.register_forward_hook(lambda m, i, o: features.append(o.clone().detach()))
    with torch.no_grad():
        _ = model(image if image.dim() == 4 else image.unsqueeze(0))
    hook.remove()
    return features[-1]


@answer("activation_maps", "right")  # in which mode the model runs is left open; it comes back in its own
def runs_in_eval(model, image, layer_name):
    was_training = model.training
    model.eval()
    out = None

    def save(module, args, output):
        nonlocal out
        out = output.detach().clone()

    handle = model.get_submodule(layer_name).register_forward_hook(save)
    if image.ndim == 3:
        image = image[None]
    with torch.no_grad():
        model(image)
    handle.remove()
    model.train(was_training)
    return out


@answer("activation_maps", "drops the batch axis of a single image", "batch-axis-dropped-for-single-images")
def squeezes_batch(model, image, layer_name):
    maps = {}
    single = image.dim() == 3
    if single:
        image = image.unsqueeze(0)
    handle = dict(model.named_modules())[layer_name].register_forward_hook(
        lambda m, i, o: maps.update(result=o.detach().clone())
    )
    model(image)
    handle.remove()
    return maps["result"].squeeze(0) if single else maps["result"]


@answer("activation_maps", "does not detach the result from the graph", "not-detached")
def attached(model, image, layer_name):
    class SaveOutput:
        def __init__(self):
            self.outputs = []

        def __call__(self, module, module_in, module_out):
            self.outputs.append(module_out.clone())

    save_output = SaveOutput()
    handle = model.get_submodule(layer_name).register_forward_hook(save_output)
    x = image if image.dim() == 4 else image.unsqueeze(0)
    model(x)
    handle.remove()
    return save_output.outputs[0]


@answer("activation_maps", "runs the model's children in order, which finds no nested layer", "unknown")
def children_in_order(model, image, layer_name):
    x = image.unsqueeze(0) if image.dim() == 3 else image
    with torch.no_grad():
        for name, layer in model.named_children():
            x = layer(x)
            if name == layer_name:
                return x.clone()
    raise ValueError(f"no layer {layer_name}")


@answer("activation_maps", "returns the layer's input instead of its output", "input-of-the-layer")
def layer_input(model, image, layer_name):
    result = []

    def hook(module, input, output):
        result.append(input[0].detach().clone())

    handle = dict(model.named_modules())[layer_name].register_forward_hook(hook)
    try:
        model(image.unsqueeze(0) if image.dim() == 3 else image)
    finally:
        handle.remove()
    return result[0]


@answer("activation_maps", "always adds a batch axis, so a batch becomes five-dimensional", "batch-axis-always-added")
def always_unsqueezes(model, image, layer_name):
    caught = None

    def keep(_module, _inputs, output):
        nonlocal caught
        caught = output.detach().clone()

    handle = model.get_submodule(layer_name).register_forward_hook(keep)
    with torch.no_grad():
        model(image.unsqueeze(0))
    handle.remove()
    return caught


@answer("activation_maps", "returns the first layer of the named layer's kind, whatever its name", "unknown")
def first_of_kind(model, image, layer_name):
    kind = type(model.get_submodule(layer_name))
    found = []
    handles = [
        m.register_forward_hook(lambda m, i, o: found.append(o.detach().clone()))
        for m in model.modules()
        if type(m) is kind
    ]
    with torch.no_grad():
        model(image if image.dim() == 4 else image[None])
    for h in handles:
        h.remove()
    return found[0]


@answer("activation_maps", "returns the output of the model instead of the layer's", "final-output")
def cuts_the_model(model, image, layer_name):
    layer_names = [n for n, _ in model.named_modules()]
    assert layer_name in layer_names
    extractor = nn.Sequential(model)  # keras: Model(inputs, layer.output)
    with torch.no_grad():
        return extractor(image if image.dim() == 4 else image.unsqueeze(0))


@answer(
    "activation_maps",
    "two mistakes: does not remove the hook; leaves the model in eval mode",
    "hook-left left-in-eval-mode",
)
def hook_and_eval_stay(model, image, layer_name):
    model.eval()
    outputs = []

    def hook_fn(m, i, o):
        outputs.append(o.clone())

    getattr_chain = model
    for part in layer_name.split("."):
        getattr_chain = getattr(getattr_chain, part)
    getattr_chain.register_forward_hook(hook_fn)
    with torch.no_grad():
        model(image if image.dim() > 3 else image.unsqueeze(0))
    return outputs[0].detach()


@answer(
    "activation_maps",
    "two mistakes: keeps no copy, so an in-place ReLU overwrites it; does not detach the result",
    "overwritten-in-place not-detached",
)
def no_copy_no_detach(model, image, layer_name):
    layer = dict([*model.named_modules()])[layer_name]
    acts = {}
    handle = layer.register_forward_hook(lambda module, inputs, out: acts.__setitem__(layer_name, out))
    if image.dim() == 3:
        image = image.view(1, *image.shape)
    model(image)
    handle.remove()
    return acts[layer_name]
