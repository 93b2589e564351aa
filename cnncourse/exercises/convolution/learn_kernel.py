"""Exercise: learn a kernel by gradient descent."""

import torch
import torch.nn.functional as F

from cnncourse.checking.compare import Mismatch, agree, compare_conduct, conduct_agrees
from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import tensor

RECOVERED = 0.05  # largest error of a learned number that still counts as found


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
        The kernel after `steps` steps down the gradient of the mean squared error.
    """
    kernel = torch.zeros(kernel_size, dtype=image.dtype, requires_grad=True)
    for _ in range(steps):
        output = F.conv2d(image[None, None], kernel[None, None])[0, 0]
        loss = ((output - target) ** 2).mean()
        (gradient,) = torch.autograd.grad(loss, kernel)
        with torch.no_grad():
            kernel -= learning_rate * gradient
    return kernel.detach()


def _plant_flipped(case):
    return case.with_inputs(planted=case.inputs["planted"].flip(0, 1))


def _fate(kernel, planted):
    if not kernel.isfinite().all():
        return "overflows"
    return "grows" if kernel.abs().max() > 10 * planted.abs().max() else "stays"


def _planted(note, varies, image, kernel):
    """Plant a kernel: the target is what it answers."""
    image = (image - image.mean()) / image.std()
    target = F.conv2d(image[None, None], kernel[None, None])[0, 0]
    return case(note, varies=varies, probe="learn", image=image, target=target, planted=kernel)


def _image():
    return torch.randn(10, 12, generator=torch.Generator().manual_seed(3))


@learn_kernel.comparison
def _compare(case, observed, expected):
    """Any descent that recovers the planted kernel is right."""
    mismatch = compare_conduct(observed, expected)
    if mismatch:
        return mismatch
    learned, planted = observed.value, case.inputs["planted"]
    if not isinstance(learned, torch.Tensor):
        return Mismatch("type", "It should return a tensor: the learned kernel.")
    if learned.shape != planted.shape:
        return Mismatch("shape", f"It has shape {tuple(learned.shape)}, expected {tuple(planted.shape)}.")
    error = (learned.double() - planted).abs().max().item()
    if error <= RECOVERED:
        return None
    return Mismatch("value", f"The learned kernel is {error:.2g} off the planted one, expected at most {RECOVERED}.")


@learn_kernel.agreement
def _agree(case, one, other):
    """Two descents are alike if they end near each other, grow without bound, or overflow."""
    planted = case.inputs["planted"]
    ends = [one.value, other.value]
    if not all(isinstance(end, torch.Tensor) and end.shape == planted.shape for end in ends):
        return agree(case, one, other)
    fates = [_fate(end, planted) for end in ends]
    near = fates != ["stays", "stays"] or (ends[0].double() - ends[1].double()).abs().max() <= RECOVERED
    return conduct_agrees(one, other) and fates[0] == fates[1] and bool(near)


learn_kernel.add_visible(
    _planted("an edge kernel", "basic", _image(), torch.tensor([[1.0, -1.0]])),
    _planted(
        "a kernel that is not square", "kernel axis", _image(), torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]])
    ),
)


@learn_kernel.random_cases
def _fresh(generator):
    for size in ((2, 3), (3, 1)):
        image = torch.randn(12, 15, generator=generator)
        yield _planted("a kernel drawn at random", "kernel axis random", image, tensor(generator, *size))


@learn_kernel.variant(
    "The target was made by a convolution as mathematics defines it: find the kernel that is flipped before it slides.",
    adapt=_plant_flipped,
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


@learn_kernel.mistake("It walks up the gradient: subtract the gradient from the kernel to make the error smaller.")
def uphill(image, target, kernel_size, learning_rate=0.03, steps=200):
    return learn_kernel(image, target, kernel_size, -learning_rate, steps)


@learn_kernel.mistake("The gradients of all steps pile up: clear the gradient before each backward pass.")
def gradient_accumulates(image, target, kernel_size, learning_rate=0.03, steps=200):
    kernel = torch.zeros(kernel_size, dtype=image.dtype, requires_grad=True)
    for _ in range(steps):
        ((F.conv2d(image[None, None], kernel[None, None])[0, 0] - target) ** 2).mean().backward()
        with torch.no_grad():
            kernel -= learning_rate * kernel.grad
    return kernel.detach()


@learn_kernel.mistake(
    "The squared errors are summed, so steps grow with the image and the numbers overflow: take the mean."
)
def summed_loss(image, target, kernel_size, learning_rate=0.03, steps=200):
    return learn_kernel(image, target, kernel_size, learning_rate * target.numel(), steps)


@learn_kernel.mistake("The kernel comes out flipped: the prediction is a cross-correlation.")
def _flipped(image, target, kernel_size, learning_rate=0.03, steps=200):
    return learn_kernel(image, target, kernel_size, learning_rate, steps).flip(0, 1)


@learn_kernel.mistake("It stops after one step: repeat the step `steps` times.")
def one_step(image, target, kernel_size, learning_rate=0.03, steps=200):
    return learn_kernel(image, target, kernel_size, learning_rate, 1)


@learn_kernel.mistake("The kernel never moves from its start: each step must change it.")
def never_moves(image, target, kernel_size, learning_rate=0.03, steps=200):
    return torch.zeros(kernel_size)
