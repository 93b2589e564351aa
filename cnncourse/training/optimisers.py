"""Gradient descent: one bare step, and the same with momentum.

References
----------
Polyak, "Some methods of speeding up the convergence of iteration methods" (1964): momentum.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from cnncourse.tensors import as_number


@torch.no_grad()
def sgd_step(parameters: Iterable[Tensor], learning_rate: float) -> None:
    """Move each parameter against its gradient, in place, then clear the gradient.

    Without clearing, the next `backward` would *add* to the old gradient. The step itself is not part of what is
    differentiated, hence no graph is recorded.

    Parameters
    ----------
    parameters : iterable of Tensor
        A generator such as ``model.parameters()`` will do. A parameter whose ``grad`` is None is left alone.
    learning_rate : float
        Length of the step, in units of the gradient; at least 0.

    Raises
    ------
    ValueError
        If `learning_rate` is negative.

    Examples
    --------
    >>> weight = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> (weight ** 2).sum().backward()                # the gradient is 2 * weight
    >>> sgd_step([weight], learning_rate=0.25)
    >>> weight, weight.grad
    (tensor([0.5000, 1.0000], requires_grad=True), None)
    """
    _expect_at_least_zero(learning_rate, "learning_rate")
    for parameter in parameters:
        if parameter.grad is not None:
            parameter -= learning_rate * parameter.grad
            parameter.grad = None


class SGD(torch.optim.Optimizer):
    """Stochastic gradient descent with momentum, as `torch.optim.SGD` computes it.

    Each parameter has a velocity: the sum of all its gradients so far, older ones shrunk by `momentum` at each step.
    Gradients that agree from batch to batch add up; those that differ average out.

    Parameters
    ----------
    parameters : iterable of Tensor
        What to update.
    learning_rate : float
        Length of the step; at least 0.
    momentum : float, default 0
        Share of the velocity kept from step to step, in [0, 1); 0 is plain gradient descent.

    Raises
    ------
    ValueError
        If `learning_rate` or `momentum` is outside its range.

    Examples
    --------
    >>> weight = torch.tensor([0.0], requires_grad=True)
    >>> optimizer = SGD([weight], learning_rate=1.0, momentum=0.5)
    >>> for _ in range(3):                            # a constant slope of 1
    ...     optimizer.zero_grad()
    ...     weight.sum().backward()
    ...     optimizer.step()
    ...     print(weight.item())
    -1.0
    -2.5
    -4.25
    """

    def __init__(self, parameters: Iterable[Tensor], learning_rate: float, momentum: float = 0.0):
        _expect_at_least_zero(learning_rate, "learning_rate")
        if not 0 <= as_number(momentum, "momentum") < 1:
            raise ValueError(f"`momentum` must be in [0, 1), not {momentum}")
        # torch's base class keeps parameters and velocities, also in a checkpoint; "lr" is its name for the rate.
        super().__init__(parameters, {"lr": learning_rate, "momentum": momentum})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]  # without the closure that torch allows
        """Take one step along the velocity, after adding the present gradient to it."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                velocity = self.state[parameter].setdefault("velocity", torch.zeros_like(parameter))
                velocity.mul_(group["momentum"]).add_(parameter.grad)
                parameter -= group["lr"] * velocity


def _expect_at_least_zero(value: float, name: str) -> None:
    as_number(value, name, low=0)
