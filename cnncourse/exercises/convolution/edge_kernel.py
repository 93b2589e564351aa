"""Exercise: kernels that respond to edges."""

from functools import partial

import torch

from cnncourse.checking.compare import Mismatch, agree, compare_conduct, conduct_agrees
from cnncourse.checking.record import case, exercise


@exercise(points=3, minutes=8, after="corr2d")
def edge_kernel(direction):
    """Return a 3x3 kernel that responds to edges of one direction.

    Parameters
    ----------
    direction : str
        "vertical" or "horizontal": the direction of the edge itself.

    Returns
    -------
    torch.Tensor, shape (3, 3), floating point
        Its numbers sum to 0. Its response is positive where brightness rises from left to right (vertical edge) or
        from top to bottom (horizontal edge), and 0 at an edge of the other direction.

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


edge_kernel.add_visible(
    case("a vertical edge", varies="basic", direction="vertical"),
    case("a horizontal edge", varies="axis", direction="horizontal"),
    case("another word", varies="error", direction="diagonal"),
)


@edge_kernel.random_cases
def fresh(generator):
    yield case("a vertical edge", varies="basic", direction="vertical")
    yield case("a horizontal edge", varies="axis", direction="horizontal")
    words = ("Vertical", "VERTICAL", "horizontally", "vertical ", "h", "v", "left", "up", "both", "none")
    for index in torch.randperm(len(words), generator=generator)[:4]:
        yield case("another word", varies="error", direction=words[index])


ZERO = 1e-5  # largest magnitude of a response that counts as 0


@edge_kernel.comparison
def compare(case, observed, expected, sign=1, moves="rises"):
    """Accept any kernel with the stated properties."""
    mismatch = compare_conduct(observed, expected)
    if mismatch or expected.outcome == "raised":
        return mismatch
    kernel = observed.value
    if not isinstance(kernel, torch.Tensor) or not kernel.is_floating_point():
        return Mismatch("type", "It should return a tensor of floats.")
    if kernel.shape != (3, 3):
        return Mismatch("shape", f"It has shape {tuple(kernel.shape)}, expected (3, 3).")
    kernel = sign * kernel.double()
    if not kernel.sum().abs() <= ZERO:
        return Mismatch("value", f"Its numbers sum to {kernel.sum():.4g}, expected 0: it responds to a flat patch.")
    if case.inputs["direction"] == "horizontal":
        kernel = kernel.T
    across = kernel[:, 2].sum(), kernel[:, 1:].sum()  # the edge is before the last column, before the middle one
    along = kernel[2].sum(), kernel[1:].sum()
    if min(across) < -ZERO or max(across) <= ZERO:  # a difference of neighbours responds at one of the two places
        return Mismatch(
            "value", f"Its response is {min(across):.4g} where brightness {moves} across such an edge, expected > 0."
        )
    if not all(response.abs() <= ZERO for response in along):
        response = max(along, key=abs)
        return Mismatch("value", f"Its response to an edge of the other direction is {response:.4g}, expected 0.")
    return None


@edge_kernel.agreement
def same_signs(case, one, other):
    """Tell whether the kernels' sums and their responses to edges of both directions have the same signs."""
    kernels = [one.value, other.value]
    if not all(isinstance(kernel, torch.Tensor) and kernel.shape == (3, 3) for kernel in kernels):
        return agree(case, one, other)
    first, second = map(signs, kernels)
    return conduct_agrees(one, other) and (
        case.inputs["direction"] not in ("vertical", "horizontal") or first == second
    )


def signs(kernel):
    """Return whether it holds floats, and the signs of its responses to a vertical edge, a horizontal edge and flat."""
    responses = torch.stack([kernel[:, 1:].sum(), kernel[1:].sum(), kernel.sum()]).double()
    return kernel.is_floating_point(), torch.where(responses.abs() <= ZERO, 0.0, responses.sign()).tolist()


edge_kernel.mistake(
    "The two directions are swapped: a vertical edge is crossed from left to right, so its kernel changes along a row.",
    "directions-swapped",
)(lambda direction: edge_kernel({"vertical": "horizontal", "horizontal": "vertical"}.get(direction, "?")))
edge_kernel.mistake(
    "The sign is wrong: the response is positive where brightness falls; it should be positive where it rises.", "sign"
)(lambda direction: -edge_kernel(direction))
edge_kernel.mistake(
    "The numbers do not sum to 0, so the kernel responds to flat bright patches as well.", "does-not-sum-to-0"
)(lambda direction: edge_kernel(direction).clamp(min=0))
edge_kernel.mistake("A word that is neither direction is accepted: raise ValueError.", "no-refusal")(
    lambda direction: edge_kernel("vertical" if direction == "vertical" else "horizontal")
)
edge_kernel.same_mistake("no-refusal")(
    lambda direction: edge_kernel("vertical" if direction.startswith("v") else "horizontal")
)
edge_kernel.mistake(
    "The kernel holds integers: make it a floating point tensor, since images hold floats.", "integers"
)(lambda direction: edge_kernel(direction).long())


@edge_kernel.variant(
    "Let the response be positive where brightness falls, left to right or top to bottom.",
    compare=partial(compare, sign=-1, moves="falls"),
)
def falling(direction):
    """Return a 3x3 kernel that responds to edges of one direction.

    Returns
    -------
    torch.Tensor, shape (3, 3), floating point
        Its numbers sum to 0. Its response is positive where brightness falls from left to right (vertical edge) or
        from top to bottom (horizontal edge), and 0 at an edge of the other direction.
    """
    vertical = torch.tensor([[1.0, 0.0, -1.0]] * 3)
    if direction == "vertical":
        return vertical
    if direction == "horizontal":
        return vertical.T.contiguous()
    raise ValueError(f'direction must be "vertical" or "horizontal", not {direction!r}')
