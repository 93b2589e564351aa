"""Answers to the exercise `sgd_step`: right ones in several styles, and wrong ones."""

import torch

from cnncourse.exercises import solved


def step_by_data(parameters, learning_rate):
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.data -= learning_rate * parameter.grad.data
            parameter.grad.zero_()


def step_by_new_data(parameters, learning_rate):
    for parameter in list(parameters):
        if parameter.grad is None:
            continue
        parameter.data = parameter.data - learning_rate * parameter.grad
        parameter.grad = torch.zeros_like(parameter)


def step_by_optimizer(parameters, learning_rate):
    optimizer = torch.optim.SGD(parameters, lr=learning_rate)
    optimizer.step()
    optimizer.zero_grad()


def step_momentum(parameters, learning_rate):
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.data -= learning_rate * parameter.grad
            parameter.grad *= 0.9


def step_clears_all_but_last(parameters, learning_rate):
    parameters = list(parameters)
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.data -= learning_rate * parameter.grad
    parameter.grad = None


def step_that_switches_gradients_off(parameters, learning_rate):
    torch.set_grad_enabled(False)
    solved("sgd_step")(parameters, learning_rate)


def step_with_decay(parameters, learning_rate):
    parameters = list(parameters)
    solved("sgd_step")(parameters, learning_rate)
    for parameter in parameters:
        parameter.data *= 0.99


def step_with_clipping(parameters, learning_rate):
    parameters = list(parameters)
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    solved("sgd_step")(parameters, learning_rate)


RIGHT = [
    step_by_data,
    step_by_new_data,
    step_by_optimizer,
    torch.no_grad()(step_by_data),
    lambda ps, learning_rate: [step_by_data([p], learning_rate) for p in ps],
]

WRONG = [
    step_momentum,
    step_clears_all_but_last,
    step_that_switches_gradients_off,
    step_with_decay,
    step_with_clipping,
    lambda parameters, learning_rate: None,
    lambda parameters, learning_rate: [p - learning_rate * p.grad for p in parameters if p.grad is not None],
    lambda parameters, learning_rate: solved("sgd_step")(parameters, 0.01),
    lambda parameters, learning_rate: solved("sgd_step")(parameters, learning_rate / 2),
    lambda parameters, learning_rate: solved("sgd_step")(list(parameters)[::2], learning_rate),
    lambda parameters, learning_rate: solved("sgd_step")(list(parameters)[:-1], learning_rate),
    lambda parameters, learning_rate: [p.grad.zero_() for p in parameters],
    lambda parameters, learning_rate: parameters.sub_(learning_rate * parameters.grad),
    lambda parameters, learning_rate: torch.optim.SGD(parameters, lr=learning_rate).step(),
    lambda parameters, learning_rate: torch.optim.Adam(parameters, lr=learning_rate).step(),
    lambda parameters, learning_rate: [
        solved("sgd_step")([p], learning_rate) for p in parameters if p.requires_grad and p.grad.any()
    ],
]
