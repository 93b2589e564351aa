"""Exercise: kernels that answer to edges."""

import math

import torch

from ..judging import Finding, agree, conduct_agrees, judge_conduct
from ..record import Exercise, Misconception, Variant, case


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


def edge_kernel_falling(direction):
    """Return a 3x3 kernel that answers to edges of one direction.

    Parameters
    ----------
    direction : str
        "vertical" or "horizontal": the direction of the edge itself.

    Returns
    -------
    torch.Tensor, shape (3, 3), floating point
        It sums to 0; it answers positively where brightness falls from left to right (vertical edge) or from top to
        bottom (horizontal edge), and with 0 to an edge of the other direction.

    Raises
    ------
    ValueError
        For any other word.
    """
    vertical = torch.tensor([[1.0, 0.0, -1.0]] * 3)
    if direction == "vertical":
        return vertical
    if direction == "horizontal":
        return vertical.T.contiguous()
    raise ValueError(f'direction must be "vertical" or "horizontal", not {direction!r}')


def _judge_edge_kernel(case, observed, expected, sign=1, moves="rises"):
    """Any kernel with the stated properties is right."""
    finding = judge_conduct(observed, expected)
    if finding or expected.outcome == "raised":
        return finding
    kernel = observed.value
    if not isinstance(kernel, torch.Tensor) or not kernel.is_floating_point():
        return Finding("type", "It should return a tensor of floats.")
    if kernel.shape != (3, 3):
        return Finding("shape", f"It has shape {tuple(kernel.shape)}, expected (3, 3).")
    kernel = kernel.double() * sign
    rises = torch.tensor([[0.0, 0.0, 1.0]] * 3, dtype=torch.float64)  # bright on the right: a vertical edge
    along, across = (rises, rises.T) if case.inputs["direction"] == "vertical" else (rises.T, rises)
    answers = (kernel * along).sum(), (kernel * (1 - along.flip(0, 1))).sum()
    others = (kernel * across).sum(), (kernel * (1 - across.flip(0, 1))).sum()
    if not kernel.sum().abs() <= 1e-5:
        return Finding("value", f"Its numbers sum to {kernel.sum():.4g}, expected 0: it answers to a flat patch.")
    if min(answers) < -1e-5 or max(answers) <= 1e-5:  # a difference of neighbours sees one of the two steps
        return Finding(
            "value", f"It answers {min(answers):.4g} where brightness {moves} across such an edge, expected > 0."
        )
    if not all(answer.abs() <= 1e-5 for answer in others):
        return Finding("value", f"It answers {max(others, key=abs):.4g} to an edge of the other direction, expected 0.")
    return None


def _agrees(case, one, other):
    """Two kernels are alike if their sums, and their answers to steps in both directions, have the same signs."""
    kernels = [one.value, other.value]
    if not all(isinstance(kernel, torch.Tensor) and kernel.shape == (3, 3) for kernel in kernels):
        return agree(case, one, other)
    alike = case.inputs["direction"] == "diagonal" or _signs(kernels[0]) == _signs(kernels[1])
    return conduct_agrees(one, other) and alike


def _signs(kernel):
    numbers = kernel.double()
    right, below = numbers.sum(0)[1:].sum(), numbers.sum(1)[1:].sum()  # answers to a step behind the first column, row
    signs = [0 if abs(answer) <= 1e-5 else math.copysign(1, answer) for answer in (right, below, numbers.sum())]
    return kernel.is_floating_point(), signs


def _judge_falling(case, observed, expected):
    return _judge_edge_kernel(case, observed, expected, sign=-1, moves="falls")


EXERCISE = Exercise(
    solved=edge_kernel,
    chapter="convolution",
    prompt="""
Names of edge kernels are confused all the time. Return a 3x3 kernel of floats for `"vertical"` or `"horizontal"`, the
direction of the *edge*: a vertical edge runs up and down, and brightness changes as you cross it from left to right.
Let the answer be positive where brightness rises (left to right, or top to bottom), 0 on a flat patch and 0 on an edge
of the other direction. Any other word is refused with `ValueError`.
""",
    objectives=("read a kernel", "tell the edge's direction from the gradient's", "get the sign right"),
    visible=(
        case("a vertical edge", direction="vertical"),
        case("a horizontal edge", direction="horizontal"),
        case("another word", direction="diagonal"),
    ),
    fresh=lambda generator: (),
    judge=_judge_edge_kernel,
    agrees=_agrees,
    misconceptions=(
        Misconception(
            "directions-swapped",
            "The two directions are swapped: a vertical edge is crossed from left to right, so its kernel changes "
            "along a row.",
            lambda direction: edge_kernel({"vertical": "horizontal", "horizontal": "vertical"}.get(direction, "?")),
        ),
        Misconception(
            "sign",
            "The sign is the wrong way round: these kernels answer positively where brightness falls.",
            lambda direction: -edge_kernel(direction),
        ),
        Misconception(
            "does-not-sum-to-0",
            "The kernel does not sum to 0, so it answers to flat bright patches as well.",
            lambda direction: edge_kernel(direction).clamp(min=0),
        ),
        Misconception(
            "no-refusal",
            "A word that is neither direction is not refused: raise ValueError.",
            lambda direction: edge_kernel("vertical" if direction == "vertical" else "horizontal"),
        ),
        Misconception(
            "integers",
            "The kernel holds integers: make it a floating point tensor, or it cannot meet a float image.",
            lambda direction: edge_kernel(direction).long(),
        ),
    ),
    hints=(
        "Draw a 3x3 patch that is dark on the left and bright on the right. Which edge is that?",
        "Weights on the bright side should be positive, on the dark side negative, and cancel on a flat patch.",
        "For the vertical edge every row is `[-1, 0, 1]`; the horizontal one is its transpose.",
    ),
    points=3,
    minutes=8,
    prerequisites=("corr2d",),
    variants=(
        Variant(
            "falling",
            "Let the answer be positive where brightness falls, left to right or top to bottom.",
            edge_kernel_falling,
            _judge_falling,
        ),
    ),
)
