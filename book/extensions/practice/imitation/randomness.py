"""Torch's random numbers: a Mersenne twister seeded as torch seeds it, read as torch reads it."""

from __future__ import annotations

import math
import operator
import random as python_random
from array import array
from typing import Any

from . import dtypes
from .creation import _of, check_size, plain
from .dtypes import FLOATING
from .gaps import gap, refuse
from .registry import operation
from .shapes import sizes
from .tensors import Tensor, computed, like, make

STATE_WORDS = 624


class Generator:
    """A source of random numbers.

    Parameters
    ----------
    device : str
    """

    def __init__(self, device: Any = "cpu") -> None:
        self._twister = python_random.Random()
        self.manual_seed(67280421310721)

    def manual_seed(self, seed: Any) -> Generator:
        """Start again from a seed."""
        self._seed = operator.index(seed)
        words = [self._seed & 0xFFFFFFFF]
        for place in range(1, STATE_WORDS):
            words.append((1812433253 * (words[-1] ^ words[-1] >> 30) + place) & 0xFFFFFFFF)
        self._twister.setstate((3, (*words, STATE_WORDS), None))
        self._next_normal: float | None = None
        return self

    def initial_seed(self) -> int:
        """Return the seed."""
        return self._seed

    def seed(self) -> int:
        """Start again from a seed that nobody knows."""
        seed = python_random.SystemRandom().getrandbits(52)
        self.manual_seed(seed)
        return seed

    def get_state(self) -> Any:
        """Return what `set_state` takes."""
        kept = make(array("B", [0]), (1,), dtypes.uint8)
        kept._generator = (self._twister.getstate(), self._next_normal, self._seed)
        return kept

    def set_state(self, state: Any) -> Generator:
        """Go back to a state."""
        if not hasattr(state, "_generator"):
            gap("a state that is no generator's")
        twister, self._next_normal, self._seed = state._generator
        self._twister.setstate(twister)
        return self

    def clone_state(self) -> Generator:
        """Return another generator in the same state."""
        return Generator().set_state(self.get_state())

    def bits(self) -> int:
        """Return 32 random bits."""
        return self._twister.getrandbits(32)

    def bits64(self) -> int:
        """Return 64 random bits, the first 32 in the upper half."""
        first = self.bits()
        return first << 32 | self.bits()

    def uniform(self, of: dtypes.dtype) -> float:
        """Return a number in [0, 1) with as many bits as the type has digits."""
        if of.code == "f":
            return (self.bits() & 0xFFFFFF) / (1 << 24)
        return (self.bits64() & (1 << 53) - 1) / (1 << 53)

    def double(self) -> float:
        """Return a number in [0, 1) as NumPy and Python make them."""
        return self._twister.random()

    def normal(self) -> float:
        """Return a normally distributed number; two are made at a time (Box and Muller)."""
        if self._next_normal is not None:
            number, self._next_normal = self._next_normal, None
            return number
        angle = 2 * math.pi * ((self.bits64() & (1 << 53) - 1) / (1 << 53))
        radius = math.sqrt(-2 * math.log1p(-((self.bits64() & (1 << 53) - 1) / (1 << 53))))
        self._next_normal = radius * math.sin(angle)
        return radius * math.cos(angle)


default_generator = Generator()


def _chosen(generator: Any) -> Generator:
    if generator is None:
        return default_generator
    if not isinstance(generator, Generator):
        refuse(TypeError, f"argument 'generator' must be torch.Generator, not {type(generator).__name__}")
    return generator


def _floating(dtype: Any, name: str) -> dtypes.dtype:
    of = _of(dtype)
    if of.kind != FLOATING:
        refuse(NotImplementedError, f"\"{name}\" not implemented for '{dtypes.title(of)}'")
    return of


@operation("torch")
def manual_seed(seed: Any) -> Generator:
    return default_generator.manual_seed(seed)


@operation("torch")
def seed() -> int:
    return default_generator.seed()


@operation("torch")
def initial_seed() -> int:
    return default_generator.initial_seed()


@operation("torch")
def get_rng_state() -> Any:
    return default_generator.get_state()


@operation("torch")
def set_rng_state(new_state: Any) -> None:
    default_generator.set_state(new_state)


