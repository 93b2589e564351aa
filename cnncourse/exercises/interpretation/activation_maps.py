"""Exercise: what a layer inside a network returns."""

import math

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=6, minutes=20, after="evaluate")
def activation_maps(model, image, layer_name):
    """Run the model and return the output of one of its layers.

    Parameters
    ----------
    model : nn.Module
        Takes batches (N, C, H, W). Its mode stays as it is.
    image : torch.Tensor, shape (C, H, W) or (N, C, H, W)
        A single image runs as a batch of one.
    layer_name : str
        Dotted name, as in `model.named_modules()`: "features.0".

    Returns
    -------
    torch.Tensor
        That layer's output with its batch axis, detached from the graph.
    """
    batch = image[None] if image.ndim == 3 else image
    outputs = []
    layer = model.get_submodule(layer_name)
    hook = layer.register_forward_hook(lambda layer, inputs, output: outputs.append(output.detach().clone()))
    try:
        with torch.no_grad():
            model(batch)
    finally:
        hook.remove()
    return outputs[0]


def look(note, varies, image, layer_name, seed=0, training=False):
    """Make a case that looks at the maps and, where modes or what is kept are the subject, at those."""
    parts = ["maps"]
    if "mode" in varies:
        parts += ["detached", "modes kept"]
    if "state" in varies:
        parts += ["hooks left", "weights kept"]
    given = {"image": image, "layer_name": layer_name, "seed": seed, "training": training, "parts": parts}
    return case(note, varies=varies, probe="look_inside", **given)


def waves(*shape):
    return torch.arange(float(math.prod(shape))).reshape(shape).sin()


activation_maps.add_visible(
    look("the pooling", "basic", waves(1, 2, 3, 4), "pool"),
    look("a convolution, before what works in place", "layers state", waves(1, 2, 3, 4), "features.0.0"),
    look("a single image", "batch", waves(2, 4, 3), "pool"),
    look("a layer in the second block, train mode", "layers mode", waves(1, 2, 4, 5), "features.1.1", training=True),
)


@activation_maps.random_cases
def fresh(generator):
    seed = integer(generator, 1, 1000)
    yield look("the pooling", "basic", tensor(generator, 1, 2, 4, 6), "pool", seed)
    yield look("two images", "batch", tensor(generator, 2, 2, 5, 6), "pool", seed)
    yield look("a single image", "batch", tensor(generator, 2, 6, 5), "pool", seed)
    yield look("the first block", "layers", tensor(generator, 1, 2, 5, 6), "features.0", seed)
    yield look("the second block", "layers", tensor(generator, 1, 2, 5, 6), "features.1.1", seed)
    yield look("the pooling, train mode", "mode", tensor(generator, 1, 2, 4, 6), "pool", seed, training=True)
    yield look("the pooling, eval mode", "mode", tensor(generator, 1, 2, 4, 6), "pool", seed)
    yield look("a layer before what works in place", "state", tensor(generator, 1, 2, 4, 6), "mix", seed)
    image, tags = tensor(generator, 2, 6, 5), "batch layers mode state"
    yield look("a single image, second block, train mode", tags, image, "features.1.0", seed, True)


activation_maps.mistake(
    "The hook stays on the layer and runs at every call from now on: remove it with `handle.remove()`.", "hook-left"
)(activation_maps.edited("hook.remove()", "pass"))
activation_maps.mistake(
    "A ReLU that works in place overwrites the result: keep a copy, `output.detach().clone()`.", "overwritten-in-place"
)(activation_maps.edited(".clone()", ""))
activation_maps.mistake("The result is attached to the graph: detach it.", "not-detached")(
    activation_maps.edited(".detach()", "", "no_grad", "enable_grad")
)
activation_maps.mistake("The model is left in eval mode: restore the mode that it had before.", "left-in-eval-mode")(
    activation_maps.edited("model(batch)", "model.eval()(batch)")
)
activation_maps.mistake(
    "The model is put in train mode at the end: it may not have been in it before.", "left-in-train-mode"
)(activation_maps.edited("hook.remove()", "hook.remove(); model.train()"))
activation_maps.mistake(
    "A single image is run without a batch axis: give it one, `image[None]`.", "batch-axis-missing"
)(activation_maps.edited("image[None] if image.ndim == 3 else image", "image"))
activation_maps.mistake("A batch gets one axis too many: add one only to a single image.", "batch-axis-always-added")(
    activation_maps.edited(" if image.ndim == 3 else image", "")
)
activation_maps.mistake(
    "The batch axis is removed from the result: keep it, also for one image.", "batch-axis-dropped"
)(activation_maps.edited("outputs[0]", "outputs[0].squeeze(0)"))
activation_maps.mistake(
    "A single image's result has no batch axis: keep it, as for a batch of one.", "batch-axis-dropped-for-single-images"
)(activation_maps.edited("outputs[0]", "outputs[0][0] if image.ndim == 3 else outputs[0]"))
activation_maps.mistake("Only the first image's maps are returned: keep the whole batch.", "first-image-only")(
    activation_maps.edited("outputs[0]", "outputs[0][:1]")
)
activation_maps.mistake(
    "This is the layer's input: a forward hook gets (module, inputs, output); keep the output.", "input-of-the-layer"
)(activation_maps.edited("output.detach()", "inputs[0].detach()"))
activation_maps.mistake("This is the whole model's output: return the layer's.", "final-output")(
    activation_maps.edited("model(batch)", "return model.eval()(batch)")
)
activation_maps.mistake(
    "A dotted name is not found: use `model.get_submodule` or `named_modules()`, not `getattr`.", "nested-names"
)(activation_maps.edited("model.get_submodule(layer_name)", "getattr(model, layer_name)"))
activation_maps.mistake(
    "Only the outermost part of the name is used: the layer is deeper in the model.", "children-only"
)(activation_maps.edited("model.get_submodule(layer_name)", "getattr(model, layer_name.split('.')[0])"))
