"""Answers to edge_kernel, written from its prompt alone."""

import numpy as np
import torch

from cnncourse.exercises.answers import answer


@answer("edge_kernel", "right")
def scharr(direction):
    smooth = torch.tensor([3.0, 10.0, 3.0])
    rise = torch.tensor([-1.0, 0.0, 1.0])
    match direction:
        case "vertical":
            return torch.outer(smooth, rise) / 32
        case "horizontal":
            return torch.outer(rise, smooth) / 32
        case _:
            raise ValueError(direction)


@answer("edge_kernel", "right")
def numpy_prewitt(direction):
    k = np.repeat([[-1, 0, 1]], 3, axis=0)
    kernels = {"vertical": k, "horizontal": k.T}
    try:
        chosen = kernels[direction]
    except KeyError:
        raise ValueError(f"no such direction: {direction!r}") from None
    return torch.from_numpy(chosen.astype(np.float64))


@answer(
    "edge_kernel", "confuses the two directions: the vertical kernel responds to horizontal edges", "directions-swapped"
)
def swapped(direction):
    sobel_x = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    sobel_y = torch.tensor([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]])
    if direction == "horizontal":
        return sobel_x
    elif direction == "vertical":
        return sobel_y
    else:
        raise ValueError("direction must be 'vertical' or 'horizontal'")


@answer("edge_kernel", "signs reversed: the response is negative where brightness rises", "sign")
def andrew_ng(direction):
    vertical = torch.tensor([[1.0, 0.0, -1.0], [1.0, 0.0, -1.0], [1.0, 0.0, -1.0]])
    if direction not in ("vertical", "horizontal"):
        raise ValueError("unknown direction " + str(direction))
    return vertical if direction == "vertical" else vertical.T


@answer("edge_kernel", "returns integers instead of floats", "integers")
def integers(direction):
    if direction == "vertical":
        return torch.tensor([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    if direction == "horizontal":
        return torch.tensor([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    raise ValueError("vertical or horizontal please")


@answer("edge_kernel", "raises no error for another word", "no-refusal")
def else_branch(direction):
    k = torch.tensor([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
    if direction == "vertical":
        return k
    else:
        return k.t()


@answer(
    "edge_kernel", "detects lines, not edges: the response is negative before a rise and positive after it", "unknown"
)
def line_detector(direction):
    # vertical: bright column in the middle
    v = torch.tensor([[-1.0, 2.0, -1.0]] * 3)
    if direction == "vertical":
        return v
    if direction == "horizontal":
        return v.permute(1, 0)
    raise ValueError(f"{direction} is not a direction")


@answer("edge_kernel", "the numbers do not sum to 0, so a flat patch gives a response", "does-not-sum-to-0")
def sharpening(direction):
    if direction not in {"vertical", "horizontal"}:
        raise ValueError(direction)
    k = torch.zeros(3, 3)
    k[:, 0] = -1
    k[:, 1] = 1
    k[:, 2] = 1
    return k if direction == "vertical" else k.T


@answer(
    "edge_kernel",
    "two mistakes: swaps the directions; returns None for another word instead of raising",
    "directions-swapped no-refusal",
)
def swapped_without_error(direction):
    edge_kernels = {
        "vertical": torch.FloatTensor([[-1, -1, -1], [0, 0, 0], [1, 1, 1]]),
        "horizontal": torch.FloatTensor([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]),
    }
    return edge_kernels.get(direction)
