"""Exercise: a network of one kernel that detects one digit."""

from functools import cache

import torch
import torch.nn.functional as F

from cnncourse.checking.compare import Mismatch, compare_conduct, conduct_agrees
from cnncourse.checking.record import case, exercise
from cnncourse.data import load_digits
from cnncourse.exercises.random_inputs import integer

INK = 16  # full black in scikit-learn's digits


@exercise(points=8, minutes=30, after="train_one_epoch corr2d")
def train_detector(images, labels, digit, epochs=20, generator=None):
    """Train the one-kernel detector "this digit against the rest".

    Parameters
    ----------
    images : torch.Tensor, shape (N, 8, 8)
        Pixels from 0 to 1 or from 0 to 16.
    labels : torch.Tensor, shape (N,)
        Which digit each image shows.
    digit : int
        The one to detect.
    epochs : int, default 20
    generator : torch.Generator, optional
        Decides the order of the samples.

    Returns
    -------
    kernel : torch.Tensor, shape (8, 8)
    bias : float
        An image is detected if `(image * kernel).sum() + bias > 0`.
    """
    scale = images.max()
    inputs = (images / scale).flatten(start_dim=1)  # (N, 64), from 0 to 1
    targets = (labels == digit).to(inputs.dtype)
    weight = torch.zeros(inputs.shape[1], dtype=inputs.dtype, requires_grad=True)
    bias = torch.zeros((), dtype=inputs.dtype, requires_grad=True)
    optimizer = torch.optim.Adam([weight, bias], lr=0.05)
    for _ in range(epochs):
        for rows in torch.randperm(len(inputs), generator=generator).split(100):
            loss = F.binary_cross_entropy_with_logits(inputs[rows] @ weight + bias, targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    kernel = (weight.detach() / scale).reshape(images.shape[1:])  # for pixels as they were given
    return kernel, bias.item()


def detect(note, varies, images, labels, digit, seed=None, real=True):
    given = {"images": images, "labels": labels, "digit": digit, "seed": seed}
    return case(note, varies=varies, probe="detect", reference={"real": real}, **given)


FEW = torch.rand(12, 8, 8, generator=torch.Generator().manual_seed(0))

train_detector.pairs = False  # each case is a training

train_detector.add_visible(
    detect("twelve images: only the form of the result counts", "basic", FEW, torch.arange(12) % 3, 1, real=False)
)


@train_detector.random_cases
def fresh(generator):
    images, labels = load_digits("train")
    seed, digit = integer(generator, 0, 1000), (0, 2, 4, 5, 6, 7)[integer(generator, 0, 5)]
    dark = images.double() * INK
    yield detect("the digit 3, pixels 0 to 1", "basic", images, labels, 3)  # few: each one is a training
    yield detect(f"the digit {digit}, pixels 0 to 1, a generator", "classes", images, labels, digit, seed)
    yield detect("the digit 7, pixels 0 to 16, a generator", "classes extreme", dark, labels, 7, seed)
    yield detect("the digit 3, pixels 0 to 16, a generator", "extreme", dark, labels, 3, seed)


@train_detector.comparison
def compare(case, observed, expected):
    mismatch = compare_conduct(observed, expected)
    if mismatch:
        return mismatch
    malformed = what_is_malformed(observed.value)
    if malformed:
        return Mismatch("type", malformed)
    digit = case.inputs["digit"]
    bound = 0.95 if digit == 3 else 0.97
    said, true = detections(case, observed.value), held_out()[1] == digit
    accuracy = (said == true).double().mean().item()
    if not case.reference["real"] or accuracy >= bound:
        return None
    hits, false_alarms = (said[which].double().mean().item() for which in (true, ~true))
    return Mismatch(
        "value",
        f"It is right on {accuracy:.2f} of the held-out images, expected at least {bound}: it says yes to "
        f"{hits:.2f} of the images of {digit} and to {false_alarms:.2f} of the others.",
    )


@train_detector.agreement
def alike(case, one, other):
    if not conduct_agrees(one, other):
        return False
    faults = [what_is_malformed(observation.value) for observation in (one, other)]
    if any(faults):
        return faults[0] == faults[1]
    same = detections(case, one.value) == detections(case, other.value)
    return same.double().mean().item() >= 0.95  # two detectors with the same mistake decide alike on most images


def what_is_malformed(value):
    """Say what is wrong with the form of a detector, or return None."""
    if isinstance(value, torch.Tensor):
        return "It should return the bias as well: a pair."
    if not isinstance(value, tuple | list) or len(value) != 2:
        return "It should return a pair: the kernel and the bias."
    kernel, bias = value
    if not isinstance(kernel, torch.Tensor) or kernel.shape != (8, 8):
        return "The kernel should be a tensor of shape (8, 8)."
    if type(bias) not in (int, float) and not (isinstance(bias, torch.Tensor) and bias.numel() == 1):
        return "The bias should be one number."
    if not kernel.isfinite().all() or not torch.as_tensor(bias).isfinite().all():
        return "The kernel or the bias is not finite."
    return None


@cache
def held_out():
    return load_digits("test")


def detections(case, value):
    """Tell for each held-out image whether the detector says yes: bool (N,)."""
    kernel, bias = value
    largest = INK if case.inputs["images"].max() > 1 else 1
    return (held_out()[0].double() * largest * kernel.double()).sum((1, 2)) + float(bias) > 0


QUICK = ("lr=0.05", "lr=0.1", "split(100)", "split(200)")  # half as many steps: there are many wrong answers to train


@train_detector.mistake(
    "It says yes to every image. Show it the other digits too, with target 0; the loss takes logits first and "
    "targets second; and subtract the gradient."
)
def yes_to_everything(images, labels, digit, epochs=20, generator=None):
    shown = labels == digit
    return train_detector.edited(*QUICK)(images[shown], labels[shown], digit, epochs, generator)


@train_detector.mistake(
    "It says no to every image, as after too few or too small steps: raise the learning rate, and "
    "give the loss logits, not probabilities."
)
def no_to_everything(images, labels, digit, epochs=20, generator=None):
    right = (labels == digit).to(images.dtype)
    slope = (images * (0.5 - right)[:, None, None]).mean(0)
    return -0.001 * slope, -0.001 * (0.5 - right).mean().item()


train_detector.mistake(
    "It says yes to all but the digit: the digit's own target is 1, the others' is 0.", "against-the-digit"
)(train_detector.edited(*QUICK, "labels == digit", "labels != digit"))
train_detector.mistake(
    "The target is the digit itself: a logistic loss wants 1 for the digit and 0 for the rest.", "digit-as-target"
)(train_detector.edited(*QUICK, "(labels == digit)", "(digit * (labels == digit))"))
train_detector.mistake("It always learns the 3: use `digit`.", "always-3")(
    train_detector.edited(*QUICK, "labels == digit", "labels == 3")
)
train_detector.mistake(
    "This looks like a squared error with targets 0 and 1 and threshold 0.5: use the logistic loss.", "squared-loss"
)(train_detector.edited(*QUICK, "binary_cross_entropy_with_logits", "mse_loss"))


@train_detector.mistake(
    "This is the mean image of the digit minus that of the rest, without training: it says yes far too often."
)
def difference_of_means(images, labels, digit, epochs=20, generator=None):
    return images[labels == digit].mean(0) - images[labels != digit].mean(0), 0.0


train_detector.mistake("The kernel is turned upside down: do not flip it.", "flipped")(
    train_detector.edited(*QUICK, "return kernel", "return kernel.flip(0, 1)")
)
train_detector.mistake("The bias is missing: return the pair (kernel, bias).", "kernel-only")(
    train_detector.edited(*QUICK, "return kernel, bias.item()", "return kernel")
)
train_detector.mistake("The kernel has another shape: reshape it to (8, 8).", "kernel-of-another-shape")(
    train_detector.edited(*QUICK, "return kernel", "return kernel.flatten()")
)
