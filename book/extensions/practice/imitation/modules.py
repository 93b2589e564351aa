"""torch.nn: modules with parameters, buffers and hooks, and the layers that the course uses."""

from __future__ import annotations

import copy
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from . import autograd, dtypes
from .gaps import gap, refuse
from .registry import FUNCTIONAL as F
from .registry import METHODS, TORCH
from .tensors import Device, Handle, Parameter, Tensor


class Module:
    """A part of a network."""

    training: bool
    _compiled = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args or kwargs:
            refuse(TypeError, f"{type(self).__name__}.__init__() got an unexpected argument")
        for name in ("_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks", "_backward_hooks"):
            object.__setattr__(self, name, OrderedDict())
        object.__setattr__(self, "_volatile", set())
        object.__setattr__(self, "training", True)

    def __setattr__(self, name: str, value: Any) -> None:
        known = self.__dict__.get("_parameters")
        if isinstance(value, Parameter | Module) and known is None:
            kind = "module" if isinstance(value, Module) else "parameter"
            refuse(AttributeError, f"cannot assign {kind}s before Module.__init__() call")
        if isinstance(value, Parameter):
            self._take_away(name, "_buffers", "_modules")
            self._parameters[name] = value
        elif isinstance(value, Module):
            self._take_away(name, "_parameters", "_buffers")
            self._modules[name] = value
        elif known is not None and name in known:
            if value is not None:
                refuse(
                    TypeError,
                    f"cannot assign '{_type_name(value)}' as parameter '{name}' (torch.nn.Parameter or None expected)",
                )
            known[name] = None
        elif known is not None and name in self._buffers:
            if value is not None and not isinstance(value, Tensor):
                refuse(
                    TypeError,
                    f"cannot assign '{_type_name(value)}' object to buffer '{name}' (torch.Tensor or None required)",
                )
            self._buffers[name] = value
        elif known is not None and name in self._modules:
            if value is not None:
                refuse(
                    TypeError,
                    f"cannot assign '{_type_name(value)}' as child module '{name}' (torch.nn.Module or None expected)",
                )
            self._modules[name] = None
        else:
            object.__setattr__(self, name, value)

    def _take_away(self, name: str, *places: str) -> None:
        self.__dict__.pop(name, None)
        for place in places:
            self.__dict__[place].pop(name, None)

    def __getattr__(self, name: str) -> Any:
        for place in ("_parameters", "_buffers", "_modules"):
            content = self.__dict__.get(place, {})
            if name in content:
                return content[name]
        real = TORCH.get("real names", {}).get("Module", ())
        if name in real:
            gap(f"nn.Module.{name}")
        refuse(AttributeError, f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for place in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__[place]:
                del self.__dict__[place][name]
                return
        object.__delattr__(self, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for hook in list(self._forward_pre_hooks.values()):
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        result = self.forward(*args, **kwargs)
        for hook, takes_words in list(self._forward_hooks.values()):
            changed = hook(self, args, kwargs, result) if takes_words else hook(self, args, result)
            if changed is not None:
                result = changed
        for hook in list(self._backward_hooks.values()):
            if isinstance(result, Tensor) and result.requires_grad:
                result.register_hook(lambda gradient, hook=hook: _first(hook(self, (None,), (gradient,))))
        return result

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the result; every module has its own."""
        error = NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')
        raise error

    # hooks
    def register_forward_hook(self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False) -> Handle:
        return _registered(self._forward_hooks, (hook, with_kwargs), prepend)

    def register_forward_pre_hook(self, hook: Callable, *, prepend: bool = False) -> Handle:
        return _registered(self._forward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Callable, prepend: bool = False) -> Handle:
        return _registered(self._backward_hooks, hook, prepend)

    # contents
    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        if "_parameters" not in self.__dict__:
            refuse(AttributeError, "cannot assign buffer before Module.__init__() call")
        if hasattr(self, name) and name not in self._buffers:
            refuse(KeyError, f"attribute '{name}' already exists")
        self._buffers[name] = tensor
        if not persistent:
            self._volatile.add(name)

    def register_parameter(self, name: str, param: Any) -> None:
        if param is None:
            self._parameters[name] = None
        else:
            setattr(self, name, param)

    def add_module(self, name: str, module: Any) -> None:
        if not isinstance(module, Module) and module is not None:
            refuse(TypeError, f"{_type_name(module)} is not a Module subclass")
        self._modules[name] = module

    register_module = add_module

    def named_modules(
        self, memo: Any = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        seen = set() if memo is None else memo
        if self in seen:
            return
        seen.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(seen, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        return (module for _, module in self.named_children())

    def _named(self, place: str, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for where, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
            for name, content in module.__dict__[place].items():
                if content is not None and id(content) not in seen:
                    seen.add(id(content))
                    yield f"{where}.{name}" if where else name, content

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        return self._named("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Any]:
        return (content for _, content in self._named("_parameters", recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Any]]:
        return self._named("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Any]:
        return (content for _, content in self._named("_buffers", recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        module = self
        for name in target.split(".") if target else ():
            if name not in module._modules:
                refuse(AttributeError, f"{type(module).__name__} has no attribute `{name}`")
            module = module._modules[name]
        return module

    # state
    def train(self, mode: bool = True) -> Module:
        if not isinstance(mode, bool):
            refuse(ValueError, "training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Module:
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        for each in self.parameters():
            each.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        for each in self.parameters():
            each.grad = None if set_to_none or each.grad is None else METHODS["zero_"](each.grad.detach())

    def apply(self, fn: Callable) -> Module:
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def state_dict(self, *, prefix: str = "") -> dict:
        found = OrderedDict()
        for where, module in self.named_modules():
            for place in ("_parameters", "_buffers"):
                for name, content in module.__dict__[place].items():
                    if content is not None and name not in module._volatile:
                        found[prefix + (f"{where}.{name}" if where else name)] = content.detach()
        return found

    def load_state_dict(self, state_dict: dict, strict: bool = True) -> Any:
        own = self.state_dict()
        missing, unexpected = [k for k in own if k not in state_dict], [k for k in state_dict if k not in own]
        if strict and (missing or unexpected):
            refuse(
                RuntimeError,
                f"Error(s) in loading state_dict for {type(self).__name__}: missing {missing}, unexpected {unexpected}",
            )
        with autograd.enabled(False):
            for name, content in own.items():
                if name not in state_dict:
                    continue
                if tuple(content.shape) != tuple(state_dict[name].shape):
                    refuse(
                        RuntimeError,
                        f"Error(s) in loading state_dict for {type(self).__name__}:\n\tsize mismatch for {name}: "
                        f"copying a param "
                        f"with shape {state_dict[name].shape} from checkpoint, the shape in current model is "
                        f"{content.shape}.",
                    )
                METHODS["copy_"](content, state_dict[name])

    def to(self, *targets: Any, **words: Any) -> Module:
        of = next((each for each in (*targets, words.get("dtype")) if isinstance(each, dtypes.dtype)), None)
        for each in (*targets, words.get("device")):
            if isinstance(each, str | Device):
                Device(each)
        if of is not None:
            for module in self.modules():
                for place in (module._parameters, module._buffers):
                    for content in place.values():
                        if content is not None and content.dtype.is_floating_point:
                            changed = content.detach().to(of)
                            content._storage, content.dtype, content._offset = changed._storage, of, changed._offset
                            content._strides = changed._strides
        return self

    def float(self) -> Module:
        return self.to(dtypes.float32)

    def double(self) -> Module:
        return self.to(dtypes.float64)

    def cpu(self) -> Module:
        return self

    def cuda(self, device: Any = None) -> Module:
        gap("the device cuda")

    def extra_repr(self) -> str:
        return ""

    def __repr__(self) -> str:
        inner = [f"({name}): {str(module).replace(chr(10), chr(10) + '  ')}" for name, module in self._modules.items()]
        if not inner:
            return f"{type(self).__name__}({self.extra_repr()})"
        return f"{type(self).__name__}(\n  " + "\n  ".join(inner) + "\n)"

    def __deepcopy__(self, memo: dict) -> Module:
        copied = object.__new__(type(self))
        memo[id(self)] = copied
        for name, content in self.__dict__.items():
            object.__setattr__(copied, name, copy.deepcopy(content, memo))
        return copied


def _first(changed: Any) -> Any:
    return changed[0] if isinstance(changed, tuple) else changed


def _type_name(value: Any) -> str:
    name = type(value).__name__
    return f"torch.{'FloatTensor' if isinstance(value, Tensor) else name}" if isinstance(value, Tensor) else name


_numbers = iter(range(10**12))


def _registered(hooks: OrderedDict, hook: Any, prepend: bool) -> Handle:
    key = next(_numbers)
    hooks[key] = hook
    if prepend:
        hooks.move_to_end(key, last=False)
    return Handle(lambda: hooks.pop(key, None))


class Sequential(Module):
    """Modules one after the other."""

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = (
            args[0].items()
            if len(args) == 1 and isinstance(args[0], OrderedDict)
            else ((str(k), m) for k, m in enumerate(args))
        )
        for name, module in named:
            self.add_module(name, module)

    def forward(self, input: Any) -> Any:
        for module in self._modules.values():
            input = module(input)
        return input

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        count = len(self._modules)
        if not -count <= index < count:
            refuse(IndexError, f"index {index} is out of range")
        return list(self._modules.values())[index]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, list(self._modules)[index], module)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def append(self, module: Module) -> Sequential:
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Any) -> Sequential:
        for module in modules:
            self.append(module)
        return self


class ModuleList(Sequential):
    """A list of modules, which does not call them."""

    def __init__(self, modules: Any = ()) -> None:
        super().__init__(*modules)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return ModuleList(list(self._modules.values())[index])
        return super().__getitem__(index)

    def forward(self, *args: Any) -> Any:
        raise NotImplementedError('Module [ModuleList] is missing the required "forward" function')


def _uniform(tensor: Tensor, bound: float) -> None:
    with autograd.enabled(False):
        METHODS["uniform_"](tensor, -bound, bound)


def _weight(*shape: int) -> Parameter:
    weight = Parameter(TORCH["empty"](*shape))
    _uniform(weight, 1 / math.sqrt(math.prod(shape[1:])))  # kaiming_uniform_ with a = sqrt(5)
    return weight


class Linear(Module):
    """A matrix and a bias."""

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = _weight(out_features, in_features)
        if bias:
            self.bias = Parameter(TORCH["empty"](out_features))
            _uniform(self.bias, 1 / math.sqrt(in_features) if in_features else 0)
        else:
            self.register_parameter("bias", None)
        if dtype is not None:
            self.to(dtype)

    def forward(self, input: Any) -> Any:
        return F["linear"](input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Conv2d(Module):
    """A convolution with its weights."""

    axes, operation = 2, "conv2d"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if in_channels % groups or out_channels % groups:
            which = "in_channels" if in_channels % groups else "out_channels"
            refuse(ValueError, f"{which} must be divisible by groups")
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            refuse(
                ValueError,
                "padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got "
                f"padding_mode='{padding_mode}'",
            )
        if isinstance(padding, str) and padding not in ("same", "valid"):
            refuse(ValueError, f"Invalid padding string {padding!r}, should be one of 'valid', 'same'")
        if padding == "same" and any(step != 1 for step in self._pair(stride)):
            refuse(ValueError, "padding='same' is not supported for strided convolutions")
        self.in_channels, self.out_channels, self.groups, self.padding_mode = (
            in_channels,
            out_channels,
            groups,
            padding_mode,
        )
        self.kernel_size, self.stride, self.dilation = map(self._pair, (kernel_size, stride, dilation))
        self.padding = padding if isinstance(padding, str) else self._pair(padding)
        self.weight = _weight(out_channels, in_channels // groups, *self.kernel_size)
        if bias:
            self.bias = Parameter(TORCH["empty"](out_channels))
            _uniform(self.bias, 1 / math.sqrt(math.prod(self.weight.shape[1:])))
        else:
            self.register_parameter("bias", None)
        if dtype is not None:
            self.to(dtype)

    def _pair(self, value: Any) -> tuple:
        return tuple(value) if isinstance(value, tuple | list) else (value,) * self.axes

    def forward(self, input: Any) -> Any:
        padding = self.padding
        if self.padding_mode != "zeros":
            if isinstance(padding, str):
                gap("padding by name with a padding mode")
            input, padding = (
                F["pad"](input, [p for p in reversed(padding) for _ in range(2)], mode=self.padding_mode),
                0,
            )
        return F[self.operation](input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"


class Conv1d(Conv2d):
    """A convolution along one axis."""

    axes, operation = 1, "conv1d"


class _Pool(Module):
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, **words: Any) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, kernel_size if stride is None else stride, padding
        self.words = words

    def forward(self, input: Any) -> Any:
        return F[self.operation](input, self.kernel_size, self.stride, self.padding, **self.words)


class MaxPool2d(_Pool):
    """The largest number of each window."""

    operation = "max_pool2d"

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(
            kernel_size, stride, padding, dilation=dilation, ceil_mode=ceil_mode, return_indices=return_indices
        )


class AvgPool2d(_Pool):
    """The mean of each window."""

    operation = "avg_pool2d"

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode=ceil_mode, count_include_pad=count_include_pad)


class _OfSize(Module):
    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Any) -> Any:
        return F[self.operation](input, self.output_size)


class AdaptiveAvgPool2d(_OfSize):
    """Means over as many windows as asked for."""

    operation = "adaptive_avg_pool2d"


class AdaptiveMaxPool2d(_OfSize):
    """Largest numbers of as many windows as asked for."""

    operation = "adaptive_max_pool2d"


class Flatten(Module):
    """Make one axis of many."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Any) -> Any:
        return METHODS["flatten"](input, self.start_dim, self.end_dim)


class Unflatten(Module):
    """Make many axes of one."""

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input: Any) -> Any:
        return METHODS["unflatten"](input, self.dim, self.unflattened_size)


class Identity(Module):
    """Hand everything on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        return input


class _Dropout(Module):
    operation = "dropout"

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            refuse(ValueError, f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def forward(self, input: Any) -> Any:
        return F["dropout"](input, self.p, self.training)


class Dropout(_Dropout):
    """Zero some numbers while training."""


class _BatchNorm(Module):
    dimensions: tuple[int, ...] = ()

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: Any = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        for name, value in (("weight", 1), ("bias", 0)):
            setattr(
                self, name, Parameter(TORCH["full"]((num_features,), float(value)))
            ) if affine else self.register_parameter(name, None)
        tracked = track_running_stats
        self.register_buffer("running_mean", TORCH["zeros"](num_features) if tracked else None)
        self.register_buffer("running_var", TORCH["ones"](num_features) if tracked else None)
        self.register_buffer("num_batches_tracked", TORCH["tensor"](0) if tracked else None)

    def forward(self, input: Any) -> Any:
        if len(input.shape) not in self.dimensions:
            shown = " or ".join(f"{each}D" for each in self.dimensions)
            refuse(ValueError, f"expected {shown} input (got {len(input.shape)}D input)")
        if input.shape[1] != self.num_features:
            refuse(RuntimeError, f"running_mean should contain {input.shape[1]} elements not {self.num_features}")
        training = self.training or self.running_mean is None
        momentum = self.momentum
        if self.training and self.track_running_stats:
            METHODS["add_"](self.num_batches_tracked, 1)
            momentum = 1 / self.num_batches_tracked.item() if momentum is None else momentum
        return F["batch_norm"](
            input, self.running_mean, self.running_var, self.weight, self.bias, training, momentum or 0.0, self.eps
        )


class BatchNorm2d(_BatchNorm):
    """Give every channel mean 0 and variance 1."""

    dimensions = (4,)


class BatchNorm1d(_BatchNorm):
    """Give every feature mean 0 and variance 1."""

    dimensions = (2, 3)


def _activation(name: str, *words: str) -> type:
    """Make the module of an activation function."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        Module.__init__(self)
        self.settings = dict(zip(words, args, strict=False)) | kwargs

    def forward(self: Any, input: Any) -> Any:
        return F[name](input, **self.settings)

    return type(name, (Module,), {"__init__": __init__, "forward": forward})


def _loss(name: str) -> type:
    """Make the module of a loss function."""

    def __init__(self: Any, weight: Any = None, **words: Any) -> None:
        Module.__init__(self)
        self.settings = words if weight is None else {"weight": weight, **words}

    def forward(self: Any, input: Any, target: Any) -> Any:
        return F[name](input, target, **self.settings)

    return type(name, (Module,), {"__init__": __init__, "forward": forward})


LAYERS: dict[str, type] = {
    each.__name__: each
    for each in (
        Module,
        Sequential,
        ModuleList,
        Linear,
        Conv1d,
        Conv2d,
        MaxPool2d,
        AvgPool2d,
        AdaptiveAvgPool2d,
        AdaptiveMaxPool2d,
        Flatten,
        Unflatten,
        Identity,
        Dropout,
        BatchNorm1d,
        BatchNorm2d,
        Parameter,
    )
}
for _class, _name, _words in (
    ("ReLU", "relu", ("inplace",)),
    ("LeakyReLU", "leaky_relu", ("negative_slope", "inplace")),
    ("ELU", "elu", ("alpha", "inplace")),
    ("Sigmoid", "sigmoid", ()),
    ("Tanh", "tanh", ()),
    ("GELU", "gelu", ()),
    ("SiLU", "silu", ("inplace",)),
    ("Softmax", "softmax", ("dim",)),
    ("LogSoftmax", "log_softmax", ("dim",)),
    ("Softplus", "softplus", ()),
):
    LAYERS[_class] = _activation(_name, *_words)
    LAYERS[_class].__name__ = LAYERS[_class].__qualname__ = _class
for _class, _name in (
    ("CrossEntropyLoss", "cross_entropy"),
    ("NLLLoss", "nll_loss"),
    ("MSELoss", "mse_loss"),
    ("L1Loss", "l1_loss"),
    ("BCEWithLogitsLoss", "binary_cross_entropy_with_logits"),
    ("BCELoss", "binary_cross_entropy"),
):
    LAYERS[_class] = _loss(_name)
    LAYERS[_class].__name__ = LAYERS[_class].__qualname__ = _class


# torch.nn.init
def _initialised(tensor: Tensor, change: Callable[[Tensor], Any]) -> Tensor:
    with autograd.enabled(False):
        change(tensor)
    return tensor


def _fan_in(tensor: Tensor) -> int:
    return math.prod(tensor.shape[1:])


def _fans(tensor: Tensor) -> tuple[int, int]:
    if len(tensor.shape) < 2:
        refuse(ValueError, "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    area = math.prod(tensor.shape[2:])
    return tensor.shape[1] * area, tensor.shape[0] * area


INIT: dict[str, Callable] = {
    "_calculate_fan_in_and_fan_out": _fans,
    "zeros_": lambda tensor: _initialised(tensor, METHODS["zero_"]),
    "ones_": lambda tensor: _initialised(tensor, lambda t: METHODS["fill_"](t, 1)),
    "constant_": lambda tensor, val: _initialised(tensor, lambda t: METHODS["fill_"](t, val)),
    "normal_": lambda tensor, mean=0.0, std=1.0: _initialised(tensor, lambda t: METHODS["normal_"](t, mean, std)),
    "uniform_": lambda tensor, a=0.0, b=1.0: _initialised(tensor, lambda t: METHODS["uniform_"](t, a, b)),
    "kaiming_normal_": lambda tensor, a=0, mode="fan_in", nonlinearity="relu": _initialised(
        tensor,
        lambda t: METHODS["normal_"](
            t, 0.0, math.sqrt(2 / _fan_in(t)) if mode == "fan_in" and not a else gap("kaiming_normal_")
        ),
    ),
}
