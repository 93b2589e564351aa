"""Compare what was observed with what is expected, from plain values alone, and say what is wrong.

Nothing here runs an answer. The reader's check and the grader outside the sandbox use the same comparison.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from .runner import SETTINGS, Opaque, decode

if TYPE_CHECKING:
    from .record import Case

LARGE = 1e3  # values are alike within a tolerance for numbers up to this, and beyond it relative to each number
MOST_PARTS = 20  # of a list, tuple or dict that is taken apart
OUTCOMES = ("returned", "raised", "not implemented")
FAMILIES = {  # functions that an exercise may ask to build, with the words used in a report
    "convolution": "torch's own convolution",
    "unfold": "`F.unfold`",
    "fold": "`F.fold`",
    "softmax": "`softmax` or `log_softmax`",
    "cross_entropy": "`cross_entropy` or `nll_loss`",
}


@dataclass(frozen=True)
class Observation:
    """What a probe saw, decoded: the outcome, the plain value or the exception, and side effects."""

    outcome: str
    value: Any = None
    exception: str = ""
    message: str = ""
    changed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    printed: bool = False
    parts: tuple[str, ...] = ()  # of what is expected: the names of its items, for sentences

    @classmethod
    def read(cls, material: Any) -> Observation:
        """Read JSON material from `runner.observe`, trusting nothing in it.

        Parameters
        ----------
        material : object

        Returns
        -------
        Observation

        Raises
        ------
        ValueError
            If the material is not of the form that `observe` writes.
        """
        if not isinstance(material, dict) or material.get("outcome") not in OUTCOMES:
            raise ValueError("not an observation")
        texts = {key: material.get(key, "") for key in ("exception", "message")}
        names = {key: material.get(key, []) for key in ("changed", "refused", "left")}
        well_formed = all(isinstance(text, str) for text in texts.values()) and all(
            isinstance(items, list)
            and len(items) < 1000
            and all(type(item) is str and len(item) < 200 for item in items)
            for items in names.values()
        )
        known = set(names["refused"]) <= FAMILIES.keys() and set(names["left"]) <= SETTINGS.keys()
        if not well_formed or not known:
            raise ValueError("not an observation")
        return cls(
            outcome=material["outcome"],
            value=decode(material.get("value")),
            printed=material.get("printed") is True,
            **{key: text[:10_000] for key, text in texts.items()},
            **{key: tuple(items) for key, items in names.items()},  # type: ignore[arg-type]  # keys of names, not texts
        )


@dataclass(frozen=True)
class Mismatch:
    """Why an observation is wrong.

    Parameters
    ----------
    kind : str
        "not implemented", "raised", "refused", "changed", "left", "type", "shape" or "value".
    sentence : str
        For the learner.
    """

    kind: str
    sentence: str


def compare_values(case: Case, observed: Observation, expected: Observation) -> Mismatch | None:
    """Compare with what the solution gave on the same case.

    Parameters
    ----------
    case : Case
    observed, expected : Observation

    Returns
    -------
    Mismatch or None
        None if the observation is right.
    """
    return compare_conduct(observed, expected) or (
        difference(observed.value, expected.value, tolerance_of(case, expected.value), expected.parts)
        if expected.outcome == "returned"
        else None
    )


def compare_conduct(observed: Observation, expected: Observation) -> Mismatch | None:
    """Compare everything but the value: exceptions, refused calls, inputs changed in place, settings not put back.

    Parameters
    ----------
    observed, expected : Observation

    Returns
    -------
    Mismatch or None
    """
    if observed.outcome == "not implemented":
        return Mismatch("not implemented", "It is not implemented yet.")
    if observed.refused:
        families = " and ".join(FAMILIES[family] for family in observed.refused)
        return Mismatch("refused", f"It calls {families}, which this exercise asks you to build.")
    if expected.outcome == "raised":
        if observed.outcome == "returned":
            return Mismatch("raised", f"It should raise {expected.exception} for this call, but it returned.")
        if observed.exception != expected.exception:
            return Mismatch("raised", f"It should raise {expected.exception}, but it raised {observed.exception}.")
        return None
    if observed.outcome == "raised":
        return Mismatch("raised", f"It raised {observed.exception}: {observed.message}".rstrip(": "))
    new_changes = sorted(set(observed.changed) - set(expected.changed))
    if new_changes:
        return Mismatch("changed", "It changes its argument in place; work on a copy instead.")
    if observed.left:
        return Mismatch("left", f"It leaves torch's {observed.left[0]} changed; restore it before returning.")
    return None


def tolerance_of(case: Case, expected: Any) -> float:
    """Return the absolute tolerance of a case: its relative tolerance times max(1, largest expected magnitude).

    Parameters
    ----------
    case : Case
    expected : plain value

    Returns
    -------
    float
    """
    largest = max((_magnitude(value) for value in _flat(expected)), default=0.0)
    return _base_tolerance(case) * max(1.0, largest)


def _base_tolerance(case: Case) -> float:
    if case.tolerance is not None:
        return case.tolerance
    double = any(getattr(value, "dtype", None) in (torch.float64, np.float64) for value in _flat(case.inputs))
    return 1e-6 if double else 1e-5


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list | tuple) or hasattr(value, "items"):
        for item in value.values() if hasattr(value, "values") else value:
            yield from _flat(item)
    else:
        yield value


def _magnitude(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | torch.Tensor | np.ndarray):
        return 0.0
    numbers = torch.as_tensor(value, dtype=torch.float64) if not isinstance(value, torch.Tensor) else value.double()
    finite = numbers[numbers.isfinite()]
    return finite.abs().max().item() if finite.numel() else 0.0


def difference(observed: Any, expected: Any, tolerance: float, parts: Sequence[str] = ()) -> Mismatch | None:
    """Say how two plain values differ: their type, then their shape, then their numbers.

    A tuple agrees with a list of the same items, an int with the float that is expected, and arrays agree by their
    numbers whatever their dtypes: where a dtype is part of the task, the exercise has a comparison of its own.

    Parameters
    ----------
    observed, expected : plain value
    tolerance : float
        Absolute.
    parts : sequence of str, optional
        Names of the items of a tuple or list, for the sentence.

    Returns
    -------
    Mismatch or None
        None if they agree.

    Examples
    --------
    >>> difference([6, 6], [6, 5], 1e-6).sentence
    'At [1] it gives 6, expected 5.'
    >>> difference((6, 5), [6, 5], 1e-6) is None
    True
    >>> difference((6, 6), (6, 5), 1e-6, ["before", "after"]).sentence
    'At after it gives 6, expected 5.'
    >>> difference({"train mode": False}, {"train mode": True}, 1e-6).sentence
    'Train mode: no, expected yes.'
    """
    return _difference(observed, expected, tolerance, "", parts)


def agree(case: Case, one: Observation, other: Observation) -> bool:
    """Tell whether two observations of a case are alike: outcome, exception, side effects and values.

    Parameters
    ----------
    case : Case
    one, other : Observation

    Returns
    -------
    bool
    """
    return conduct_agrees(one, other) and alike(case, one.value, other.value)


def alike(case: Case, one: Any, other: Any) -> bool:
    """Tell whether two plain values are alike, number by number: beside 1e20, 0 and -1e9 still differ.

    Parameters
    ----------
    case : Case
    one, other : plain value

    Returns
    -------
    bool

    Examples
    --------
    >>> from .record import case
    >>> alike(case("large"), torch.tensor([1e20, 0.0]), torch.tensor([1e20, -1e9]))
    False
    >>> alike(case("a buffer of floats"), torch.tensor([1, 2]), torch.tensor([1.0, 2.0]))
    True
    """
    if not (isinstance(one, torch.Tensor | np.ndarray) and type(one) is type(other)):
        return difference(one, other, tolerance_of(case, other)) is None
    first, second = torch.as_tensor(one).double(), torch.as_tensor(other).double()
    base = _base_tolerance(case)
    scale = min(max(1.0, _magnitude(other)), LARGE)
    return first.shape == second.shape and torch.allclose(first, second, rtol=base, atol=base * scale, equal_nan=True)


def parts_of(value: Any, path: str = "") -> dict[str, Any]:
    """Take a plain value apart: each number and array in its tuples, lists and dicts, by its place.

    Parameters
    ----------
    value : plain value
    path : str, optional
        The place of the value itself.

    Returns
    -------
    dict of str to plain value

    Examples
    --------
    >>> parts_of({"loss": 0.5, "steps": (1, 2)})
    {'loss': 0.5, 'steps[0]': 1, 'steps[1]': 2}
    """
    if isinstance(value, list | tuple):
        places = {f"{path}[{index}]": item for index, item in enumerate(value)}
    elif isinstance(value, dict):
        places = {f"{path}.{key}".lstrip("."): item for key, item in value.items()}
    else:
        return {path: value}
    if not 0 < len(places) <= MOST_PARTS:
        return {path: value}
    return {place: part for start, item in places.items() for place, part in parts_of(item, start).items()}


def conduct_agrees(one: Observation, other: Observation) -> bool:
    """Tell whether two observations are alike in all but the value: outcome, exception and side effects."""
    conduct = ("outcome", "exception", "changed", "refused", "left")
    return all(getattr(one, name) == getattr(other, name) for name in conduct)


def _difference(
    observed: Any, expected: Any, tolerance: float, path: str, parts: Sequence[str] = ()
) -> Mismatch | None:
    where = f"At {path} it gives" if path else "It returns"
    if isinstance(expected, torch.Tensor | np.ndarray):
        if type(observed) is not type(expected):
            return Mismatch("type", f"{where} {kind_of(observed)}, expected {kind_of(expected)}.")
        return _array_difference(torch.as_tensor(observed), torch.as_tensor(expected), tolerance, path)
    if isinstance(expected, list | tuple):
        if not isinstance(observed, list | tuple):
            return Mismatch("type", f"{where} {kind_of(observed)}, expected {kind_of(expected)}.")
        if len(observed) != len(expected):
            return Mismatch("shape", f"{where} {len(observed)} items, expected {len(expected)}.")
        places = (
            parts[: len(expected)] if len(parts) >= len(expected) else [f"{path}[{i}]" for i in range(len(expected))]
        )
        pairs = zip(places, observed, expected, strict=True)
    elif isinstance(expected, dict):
        if not isinstance(observed, dict) or observed.keys() != expected.keys():
            return Mismatch("type", f"{where} {kind_of(observed)}, expected {kind_of(expected)}.")
        pairs = ((f"{path}.{key}".lstrip("."), observed[key], expected[key]) for key in expected)
    else:
        return _scalar_difference(observed, expected, tolerance, path)
    return next((found for place, o, e in pairs if (found := _difference(o, e, tolerance, place))), None)


def _scalar_difference(observed: Any, expected: Any, tolerance: float, path: str) -> Mismatch | None:
    where = f"At {path} it gives" if path else "It returns"
    numbers = [value for value in (observed, expected) if type(value) in (int, float)]
    if type(observed) is not type(expected) and (len(numbers) < 2 or type(expected) is int):
        return Mismatch("type", f"{where} {kind_of(observed)}, expected {kind_of(expected)}.")
    if observed == expected or (observed != observed and expected != expected):  # NaN agrees with NaN
        return None
    if len(numbers) == 2 and abs(observed - expected) <= tolerance:
        return None
    if type(expected) is bool and path and not path.endswith("]"):  # a fact that the probe noted, not an answer's value
        return Mismatch("value", f"{path[0].upper()}{path[1:]}: {yes_or_no(observed)}, expected {yes_or_no(expected)}.")
    return Mismatch("value", f"{where} {observed!r}, expected {expected!r}.")


def _array_difference(observed: torch.Tensor, expected: torch.Tensor, tolerance: float, path: str) -> Mismatch | None:
    where = f"{path} has" if path else "It has"
    if observed.shape != expected.shape:
        return Mismatch("shape", f"{where} shape {tuple(observed.shape)}, expected {tuple(expected.shape)}.")
    same = torch.isclose(observed.double(), expected.double(), rtol=0.0, atol=tolerance, equal_nan=True)
    if same.all():
        return None
    index = tuple(int(i) for i in (~same).nonzero()[0])
    place = f"{path}{list(index)}" if index else path or "the value"
    got, wanted = observed[index].item(), expected[index].item()
    return Mismatch("value", f"At {place} it gives {{}}, expected {{}}.".format(*_distinct(got, wanted)))


def _distinct(got: float, wanted: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart.

    Examples
    --------
    >>> _distinct(0.5, 2.0)
    ('0.5', '2')
    >>> _distinct(1.0, 1.0000001)
    ('1', '1.0000001')
    """
    for digits in range(6, 18):
        texts = f"{got:.{digits}g}", f"{wanted:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def yes_or_no(fact: bool) -> str:
    """Write a fact that a probe noted as "yes" or "no"."""
    return "yes" if fact else "no"


def kind_of(value: Any) -> str:
    """Name a plain value's type and shape in a few words: "a tensor of shape (2, 3)", "None", "the int 4"."""
    if isinstance(value, Opaque):
        return value.description
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {value.shape}"
    if value is None:
        return "None"
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of {len(value)} items"
    return f"the {type(value).__name__} {value!r}"
