"""The course's networks, by name: from forty parameters to a hundred million.

Every network returns *logits*, one score per class; none ends in a softmax. `build` makes one by its name, and
`shape_trace` lists what each layer does to the shape and how many parameters it has. Chapters `training` and
`architectures`.
"""

from .augmentation import Augmented, RandomShiftAndMirror, TestTimeAugmentation
from .classics import DepthwiseSeparable, ResidualBlock, alexnet, lenet5, mobilenet, resnet8, vgg16
from .fashion import (
    HALVINGS,
    FashionClassifier,
    FashionCNN,
    batch_norm_net,
    build_feature_stack,
    fast_fashion_net,
    halving_net,
    pocket_net,
    two_conv_net,
)
from .modes import evaluation_mode
from .parts import BlurPool2d
from .registry import MODELS, LayerTrace, build, shape_trace
from .restarts import ParallelRestarts
from .shapes import colour_net, dense_shapes_net, one_kernel_net, planted_net, shapes_net

__all__ = [
    "HALVINGS",
    "MODELS",
    "Augmented",
    "BlurPool2d",
    "DepthwiseSeparable",
    "FashionCNN",
    "FashionClassifier",
    "LayerTrace",
    "ParallelRestarts",
    "RandomShiftAndMirror",
    "ResidualBlock",
    "TestTimeAugmentation",
    "alexnet",
    "batch_norm_net",
    "build",
    "build_feature_stack",
    "colour_net",
    "dense_shapes_net",
    "evaluation_mode",
    "fast_fashion_net",
    "halving_net",
    "lenet5",
    "mobilenet",
    "one_kernel_net",
    "planted_net",
    "pocket_net",
    "resnet8",
    "shape_trace",
    "shapes_net",
    "two_conv_net",
    "vgg16",
]
