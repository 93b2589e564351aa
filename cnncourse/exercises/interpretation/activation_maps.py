"""Exercise: what a layer inside a network gives."""

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


def _look(
    *,
    remove=lambda hook: hook.remove(),
    prepare=lambda image: image[None] if image.ndim == 3 else image,
    keep=lambda inputs, output: output.detach().clone(),
    find=lambda model, name: model.get_submodule(name),
    before=lambda model: model,
    after=lambda model: model,
    finish=lambda maps, image: maps,
):
    """Make a wrong answer: the look inside with a part that can be another."""

    def answer(model, image, layer_name):
        outputs = []
        before(model)
        hook = find(model, layer_name).register_forward_hook(
            lambda layer, inputs, output: outputs.append(keep(inputs, output))
        )
        model(prepare(image))
        remove(hook)
        after(model)
        return finish(outputs[0], image)

    return answer


def _next_layer(model, name):
    names = [name for name, _ in model.named_modules()]
    return model.get_submodule(names[names.index(name) + 1])


def _case(note, varies, image, layer_name, seed=0, training=False):
    return case(
        note, varies=varies, probe="look_inside", image=image, layer_name=layer_name, seed=seed, training=training
    )


def _image(*shape):
    return torch.arange(float(torch.Size(shape).numel())).reshape(shape).sin()


activation_maps.add_visible(
    _case("a convolution", "basic", _image(1, 2, 3, 4), "features.0.0"),
    _case("a single image", "batch", _image(2, 4, 3), "pool"),
    _case("a layer in the second block, train mode", "layers mode", _image(1, 2, 4, 5), "features.1.0", training=True),
)


@activation_maps.random_cases
def _fresh(generator):
    seed = integer(generator, 1, 1000)
    yield _case("two images", "batch", tensor(generator, 2, 2, 5, 6), "features.0.0", seed)
    yield _case(
        "a single image, train mode", "batch mode", tensor(generator, 2, 6, 5), "features.1.0", seed, training=True
    )
    yield _case("a batch of one", "batch", tensor(generator, 1, 2, 4, 6), "features.0.1", seed)


activation_maps.mistake(
    "The hook stays on the layer and runs at every call from now on: remove it with `handle.remove()`.", "hook-left"
)(_look(remove=lambda hook: None))
activation_maps.mistake(
    "A ReLU that works in place overwrites the result: keep a copy, `output.detach().clone()`.", "overwritten-in-place"
)(_look(keep=lambda inputs, output: output.detach()))
activation_maps.mistake("The result hangs on the graph: detach it.", "not-detached")(
    _look(keep=lambda inputs, output: output.clone())
)
activation_maps.mistake("The model is left in eval mode: put it back as it was.", "left-in-eval-mode")(
    _look(before=lambda model: model.eval())
)
activation_maps.mistake(
    "The model is put in train mode at the end: it may not have been in it before.", "left-in-train-mode"
)(_look(after=lambda model: model.train()))
activation_maps.mistake(
    "A single image is run without a batch axis: give it one, `image[None]`.", "batch-axis-missing"
)(_look(prepare=lambda image: image))
activation_maps.mistake("A batch gets one axis too many: add one only to a single image.", "batch-axis-always-added")(
    _look(prepare=lambda image: image[None])
)
activation_maps.mistake("The batch axis is taken off the result: keep it, also for one image.", "batch-axis-dropped")(
    _look(finish=lambda maps, image: maps.squeeze(0))
)
activation_maps.mistake(
    "A single image's result lost its batch axis: keep it, as for a batch of one.",
    "batch-axis-dropped-for-single-images",
)(_look(finish=lambda maps, image: maps[0] if image.ndim == 3 else maps))
activation_maps.mistake("Only the first image's maps are returned: keep the whole batch.", "first-image-only")(
    _look(finish=lambda maps, image: maps[:1])
)
activation_maps.mistake(
    "This is what goes into the layer: a forward hook gets (module, inputs, output); keep the output.",
    "input-of-the-layer",
)(_look(keep=lambda inputs, output: inputs[0].detach().clone()))


@activation_maps.mistake("This is the whole model's output: fetch the layer's.")
def final_output(model, image, layer_name):
    with torch.no_grad():
        return model.eval()(image[None] if image.ndim == 3 else image)


activation_maps.mistake(
    "A dotted name is not found: `getattr` takes one step. Use `model.get_submodule` or `named_modules()`.",
    "nested-names",
)(_look(find=getattr))
activation_maps.mistake(
    "Only the outermost part of the name is used: the layer lies deeper in the model.", "children-only"
)(_look(find=lambda model, name: getattr(model, name.split(".")[0])))
