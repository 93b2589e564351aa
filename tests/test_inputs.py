"""Every public function outside the checker, given wrong types, empty, odd and out of range values: one clear error.

Each row of `TABLE` is a call that works and what kind each argument is. Every bad value of that kind must raise a
TypeError or a ValueError whose message names the argument; nothing may warn, and nothing may come back.
"""

import copy
import warnings
from importlib import import_module
from types import FunctionType

import numpy as np
import pytest
import torch
from torch import nn

import cnncourse
from cnncourse import (
    channels,
    convolution,
    data,
    figures,
    geometry,
    interpretation,
    layers,
    models,
    palette,
    plotting,
    pooling,
    studies,
    training,
)

NAN, INF = float("nan"), float("inf")
NO_TENSORS = [None, "text", 3, [[1.0]], np.zeros((1, 1, 4, 4))]
ODD_TYPES = [
    torch.zeros(1, 1, 4, 4, dtype=torch.complex64),
    torch.zeros(1, 1, 4, 4, dtype=torch.bool),
    torch.zeros(1, 1, 4, 4).to_sparse(),
    torch.zeros(1, 1, 4, 4).to(torch.float8_e5m2),
]
OTHER_AXES = [torch.tensor(1.0), torch.zeros(3), torch.zeros(1, 1, 1, 4, 4)]
NO_WHOLE = ["2", 1.5, NAN, True, [1.5], {}]
KINDS = {
    "tensor": [*NO_TENSORS, *ODD_TYPES],  # of any real numbers
    "images": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.zeros(1, 1, 0, 4)],
    "float images": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.zeros(1, 1, 0, 4), torch.zeros(1, 1, 4, 4).int()],
    "finite images": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES[:2], torch.full((1, 1, 8, 8), NAN), torch.zeros(1, 1, 0, 8)],
    "maps": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.full((1, 4, 4), NAN), torch.zeros(0, 4, 4)],
    "matrix": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.zeros(0, 3)],
    "classes": [
        *NO_TENSORS,
        *ODD_TYPES,
        torch.tensor([0.9]),
        torch.tensor([[1]]),
        torch.tensor([-1]),
        torch.tensor([99]),
    ],
    "count": [*NO_WHOLE, None, 0, -1, (1, 2)],
    "index": [*NO_WHOLE, None, -1, 10**6],
    "pair": [*NO_WHOLE, None, 0, -1, (0, 1), (1, 2, 3), (1, 1.5), ()],
    "optional pair": [*NO_WHOLE, 0, -1, (0, 1), (1, 2, 3), ()],
    "border": [*NO_WHOLE, None, -1, (0, -1), (1, 2, 3)],
    "number": ["2", None, NAN, INF, [1.0], True],
    "share": ["2", None, NAN, -0.1, 1.1],
    "positive": ["2", None, NAN, -1.0],
    "layer": [3, None, ["x"], {}, "other"],
    "word": [3, None, ["x"], {}, "other", ""],
    "generator": [0, "seed", 1.5],
    "network": [None, "net", 3, torch.zeros(3), nn.Linear],
    "axes": ["ax", 3, [1]],
    "per channel": [*NO_TENSORS, torch.ones(2), torch.tensor(1.0)],
    "picture": [
        "text",
        None,
        [["a"]],
        [[1], [1, 2]],
        [],
        torch.zeros(0, 3),
        torch.full((2, 2), NAN),
        1j,
        torch.tensor(1.0),
    ],
}
IMAGE, KERNEL = torch.rand(1, 1, 8, 8), torch.ones(1, 1, 3, 3)
NET = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, 2)).eval()
WINDOW = {"kernel_size": "pair", "stride": "optional pair", "padding": "border"}
POOL = ({"input": IMAGE, "kernel_size": 2}, {"input": "images", **WINDOW})
FLOAT_POOL = ({"input": IMAGE, "kernel_size": 2}, {"input": "float images", **WINDOW})
GEOMETRY = {"stride": "pair", "padding": "border", "dilation": "pair", "groups": "count"}
DRAWN = {"num_images": "count", "size": "count", "generator": "generator"}
PIXELS = {"image": torch.rand(4, 4)}
CALIBRATION = (
    {"probabilities": torch.tensor([[0.75, 0.25], [0.5, 0.5]]), "targets": torch.tensor([0, 1])},
    {
        "probabilities": [
            *NO_TENSORS,
            *ODD_TYPES,
            *OTHER_AXES,
            torch.full((2, 2), NAN),
            torch.tensor([[1.5, -0.5], [0.5, 0.5]]),
            torch.ones(2, 2),
        ],
        "targets": "classes",
        "num_bins": "count",
    },
)

