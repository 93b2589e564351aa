"""Probes that give a block of layers known weights, whatever its layers are called, and run it."""

import zlib

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .calls import probe


@probe
def run_block(answer, arguments, images, training=True):
    """Build a block, give each layer known weights according to its kind and place, and run it again.

    Returns
    -------
    dict
        Whether the second run uses the layers of the first; whether their weights are among the block's parameters;
        the output of the second run, or words if it has other layers.
    """
    block = answer(**arguments)
    block.train()
    first, second = _Layers(), _Layers()
    with torch.no_grad():
        with first:
            block(images.clone())
        first.fill()
        block.train(training)
        with second:
            output = block(images)
    registered = {parameter.untyped_storage().data_ptr() for parameter in block.parameters()}
    kept = first.weights == second.weights
    return {
        "layers kept": kept,
        "weights registered": first.weights <= registered,
        "output": output if kept else "computed with new weights",
    }


@probe
def count_block(answer, arguments, images):
    """Build a block, run it once, and count its parameters."""
    block = answer(**arguments)
    block(images)
    return sum(parameter.numel() for parameter in block.parameters())


class _Layers(TorchDispatchMode):
    """Write down the tensors of convolutions and batch normalisations in the order of their use."""

    def __init__(self):
        super().__init__()
        self.used = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        output = func(*args, **(kwargs or {}))
        name = func._schema.name
        if name == "aten::convolution":
            kind = f"convolution {tuple(args[1].shape)}"
            self._note(kind, {"weight": args[1], "bias": args[2]}, args[0], output)
        elif name.startswith("aten::") and "batch_norm" in name and "backward" not in name:
            names = ("scale", "shift", "mean", "variance")
            self._note("normalisation", dict(zip(names, args[1:5], strict=True)), args[0], output[0])
        return output

    def _note(self, kind, tensors, taken, given):
        """Write down a layer; a normalisation is called after the convolution whose output it takes."""
        before = next((label for label, _, last in self.used if last is taken), "")
        place = sum(label.startswith(kind) for label, _, _ in self.used) if kind != "normalisation" else before
        self.used.append((f"{kind} {place}", tensors, given))

    @property
    def weights(self):
        """Where the learned numbers lie in memory."""
        learned = ("weight", "bias", "scale", "shift")
        return {
            tensor.untyped_storage().data_ptr()
            for _, tensors, _ in self.used
            for name, tensor in tensors.items()
            if name in learned and tensor is not None
        }

    def fill(self):
        """Give every tensor numbers that its layer's kind and place decide."""
        for label, tensors, _ in self.used:
            generator = torch.Generator().manual_seed(zlib.crc32(label.encode()))
            for name, tensor in tensors.items():
                if tensor is not None:
                    tensor.copy_(_numbers(name, tensor.shape, generator))


def _numbers(name, shape, generator):
    """Draw the numbers of a tensor; a convolution's bias is 0, scales and variances are positive."""
    if name == "bias":
        return torch.zeros(shape)
    if name == "weight":
        return torch.randn(shape, generator=generator) / shape[1:].numel() ** 0.5
    if name in ("scale", "variance"):
        return 0.5 + torch.rand(shape, generator=generator)
    return torch.rand(shape, generator=generator) / 2 - 0.25
