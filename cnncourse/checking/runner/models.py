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
def run_stack(answer, images):
    """Build a stack and run it.

    Returns
    -------
    dict
        What kind of object it is; its layers with weights and its poolings in the order of their use; the output's
        shape.
    """
    model = answer()
    model(images)  # layers that learn their input size at the first call do so now
    with torch.no_grad(), _Trace() as trace:
        output = model(images)
    return {"kind": _kind(model), "layers": trace.layers, "output shape": tuple(output.shape)}


@probe
def run_classifier(answer, images):
    """Build a classifier and run it on a batch, on each image alone, and on one image as it was built.

    Returns
    -------
    dict
        As `run_stack`, and: what the last linear layer gave; the outputs for each image alone; the shape for one image
        in train mode; whether all weights in use are among the model's parameters.
    """
    model = answer()
    as_built = model(images[:1])
    model.eval()
    with torch.no_grad():
        alone = [model(image[None]) for image in images]
        with _Trace() as trace:
            output = model(images)
    registered = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    return {
        "kind": _kind(model),
        "layers": trace.layers,
        "weights registered": trace.weights <= registered,
        "output": output,
        "last linear layer": trace.last_linear,
        "images alone": alone,
        "shape as built": tuple(as_built.shape),
    }


class _Trace(TorchDispatchMode):
    """Write down convolutions, poolings and linear layers, whether modules or functions call them."""

    def __init__(self):
        super().__init__()
        self.layers, self.weights, self.last_linear = [], set(), None

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        output = func(*args, **(kwargs or {}))
        name = func._schema.name
        if name == "aten::convolution":
            out_channels, in_channels, *size = args[1].shape
            self._note(f"convolution {in_channels} -> {out_channels}, {'x'.join(map(str, size))}", args[1])
        elif name in ("aten::addmm", "aten::mm"):
            features_in, features_out = args[-1].shape
            self._note(f"linear {features_in} -> {features_out}", args[-1])
            self.last_linear = output.clone()
        elif name in POOLINGS and args[0].ndim == 4:
            self.layers.append(POOLINGS[name])
        return output

    def _note(self, layer, weight):
        self.layers.append(layer)
        self.weights.add(weight.untyped_storage().data_ptr())


def _kind(model):
    if isinstance(model, nn.Sequential):
        return "nn.Sequential"
    return "nn.Module" if isinstance(model, nn.Module) else type(model).__name__
