"""Mutants that compute what the solution computes, each with the reason: they cannot be caught and need not be."""

SHAPES = "The four lists are promised to have the same length."
SINGLE = "Single precision is allowed, whatever the inputs' float type."
SYMMETRIC = "The two arguments may change places."
ENOUGH = "Any descent that recovers the kernel is right; one step more or less does not matter."

EQUIVALENT = {
    "calculate_output_shape": {
        "line 20: zip(image_size, kernel, stride, padding, strict=True) -> zip(image_size, kernel, stride, padding)": SHAPES,
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
}
