"""Probes that build a network with the answer, run it, and write down what it computes on the way."""

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from .calls import probe

POOLINGS = {  # operator below autograd -> what it is called here
    "aten::max_pool2d_with_indices": "max pooling",
    "aten::max_pool2d": "max pooling",
    "aten::mkldnn_max_pool2d": "max pooling",
    "aten::adaptive_max_pool2d": "max pooling",
    "aten::amax": "max pooling",
    "aten::avg_pool2d": "average pooling",
    "aten::adaptive_avg_pool2d": "average pooling",
    "aten::_adaptive_avg_pool2d": "average pooling",
    "aten::mean": "average pooling",
}


@probe
def run_stack(answer, images, evidence=False):
    """Build a stack and run it in train mode.

    Returns
    -------
    dict
        What kind of object it is; its layers with weights and its poolings in the order of their use; the output's
        shape. With `evidence` also "steps", what each layer is made of, took and gave, and the output, so that the
        comparison can compute them again.
    """
    model = answer()
    model(images)  # layers that learn their input size at the first call do so now
    with torch.no_grad(), _Trace() as trace:
        output = model(images)
    seen = {"kind": _kind(model), "layers": trace.layers, "output shape": tuple(output.shape)}
    return seen | {"steps": trace.steps, "output": output} if evidence else seen


@probe
def run_classifier(answer, images, evidence=False):
    """Build a classifier and run it on a batch, on each image alone, and on one image as it was built.

    Returns
    -------
    dict
        As `run_stack`, but in evaluation mode, and: what the last linear layer gave; the outputs for each image alone;
        the shape for one image in train mode; whether all weights in use are among the model's parameters.
    """
    model = answer()
    as_built = model(images[:1])
    model.eval()
    with torch.no_grad():
        alone = [model(image[None]) for image in images]
        with _Trace() as trace:
            output = model(images)
    registered = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    seen = {
        "kind": _kind(model),
        "layers": trace.layers,
        "weights registered": trace.weights <= registered,
        "output": output,
        "last linear layer": trace.last_linear,
        "images alone": alone,
        "shape as built": tuple(as_built.shape),
    }
    return seen | {"steps": trace.steps} if evidence else seen


class _Trace(TorchDispatchMode):
    """Write down convolutions, poolings and linear layers, whether modules or functions call them."""

    def __init__(self):
        super().__init__()
        self.layers, self.steps, self.weights, self.last_linear = [], [], set(), None

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name
        output = func(*args, **(kwargs or {}))
        if name == "aten::convolution":
            out_channels, in_channels, *size = args[1].shape
            options = dict(zip(("stride", "padding", "dilation"), map(list, args[3:6]), strict=True))
            made_of = {"weight": args[1], "bias": args[2], "groups": args[8]} | options
            layer = f"convolution {in_channels} -> {out_channels}, {'x'.join(map(str, size))}"
            self._note(layer, made_of, args[0], output)
        elif name in ("aten::addmm", "aten::mm"):
            features_in, features_out = args[-1].shape
            made_of = {"weight": args[-1].T, "bias": args[0] if name == "aten::addmm" else None}
            self._note(f"linear {features_in} -> {features_out}", made_of, args[-2], output)
            self.last_linear = output.clone()
        elif name in POOLINGS and args[0].ndim == 4:
            window = [list(arg) for arg in args[1:4]] if "max_pool2d" in name and "adaptive" not in name else None
            self._note(POOLINGS[name], {"window": window}, args[0], output[0] if isinstance(output, tuple) else output)
        return output

    def _note(self, layer, made_of, taken, given):
        """Write down a layer: what it is made of, what it took and what it gave, as it is now."""
        self.layers.append(layer)
        step = {**made_of, "input": taken, "output": given}
        if "weight" in made_of:
            self.weights.add(made_of["weight"].untyped_storage().data_ptr())
        copies = {key: value.clone() if isinstance(value, torch.Tensor) else value for key, value in step.items()}
        self.steps.append({"layer": layer, **copies})


def _kind(model):
    if isinstance(model, nn.Sequential):
        return "nn.Sequential"
    return "nn.Module" if isinstance(model, nn.Module) else type(model).__name__
