"""Exercise: learn a kernel by gradient descent."""

from dataclasses import replace

import torch
import torch.nn.functional as F

from cnncourse.checking.compare import Mismatch, agree, compare_conduct, conduct_agrees
from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor


@exercise(points=5, minutes=15, after="corr2d")
def learn_kernel(image, target, kernel_size, learning_rate=0.03, steps=200):
    """Find the kernel whose cross-correlation with the image gives the target, by gradient descent.

    Parameters
    ----------
    image : torch.Tensor, shape (H, W)
        Of zero mean and unit variance.
    target : torch.Tensor, shape (H - kh + 1, W - kw + 1)
    kernel_size : (int, int)
        (kh, kw).
    learning_rate : float, default 0.03
    steps : int, default 200

    Returns
    -------
    torch.Tensor, shape (kh, kw)
        The kernel after `steps` steps of gradient descent on the mean squared error.
    """
    kernel = torch.zeros(kernel_size, dtype=image.dtype, requires_grad=True)
    for _ in range(steps):
        output = F.conv2d(image[None, None], kernel[None, None])[0, 0]
        loss = ((output - target) ** 2).mean()
        (gradient,) = torch.autograd.grad(loss, kernel)
        with torch.no_grad():
            kernel -= learning_rate * gradient
    return kernel.detach()


def planted(note, varies, image, kernel):
    """Make the target with a known kernel, which the answer must find."""
    image = (image - image.mean()) / image.std()
    target = F.conv2d(image[None, None], kernel[None, None])[0, 0]
    given = {"image": image, "target": target, "kernel_size": tuple(kernel.shape)}
    return case(note, varies=varies, reference={"planted": kernel}, **given)


IMAGE = torch.randn(10, 12, generator=torch.Generator().manual_seed(3))

learn_kernel.pairs = False  # each case is a training

learn_kernel.add_visible(
    planted("an edge kernel", "basic", IMAGE, torch.tensor([[1.0, -1]])),
    planted("a kernel that is not square", "kernel", IMAGE, torch.tensor([[0.5, -1, 2], [1.5, 0, -0.5]])),
)


@learn_kernel.random_cases
def fresh(generator):
    for varies, size in (("basic", (1, 2)), ("kernel", (2, 3)), ("kernel", (3, 1))):  # few: each one is a training
        image = torch.randn(12, 15, generator=generator)
        yield planted("a kernel drawn at random", varies, image, 0.5 + tensor(generator, *size).abs())


RECOVERED = 0.05  # largest error of a number of the kernel that counts as found


@learn_kernel.comparison
def compare(case, observed, expected):
    """Accept any kernel near the planted one, however it was found."""
    mismatch = compare_conduct(observed, expected)
    if mismatch:
        return mismatch
    learned, planted = observed.value, case.reference["planted"]
    if not isinstance(learned, torch.Tensor):
        return Mismatch("type", "It should return a tensor: the learned kernel.")
    if learned.shape != planted.shape:
        return Mismatch("shape", f"It has shape {tuple(learned.shape)}, expected {tuple(planted.shape)}.")
    error = (learned.double() - planted).abs().max().item()
    if error <= RECOVERED:
        return None
    return Mismatch("value", f"The learned kernel is {error:.2g} off the true one, expected at most {RECOVERED}.")


@learn_kernel.agreement
def same_end(case, one, other):
    """Tell whether two descents both stay at zero, end near each other, grow without bound or overflow."""
    planted, ends = case.reference["planted"], [one.value, other.value]
    if not all(isinstance(end, torch.Tensor) and end.shape == planted.shape for end in ends):
        return agree(case, one, other)
    if len({bool(end.any()) for end in ends}) > 1:
        return False
    overflow = [not end.isfinite().all() for end in ends]
    grow = [bool(end.abs().max() > 10 * planted.abs().max()) for end in ends]
    near = bool((ends[0].double() - ends[1].double()).abs().max() <= RECOVERED)
    alike = all(overflow) if any(overflow) else all(grow) if any(grow) else near
    return conduct_agrees(one, other) and alike


learn_kernel.mistake(
    "It moves up the gradient: subtract the gradient from the kernel to make the error smaller.", "uphill"
)(learn_kernel.edited("-=", "+="))


@learn_kernel.mistake("The gradients of all steps are added up: clear the gradient before each backward pass.")
def gradient_accumulates(image, target, kernel_size, learning_rate=0.03, steps=200):
    kernel = torch.zeros(kernel_size, dtype=image.dtype, requires_grad=True)
    for _ in range(steps):
        ((F.conv2d(image[None, None], kernel[None, None])[0, 0] - target) ** 2).mean().backward()
        with torch.no_grad():
            kernel -= learning_rate * kernel.grad
    return kernel.detach()


learn_kernel.mistake(
    "The squared errors are summed, so steps grow with the image and the numbers overflow: take the mean.",
    "summed-loss",
)(learn_kernel.edited("mean()", "sum()"))
learn_kernel.mistake("The kernel is flipped: predict with a cross-correlation.", "flipped")(
    learn_kernel.edited("kernel[None, None]", "kernel.flip(0, 1)[None, None]")
)
learn_kernel.mistake("It stops after one step: repeat the step `steps` times.", "one-step")(
    learn_kernel.edited("range(steps)", "range(1)")
)
learn_kernel.mistake("The kernel stays at its start: change it in each step.", "never-moves")(
    learn_kernel.edited("kernel -= learning_rate * gradient", "pass")
)


@learn_kernel.variant(
    "The target was made by a convolution as mathematics defines it: find the kernel that is flipped before it slides.",
    adapt=lambda case: replace(case, reference={"planted": case.reference["planted"].flip(0, 1)}),
)
def flipped(image, target, kernel_size, learning_rate=0.03, steps=200):
    """Find the kernel whose convolution (flipped, then slid) with the image gives the target, by gradient descent."""
    kernel = torch.zeros(kernel_size, dtype=image.dtype, requires_grad=True)
    for _ in range(steps):
        output = F.conv2d(image[None, None], kernel.flip(0, 1)[None, None])[0, 0]
        (gradient,) = torch.autograd.grad(((output - target) ** 2).mean(), kernel)
        with torch.no_grad():
            kernel -= learning_rate * gradient
    return kernel.detach()