TABLE = {  # function: (arguments that work, the kind of each argument that is tried)
    convolution.conv2d: (
        {"input": IMAGE, "weight": KERNEL},
        {"input": "images", "weight": "images", "bias": "tensor*", **GEOMETRY, "method": "word"},
    ),
    convolution.conv2d_backward: (
        {"grad_output": torch.ones(1, 1, 6, 6), "input": IMAGE, "weight": KERNEL},
        {"grad_output": "images", "input": "images", "weight": "images", **GEOMETRY},
    ),
    convolution.corr2d: ({"image": IMAGE[0, 0], "kernel": KERNEL[0, 0]}, {"image": "matrix", "kernel": "matrix"}),
    convolution.convolve2d: ({"image": IMAGE[0, 0], "kernel": KERNEL[0, 0]}, {"image": "matrix", "kernel": "matrix"}),
    convolution.im2col: (
        {"input": IMAGE, "kernel_size": 2},
        {"input": "images", "kernel_size": "pair", "stride": "pair", "padding": "border", "dilation": "pair"},
    ),
    convolution.col2im: (
        {"columns": torch.ones(1, 4, 4), "input_shape": (1, 1, 3, 3), "kernel_size": 2},
        {"columns": "tensor", "input_shape": "pair", "kernel_size": "pair", "stride": "pair", "padding": "border"},
    ),
    convolution.choose_method: (
        {"input_shape": (1, 1, 8, 8), "weight_shape": (1, 1, 3, 3)},
        {"input_shape": "pair", "weight_shape": "pair", **GEOMETRY, "dtype": "word"},
    ),
    convolution.box_kernel: ({}, {"size": "count"}),
    convolution.edge_kernel: ({"direction": "vertical"}, {"direction": "word"}),
    convolution.laplacian_kernel: ({}, {}),
    pooling.max_pool2d: POOL,
    pooling.min_pool2d: POOL,
    pooling.sum_pool2d: POOL,
    pooling.avg_pool2d: FLOAT_POOL,
    pooling.blur_pool2d: ({"input": IMAGE}, {"input": "float images", "kernel_size": "pair", "stride": "pair"}),
    pooling.subsample2d: ({"input": IMAGE, "stride": 2}, {"input": "tensor", "stride": "pair"}),
    pooling.global_avg_pool2d: ({"input": IMAGE}, {"input": "float images"}),
    pooling.max_pool2d_backward: (
        {"grad_output": torch.ones(1, 1, 4, 4), "input": IMAGE, "kernel_size": 2},
        {"grad_output": "tensor", "input": "images", **WINDOW},
    ),
    channels.to_channels_first: (
        {"images": np.zeros((1, 2, 2, 3), np.uint8)},
        {
            "images": [
                "text",
                None,
                [[1.0]],
                np.zeros((1, 2, 2, 3)),
                np.zeros((2, 2, 3), np.uint8),
                torch.zeros(1, 2, 2, 3),
            ]
        },
    ),
    channels.pointwise_conv: (
        {"input": IMAGE, "weight": torch.ones(2, 1)},
        {"input": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES], "weight": "tensor", "bias": "tensor*"},
    ),
    channels.count_parameters: (
        {"in_channels": 2, "out_channels": 2, "kernel_size": 3},
        {"in_channels": "count", "out_channels": "count", "kernel_size": "pair", "groups": "count"},
    ),
    channels.channel_sums: ({"weight": KERNEL}, {"weight": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES]}),
    layers.Conv2d: (
        {"in_channels": 1, "out_channels": 1, "kernel_size": 3},
        {
            **{"in_channels": "count", "out_channels": "count", "kernel_size": "pair", "stride": "optional pair"},
            **{"padding": "border", "dilation": "pair", "groups": "count", "method": "word", "padding_mode": "word"},
        },
    ),
    layers.MaxPool2d: ({"kernel_size": 2}, WINDOW),
    layers.AvgPool2d: ({"kernel_size": 2}, WINDOW),
    geometry.output_size: (
        {"size": 8, "kernel_size": 3},
        {"size": "count", "kernel_size": "count", "stride": "count", "dilation": "count"},
    ),
    geometry.output_shape: (
        {"input_size": 8, "kernel_size": 3},
        {"input_size": "pair", "kernel_size": "pair", "stride": "pair", "padding": "border", "dilation": "pair"},
    ),
    geometry.same_padding: (
        {"input_size": 8, "kernel_size": 3, "stride": 1},
        {"input_size": "count", "kernel_size": "count", "stride": "count"},
    ),
    geometry.receptive_field: ({"layers": [(3, 1)]}, {"layers": [3, None, [3], [(1, 2, 3, 4)], ["ab c d"]]}),
    data.draw_square: (
        {"size": 9, "top": 1, "left": 1, "side": 3},
        {"size": "count", "top": [*NO_WHOLE[:4], torch.tensor(1.5)], "left": NO_WHOLE[:4], "side": NO_WHOLE[:4]},
    ),
    data.draw_circle: (
        {"size": 9, "row": 4, "column": 4, "radius": 2},
        {"size": "count", "row": NO_WHOLE[:4], "column": NO_WHOLE[:4], "radius": [*NO_WHOLE[:4], torch.tensor([True])]},
    ),
    data.make_shapes: ({"num_images": 2}, DRAWN),
    data.ShapesDataset: ({"num_images": 2}, DRAWN),
    data.random_shapes: (
        {"labels": torch.tensor([0, 1])},
        {"labels": "classes", "size": "count", "generator": "generator"},
    ),
    data.make_equal_shapes: (
        {"centres": torch.tensor([[5, 6]])},
        {
            "centres": [
                *NO_TENSORS,
                *ODD_TYPES,
                torch.tensor([5, 6]),
                torch.tensor([[5, 6, 7]]),
                torch.tensor([[4, 5]]),
            ],
            "size": "count",
        },
    ),
    data.make_colour_shapes: ({"num_images": 2}, DRAWN),
    data.ColourShapesDataset: ({"num_images": 2}, DRAWN),
    data.make_colour_objects: (
        {"kinds": torch.tensor([0, 2])},
        {"kinds": "classes", "size": "count", "generator": "generator"},
    ),
    data.paint: (
        {"shapes": torch.zeros(4, 4), "colour": "red"},
        {
            "shapes": [*NO_TENSORS, *ODD_TYPES, OTHER_AXES[0], torch.full((4, 4), NAN), torch.full((4, 4), 2.0)],
            "colour": "word",
        },
    ),
    data.load_digits: ({"split": "test"}, {"split": "word"}),
    data.load_fashion_mnist: ({"split": "test"}, {"split": "word"}),
    data.load_photo: ({"name": "china"}, {"name": "word"}),
    data.hold_out: (
        {"images": torch.zeros(4, 1), "labels": torch.zeros(4).long(), "count": 2},
        {"images": NO_TENSORS, "labels": [*NO_TENSORS, torch.zeros(4)], "count": "count", "generator": "generator"},
    ),
    interpretation.activation_maps: (
        {"model": NET, "image": IMAGE, "layer_name": "0"},
        {"model": "network", "image": "finite images", "layer_name": "layer"},
    ),
    interpretation.capture: ({"model": NET, "layer_name": "0"}, {"model": "network", "layer_name": "layer"}),
    interpretation.counted_passes: ({"model": NET}, {"model": "network"}),
    interpretation.strongest_patches: (
        {"model": NET, "images": IMAGE, "layer_name": "1", "channel": 0, "count": 1},
        {
            **{"model": "network", "images": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.full((1, 1, 8, 8), NAN)]},
            **{"layer_name": ["other", 3, ["x"]], "channel": "index", "count": "count"},
        },
    ),
    interpretation.window_of: (
        {"model": NET, "layer_name": "1"},
        {"model": "network", "layer_name": ["other", 3, None, ["x"]]},
    ),
    interpretation.receptive_field_map: (
        {"model": NET, "images": IMAGE, "layer_name": "1"},
        {"model": "network", "images": "finite images", "place": [*NO_WHOLE, -1, 99, (0, 99), (1, 2, 3), "ab"]},
    ),
    interpretation.saliency_map: (
        {"model": NET, "image": IMAGE, "target": 0},
        {
            "model": "network",
            "image": "finite images",
            "target": [*NO_WHOLE, -1, 2, torch.tensor([0.5]), torch.tensor([0, 1])],
        },
    ),
    interpretation.grad_cam_map: (
        {"model": NET, "image": IMAGE, "target": 0, "layer_name": "1"},
        {"model": "network", "image": "finite images", "target": [*NO_WHOLE, -1, 2], "layer_name": "layer"},
    ),
    interpretation.grad_cam: (
        {"activations": IMAGE, "gradients": IMAGE},
        {
            name: [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.full((1, 1, 8, 8), NAN)]
            for name in ("activations", "gradients")
        },
    ),
    interpretation.occlusion_map: (
        {"model": NET, "image": IMAGE[0], "target": 0, "patch_size": 2, "stride": 2},
        {
            **{"model": "network", "image": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.full((1, 8, 8), INF)]},
            **{"target": [*NO_WHOLE, -1, 2], "patch_size": "pair", "stride": "pair", "fill": "number"},
        },
    ),
    interpretation.spread_patches: (
        {"drops": torch.rand(1, 2), "image_size": (2, 3), "patch_size": 2, "stride": 1},
        {
            **{"drops": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.full((1, 2), NAN), torch.ones(1, 2).int()]},
            **{"image_size": "pair", "patch_size": "pair", "stride": "pair"},
        },
    ),
    interpretation.make_planted: ({"num_images": 2}, DRAWN),
    interpretation.localisation_score: (
        {"maps": torch.rand(1, 4, 4), "regions": torch.ones(1, 4, 4).bool()},
        {"maps": "maps", "regions": [*NO_TENSORS, torch.ones(1, 4, 4), torch.ones(4, 4).bool()]},
    ),
    interpretation.map_similarity: (
        {"first": torch.rand(1, 4, 4), "second": torch.rand(1, 4, 4)},
        {"first": "maps", "second": "maps"},
    ),
    interpretation.shuffled_weights: ({"model": NET}, {"model": "network", "generator": "generator"}),
    interpretation.weight_randomisation: (
        {"explain": lambda model: torch.ones(1, 2, 2), "model": NET},
        {"explain": [None, 3, "x"], "model": "network", "draws": "count", "generator": "generator"},
    ),
    interpretation.train_detector: (
        {"images": torch.rand(4, 8, 8), "labels": torch.tensor([0, 1, 0, 1]), "digit": 0, "epochs": 1},
        {
            **{"images": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.full((4, 8, 8), NAN), torch.zeros(4, 8, 8)]},
            **{
                "labels": [*NO_TENSORS, torch.rand(4), torch.zeros(4, 1).int()],
                "epochs": "count",
                "generator": "generator",
            },
            **{"digit": [*NO_WHOLE, None, -1, 7], "weight_decay": "positive"},
        },
    ),
    plotting.show_image: (
        PIXELS,
        {
            **{"image": [*KINDS["picture"], torch.full((2, 2), 1.01), torch.zeros(2, 2, 2)]},
            **{"ax": "axes", "role": [3, "other", ["input"]], "limits": [3, "01", (0,), (1, 0), (0, NAN), (None, 1)]},
        },
    ),
    plotting.show_kernel: (
        {"kernel": [[1, -1]]},
        {"kernel": "picture", "ax": "axes", "limit": ["2", NAN, 0, -1, 0.5, [1]], "role": [3, "other", ["input"]]},
    ),
    plotting.show_maps: (
        {"maps": torch.rand(2, 3, 3)},
        {
            **{
                "maps": [*KINDS["picture"][:1], None, 3, [], torch.zeros(3, 3), torch.zeros(2, 0, 3), torch.tensor(1.0)]
            },
            **{
                "columns": [*NO_WHOLE, 0, -1],
                "limit": ["2", NAN, 0, -1, 1e-9],
                "role": [3, "other"],
                "titles": [["one"]],
            },
        },
    ),
    plotting.ring: (
        {"ax": plotting.show_image(torch.rand(4, 4)), "row": 0, "column": 0},
        {"ax": [*KINDS["axes"], None], "row": "number", "column": "number", "height": "positive", "role": "word"},
    ),
    plotting.show_confusion_matrix: (
        {"matrix": [[1, 0], [0, 1]], "names": ["a", "b"]},
        {
            "matrix": [*KINDS["picture"], [[1, -1], [0, 0]], [[0.5, 0.5], [0, 1]], [[1, 2]]],
            "names": [[], ["a"]],
            "ax": "axes",
        },
    ),
    plotting.plot_lines: (
        {"x": [1, 2], "lines": {"a": [1, 2]}, "xlabel": "x", "ylabel": "y"},
        {
            "x": ["ab", [], [NAN, 1], [[1, 2]], [1j, 2]],
            "lines": [[1, 2], {}, {"a": [1]}, {"a": ["x", "y"]}, None],
            "ax": "axes",
        },
    ),
    plotting.show_history: (
        {"history": {"loss": [1, 2]}},
        {
            "history": [None, [1], {}, {"loss": []}, {"loss": 3}, {3: [1]}, {"loss": "abc"}, {"a": [1], "b": [1, 2]}],
            "ax": "axes",
        },
    ),
    plotting.use_style: ({}, {}),
    palette.css_variables: ({"theme": "dark"}, {"theme": "word"}),
    studies.load_study: ({"name": "shifts"}, {"name": "word"}),
    studies.study_names: ({}, {}),
    studies.within_study: ({"name": "shifts", "figure": "max_0", "value": 0.5}, {"name": "word", "figure": "word"}),
    models.build: ({"name": "shapes"}, {"name": "word", "generator": "generator"}),
    models.evaluation_mode: ({"model": NET}, {"model": "network"}),
    models.shape_trace: (
        {"model": NET, "input_shape": (1, 1, 8, 8)},
        {"model": "network", "input_shape": [3, None, "abcd", (1, 1), (1, 1, 0, 8), (1, 1, 8.5, 8)]},
    ),
    models.halving_net: ({"halving": "max"}, {"halving": "word"}),
    models.two_conv_net: ({}, {"filters": "pair"}),
    models.BlurPool2d: ({}, {"kernel_size": "pair", "stride": "pair"}),
    models.Augmented: ({"network": NET, "change": abs}, {"network": "network", "change": [None, 3, "flip"]}),
    models.RandomShiftAndMirror: ({}, {"pixels": [*NO_WHOLE, None, -1]}),
    models.TestTimeAugmentation: ({"classifier": NET}, {"classifier": "network"}),
    models.ParallelRestarts: ({"networks": [models.shapes_net()]}, {"networks": [[], [3], ["net"]]}),
    models.ResidualBlock: (
        {"in_channels": 2, "out_channels": 2},
        {"in_channels": "count", "out_channels": "count", "stride": "count"},
    ),
    models.DepthwiseSeparable: (
        {"in_channels": 2, "out_channels": 2},
        {"in_channels": "count", "out_channels": "count", "stride": "count"},
    ),
    training.relu: ({"input": IMAGE}, {"input": "tensor"}),
    training.softmax: (
        {"logits": torch.rand(2, 3)},
        {"logits": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.zeros(2, 0)]},
    ),
    training.cross_entropy: (
        {"logits": torch.rand(2, 3), "targets": torch.tensor([0, 2])},
        {"logits": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES], "targets": "classes"},
    ),
    training.label_smoothing_loss: (
        {"logits": torch.rand(2, 3), "targets": torch.tensor([0, 2]), "smoothing": 0.1},
        {
            "logits": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES],
            "targets": "classes",
            "smoothing": ["0.1", NAN, INF, -0.1, 1, None, True, torch.zeros(2)],
        },
    ),
    training.kaiming_std: (
        {"weight_shape": (4, 3, 3, 3), "nonlinearity": "relu"},
        {
            "weight_shape": [None, 3, "abc", (), (3,), (0, 3), (3, -1), (3, 1.5), (3, "2"), {3, 4}],
            "nonlinearity": [None, 1, "swish", [], ""],
        },
    ),
    training.random_shift: (
        {"images": IMAGE, "max_shift": 2},
        {"images": "images", "max_shift": [*NO_WHOLE, None, -1, 8, (1, 2)], "generator": "generator"},
    ),
    training.random_flip: (
        {"images": IMAGE},
        {"images": "images", "probability": "share", "generator": "generator"},
    ),
    training.random_erase: (
        {"images": IMAGE, "size": 3},
        {"images": "images", "size": [*KINDS["pair"], 9, (8, 9)], "generator": "generator"},
    ),
    training.reliability: CALIBRATION,
    training.expected_calibration_error: CALIBRATION,
    training.temperature_scale: (
        {"logits": torch.tensor([[2.0, 1], [0, 3], [2, 1]]), "targets": torch.tensor([0, 1, 1])},
        {
            "logits": [*NO_TENSORS, *ODD_TYPES, *OTHER_AXES, torch.full((3, 2), NAN), torch.zeros(3, 2)],
            "targets": "classes",
        },
    ),
    training.ema_update: (
        {"averaged": {"w": torch.zeros(2)}, "current": {"w": torch.ones(2)}, "decay": 0.9},
        {
            "averaged": [None, 3, [torch.zeros(2)], {"w": 1.0}, {}, {"w": torch.ones(3)}],
            "current": [None, 3, [torch.zeros(2)], {"w": 1.0}, {}, {"w": torch.ones(3)}],
            "decay": "share",
        },
    ),
    training.freeze: (
        {"model": copy.deepcopy(NET)},
        {"model": "network", "except_for": [3, None, "other", "", [0], ["0", "01"]]},
    ),
    training.replace_head: (
        {"model": copy.deepcopy(NET), "layer_name": "3", "num_classes": 3},
        {"model": "network", "layer_name": [*KINDS["layer"], "", "0"], "num_classes": "count"},
    ),
    training.confusion_matrix: (
        {"predictions": torch.tensor([0, 1]), "targets": torch.tensor([1, 1]), "num_classes": 2},
        {"predictions": "classes", "targets": "classes", "num_classes": "count"},
    ),
    training.dropout: (
        {"input": torch.rand(3), "p": 0.5, "training": True},
        {"input": [*NO_TENSORS, *ODD_TYPES, torch.ones(3).int()], "p": "share", "generator": "generator"},
    ),
    training.batch_norm2d: (
        {
            **{"input": torch.rand(2, 1, 3, 3), "gamma": torch.ones(1), "beta": torch.zeros(1)},
            **{"running_mean": torch.zeros(1), "running_var": torch.ones(1), "training": True},
        },
        {
            **{"input": "float images", "momentum": "share", "eps": "positive"},
            **dict.fromkeys(("gamma", "beta", "running_mean", "running_var"), "per channel"),
        },
    ),
    training.minibatches: (
        {"inputs": torch.zeros(4, 1), "targets": torch.zeros(4), "batch_size": 2},
        {
            "inputs": NO_TENSORS,
            "targets": [*NO_TENSORS, torch.zeros(3)],
            "batch_size": "count",
            "generator": "generator",
        },
    ),
    training.ordered_batches: (
        {"inputs": torch.zeros(4, 1), "targets": torch.zeros(4)},
        {"inputs": NO_TENSORS, "targets": NO_TENSORS, "batch_size": "count"},
    ),
    training.predict: ({"model": NET, "batches": [(IMAGE, torch.tensor([0]))]}, {"model": "network", "batches": [[]]}),
    training.evaluate: ({"model": NET, "batches": [(IMAGE, torch.tensor([0]))]}, {"model": "network", "batches": [[]]}),
    training.classification_report: (
        {"model": NET, "batches": [(IMAGE, torch.tensor([0]))]},
        {"model": "network", "batches": [[]]},
    ),
    training.sgd_step: ({"parameters": [], "learning_rate": 0.1}, {"learning_rate": "positive"}),
    training.SGD: (
        {"parameters": [torch.zeros(1)], "learning_rate": 0.1},
        {"learning_rate": "positive", "momentum": "share"},
    ),
    training.constant: ({"progress": 0.5}, {"progress": "share"}),
    training.one_cycle: ({"progress": 0.5}, {"progress": "share"}),
    training.EarlyStopping: ({}, {"patience": "count"}),
    training.Budget: ({"seconds": 1.0}, {"seconds": [NAN, INF, 0, -1]}),
    figures.ConvolutionExplorer: (
        {},
        {"stride": [0, 9, 1.5, "2"], "padding": [-1, 9], "kernel": [[[NAN]], [[1, 2], [3]], "x"]},
    ),
    figures.PoolingExplorer: ({}, {"stride": [0, 99, 1.5, "2"]}),
    figures.Im2colUnfolded: ({}, {"stride": [0, 99, 1.5, "2"]}),
}
ELSEWHERE = {  # what takes no argument of its own, or has a table in another file
    *("fit", "fit_fashion", "fit_with_restarts", "train_one_epoch", "Checkpoint"),  # tests/training/test_arguments.py
    *(
        "Callback",
        "ClassificationReport",
        "History",
        "Run",
        "Passes",
        "Patches",
        "Planted",
        "Window",
        "LayerTrace",
    ),
    *("DataError", "Figure", "InsideNetwork", "KernelsOnPhoto", "ReceptiveField", "TrainingReplay"),  # tests/figures
    *("FashionCNN", "FashionClassifier", "alexnet", "batch_norm_net", "build_feature_stack", "colour_net", "lenet5"),
    *(
        "dense_shapes_net",
        "fast_fashion_net",
        "one_kernel_net",
        "mobilenet",
        "planted_net",
        "pocket_net",
        "resnet8",
        "shapes_net",
        "vgg16",
    ),
    *("as_integer", "as_pair"),  # tests/test_geometry.py
    *("relative_luminance", "text_on", "themed_svg", "formula_definitions"),  # colours that the course writes itself
}


