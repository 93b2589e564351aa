"""Answers to sgd_step, written from its prompt alone."""

import torch

from cnncourse.exercises.answers import answer


@answer("sgd_step", "right")
def detached_view(parameters, learning_rate):
    for p in parameters:
        g, p.grad = p.grad, None
        if g is not None:
            p.detach().sub_(g.detach(), alpha=learning_rate)


@answer("sgd_step", "right")
def optimizer_for_one_step(parameters, learning_rate):
    params = [p for p in parameters if p.grad is not None]
    if params:
        opt = torch.optim.SGD(params, lr=learning_rate)
        opt.step()
        opt.zero_grad(set_to_none=False)


@answer(
    "sgd_step",
    "binds a new tensor to the loop's name, so the parameters do not change",
    "gradients-not-cleared does-not-move",
)
def rebinds(parameters, learning_rate):
    with torch.no_grad():
        for param in parameters:
            if param.grad is not None:
                param = param - learning_rate * param.grad
                param.grad = None


@answer("sgd_step", "adds the gradient: moves uphill", "uphill")
def uphill(parameters, learning_rate):
    for p in parameters:
        if p.grad is None:
            continue
        p.data += learning_rate * p.grad.data
        p.grad.zero_()


@answer("sgd_step", "does not clear the gradient", "gradients-not-cleared")
def not_cleared(parameters, learning_rate):
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p -= learning_rate * p.grad


@answer("sgd_step", "crashes on a parameter without gradient", "gradient-expected")
@torch.no_grad()
def no_none_check(parameters, learning_rate):
    for p in parameters:
        p -= learning_rate * p.grad
        p.grad.zero_()


@answer("sgd_step", "stops at the first parameter without gradient, so those after it do not move", "stops-early")
def returns_early(parameters, learning_rate):
    with torch.no_grad():
        for p in parameters:
            if p.grad is None:
                return
            p.copy_(p - learning_rate * p.grad)
            p.grad = None


@answer("sgd_step", "loops twice, so with a generator no gradient is cleared", "loops-twice")
def two_loops(parameters, learning_rate):
    with torch.no_grad():
        for w in parameters:
            if w.grad is not None:
                w -= learning_rate * w.grad
    for w in parameters:
        if w.grad is not None:
            w.grad.zero_()


@answer("sgd_step", "updates in place while autograd records, which crashes", "graph-recorded")
def without_no_grad(parameters, learning_rate):
    for p in parameters:
        if p.grad is not None:
            p -= learning_rate * p.grad
            p.grad.zero_()


@answer("sgd_step", "clears the gradient before the step, so nothing moves", "does-not-move")
def clears_first(parameters, learning_rate):
    for p in parameters:
        if p.grad is None:
            continue
        p.grad.zero_()
        with torch.no_grad():
            p.sub_(learning_rate * p.grad)


@answer("sgd_step", "two mistakes: adds the gradient; does not clear it", "uphill gradients-not-cleared")
def uphill_and_not_cleared(parameters, learning_rate):
    for p in parameters:
        if p.grad is not None:
            p.data = p.data + learning_rate * p.grad


@answer(
    "sgd_step",
    "two mistakes: crashes on a parameter without gradient; divides the step by the parameter's length",
    "gradient-expected",
)
def d2l_batch_size(parameters, learning_rate):
    with torch.no_grad():
        for param in parameters:
            param -= learning_rate * param.grad / len(param)
            param.grad.zero_()
