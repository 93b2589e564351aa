"""Exercise: a whole network as a class."""

import torch
from torch import nn

from cnncourse.checking.record import case, exercise

from .build_feature_stack import build_feature_stack, images, stack_broken
from .recomputed import recomputed_broken


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


FashionCNN.add_visible(
    case("one image", varies="basic", probe="run_classifier", images=images(1)),
    case("three images", varies="batch", probe="run_classifier", images=images(3)),
)


@FashionCNN.random_cases
def fresh(generator):  # few: nothing but the batch can vary
    for note, tag, count in (("one image", "basic", 1), ("two images", "batch", 2)):
        yield case(note, varies=tag, probe="run_classifier", images=images(count, generator), evidence=True)


@FashionCNN.rules
def broken(case, value):
    count = len(case.inputs["images"])
    if not value["kind"].startswith("nn."):
        yield "It should be a subclass of nn.Module."
    output, alone, logits = value["output"], value["images alone"], value["last linear layer"]
    if tuple(output.shape) != (count, 10):
        yield "A batch of N images should give (N, 10)."
    if any(tuple(one.shape) != (1, 10) for one in alone) or value["shape as built"] != (1, 10):
        yield "One image should give (1, 10)."
    if not value["weights registered"]:
        yield "Some weights are not among the model's parameters."
    layers = value["layers"]
    yield from stack_broken(layers)
    if len(layers) != 5 or not layers[4].startswith("linear"):
        yield "After the second pooling there should be one linear layer, and nothing else."
    elif not layers[4].startswith("linear 64 "):
        yield "The linear layer should take 64 features."
    if output.shape == logits.shape and not torch.equal(output, logits):
        yield what_is_done_to(logits, output)
    if output.shape == torch.cat(alone).shape and not torch.allclose(output, torch.cat(alone), rtol=1e-3, atol=1e-4):
        yield "An image gets other logits alone than in a batch."
    if "evidence" in case.inputs:
        yield from recomputed_broken(value["steps"], case.inputs["images"], logits)


def what_is_done_to(logits, output):
    """Say what was made of the logits of the linear layer."""
    ones = torch.ones(len(output))
    if torch.equal(output, logits.clamp(min=0)):
        return "Negative scores become 0: return the logits as they are."
    if torch.allclose(output.sum(1), ones, atol=1e-4) and (output >= 0).all():
        return "The outputs are probabilities, not logits: each row sums to 1."
    if torch.allclose(output.exp().sum(1), ones, atol=1e-4):
        return "The outputs are logarithms of probabilities, not logits."
    if (output >= 0).all() and (output <= 1).all():
        return "The outputs are squashed to 0 .. 1: they are not logits."
    return "The linear layer's output is changed: return the logits as they are."


FashionCNN.mistake(
    "The network ends in a softmax, which the loss does itself: return the linear layer's output.", "softmax-at-the-end"
)(FashionCNN.edited("flatten(start_dim=1))", "flatten(start_dim=1)).softmax(dim=1)"))
FashionCNN.mistake(
    "The network ends in a log-softmax, which the loss does: return the linear layer's output.",
    "log-softmax-at-the-end",
)(FashionCNN.edited("flatten(start_dim=1))", "flatten(start_dim=1)).log_softmax(dim=1)"))
FashionCNN.mistake(
    "The network ends in a sigmoid: the classes compete, so return the linear layer's output.", "sigmoid-at-the-end"
)(FashionCNN.edited("flatten(start_dim=1))", "flatten(start_dim=1)).sigmoid()"))
FashionCNN.mistake(
    "There is an activation after the last layer: leave it out, since scores may be negative.", "activation-at-the-end"
)(FashionCNN.edited("flatten(start_dim=1))", "flatten(start_dim=1)).relu()"))
FashionCNN.mistake(
    "`squeeze()` drops every axis of length 1, also the batch axis of one image: use `flatten(1)`.",
    "batch-axis-squeezed",
)(FashionCNN.edited("flatten(start_dim=1)", "squeeze()"))
FashionCNN.mistake("The batch axis is flattened too: keep it with `flatten(start_dim=1)`.", "batch-flattened")(
    FashionCNN.edited("flatten(start_dim=1)", "flatten()")
)
FashionCNN.mistake(
    "There is not one score for each class: the linear layer's second number is 10.", "wrong-number-of-classes"
)(FashionCNN.edited("Linear(64, 10)", "Linear(64, 9)"))


@FashionCNN.mistake(
    "The layers are in a plain list, where the model does not see their parameters and cannot learn them. "
    "Use nn.Sequential or nn.ModuleList."
)
class layers_in_a_list(FashionCNN.solved):
    def __init__(self):
        super().__init__()
        self.layers = list(self.features)
        del self.features

    def forward(self, input):
        for layer in self.layers:
            input = layer(input)
        return self.linear(input.flatten(1))


@FashionCNN.mistake("The layers are made anew at every call, with new weights: make them in `__init__`.")
class layers_made_in_forward(nn.Module):
    def forward(self, input):
        self.features, self.linear = build_feature_stack(), nn.Linear(64, 10)
        return self.linear(self.features(input).flatten(1))


@FashionCNN.same_mistake("layers-made-in-forward")
class layers_made_anew(nn.Module):
    def forward(self, input):
        return nn.Linear(64, 10)(build_feature_stack()(input).flatten(1))


FashionCNN.mistake(
    "The features are not 1x1 when they are flattened: end the stack in (N, 64, 1, 1).", "features-not-1x1"
)(FashionCNN.edited("MaxPool2d(8)", "MaxPool2d(2)", "Linear(64", "Linear(64 * 16"))
FashionCNN.mistake("The features are averaged: both poolings take the maximum.", "average-pooling")(
    FashionCNN.edited("MaxPool2d(8)", "AvgPool2d(8)")
)
FashionCNN.mistake(
    "Dropout also drops in evaluation: use nn.Dropout, or F.dropout with training=self.training.",
    "dropout-in-evaluation",
)(FashionCNN.edited("self.features(input).flatten(start_dim=1)", "F.dropout(self.features(input).flatten(1), 0.5)"))
