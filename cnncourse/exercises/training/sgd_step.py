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


def _each(update, clear=lambda parameter: None):
    """Make a wrong answer that updates and clears each parameter with a gradient in its own way."""

    def answer(parameters, learning_rate):
        with torch.no_grad():
            for parameter in parameters:
                if parameter.grad is not None:
                    update(parameter, learning_rate)
                    clear(parameter)

    return answer


def _clear(parameter):
    parameter.grad = None


def _descend(parameter, learning_rate):
    parameter.sub_(learning_rate * parameter.grad)


def _rebound(parameter, learning_rate):
    parameter = parameter - learning_rate * parameter.grad


def _freeze(parameter, learning_rate):
    _descend(parameter, learning_rate)
    parameter.requires_grad_(False)


def _steps(note, varies, shapes_or_values, gradients, learning_rate, one_shot=False, trainable=None):
    return case(
        note,
        varies=varies,
        probe="two_steps",
        parameters=shapes_or_values,
        trainable=trainable or [True] * len(gradients),
        gradients=gradients,
        learning_rate=learning_rate,
        one_shot=one_shot,
    )


sgd_step.add_visible(
    _steps("one parameter", "basic", [torch.tensor([1.0, 2.0])], [torch.tensor([0.5, -1.0])], 0.1),
    _steps(
        "a parameter without gradient between two others",
        "state",
        [torch.tensor([1.0]), torch.tensor([5.0, 6.0]), torch.tensor([[2.0, -3.0]])],
        [torch.tensor([2.0]), None, torch.tensor([[1.0, 4.0]])],
        0.5,
    ),
    _steps(
        "a generator, and a parameter that is frozen",
        "iterable state",
        [torch.tensor([1.0, 0.0]), torch.tensor([3.0]), torch.tensor([4.0])],
        [torch.tensor([2.0, 1.0]), None, torch.tensor([-2.0])],
        0.25,
        one_shot=True,
        trainable=[True, False, True],
    ),
)


@sgd_step.random_cases
def _fresh(generator):
    for dtype, one_shot in ((torch.float32, True), (torch.float64, False)):
        shapes = [(2, 3), (3,), (), (1, 2, 2)]
        yield _steps(
            f"numbers drawn at random, {str(dtype).removeprefix('torch.')}, one parameter without gradient",
            "state dtype",
            [tensor(generator, *shape, dtype=dtype) for shape in shapes],
            [tensor(generator, *shape, dtype=dtype) for shape in shapes[:-2]]
            + [None, tensor(generator, *shapes[-1], dtype=dtype)],
            integer(generator, 1, 9) / 20,
            one_shot,
        )


sgd_step.mistake("It walks up the gradient: subtract it to make the loss smaller.", "uphill")(
    _each(lambda p, rate: p.add_(rate * p.grad), _clear)
)
sgd_step.mistake(
    "The gradients are not cleared: the next backward pass adds to them. Set them to None or to zeros.",
    "gradients-not-cleared",
)(_each(_descend))
sgd_step.mistake(
    "The parameters stay as they are: update the tensors themselves (`p -= ...`, not `p = p - ...`), and "
    "clear the gradients after the step, not before.",
    "does-not-move",
)(_each(_rebound, _clear))


@sgd_step.mistake("The step is recorded for differentiation, which torch refuses here: put it under torch.no_grad().")
def graph_recorded(parameters, learning_rate):
    for parameter in parameters:
        if parameter.grad is not None:
            parameter -= learning_rate * parameter.grad
            parameter.grad = None


@sgd_step.mistake("A parameter without gradient breaks the step: leave those whose `grad` is None alone.")
def gradient_expected(parameters, learning_rate):
    with torch.no_grad():
        for parameter in parameters:
            parameter -= learning_rate * parameter.grad
            parameter.grad = None


@sgd_step.mistake(
    "The parameters are looped over twice, but a generator can be used once: update and clear in one loop."
)
def loops_twice(parameters, learning_rate):
    _each(_descend)(parameters, learning_rate)
    for parameter in parameters:
        parameter.grad = None


@sgd_step.mistake("It asks for the parameters' number or takes them by index: a generator can only be looped over.")
def needs_a_list(parameters, learning_rate):
    for index in range(len(parameters)):
        sgd_step([parameters[index]], learning_rate)


@sgd_step.mistake("The first parameter without gradient ends the loop: skip it (`continue`) and go on.")
def stops_early(parameters, learning_rate):
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is None:
                return
            parameter -= learning_rate * parameter.grad
            parameter.grad = None


@sgd_step.mistake("Only the first parameter moves: go on through all of them.")
def one_only(parameters, learning_rate):
    sgd_step([next(iter(parameters))], learning_rate)


sgd_step.mistake(
    "The learning rate is left out: the step is `learning_rate` times the gradient.", "learning-rate-ignored"
)(_each(lambda p, rate: p.sub_(p.grad), _clear))
sgd_step.mistake("Every number moves equally far: the step is as long as the gradient is large.", "sign-only")(
    _each(lambda p, rate: p.sub_(rate * p.grad.sign()), _clear)
)
sgd_step.mistake("The parameters are frozen after the step: leave `requires_grad` as it was.", "frozen-afterwards")(
    _each(_freeze, _clear)
)
