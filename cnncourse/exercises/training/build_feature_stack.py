"""Exercise: a stack of layers whose sizes come out right."""

import torch
from torch import nn

from cnncourse.checking.record import case, exercise

from .recomputed import recomputed_broken


@exercise(points=4, minutes=12, after="calculate_output_shape")
def build_feature_stack():
    """Build convolution, max pooling, convolution, max pooling: an image becomes 64 features.

    Returns
    -------
    nn.Sequential
        Takes (N, 1, 28, 28) to (N, 64, 1, 1).
    """
    return nn.Sequential(
        nn.Conv2d(1, 16, kernel_size=5),  # (N, 16, 24, 24)
        nn.ReLU(),
        nn.MaxPool2d(2),  # (N, 16, 12, 12)
        nn.Conv2d(16, 64, kernel_size=5),  # (N, 64, 8, 8)
        nn.ReLU(),
        nn.MaxPool2d(8),  # (N, 64, 1, 1)
    )


def images(count, generator=None):
    return torch.rand(count, 1, 28, 28, generator=generator or torch.Generator().manual_seed(count))


build_feature_stack.add_visible(
    case("two images", varies="batch", probe="run_stack", images=images(2)),
    case("one image", varies="basic", probe="run_stack", images=images(1)),
)


@build_feature_stack.random_cases
def fresh(generator):  # few: nothing but the batch can vary
    for note, tag, count in (("one image", "basic", 1), ("three images", "batch", 3)):
        yield case(note, varies=tag, probe="run_stack", images=images(count, generator), evidence=True)


@build_feature_stack.rules
def broken(case, value):
    if value["kind"] != "nn.Sequential":
        yield "It should return an nn.Sequential."
    yield from stack_broken(value["layers"])
    if len(value["layers"]) > 4:
        yield "There are more layers than two convolutions and two poolings."
    shape = value["output shape"]
    if len(shape) != 4:
        yield "The output should keep its four axes: (N, 64, 1, 1)."
    elif shape[1] != 64:
        yield "The output should have 64 channels."
    elif shape != (len(case.inputs["images"]), 64, 1, 1):
        yield "The output should be 1x1: (N, 64, 1, 1)."
    if "evidence" in case.inputs:
        yield from recomputed_broken(value["steps"], case.inputs["images"], value["output"])


def stack_broken(layers):
    """Yield what is wrong with the first four layers, as the probe describes them."""
    if layers[:1] != ["convolution 1 -> 16, 5x5"]:
        yield "The first layer should be a convolution from 1 channel to 16 with a 5x5 kernel."
    if "average pooling" in layers:
        yield "There is an average pooling where a max pooling should be."
    kinds = [layer.split(" ")[0] for layer in layers[:4]]
    if [kind.replace("average", "max") for kind in kinds] != ["convolution", "max", "convolution", "max"]:
        yield "The layers should be: convolution, max pooling, convolution, max pooling."


build_feature_stack.mistake(
    "The features are not 1x1 yet: follow the size through the stack with floor((size + 2*padding - kernel) / "
    "stride) + 1, and choose the last pooling so that it ends at 1.",
    "not-1x1",
)(build_feature_stack.edited("MaxPool2d(8)", "MaxPool2d(2)"))
build_feature_stack.mistake("A pooling averages: both take the maximum.", "average-pooling")(
    build_feature_stack.edited("MaxPool2d", "AvgPool2d")
)
build_feature_stack.mistake(
    "Two layers do not fit together: `in_channels` is the `out_channels` of the layer before.", "channels-do-not-fit"
)(build_feature_stack.edited("Conv2d(16, 64", "Conv2d(1, 64"))
build_feature_stack.mistake(
    "The first convolution has another kernel or other channels: it goes from 1 to 16, with 5x5.", "other-kernel-first"
)(build_feature_stack.edited("1, 16, kernel_size=5", "1, 16, kernel_size=3"))
build_feature_stack.mistake(
    "The output does not have 64 channels: give the second convolution `out_channels=64`.", "too-few-channels"
)(build_feature_stack.edited("16, 64", "16, 32"))
build_feature_stack.mistake(
    "The features are flattened here: leave that to the next exercise, and keep (N, 64, 1, 1).", "flattened"
)(build_feature_stack.edited("MaxPool2d(8)", "MaxPool2d(8), nn.Flatten()"))
build_feature_stack.mistake("A pooling is missing: put one after each convolution.", "second-pooling-missing")(
    build_feature_stack.edited("16, 64, kernel_size=5", "16, 64, kernel_size=12", "nn.MaxPool2d(8)", "nn.Identity()")
)
build_feature_stack.mistake(
    "There is a layer too many: build two convolutions and two poolings.", "one-layer-too-many"
)(build_feature_stack.edited("MaxPool2d(8)", "MaxPool2d(8), nn.Conv2d(64, 64, 1)"))


@build_feature_stack.mistake("It is no nn.Sequential: pass the layers to `nn.Sequential(...)` and return that.")
class not_a_sequential(nn.Module):
    def __init__(self):
        super().__init__()
        self.stack = build_feature_stack()

    def forward(self, input):
        return self.stack(input)