def bad_values():
    for function, (works, kinds) in TABLE.items():
        for argument, kind in kinds.items():
            values = kind if isinstance(kind, list) else KINDS[kind.rstrip("*")]
            for number, value in enumerate(values):
                if isinstance(kind, str) and kind.endswith("*") and value is None:
                    continue  # None is allowed there
                yield pytest.param(
                    function, works | {argument: value}, argument, id=f"{function.__name__}-{argument}-{number}"
                )


def call(function, arguments):
    """Call a function; enter what it returns, if that is a context."""
    result = function(**arguments)
    if hasattr(result, "__enter__"):
        result.__enter__()


@pytest.mark.parametrize("function", TABLE, ids=lambda function: function.__name__)
def test_the_row_s_own_arguments_work(function):
    function(**TABLE[function][0])


@pytest.mark.parametrize(("function", "arguments", "argument"), list(bad_values()))
def test_a_bad_value_is_refused_by_name(function, arguments, argument):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((TypeError, ValueError)) as caught:
            call(function, arguments)
    assert argument in str(caught.value) or argument.replace("_shape", "") in str(caught.value), str(caught.value)


def test_every_public_function_has_a_row():
    names = {function.__name__ for function in TABLE} | ELSEWHERE
    missing = []
    for package in (cnncourse, convolution, data, figures, interpretation, models, plotting, studies, training):
        missing += [
            f"{package.__name__}.{name}"
            for name in package.__all__
            if callable(getattr(package, name)) and name not in names
        ]
    for module in ("pooling", "channels", "layers", "geometry", "palette"):
        module = import_module(f"cnncourse.{module}")
        own = (name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__)
        missing += [
            f"{module.__name__}.{name}"
            for name in own
            if name[0] != "_" and isinstance(getattr(module, name), (FunctionType, type)) and name not in names
        ]
    assert missing == []
