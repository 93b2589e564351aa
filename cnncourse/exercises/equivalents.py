"""Mutants that compute what the solution computes, each with the reason: they cannot be caught and need not be."""

SHAPES = "The four lists are promised to have the same length."
SINGLE = "Single precision is allowed, whatever the inputs' float type."
SYMMETRIC = "The two may change places."
ENOUGH = "Any descent that recovers the kernel is right; one step more or less does not matter."
BOTH_ZERO = "Two zeros change places."
ONE_ROW = "Of an axis of length 1 the first place is also the last."
NO_NEED = "Without no_grad it costs memory, and the result is the same."
ROOM = "The rest of the geometry is free, and this one ends in 1x1 too."
ACCURATE = "Any detector that keeps the promised accuracy is right."

EQUIVALENT = {
    "calculate_output_shape": {
        "line 20: zip(image_size, kernel, stride, padding, strict=True) -> "
        "zip(image_size, kernel, stride, padding)": SHAPES,
        "line 20: True -> False": SHAPES,
    },
    "corr2d": {
        "line 15: torch.zeros(height - kh + 1, width - kw + 1, dtype=torch.res -> "
        "torch.zeros(height - kh + 1, width - kw + 1)": SINGLE,
        "line 15: torch.result_type(image, kernel) -> torch.result_type(kernel, image)": SYMMETRIC,
    },
    "convolve2d": {
        "line 15: kernel.flip(0, 1) -> kernel.flip(1, 0)": SYMMETRIC,
        "line 16: torch.zeros(height - kh + 1, width - kw + 1, dtype=torch.res -> "
        "torch.zeros(height - kh + 1, width - kw + 1)": SINGLE,
        "line 16: torch.result_type(image, kernel) -> torch.result_type(kernel, image)": SYMMETRIC,
    },
    "same_padding": {
        "line 15: max((output_size - 1) * stride + kernel_size - input_size, 0 -> "
        "max(0, (output_size - 1) * stride + kernel_size - input_size": SYMMETRIC,
    },
    "edge_kernel": {
        "line 24: vertical.T.contiguous() -> vertical.T": "How the numbers lie in memory is not part of the answer.",
    },
    "learn_kernel": {
        "line 1: 200 -> 201": ENOUGH,
        "line 1: 200 -> 199": ENOUGH,
        "line 19: torch.zeros(kernel_size, dtype=image.dtype, requires_grad=Tr -> "
        "torch.zeros(kernel_size, requires_grad=True)": "The images here are in single precision anyway.",
        "line 21: 0 -> -1": "Of an axis of length 1 the first place is also the last.",
        "line 26: kernel.detach() -> kernel": "A result that still requires a gradient has the same numbers.",
    },
    "max_pool2d": {
        "line 29: (2, 3) -> (3, 2)": SYMMETRIC,
    },
    "avg_pool2d": {
        "line 25: 0 -> -1": "Only the shape of that plane is used, and all planes have the same.",
        "line 32: (2, 3) -> (3, 2)": SYMMETRIC,
    },
    "col2im": {
        "line 22: 2 -> 3": "The frame is wider than needed, and cropped.",
    },
    "count_parameters": {
        "line 18: (kh, kw) -> (kw, kh)": SYMMETRIC,
    },
    "channel_sums": {
        "line 12: (2, 3) -> (3, 2)": SYMMETRIC,
    },
    "to_channels_first": {
        "line 14: torch.as_tensor(images).permute(0, 3, 1, 2).float() -> "
        "torch.as_tensor(images).permute(0, 3, 1, 2)": "Dividing bytes by 255 makes single precision floats as well.",
    },
    "train_one_epoch": {
        "line 20: (total, count) -> (count, total)": BOTH_ZERO,
        "line 20: (0.0, 0) -> (0, 0.0)": BOTH_ZERO,
    },
    "evaluate": {
        "line 18: (right, count) -> (count, right)": BOTH_ZERO,
    },
    "confusion_matrix": {
        "line 17: zip(predictions.tolist(), targets.tolist(), strict=True) -> "
        "zip(predictions.tolist(), targets.tolist())": "Predictions and targets are promised to be equally many.",
        "line 17: True -> False": "Predictions and targets are promised to be equally many.",
        "line 17: predictions.tolist() -> predictions": "A tensor of one number is an index as well.",
        "line 17: targets.tolist() -> targets": "A tensor of one number is an index as well.",
    },
    "build_feature_stack": {
        "line 15: 8 -> 7": ROOM,
        "line 13: 5 -> 4": ROOM,
    },
    "FashionCNN": {
        "line 13: 8 -> 7": ROOM,
        "line 11: 5 -> 4": ROOM,
    },
    "batch_norm2d": {
        "line 25: with torch.no_grad(): running_mean.mul_(1 - momentum).add_(m -> "
        "if True: running_mean.mul_(1 - momentum).add_(momentum * mea": NO_NEED,
        "line 24: input.numel() // input.shape[1] -> input.numel() / input.shape[1]": "The division leaves no rest.",
    },
    "dropout": {
        "line 23: torch.rand(input.shape, generator=generator) >= p -> "
        "torch.rand(input.shape, generator=generator) > p": "A random number hits p exactly once in millions of draws.",
    },
    "receptive_field": {
        "line 16: 0 -> -1": "At most one number stands behind kernel and stride.",
    },
    "activation_maps": {
        "line 23: with torch.no_grad(): model(batch) -> if True: model(batch)": NO_NEED,
        "line 27: 0 -> -1": "The layer runs once.",
        "line 21: output.detach() -> output": "Under no_grad there is nothing to detach from.",
    },
    "occlusion_map": {
        "line 26: with torch.no_grad(): whole = model(image[None])[0, target]  -> "
        "if True: whole = model(image[None])[0, target] for row in ra": NO_NEED,
        "line 25: torch.zeros(rows, columns, dtype=image.dtype) -> torch.zeros(rows, columns)": SINGLE,
        "line 27: 0 -> -1": ONE_ROW,
        "line 33: 0 -> -1": ONE_ROW,
    },
    "grad_cam": {
        "line 14: (2, 3) -> (3, 2)": SYMMETRIC,
        "line 16: (1, 2) -> (2, 1)": SYMMETRIC,
        "line 17: 1.0 -> 2.0": "Zeros stay zeros whatever they are divided by.",
    },
    "train_detector": {
        "line 1: 20 -> 21": ACCURATE,
        "line 1: 20 -> 19": ACCURATE,
        "line 23: images / scale -> images * scale": ACCURATE,
        "line 23: images / scale -> images": ACCURATE,
        "line 26: torch.zeros((), dtype=inputs.dtype, requires_grad=True) -> "
        "torch.zeros((), requires_grad=True)": SINGLE,
        "line 26: torch.zeros((), dtype=inputs.dtype, requires_grad=True) -> "
        "torch.zeros((), dtype=inputs.dtype)": ACCURATE,
        "line 26: True -> False": ACCURATE,
        "line 27: [weight, bias] -> [bias, weight]": SYMMETRIC,
        "line 27: 0.05 -> 1.05": ACCURATE,
        "line 29: 100 -> 101": ACCURATE,
        "line 29: 100 -> 99": ACCURATE,
        "line 29: torch.randperm(len(inputs), generator=generator) -> torch.randperm(len(inputs))": ACCURATE,
        "line 30: inputs[rows] @ weight + bias -> inputs[rows] @ weight - bias": ACCURATE,
        "line 30: inputs[rows] @ weight + bias -> inputs[rows] @ weight": ACCURATE,
        "line 34: weight.detach() / scale -> weight.detach() * scale": ACCURATE,
        "line 34: weight.detach() / scale -> weight.detach()": ACCURATE,
        "line 34: weight.detach() -> weight": "A result that still requires a gradient has the same numbers.",
        "line 35: bias.item() -> bias": "A tensor of one number is a bias as well.",
    },
}
