"""Exercise: what a layer inside a network gives."""

import torch

from .. import drawing
from ..record import Exercise, Misconception, case


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


def _final_output(model, image, layer_name):
    with torch.no_grad():
        return model.eval()(image[None] if image.ndim == 3 else image)


def _next_layer(model, name):
    names = [name for name, _ in model.named_modules()]
    return model.get_submodule(names[names.index(name) + 1])


def _case(note, image, layer_name, seed=0, training=False):
    return case(note, probe="look_inside", image=image, layer_name=layer_name, seed=seed, training=training)


def _image(*shape):
    return torch.arange(float(torch.Size(shape).numel())).reshape(shape).sin()


def _fresh(generator):
    seed = drawing.integer(generator, 1, 1000)
    yield _case("two images", drawing.tensor(generator, 2, 2, 5, 6), "features.0.0", seed)
    yield _case("a single image, train mode", drawing.tensor(generator, 2, 6, 5), "features.1.0", seed, training=True)
    yield _case("a batch of one", drawing.tensor(generator, 1, 2, 4, 6), "features.0.1", seed)


EXERCISE = Exercise(
    solved=activation_maps,
    chapter="interpretation",
    prompt="""
To see what a network sees, look at what a layer inside it gives. Run the model on the image and return the output of
the layer with this dotted name, one of `model.named_modules()`. A single image (C, H, W) runs as a batch of one; the
result keeps its batch axis. Leave the model as you found it: no hook stays behind, its mode is the same, and the result
hangs on no graph. It is the output of *that* layer, even if the next one is a ReLU that overwrites it in place.
""",
    objectives=("use a forward hook", "leave a model as it was"),
    out_of_scope=("layers that return something else than a tensor", "a layer that is used several times"),
    visible=(
        _case("a convolution", _image(1, 2, 3, 4), "features.0.0"),
        _case("a single image", _image(2, 4, 3), "pool"),
        _case("a layer in the second block, train mode", _image(1, 2, 4, 5), "features.1.0", training=True),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "hook-left",
            "The hook stays on the layer and runs at every call from now on: remove it with `handle.remove()`.",
            _look(remove=lambda hook: None),
        ),
        Misconception(
            "overwritten-in-place",
            "A ReLU that works in place overwrites the result: keep a copy, `output.detach().clone()`.",
            _look(keep=lambda inputs, output: output.detach()),
        ),
        Misconception(
            "not-detached",
            "The result hangs on the graph: detach it.",
            _look(keep=lambda inputs, output: output.clone()),
        ),
        Misconception(
            "left-in-eval-mode",
            "The model is left in eval mode: put it back as it was.",
            _look(before=lambda model: model.eval()),
        ),
        Misconception(
            "left-in-train-mode",
            "The model is put in train mode at the end: it may not have been in it before.",
            _look(after=lambda model: model.train()),
        ),
        Misconception(
            "batch-axis-missing",
            "A single image is run without a batch axis: give it one, `image[None]`.",
            _look(prepare=lambda image: image),
        ),
        Misconception(
            "batch-axis-always-added",
            "A batch gets one axis too many: add one only to a single image.",
            _look(prepare=lambda image: image[None]),
        ),
        Misconception(
            "batch-axis-dropped",
            "The batch axis is taken off the result: keep it, also for one image.",
            _look(finish=lambda maps, image: maps.squeeze(0)),
        ),
        Misconception(
            "batch-axis-dropped-for-single-images",
            "A single image's result lost its batch axis: keep it, as for a batch of one.",
            _look(finish=lambda maps, image: maps[0] if image.ndim == 3 else maps),
        ),
        Misconception(
            "first-image-only",
            "Only the first image's maps are returned: keep the whole batch.",
            _look(finish=lambda maps, image: maps[:1]),
        ),
        Misconception(
            "input-of-the-layer",
            "This is what goes into the layer: a forward hook gets (module, inputs, output); keep the output.",
            _look(keep=lambda inputs, output: inputs[0].detach().clone()),
        ),
        Misconception("final-output", "This is the whole model's output: fetch the layer's.", _final_output),
        Misconception(
            "nested-names",
            "A dotted name is not found: `getattr` takes one step. Use `model.get_submodule` or `named_modules()`.",
            _look(find=getattr),
        ),
        Misconception(
            "children-only",
            "Only the outermost part of the name is used: the layer lies deeper in the model.",
            _look(find=lambda model, name: getattr(model, name.split(".")[0])),
        ),
    ),
    hints=(
        "`layer.register_forward_hook(f)` calls `f(layer, inputs, output)` whenever the layer has run.",
        "`model.get_submodule(layer_name)` finds the layer; the hook can append a copy of its output to a list.",
        "Register the hook, run the model under `torch.no_grad()`, remove the hook (`finally`), return the copy.",
    ),
    points=6,
    minutes=20,
    prerequisites=("evaluate",),
)
