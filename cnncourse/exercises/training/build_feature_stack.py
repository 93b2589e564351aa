"""Exercise: a stack of layers whose sizes come out right."""

import torch
from torch import nn

from cnncourse.checking.record import case, exercise


@exercise(points=4, minutes=12, after="calculate_output_shape")
def build_feature_stack():
    """Build convolution, max pooling, convolution, max pooling: a garment becomes 64 features.

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


def stack_broken(layers):
    """Yield what is wrong with the first four layers of a stack, by the probe's account of them."""
    if layers[:1] != ["convolution 1 -> 16, 5x5"]:
        yield "The first layer should be a convolution from 1 channel to 16 with a 5x5 kernel."
    if "average pooling" in layers:
        yield "Average pooling stands where max pooling should."
    kinds = [layer.split(" ")[0] for layer in layers[:4]]
    if [kind.replace("average", "max") for kind in kinds] != ["convolution", "max", "convolution", "max"]:
        yield "The layers should be: convolution, max pooling, convolution, max pooling."


def _stack(*, first=None, pool=None, second=None, last=None, more=()):
    """Make a wrong answer: the stack with a layer changed (each given as a function that builds it)."""

    def answer():
        layers = list(build_feature_stack())
        for index, build in ((0, first), (2, pool), (3, second), (5, last)):
            if build:
                layers[index] = build()
        return nn.Sequential(*layers, *(build() for build in more))

    return answer


def _images(count, generator=None):
    return torch.rand(count, 1, 28, 28, generator=generator or torch.Generator().manual_seed(count))


@build_feature_stack.rules
def _broken(case, value):
    if value["kind"] != "nn.Sequential":
        yield "It should return an nn.Sequential."
    yield from stack_broken(value["layers"])
    if len(value["layers"]) > 4:
        yield "There are more layers than two convolutions and two poolings."
    shape, expected = value["output shape"], (len(case.inputs["images"]), 64, 1, 1)
    if len(shape) != 4:
        yield "The output should keep its four axes: (N, 64, 1, 1)."
    elif shape[1] != 64:
        yield "The output should have 64 channels."
    elif shape != expected:
        yield "The output should be 1x1: (N, 64, 1, 1)."


build_feature_stack.add_visible(
    case("two images", varies="basic", probe="run_stack", images=_images(2)),
    case("one image", varies="batch", probe="run_stack", images=_images(1)),
)
build_feature_stack.random_cases(
    lambda generator: (case("three images", varies="batch", probe="run_stack", images=_images(3, generator)),)
)


build_feature_stack.mistake(
    "The features are not 1x1 yet: follow the size through the stack with floor((size + 2*padding - kernel) / "
    "stride) + 1, and choose the last pooling to end at 1.",
    "not-1x1",
)(_stack(last=lambda: nn.MaxPool2d(2)))
build_feature_stack.mistake("A pooling averages: both take the maximum.", "average-pooling")(
    _stack(pool=lambda: nn.AvgPool2d(2), last=lambda: nn.AvgPool2d(8))
)
build_feature_stack.mistake(
    "Two layers do not fit together: a convolution's `in_channels` is the `out_channels` of the one before.",
    "channels-do-not-fit",
)(_stack(second=lambda: nn.Conv2d(1, 64, 5)))
build_feature_stack.mistake(
    "The first convolution has another kernel or other channels: it goes from 1 to 16, with 5x5.", "other-kernel-first"
)(_stack(first=lambda: nn.Conv2d(1, 16, 3, padding=0), pool=lambda: nn.MaxPool2d(2, padding=0)))
build_feature_stack.mistake(
    "The output has not 64 channels: give the second convolution `out_channels=64`.", "too-few-channels"
)(_stack(second=lambda: nn.Conv2d(16, 32, 5)))
build_feature_stack.mistake(
    "The features are flattened here: leave that to the next exercise, and keep (N, 64, 1, 1).", "flattened"
)(_stack(more=(nn.Flatten,)))


@build_feature_stack.mistake("A pooling is missing: one stands after each convolution.")
def second_pooling_missing():
    return nn.Sequential(*list(build_feature_stack())[:3], nn.Conv2d(16, 64, 12))


build_feature_stack.mistake(
    "There is a layer too many: two convolutions and two poolings are asked for.", "one-layer-too-many"
)(_stack(more=(lambda: nn.Conv2d(64, 64, 1),)))


@build_feature_stack.mistake("It is no nn.Sequential: hand the layers to `nn.Sequential(...)` and return that.")
class not_a_sequential(nn.Module):
    def __init__(self):
        super().__init__()
        self.stack = build_feature_stack()

    def forward(self, input):
        return self.stack(input)
