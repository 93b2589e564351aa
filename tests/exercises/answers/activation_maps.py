"""Answers to the exercise `activation_maps`: right ones in several styles, and wrong ones."""

import torch

from . import edited


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


def maps(*edits):
    return edited("activation_maps", *edits)


BATCH = "batch = image[None] if image.ndim == 3 else image"


def maps_by_a_chain(model, image, layer_name):
    output = image if image.ndim == 4 else image[None]
    with torch.no_grad():
        for name, layer in model.named_modules():
            if not list(layer.children()):
                output = layer(output).clone()
            if name == layer_name:
                return output


KEEP = "output.detach().clone()"


RIGHT = [
    maps_by_dictionary,
    maps_in_eval_mode,
    maps_by_exception,
    maps_by_replaced_forward,
    lambda model, image, layer_name: maps_by_dictionary(model, image, layer_name).data,
]

WRONG = [
    maps_by_a_chain,
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
]
