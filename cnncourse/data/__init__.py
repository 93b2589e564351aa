"""The course's images: drawn, shipped with a dependency, or committed here. Nothing is downloaded unless asked for."""

from cnncourse.data.colour_shapes import (
    COLOUR_KINDS,
    COLOURS,
    ColourShapesDataset,
    make_colour_objects,
    make_colour_shapes,
    paint,
)
from cnncourse.data.digits import load_digits
from cnncourse.data.equal_shapes import make_equal_shapes
from cnncourse.data.fashion_mnist import FASHION_CLASSES, DataError, load_fashion_mnist
from cnncourse.data.photos import PHOTOS, load_photo
from cnncourse.data.shapes import SHAPE_CLASSES, ShapesDataset, draw_circle, draw_square, make_shapes, random_shapes
from cnncourse.data.splits import hold_out

__all__ = [
    "COLOURS",
    "COLOUR_KINDS",
    "FASHION_CLASSES",
    "PHOTOS",
    "SHAPE_CLASSES",
    "ColourShapesDataset",
    "DataError",
    "ShapesDataset",
    "draw_circle",
    "draw_square",
    "hold_out",
    "load_digits",
    "load_fashion_mnist",
    "load_photo",
    "make_colour_objects",
    "make_colour_shapes",
    "make_equal_shapes",
    "make_shapes",
    "paint",
    "random_shapes",
]
