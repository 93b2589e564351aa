"""Exercise: one step of gradient descent."""

import torch

from .. import drawing
from ..record import Exercise, Misconception, case


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


def _with_graph(parameters, learning_rate):
    for parameter in parameters:
        if parameter.grad is not None:
            parameter -= learning_rate * parameter.grad
            parameter.grad = None


def _every_gradient(parameters, learning_rate):
    with torch.no_grad():
        for parameter in parameters:
            parameter -= learning_rate * parameter.grad
            parameter.grad = None


def _loops_twice(parameters, learning_rate):
    _each(_descend)(parameters, learning_rate)
    for parameter in parameters:
        parameter.grad = None


def _stops_early(parameters, learning_rate):
    with torch.no_grad():
        for parameter in parameters:
            if parameter.grad is None:
                return
            parameter -= learning_rate * parameter.grad
            parameter.grad = None


def _one_only(parameters, learning_rate):
    sgd_step([next(iter(parameters))], learning_rate)


def _needs_a_list(parameters, learning_rate):
    for index in range(len(parameters)):
        sgd_step([parameters[index]], learning_rate)


def _freeze(parameter, learning_rate):
    _descend(parameter, learning_rate)
    parameter.requires_grad_(False)


def _steps(note, shapes_or_values, gradients, learning_rate, one_shot=False, trainable=None):
    return case(
        note,
        probe="two_steps",
        parameters=shapes_or_values,
        trainable=trainable or [True] * len(gradients),
        gradients=gradients,
        learning_rate=learning_rate,
        one_shot=one_shot,
    )


def _fresh(generator):
    for dtype, one_shot in ((torch.float32, True), (torch.float64, False)):
        shapes = [(2, 3), (3,), (), (1, 2, 2)]
        yield _steps(
            f"numbers drawn at random, {str(dtype).removeprefix('torch.')}, one parameter without gradient",
            [drawing.tensor(generator, *shape, dtype=dtype) for shape in shapes],
            [drawing.tensor(generator, *shape, dtype=dtype) for shape in shapes[:-2]]
            + [None, drawing.tensor(generator, *shapes[-1], dtype=dtype)],
            drawing.integer(generator, 1, 9) / 20,
            one_shot,
        )


EXERCISE = Exercise(
    solved=sgd_step,
    chapter="training",
    prompt="""
After the backward pass every parameter knows in its gradient which way is up. One step of gradient descent moves it the
other way, by `learning_rate` times the gradient. The step itself is not part of what is differentiated, so it must
record no graph; and the next backward pass *adds* to the gradient, so clear it afterwards (None or zeros, as you like).
Update the tensors that you are given, in place. `parameters` may be a generator, which can be looped over only once,
and a parameter without gradient is left alone.
""",
    objectives=("write the optimiser's step", "keep the step out of the graph", "clear gradients"),
    out_of_scope=("momentum", "a return value"),
    visible=(
        _steps("one parameter", [torch.tensor([1.0, 2.0])], [torch.tensor([0.5, -1.0])], 0.1),
        _steps(
            "a parameter without gradient between two others",
            [torch.tensor([1.0]), torch.tensor([5.0, 6.0]), torch.tensor([[2.0, -3.0]])],
            [torch.tensor([2.0]), None, torch.tensor([[1.0, 4.0]])],
            0.5,
        ),
        _steps(
            "a generator, and a parameter that is frozen",
            [torch.tensor([1.0, 0.0]), torch.tensor([3.0]), torch.tensor([4.0])],
            [torch.tensor([2.0, 1.0]), None, torch.tensor([-2.0])],
            0.25,
            one_shot=True,
            trainable=[True, False, True],
        ),
    ),
    fresh=_fresh,
    misconceptions=(
        Misconception(
            "uphill",
            "It walks up the gradient: subtract it to make the loss smaller.",
            _each(lambda p, rate: p.add_(rate * p.grad), _clear),
        ),
        Misconception(
            "gradients-not-cleared",
            "The gradients are not cleared: the next backward pass adds to them. Set them to None or to zeros.",
            _each(_descend),
        ),
        Misconception(
            "does-not-move",
            "The parameters stay as they are: update the tensors themselves (`p -= ...`, not `p = p - ...`), and "
            "clear the gradients after the step, not before.",
            _each(_rebound, _clear),
        ),
        Misconception(
            "graph-recorded",
            "The step is recorded for differentiation, which torch refuses here: put it under torch.no_grad().",
            _with_graph,
        ),
        Misconception(
            "gradient-expected",
            "A parameter without gradient breaks the step: leave those whose `grad` is None alone.",
            _every_gradient,
        ),
        Misconception(
            "loops-twice",
            "The parameters are looped over twice, but a generator can be used once: update and clear in one loop.",
            _loops_twice,
        ),
        Misconception(
            "needs-a-list",
            "It asks for the parameters' number or takes them by index: a generator can only be looped over.",
            _needs_a_list,
        ),
        Misconception(
            "stops-early",
            "The first parameter without gradient ends the loop: skip it (`continue`) and go on.",
            _stops_early,
        ),
        Misconception("one-only", "Only the first parameter moves: go on through all of them.", _one_only),
        Misconception(
            "learning-rate-ignored",
            "The learning rate is left out: the step is `learning_rate` times the gradient.",
            _each(lambda p, rate: p.sub_(p.grad), _clear),
        ),
        Misconception(
            "sign-only",
            "Every number moves equally far: the step is as long as the gradient is large.",
            _each(lambda p, rate: p.sub_(rate * p.grad.sign()), _clear),
        ),
        Misconception(
            "frozen-afterwards",
            "The parameters are frozen after the step: leave `requires_grad` as it was.",
            _each(_freeze, _clear),
        ),
    ),
    hints=(
        "What does torch say when you change a parameter in place? Which context manager tells it not to record?",
        "In one loop: skip where `grad` is None, update with `-=`, then clear.",
        "Under `torch.no_grad()`: `parameter -= learning_rate * parameter.grad`, then `parameter.grad = None`.",
    ),
    points=4,
    minutes=10,
    prerequisites=("learn_kernel",),
)
