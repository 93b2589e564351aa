"""torch.optim: SGD and Adam, as torch computes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from . import autograd
from .gaps import gap, refuse
from .registry import METHODS
from .tensors import Tensor


class Optimizer:
    """What all optimisers share: groups of parameters, their settings, and a state for each parameter.

    Parameters
    ----------
    params : iterable of Tensor or dict
    defaults : dict
        Settings of groups that have none of their own.
    """

    def __init__(self, params: Any, defaults: dict) -> None:
        if isinstance(params, Tensor):
            refuse(
                TypeError,
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                "torch.FloatTensor",
            )
        given = list(params)
        if not given:
            refuse(ValueError, "optimizer got an empty parameter list")
        self.defaults, self.state = defaults, defaultdict(dict)
        groups = given if isinstance(given[0], dict) else [{"params": given}]
        self.param_groups: list[dict] = []
        for group in groups:
            content = group["params"]
            content = [content] if isinstance(content, Tensor) else list(content)
            for each in content:
                if isinstance(each, tuple):
                    gap("an optimiser of named parameters")
                if not isinstance(each, Tensor):
                    refuse(
                        TypeError,
                        f"optimizer can only optimize Tensors, but one of the params is {type(each).__name__}",
                    )
                if not each.is_leaf:
                    refuse(ValueError, "can't optimize a non-leaf Tensor")
            self.param_groups.append({**defaults, **group, "params": content})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for group in self.param_groups:
            for each in group["params"]:
                each.grad = None if set_to_none or each.grad is None else METHODS["zero_"](each.grad.detach())

    def step(self, closure: Callable | None = None) -> Any:
        """Change every parameter that has a gradient."""
        loss = None
        if closure is not None:
            with autograd.enabled(True):
                loss = closure()
        with autograd.enabled(False):
            for group in self.param_groups:
                for each in group["params"]:
                    if each.grad is not None:
                        self._update(each, each.grad, group)
        return loss

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict) -> None:
        raise NotImplementedError

    def state_dict(self) -> dict:
        """Return what `load_state_dict` takes."""
        gap("Optimizer.state_dict")

    def add_param_group(self, group: dict) -> None:
        """Add parameters with settings of their own."""
        gap("Optimizer.add_param_group")


def _check(name: str, value: Any, fits: bool) -> None:
    if not fits:
        refuse(ValueError, f"Invalid {name}: {value}")


class SGD(Optimizer):
    """Gradient descent with momentum."""

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        **others: Any,
    ) -> None:
        if any(others.values()):
            gap(f"SGD with {next(iter(others))}")
        _check("learning rate", lr, lr >= 0)
        _check("momentum value", momentum, momentum >= 0)
        _check("weight_decay value", weight_decay, weight_decay >= 0)
        if nesterov and (momentum <= 0 or dampening != 0):
            refuse(ValueError, "Nesterov momentum requires a momentum and zero dampening")
        settings = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
        }
        super().__init__(params, settings)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict) -> None:
        if group["weight_decay"]:
            gradient = gradient + parameter * group["weight_decay"]
        if group["momentum"]:
            state = self.state[parameter]
            if "momentum_buffer" not in state:
                state["momentum_buffer"] = gradient.clone()
            else:
                state["momentum_buffer"] = state["momentum_buffer"] * group["momentum"] + gradient * (
                    1 - group["dampening"]
                )
            buffer = state["momentum_buffer"]
            gradient = gradient + buffer * group["momentum"] if group["nesterov"] else buffer
        parameter.sub_(gradient * group["lr"])


class Adam(Optimizer):
    """Steps of similar size for every weight."""

    decoupled = False

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-3,
        betas: tuple = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        **others: Any,
    ) -> None:
        if amsgrad or any(others.values()):
            gap(f"{type(self).__name__} with amsgrad or other settings")
        _check("learning rate", lr, lr >= 0)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict) -> None:
        if group["weight_decay"]:
            if self.decoupled:
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
            else:
                gradient = gradient + parameter * group["weight_decay"]
        first, second = group["betas"]
        state = self.state[parameter]
        if not state:
            state.update(step=0, exp_avg=gradient * 0, exp_avg_sq=gradient * 0)
        state["step"] += 1
        state["exp_avg"] = state["exp_avg"] * first + gradient * (1 - first)
        state["exp_avg_sq"] = state["exp_avg_sq"] * second + gradient * gradient * (1 - second)
        root = METHODS["sqrt"](state["exp_avg_sq"]) / (1 - second ** state["step"]) ** 0.5 + group["eps"]
        parameter.sub_(state["exp_avg"] / root * (group["lr"] / (1 - first ** state["step"])))


class AdamW(Adam):
    """Adam whose weight decay does not pass through the gradient."""

    decoupled = True

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-3,
        betas: tuple = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        **others: Any,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **others)
