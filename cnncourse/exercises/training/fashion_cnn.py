"""Exercise: a whole network as a class."""

import torch
from torch import nn

from cnncourse.checking.record import case, exercise

from .build_feature_stack import build_feature_stack, stack_broken


@exercise(points=5, minutes=15, after="build_feature_stack")
class FashionCNN(nn.Module):
    """Classify garments: convolution, max pooling, convolution, max pooling, then flatten and one linear layer."""

    def __init__(self):
        """Make the layers; the features are those of `build_feature_stack`."""
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=5),  # (N, 16, 24, 24)
            nn.ReLU(),
            nn.MaxPool2d(2),  # (N, 16, 12, 12)
            nn.Conv2d(16, 64, kernel_size=5),  # (N, 64, 8, 8)
            nn.ReLU(),
            nn.MaxPool2d(8),  # (N, 64, 1, 1)
        )
        self.linear = nn.Linear(64, 10)

    def forward(self, input):
        """Take images (N, 1, 28, 28) to logits (N, 10)."""
        return self.linear(self.features(input).flatten(start_dim=1))


def _not_logits(output, logits):
    if torch.equal(output, logits.clamp(min=0)):
        yield "Negative scores become 0: logits come out as they are."
    elif torch.allclose(output.sum(1), torch.ones(len(output)), atol=1e-4) and (output >= 0).all():
        yield "The outputs are probabilities, not logits: each row sums to 1."
    elif torch.allclose(output.exp().sum(1), torch.ones(len(output)), atol=1e-4):
        yield "The outputs are logarithms of probabilities, not logits."
    elif (output >= 0).all() and (output <= 1).all():
        yield "The outputs are squashed to 0 .. 1: they are not logits."
    else:
        yield "Something is done to the linear layer's output: logits come out as they are."


class _Wrong(nn.Module):
    """The network with a part that can be another."""

    def __init__(self):
        super().__init__()
        self.features = self.build()
        self.linear = nn.Linear(self.width, self.classes)

    build = staticmethod(build_feature_stack)
    width, classes = 64, 10

    def forward(self, input):
        return self.end(self.linear(self.flat(self.features(input))))

    def flat(self, features):
        return features.flatten(1)

    def end(self, logits):
        return logits


def _with(**parts):
    """Make a wrong answer: a class whose parts are replaced."""
    return type("Wrong", (_Wrong,), parts)


def _larger_features():
    return nn.Sequential(*list(build_feature_stack())[:5], nn.MaxPool2d(2))


def _averaged_features():
    return nn.Sequential(*list(build_feature_stack())[:5], nn.AdaptiveAvgPool2d(1))


def _images(count, generator=None):
    return torch.rand(count, 1, 28, 28, generator=generator or torch.Generator().manual_seed(count))


@FashionCNN.rules
def _broken(case, value):
    count = len(case.inputs["images"])
    if not value["kind"].startswith("nn."):
        yield "It should be a subclass of nn.Module."
    output, alone = value["output"], value["images alone"]
    if tuple(output.shape) != (count, 10):
        yield "A batch of N images should give (N, 10)."
    if any(tuple(one.shape) != (1, 10) for one in alone) or value["shape as built"] != (1, 10):
        yield "One image should give (1, 10)."
    if not value["weights registered"]:
        yield "Some weights are not among the model's parameters."
    layers = value["layers"]
    yield from stack_broken(layers)
    if not all(layer.startswith("linear") for layer in layers[4:]) or len(layers) < 5:
        yield "After the second pooling there should be a linear layer, and no other kind."
    elif not layers[4].startswith("linear 64 "):
        yield "The linear layer should take 64 features."
    if output.shape == value["last linear layer"].shape and not torch.equal(output, value["last linear layer"]):
        yield from _not_logits(output, value["last linear layer"])
    if output.shape == torch.cat(alone).shape and not torch.allclose(output, torch.cat(alone), rtol=1e-3, atol=1e-4):
        yield "An image gets other logits alone than in a batch."


FashionCNN.add_visible(
    case("one image", varies="basic", probe="run_classifier", images=_images(1)),
    case("three images", varies="batch", probe="run_classifier", images=_images(3)),
)
FashionCNN.random_cases(
    lambda generator: (case("two images", varies="batch", probe="run_classifier", images=_images(2, generator)),)
)


FashionCNN.mistake(
    "The network ends in a softmax, which the loss does itself: return the linear layer's output.", "softmax-at-the-end"
)(_with(end=lambda self, logits: logits.softmax(1)))
FashionCNN.mistake(
    "The network ends in a log-softmax: return the linear layer's output, which is the logits.",
    "log-softmax-at-the-end",
)(_with(end=lambda self, logits: logits.log_softmax(1)))
FashionCNN.mistake(
    "The network ends in a sigmoid: the classes compete, and the loss wants the linear layer's output.",
    "sigmoid-at-the-end",
)(_with(end=lambda self, logits: logits.sigmoid()))
FashionCNN.mistake(
    "An activation stands after the last layer: scores may be negative, so leave it out.", "activation-at-the-end"
)(_with(end=lambda self, logits: logits.relu()))
FashionCNN.mistake(
    "A batch of one loses its batch axis: `squeeze()` drops every axis of length 1. Use `flatten(1)`.",
    "batch-axis-squeezed",
)(_with(flat=lambda self, features: features.squeeze()))
FashionCNN.mistake("The batch axis is flattened too: keep it with `flatten(start_dim=1)`.", "batch-flattened")(
    _with(flat=lambda self, features: features.flatten())
)
FashionCNN.mistake(
    "There is not one score for each of the ten classes: the linear layer's second number is 10.",
    "wrong-number-of-classes",
)(_with(classes=9))


@FashionCNN.mistake(
    "The layers stand in a plain list, where the model does not see their parameters and cannot learn them. "
    "Use nn.Sequential or nn.ModuleList."
)
class layers_in_a_list(_Wrong):
    def __init__(self):
        super().__init__()
        del self.features
        self.layers = list(build_feature_stack())

    def forward(self, input):
        for layer in self.layers:
            input = layer(input)
        return self.linear(input.flatten(1))


@FashionCNN.mistake("The layers are made anew at every call, with new weights: make them in `__init__`.")
class layers_made_in_forward(nn.Module):
    def forward(self, input):
        self.features, self.linear = build_feature_stack(), nn.Linear(64, 10)
        return self.linear(self.features(input).flatten(1))


FashionCNN.mistake(
    "The features are not 1x1 when they are flattened: the stack ends in (N, 64, 1, 1).", "features-not-1x1"
)(_with(build=staticmethod(_larger_features), width=64 * 16))
FashionCNN.mistake("The features are averaged: both poolings take the maximum.", "average-pooling")(
    _with(build=staticmethod(_averaged_features))
)