@operation("torch")
def rand(
    *size: Any, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    shape, of, source = sizes(size, "rand"), _floating(dtype, "check_uniform_bounds"), _chosen(generator)
    check_size(shape)
    return plain(computed([source.uniform(of) for _ in range(math.prod(shape))], shape, of), requires_grad, device)


@operation("torch")
def rand_like(input: Tensor, *, dtype: Any = None, generator: Any = None) -> Tensor:
    return rand(tuple(input.shape), dtype=dtype or input.dtype, generator=generator)


def normals(count: int, of: dtypes.dtype, source: Generator) -> list[float]:
    """Return normally distributed numbers as torch makes them: by one at a time below 16, in blocks of 16 from there "
    "on."""
    if count < 16:
        return [source.normal() for _ in range(count)]
    numbers = [source.uniform(of) for _ in range(count)]
    starts = list(range(0, count - 15, 16))
    for start in starts:
        _to_normals(numbers, start, of)
    if count % 16:
        start = count - 16
        numbers[start:] = [source.uniform(of) for _ in range(16)]
        _to_normals(numbers, start, of)
    return numbers


def _to_normals(numbers: list[float], start: int, of: dtypes.dtype) -> None:
    """Turn 16 uniform numbers into normal ones: the first eight give radii, the last eight angles."""
    for place in range(start, start + 8):
        radius = math.sqrt(-2 * math.log(1 - numbers[place]))
        angle = 2 * math.pi * numbers[place + 8]
        numbers[place], numbers[place + 8] = radius * math.cos(angle), radius * math.sin(angle)


@operation("torch")
def randn(
    *size: Any, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    shape, of, source = sizes(size, "randn"), _floating(dtype, "normal_kernel_cpu"), _chosen(generator)
    check_size(shape)
    return plain(computed(normals(math.prod(shape), of, source), shape, of), requires_grad, device)


@operation("torch")
def randn_like(input: Tensor, *, dtype: Any = None, generator: Any = None) -> Tensor:
    return randn(tuple(input.shape), dtype=dtype or input.dtype, generator=generator)


@operation("torch")
def normal(mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None) -> Tensor:
    if isinstance(mean, Tensor) or isinstance(std, Tensor) or size is None:
        gap("torch.normal of tensors")
    return randn(tuple(size), generator=generator) * std + mean


@operation("torch")
def randint(
    *bounds: Any,
    low: Any = None,
    high: Any = None,
    size: Any = None,
    generator: Any = None,
    dtype: Any = None,
    device: Any = None,
) -> Tensor:
    given = list(bounds)
    if size is None and given and isinstance(given[-1], tuple | list):
        size = given.pop()
    edges = [each for each in (*given, low, high) if each is not None]
    if size is None or not 1 <= len(edges) <= 2:
        refuse(TypeError, "randint() received an invalid combination of arguments")
    first, last = (0, edges[0]) if len(edges) == 1 else edges
    first, last = operator.index(first), operator.index(last)
    if first >= last:
        refuse(RuntimeError, f"random_ expects 'from' to be less than 'to', but got from={first} >= to={last}")
    shape, source = sizes((size,), "randint"), _chosen(generator)
    check_size(shape)
    of = dtypes.int64 if dtype is None else _of(dtype)
    draw = source.bits64 if last - first >= 1 << 28 else source.bits
    return computed([draw() % (last - first) + first for _ in range(math.prod(shape))], shape, of)


@operation("torch")
def randperm(n: Any, *, generator: Any = None, dtype: Any = None, device: Any = None) -> Tensor:
    count, source = operator.index(n), _chosen(generator)
    if count < 0:
        refuse(RuntimeError, f"n must be non-negative, got {count}")
    check_size((count,))
    numbers = list(range(count))
    for place in range(count - 1):
        other = place + source.bits() % (count - place)
        numbers[place], numbers[other] = numbers[other], numbers[place]
    return computed(numbers, (count,), dtypes.int64 if dtype is None else _of(dtype))


def bernoulli_like(input: Tensor, p: float, source: Generator | None = None) -> Tensor:
    """Return zeros and ones in the shape of a tensor."""
    source = source or default_generator
    return like(
        input, input.dtype.store([1 if source.uniform(dtypes.float64) < p else 0 for _ in range(input.numel())])
    )


@operation("torch", "method")
def bernoulli(input: Tensor, p: Any = None, *, generator: Any = None) -> Tensor:
    source = _chosen(generator)
    if input.dtype.kind != FLOATING:
        refuse(RuntimeError, f"\"bernoulli_tensor_cpu_self_\" not implemented for '{dtypes.title(input.dtype)}'")
    if p is not None:
        return bernoulli_like(input, p, source)
    if any(not 0 <= number <= 1 for number in input._numbers()):
        refuse(RuntimeError, "Expected p_in >= 0 && p_in <= 1 to be true, but got false.")
    of = dtypes.float32 if input.dtype.code == "f" else dtypes.float64
    return like(input, input.dtype.store([1 if source.uniform(of) < chance else 0 for chance in input._numbers()]))


@operation("method")
def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    from .registry import METHODS

    return METHODS["copy_"](self, bernoulli_like(self, p, _chosen(generator)))


@operation("method")
def uniform_(self: Tensor, *bounds: float, generator: Any = None, **words: float) -> Tensor:
    low, high = (*bounds, 0.0, 1.0)[:2] if len(bounds) != 1 else (bounds[0], 1.0)
    low, high = words.get("a", words.get("from", low)), words.get("b", words.get("to", high))
    source, of = _chosen(generator), self.dtype
    from .tensors import change

    numbers = [source.uniform(of) * (high - low) + low for _ in range(self.numel())]
    return change(self, numbers, "Uniform", [], lambda gradient: [])


@operation("method")
def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    from .tensors import change

    numbers = [number * std + mean for number in normals(self.numel(), self.dtype, _chosen(generator))]
    return change(self, numbers, "Normal", [], lambda gradient: [])


@operation("torch", "method")
def multinomial(input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None) -> Tensor:
    gap("torch.multinomial")
