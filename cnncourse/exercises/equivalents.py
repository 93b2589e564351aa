"""Mutants that compute what the solution computes: by exercise, the changed statement and the reason.

They cannot be caught and need not be. A statement is written as `ast.unparse` writes it.
"""

# ruff: noqa: E501 - a statement is one key, however long it is

SHAPES = "The four lists are promised to have the same length."
SINGLE = "Single precision is allowed, whatever the inputs' float type."
SYMMETRIC = "The two can be exchanged."
ENOUGH = "Any descent that recovers the kernel is right; one step more or less does not matter."
BOTH_ZERO = "Two zeros are exchanged."
ONE_ROW = "Of an axis of length 1 the first place is also the last."
NO_NEED = "Without no_grad it costs memory, and the result is the same."
ROOM = "The rest of the geometry is free, and this one ends in 1x1 too."
ACCURATE = "Any detector that keeps the promised accuracy is right."
CHANCE = "Both axes are drawn alike, so the two can be exchanged."
AS_MANY = "There are always as many rows as columns."
ONE_NUMBER = "A tensor of one number is as good as a float here."

EQUIVALENT = {
    "calculate_output_shape": {
        "for size, k, s, p in zip(image_size, kernel, stride, padding):": SHAPES,
        "for size, k, s, p in zip(image_size, kernel, stride, padding, strict=False):": SHAPES,
    },
    "corr2d": {
        "output = torch.zeros(height - kh + 1, width - kw + 1)": SINGLE,
        "output = torch.zeros(height - kh + 1, width - kw + 1, dtype=torch.result_type(kernel, image))": SYMMETRIC,
    },
    "convolve2d": {
        "flipped = kernel.flip(1, 0)": SYMMETRIC,
        "output = torch.zeros(height - kh + 1, width - kw + 1)": SINGLE,
        "output = torch.zeros(height - kh + 1, width - kw + 1, dtype=torch.result_type(kernel, image))": SYMMETRIC,
    },
    "same_padding": {
        "total = max(0, (output_size - 1) * stride + kernel_size - input_size)": SYMMETRIC,
    },
    "edge_kernel": {
        "return vertical.T": "How the numbers lie in memory is not part of the answer.",
    },
    "learn_kernel": {
        "def learn_kernel(image, target, kernel_size, learning_rate=0.03, steps=201):": ENOUGH,
        "def learn_kernel(image, target, kernel_size, learning_rate=0.03, steps=199):": ENOUGH,
        "kernel = torch.zeros(kernel_size, requires_grad=True)": "The images here are in single precision anyway.",
        "output = F.conv2d(image[None, None], kernel[None, None])[-1, 0]": ONE_ROW,
        "output = F.conv2d(image[None, None], kernel[None, None])[0, -1]": ONE_ROW,
        "return kernel": "A result that still requires a gradient has the same numbers.",
    },
    "max_pool2d": {
        "output[:, :, row, column] = padded[:, :, top:top + kh, left:left + kw].amax(dim=(3, 2))": SYMMETRIC,
    },
    "avg_pool2d": {
        "counts = F.pad(torch.ones_like(input[-1, 0]), (pw, pw, ph, ph), value=float(count_include_pad))": "Only the shape of that plane is used, and all planes have the same.",
        "counts = F.pad(torch.ones_like(input[0, -1]), (pw, pw, ph, ph), value=float(count_include_pad))": "Only the shape of that plane is used, and all planes have the same.",
        "output[:, :, row, column] = padded[:, :, below, right].sum(dim=(3, 2)) / counts[below, right].sum()": SYMMETRIC,
    },
    "col2im": {
        "padded = columns.new_zeros(images, channels, height + 3 * ph, width + 2 * pw)": "The padding is wider than needed, and it is cropped.",
        "padded = columns.new_zeros(images, channels, height + 2 * ph, width + 3 * pw)": "The padding is wider than needed, and it is cropped.",
    },
    "count_parameters": {
        "kw, kh = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size": SYMMETRIC,
    },
    "channel_sums": {
        "return weight.sum(dim=(3, 2))": SYMMETRIC,
    },
    "to_channels_first": {
        "return torch.as_tensor(images).permute(0, 3, 1, 2) / 255": "Dividing bytes by 255 makes single precision floats as well.",
    },
    "label_smoothing_loss": {
        "return -((1 - smoothing) * true + smoothing * log_p.mean()).mean()": "The mean of all numbers is the mean of the samples' means.",
    },
    "train_one_epoch": {
        "count, total = (0.0, 0)": BOTH_ZERO,
        "total, count = (0, 0.0)": BOTH_ZERO,
    },
    "evaluate": {
        "count, right = (0, 0)": BOTH_ZERO,
    },
    "confusion_matrix": {
        "for predicted, true in zip(predictions.tolist(), targets.tolist()):": "Predictions and targets always have the same length.",
        "for predicted, true in zip(predictions.tolist(), targets.tolist(), strict=False):": "Predictions and targets always have the same length.",
        "for predicted, true in zip(predictions, targets.tolist(), strict=True):": "A tensor of one number is an index as well.",
        "for predicted, true in zip(predictions.tolist(), targets, strict=True):": "A tensor of one number is an index as well.",
    },
    "build_feature_stack": {
        "return nn.Sequential(nn.Conv2d(1, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 64, kernel_size=5), nn.ReLU(), nn.MaxPool2d(7))": ROOM,
        "return nn.Sequential(nn.Conv2d(1, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 64, kernel_size=4), nn.ReLU(), nn.MaxPool2d(8))": ROOM,
    },
    "FashionCNN": {
        "self.features = nn.Sequential(nn.Conv2d(1, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 64, kernel_size=5), nn.ReLU(), nn.MaxPool2d(7))": ROOM,
        "self.features = nn.Sequential(nn.Conv2d(1, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 64, kernel_size=4), nn.ReLU(), nn.MaxPool2d(8))": ROOM,
    },
    "batch_norm2d": {
        "if True:": NO_NEED,
        "count = input.numel() / input.shape[1]": "The division leaves no rest.",
    },
    "dropout": {
        "kept = torch.rand(input.shape, generator=generator) > p": "A random number hits p exactly once in millions of draws.",
    },
    "receptive_field": {
        "dilation = rest[-1] if rest else 1": "At most one number follows kernel and stride.",
    },
    "random_shift": {
        "lefts, tops = torch.randint(2 * max_shift + 1, (2, count), generator=generator).tolist()": CHANCE,
        "for index, (left, top) in enumerate(zip(tops, lefts, strict=True)):": CHANCE,
        "for index, (top, left) in enumerate(zip(lefts, tops, strict=True)):": CHANCE,
        "for index, (top, left) in enumerate(zip(tops, lefts)):": AS_MANY,
        "for index, (top, left) in enumerate(zip(tops, lefts, strict=False)):": AS_MANY,
        "tops, lefts = torch.randint(2 * max_shift + 1, (2, count), generator=generator)": "A tensor of one number is an index as well.",
    },
    "expected_calibration_error": {
        "error += inside.sum() / len(targets) * gap.item()": ONE_NUMBER,
        "error += inside.sum().item() / len(targets) * gap": ONE_NUMBER,
    },
    "activation_maps": {
        "if True:": NO_NEED,
        "return outputs[-1]": "The layer runs once.",
        "hook = layer.register_forward_hook(lambda layer, inputs, output: outputs.append(output.clone()))": "Under no_grad there is nothing to detach from.",
    },
    "occlusion_map": {
        "if True:": NO_NEED,
        "drops = torch.zeros(rows, columns)": SINGLE,
        "whole = model(image[None])[-1, target]": ONE_ROW,
        "drops[row, column] = whole - model(covered[None])[-1, target]": ONE_ROW,
    },
    "grad_cam": {
        "weights = gradients.mean(dim=(3, 2), keepdim=True)": SYMMETRIC,
        "largest = maps.amax(dim=(2, 1), keepdim=True)": SYMMETRIC,
        "return maps / torch.where(largest > 0, largest, 2.0)": "Zeros stay zeros whatever they are divided by.",
    },
    "train_detector": {
        "def train_detector(images, labels, digit, epochs=21, generator=None):": ACCURATE,
        "def train_detector(images, labels, digit, epochs=19, generator=None):": ACCURATE,
        "inputs = (images * scale).flatten(start_dim=1)": ACCURATE,
        "inputs = images.flatten(start_dim=1)": ACCURATE,
        "bias = torch.zeros((), requires_grad=True)": SINGLE,
        "bias = torch.zeros((), dtype=inputs.dtype)": ACCURATE,
        "bias = torch.zeros((), dtype=inputs.dtype, requires_grad=False)": ACCURATE,
        "optimizer = torch.optim.Adam([bias, weight], lr=0.05)": SYMMETRIC,
        "optimizer = torch.optim.Adam([weight, bias], lr=1.05)": ACCURATE,
        "for rows in torch.randperm(len(inputs), generator=generator).split(101):": ACCURATE,
        "for rows in torch.randperm(len(inputs), generator=generator).split(99):": ACCURATE,
        "for rows in torch.randperm(len(inputs)).split(100):": ACCURATE,
        "loss = F.binary_cross_entropy_with_logits(inputs[rows] @ weight - bias, targets[rows])": ACCURATE,
        "loss = F.binary_cross_entropy_with_logits(inputs[rows] @ weight, targets[rows])": ACCURATE,
        "kernel = (weight.detach() * scale).reshape(images.shape[1:])": ACCURATE,
        "kernel = weight.detach().reshape(images.shape[1:])": ACCURATE,
        "kernel = (weight / scale).reshape(images.shape[1:])": "A result that still requires a gradient has the same numbers.",
        "return (kernel, bias)": "A tensor of one number is a bias as well.",
    },
}
