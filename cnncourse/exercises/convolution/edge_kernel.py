"""Exercise: kernels that answer to edges."""

import math

import torch

from cnncourse.checking.compare import Mismatch, agree, compare_conduct, conduct_agrees
from cnncourse.checking.record import case, exercise


@exercise(points=3, minutes=8, after="corr2d")
def edge_kernel(direction):
    """Return a 3x3 kernel that answers to edges of one direction.

    Parameters
    ----------
    direction : str
        "vertical" or "horizontal": the direction of the edge itself.

    Returns
    -------
    torch.Tensor, shape (3, 3), floating point
        It sums to 0; it answers positively where brightness rises from left to right (vertical edge) or from top to
        bottom (horizontal edge), and with 0 to an edge of the other direction.

    Raises
    ------
    ValueError
        For any other word.
    """
    vertical = torch.tensor([[-1.0, 0.0, 1.0]] * 3)
    if direction == "vertical":
        return vertical
    if direction == "horizontal":
        return vertical.T.contiguous()
    raise ValueError(f'direction must be "vertical" or "horizontal", not {direction!r}')


def _signs(kernel):
    numbers = kernel.double()
    right, below = numbers.sum(0)[1:].sum(), numbers.sum(1)[1:].sum()  # answers to a step behind the first column, row
    signs = [0 if abs(answer) <= 1e-5 else math.copysign(1, answer) for answer in (right, below, numbers.sum())]
    return kernel.is_floating_point(), signs


def _judge_falling(case, observed, expected):
    return _compare_edge_kernel(case, observed, expected, sign=-1, moves="falls")


@edge_kernel.comparison
def _compare_edge_kernel(case, observed, expected, sign=1, moves="rises"):
    """Any kernel with the stated properties is right."""
    mismatch = compare_conduct(observed, expected)
    if mismatch or expected.outcome == "raised":
        return mismatch
    kernel = observed.value
    if not isinstance(kernel, torch.Tensor) or not kernel.is_floating_point():
        return Mismatch("type", "It should return a tensor of floats.")
    if kernel.shape != (3, 3):
        return Mismatch("shape", f"It has shape {tuple(kernel.shape)}, expected (3, 3).")
    kernel = kernel.double() * sign
    rises = torch.tensor([[0.0, 0.0, 1.0]] * 3, dtype=torch.float64)  # bright on the right: a vertical edge
    along, across = (rises, rises.T) if case.inputs["direction"] == "vertical" else (rises.T, rises)
    answers = (kernel * along).sum(), (kernel * (1 - along.flip(0, 1))).sum()
    others = (kernel * across).sum(), (kernel * (1 - across.flip(0, 1))).sum()
    if not kernel.sum().abs() <= 1e-5:
        return Mismatch("value", f"Its numbers sum to {kernel.sum():.4g}, expected 0: it answers to a flat patch.")
    if min(answers) < -1e-5 or max(answers) <= 1e-5:  # a difference of neighbours sees one of the two steps
        return Mismatch(
            "value", f"It answers {min(answers):.4g} where brightness {moves} across such an edge, expected > 0."
        )
    if not all(answer.abs() <= 1e-5 for answer in others):
        return Mismatch(
            "value", f"It answers {max(others, key=abs):.4g} to an edge of the other direction, expected 0."
        )
    return None


@edge_kernel.agreement
def _agree(case, one, other):
    """Two kernels are alike if their sums, and their answers to steps in both directions, have the same signs."""
    kernels = [one.value, other.value]
    if not all(isinstance(kernel, torch.Tensor) and kernel.shape == (3, 3) for kernel in kernels):
        return agree(case, one, other)
    alike = case.inputs["direction"] == "diagonal" or _signs(kernels[0]) == _signs(kernels[1])
    return conduct_agrees(one, other) and alike


edge_kernel.add_visible(
    case("a vertical edge", varies="basic", direction="vertical"),
    case("a horizontal edge", varies="axis", direction="horizontal"),
    case("another word", varies="error", direction="diagonal"),
)
edge_kernel.random_cases(lambda generator: ())


@edge_kernel.variant(
    "Let the answer be positive where brightness falls, left to right or top to bottom.", compare=_judge_falling
)
def falling(direction):
    """Return a 3x3 kernel that answers to edges of one direction.

    Returns
    -------
    torch.Tensor, shape (3, 3), floating point
        It sums to 0; it answers positively where brightness falls from left to right (vertical edge) or from top to
        bottom (horizontal edge), and with 0 to an edge of the other direction.
    """
    vertical = torch.tensor([[1.0, 0.0, -1.0]] * 3)
    if direction == "vertical":
        return vertical
    if direction == "horizontal":
        return vertical.T.contiguous()
    raise ValueError(f'direction must be "vertical" or "horizontal", not {direction!r}')


edge_kernel.mistake(
    "The two directions are swapped: a vertical edge is crossed from left to right, so its kernel changes along a row.",
    "directions-swapped",
)(lambda direction: edge_kernel({"vertical": "horizontal", "horizontal": "vertical"}.get(direction, "?")))
edge_kernel.mistake("The sign is the wrong way round: these kernels answer positively where brightness falls.", "sign")(
    lambda direction: -edge_kernel(direction)
)
edge_kernel.mistake("The kernel does not sum to 0, so it answers to flat bright patches as well.", "does-not-sum-to-0")(
    lambda direction: edge_kernel(direction).clamp(min=0)
)
edge_kernel.mistake("A word that is neither direction is not refused: raise ValueError.", "no-refusal")(
    lambda direction: edge_kernel("vertical" if direction == "vertical" else "horizontal")
)
edge_kernel.mistake(
    "The kernel holds integers: make it a floating point tensor, or it cannot meet a float image.", "integers"
)(lambda direction: edge_kernel(direction).long())
