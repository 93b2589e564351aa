"""Exercise: learn a kernel by gradient descent."""

import torch
import torch.nn.functional as F

from .. import drawing
from ..judging import Finding, agree, conduct_agrees, judge_conduct
from ..record import Exercise, Misconception, Variant, case

RECOVERED = 0.05  # largest error of a learned number that still counts as found


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


def learn_kernel_flipped(image, target, kernel_size, learning_rate=0.03, steps=200):
    """Find the kernel whose convolution (flipped, then slid) with the image gives the target, by gradient descent.

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
        output = F.conv2d(image[None, None], kernel.flip(0, 1)[None, None])[0, 0]
        (gradient,) = torch.autograd.grad(((output - target) ** 2).mean(), kernel)
        with torch.no_grad():
            kernel -= learning_rate * gradient
    return kernel.detach()


def _plant_flipped(case):
    return case.with_inputs(planted=case.inputs["planted"].flip(0, 1))


def _judge(case, observed, expected):
    """Any descent that recovers the planted kernel is right."""
    finding = judge_conduct(observed, expected)
    if finding:
        return finding
    learned, planted = observed.value, case.inputs["planted"]
    if not isinstance(learned, torch.Tensor):
        return Finding("type", "It should return a tensor: the learned kernel.")
    if learned.shape != planted.shape:
        return Finding("shape", f"It has shape {tuple(learned.shape)}, expected {tuple(planted.shape)}.")
    error = (learned.double() - planted).abs().max().item()
    if error <= RECOVERED:
        return None
    return Finding("value", f"The learned kernel is {error:.2g} off the planted one, expected at most {RECOVERED}.")


def _agrees(case, one, other):
    """Two descents are alike if they end near each other, grow without bound, or overflow."""
    planted = case.inputs["planted"]
    ends = [one.value, other.value]
    if not all(isinstance(end, torch.Tensor) and end.shape == planted.shape for end in ends):
        return agree(case, one, other)
    fates = [_fate(end, planted) for end in ends]
    near = fates != ["stays", "stays"] or (ends[0].double() - ends[1].double()).abs().max() <= RECOVERED
    return conduct_agrees(one, other) and fates[0] == fates[1] and bool(near)


def _fate(kernel, planted):
    if not kernel.isfinite().all():
        return "overflows"
    return "grows" if kernel.abs().max() > 10 * planted.abs().max() else "stays"


def _planted(note, image, kernel):
    """Plant a kernel: the target is what it answers."""
    image = (image - image.mean()) / image.std()
    target = F.conv2d(image[None, None], kernel[None, None])[0, 0]
    return case(note, probe="learn", image=image, target=target, planted=kernel)


def _fresh(generator):
    for size in ((2, 3), (3, 1)):
        image = torch.randn(12, 15, generator=generator)
        yield _planted("a kernel drawn at random", image, drawing.tensor(generator, *size))


def _image():
    return torch.randn(10, 12, generator=torch.Generator().manual_seed(3))


def _ascend(image, target, kernel_size, learning_rate=0.03, steps=200):
    return learn_kernel(image, target, kernel_size, -learning_rate, steps)


def _flipped(image, target, kernel_size, learning_rate=0.03, steps=200):
    return learn_kernel(image, target, kernel_size, learning_rate, steps).flip(0, 1)


def _summed(image, target, kernel_size, learning_rate=0.03, steps=200):
    return learn_kernel(image, target, kernel_size, learning_rate * target.numel(), steps)


def _one_step(image, target, kernel_size, learning_rate=0.03, steps=200):
    return learn_kernel(image, target, kernel_size, learning_rate, 1)


def _never_moves(image, target, kernel_size, learning_rate=0.03, steps=200):
    return torch.zeros(kernel_size)


def _accumulates(image, target, kernel_size, learning_rate=0.03, steps=200):
    kernel = torch.zeros(kernel_size, dtype=image.dtype, requires_grad=True)
    for _ in range(steps):
        ((F.conv2d(image[None, None], kernel[None, None])[0, 0] - target) ** 2).mean().backward()
        with torch.no_grad():
            kernel -= learning_rate * kernel.grad
    return kernel.detach()


EXERCISE = Exercise(
    solved=learn_kernel,
    chapter="convolution",
    prompt="""
You know the image and what an unknown kernel made of it. Find the kernel: start anywhere, predict, measure the mean
squared error, and walk down its gradient. This is the whole of training a network, with the smallest network there is.
Images here have zero mean and unit variance, for which the given learning rate and number of steps are enough.
""",
    objectives=("write a gradient descent", "see that a kernel can be learned"),
    out_of_scope=("momentum or Adam, though you may use them", "a bias"),
    visible=(
        _planted("an edge kernel", _image(), torch.tensor([[1.0, -1.0]])),
        _planted("a kernel that is not square", _image(), torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]])),
    ),
    fresh=_fresh,
    judge=_judge,
    agrees=_agrees,
    misconceptions=(
        Misconception(
            "uphill",
            "It walks up the gradient: subtract the gradient from the kernel to make the error smaller.",
            _ascend,
        ),
        Misconception(
            "gradient-accumulates",
            "The gradients of all steps pile up: clear the gradient before each backward pass.",
            _accumulates,
        ),
        Misconception(
            "summed-loss",
            "The squared errors are summed, so steps grow with the image and the numbers overflow: take the mean.",
            _summed,
        ),
        Misconception("flipped", "The kernel comes out flipped: the prediction is a cross-correlation.", _flipped),
        Misconception("one-step", "It stops after one step: repeat the step `steps` times.", _one_step),
        Misconception("never-moves", "The kernel never moves from its start: each step must change it.", _never_moves),
    ),
    hints=(
        "Which tensor needs `requires_grad=True`, the image, the target or the kernel?",
        "Predict with `F.conv2d(image[None, None], kernel[None, None])[0, 0]`; the loss is the mean of squared errors.",
        "In each step: predict, loss, gradient, then `kernel -= learning_rate * gradient` under `torch.no_grad()`; "
        "and clear the gradient.",
    ),
    points=5,
    minutes=15,
    prerequisites=("corr2d",),
    variants=(
        Variant(
            "flipped",
            "The target was made by a convolution as mathematics defines it: find the kernel that is flipped before it "
            "slides.",
            learn_kernel_flipped,
            adapt=_plant_flipped,
        ),
    ),
)
