"""Exercise: one step of gradient descent."""

import torch

from cnncourse.checking.record import case, exercise
from cnncourse.exercises.random_inputs import integer, tensor


@exercise(points=4, minutes=10, after="learn_kernel")
def sgd_step(parameters, learning_rate):
    """Move each parameter against its gradient, in place, then clear the gradient.

    Parameters
    ----------
    parameters : iterable of torch.Tensor
        Anything to loop over once, such as `model.parameters()`. Those whose `grad` is None are left alone.
    learning_rate : float
    """
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is not None:
                parameter -= learning_rate * parameter.grad
                parameter.grad = None


def two_steps(note, varies, parameters, gradients, learning_rate, trainable=None, one_shot=False, state=True):
    """Make a case; what the answer leaves in the gradients counts with `state` only."""
    given = {"parameters": parameters, "trainable": trainable or [True] * len(gradients), "gradients": gradients}
    return case(
        note, varies=varies, probe="two_steps", **given, learning_rate=learning_rate, one_shot=one_shot, state=state
    )


sgd_step.add_visible(
    two_steps("one parameter", "basic state", [torch.tensor([1.0, 2])], [torch.tensor([0.5, -1])], 0.1),
    two_steps(
        "a parameter without gradient between two others",
        "batch zero state",
        [torch.tensor([1.0]), torch.tensor([5.0, 6]), torch.tensor([[2.0, -3]])],
        [torch.tensor([2.0]), None, torch.tensor([[1.0, 4]])],
        0.5,
    ),
    two_steps(
        "a generator, and a parameter that is frozen",
        "batch zero iterable state",
        [torch.tensor([1.0, 0]), torch.tensor([3.0]), torch.tensor([4.0])],
        [torch.tensor([2.0, 1]), None, torch.tensor([-2.0])],
        0.25,
        trainable=[True, False, True],
        one_shot=True,
    ),
)


@sgd_step.random_cases
def fresh(generator):
    def drawn(note, varies, shapes, without=(), dtype=torch.float32, **options):
        parameters = [tensor(generator, *shape, dtype=dtype) for shape in shapes]
        gradients = [0.25 + tensor(generator, *shape, dtype=dtype).abs() for shape in shapes]
        gradients = [None if place in without else gradient for place, gradient in enumerate(gradients)]
        return two_steps(
            note, varies, parameters, gradients, integer(generator, 1, 9) / 20, state="state" in varies, **options
        )

    yield drawn("one parameter", "basic", [(2, 3)])
    yield drawn("what is left of the gradient", "state", [(2, 3)])
    yield drawn("three parameters", "batch", [(2, 3), (3,), ()])
    yield drawn("a parameter without gradient first", "zero", [(3,), (2, 2)], without=[0])
    yield drawn("a frozen parameter last", "zero", [(3,), (2, 2)], without=[1], trainable=[True, False])
    yield drawn("a generator", "iterable", [(2, 3)], one_shot=True)
    yield drawn("float64", "dtype", [(2, 3)], dtype=torch.float64)
    shapes = [(2, 3), (3,), (), (1, 2, 2)]
    yield drawn("a generator, one without gradient", "batch zero iterable state", shapes, without=[2], one_shot=True)
    yield drawn("float64, one without gradient", "batch zero dtype state", shapes, without=[2], dtype=torch.float64)


sgd_step.mistake("The step goes up the gradient: subtract it to make the loss smaller.", "uphill")(
    sgd_step.edited("-=", "+=")
)
sgd_step.mistake(
    "The gradients are not cleared, and the next ones are added: set them to None or zeros.", "gradients-not-cleared"
)(sgd_step.edited("parameter.grad = None", "pass"))
sgd_step.mistake(
    "The parameters stay as they are: update the tensors themselves (`p -= ...`, not `p = p - ...`), and "
    "clear the gradients after the step, not before.",
    "does-not-move",
)(sgd_step.edited("parameter -=", "moved = parameter -"))
sgd_step.mistake(
    "The step is recorded for differentiation, which torch refuses: put it under torch.no_grad().", "graph-recorded"
)(sgd_step.edited("no_grad", "enable_grad"))
sgd_step.mistake(
    "A parameter without gradient breaks the step: leave those whose `grad` is None alone.", "gradient-expected"
)(sgd_step.edited("parameter.grad is not None", "True"))


@sgd_step.mistake("The parameters are looped over twice, which a generator does not allow: clear in the same loop.")
def loops_twice(parameters, learning_rate):
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is not None:
                parameter -= learning_rate * parameter.grad
    for parameter in parameters:
        parameter.grad = None


@sgd_step.mistake("The parameters are counted or taken by index: a generator can only be looped over.")
def needs_a_list(parameters, learning_rate):
    for index in range(len(parameters)):
        sgd_step([parameters[index]], learning_rate)


@sgd_step.mistake("The first parameter without gradient ends the loop: skip it (`continue`) and go on.")
def stops_early(parameters, learning_rate):
    for parameter in parameters:
        if parameter.grad is None:
            return
        sgd_step([parameter], learning_rate)


sgd_step.mistake("Only the first parameter moves: go on through all of them.", "one-only")(
    lambda parameters, learning_rate: sgd_step([next(iter(parameters))], learning_rate)
)
sgd_step.mistake(
    "The learning rate is left out: the step is `learning_rate` times the gradient.", "learning-rate-ignored"
)(sgd_step.edited("learning_rate * ", ""))
sgd_step.mistake("Every number moves equally far: make the step proportional to the gradient.", "sign-only")(
    sgd_step.edited("* parameter.grad", "* parameter.grad.sign()")
)
sgd_step.mistake("The parameters are frozen after the step: leave `requires_grad` as it was.", "frozen-afterwards")(
    sgd_step.edited("parameter.grad = None", "parameter.grad = None; parameter.requires_grad_(False)")
)
