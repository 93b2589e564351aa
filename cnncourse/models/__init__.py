"""The course's networks, by name: from forty parameters to a hundred million.

Every network returns *logits*, one score a class; none ends in a softmax. `build` makes one by its name, `shape_trace`
says what each layer does to the shape and how many parameters it has. Chapters `training` and `architectures`.
"""

from .classics import ResidualBlock, alexnet, lenet5, resnet8, vgg16
from .garments import (
    HALVINGS,
    FashionCNN,
    batch_norm_net,
    build_feature_stack,
    garment_net,
    halving_net,
    pocket_net,
    two_conv_net,
)
from .parts import BlurPool2d
from .registry import MODELS, LayerTrace, build, shape_trace
from .shapes import colour_net, dense_shapes_net, one_kernel_net, shapes_net

__all__ = [
    "HALVINGS",
    "MODELS",
    "BlurPool2d",
    "FashionCNN",
    "LayerTrace",
    "ResidualBlock",
    "alexnet",
    "batch_norm_net",
    "build",
    "build_feature_stack",
    "colour_net",
    "dense_shapes_net",
    "garment_net",
    "halving_net",
    "lenet5",
    "one_kernel_net",
    "pocket_net",
    "resnet8",
    "shape_trace",
    "shapes_net",
    "two_conv_net",
    "vgg16",
]
