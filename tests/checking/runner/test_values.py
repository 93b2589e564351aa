"""Plain values: what crosses between an answer and its compare."""

import json
import math
from collections import OrderedDict, defaultdict
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnncourse.checking.compare import Observation
from cnncourse.checking.runner import Opaque, decode, encode
from cnncourse.checking.runner.values import DTYPES, MAX_DEPTH


class Pair(NamedTuple):
    first: int
    second: object


class Rows(list):
    pass


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**100), 2**100) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(PLAIN)
def test_a_plain_value_survives_the_way_through_json(value):
    assert decode(json.loads(json.dumps(encode(value), allow_nan=False))) == value


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4), (1, 2, 3, 4)], ids=str)
def test_a_tensor_survives_the_way_through_json(dtype, shape):
    tensor = torch.arange(math.prod(shape)).reshape(shape).to(dtype)
    restored = decode(json.loads(json.dumps(encode(tensor))))
    assert restored.dtype is dtype
    assert torch.equal(restored, tensor)


def test_an_array_stays_an_array():
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    restored = decode(encode(array))
    assert isinstance(restored, np.ndarray)
    assert restored.dtype == np.uint8
    assert np.array_equal(restored, array)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_float_that_json_lacks_survives(value):
    assert repr(decode(json.loads(json.dumps(encode(value), allow_nan=False)))) == repr(value)


def too_deep():
    value = []
    for _ in range(MAX_DEPTH + 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [object(), {1: 2}, {3}, 1j, torch.zeros(2, dtype=torch.complex64), torch.zeros(2).to_sparse(), 2**300, b"bytes"],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_plain_becomes_opaque(value):
    assert isinstance(decode(encode(value)), Opaque)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Pair(1, [2.5]), (1, [2.5])),
        (torch.Size([2, 3]), (2, 3)),
        (torch.arange(3).max(0), (torch.tensor(2), torch.tensor(2))),
        (OrderedDict(a=Pair(1, 2)), {"a": (1, 2)}),
        (defaultdict(int, a=1), {"a": 1}),
        (Rows([1, 2]), [1, 2]),
    ],
)
def test_a_subclass_of_a_container_is_read_as_the_container(value, plain):
    read = decode(encode(value))
    assert type(read) is type(plain)
    assert read == plain


def test_the_methods_of_a_subclass_are_not_trusted():
    class Endless(list):
        def __iter__(self):
            while True:
                yield 0

        def __len__(self):
            return 0

    assert decode(encode(Endless([1, 2]))) == [1, 2]


def test_a_list_that_is_too_deep_becomes_opaque():
    value = decode(encode(too_deep()))
    while isinstance(value, list):
        (value,) = value
    assert isinstance(value, Opaque)


def array(**changes):
    return {"tensor": {"dtype": "float32", "shape": [1], "data": "AACAPw=="} | changes}


def test_the_sample_is_well_formed():
    assert decode(array()) == torch.ones(1)


@pytest.mark.parametrize(
    "material",
    [
        array(shape=[2]),
        array(shape=[-1]),
        array(shape=[10**12]),
        array(shape=[1.0]),
        array(shape=[True]),
        array(shape="1"),
        array(shape=[1] * 100),
        array(dtype="object"),
        array(dtype=["float32"]),
        array(data="!!!!!!!!"),
        array(data=None),
        {"tensor": []},
        {"array": {"dtype": "float32"}},
        {"pickle": "x"},
        {"float": "1e400"},
        {"list": {}},
        {"a": 1, "b": 2},
        {},
        [],
        10**100,
        "x" * 100_000,
    ],
    ids=lambda material: str(material)[:40],
)
def test_malformed_material_is_refused(material):
    with pytest.raises(ValueError, match=r"encod|larger|characters|base64"):
        decode(material)


@pytest.mark.parametrize(
    "material",
    [None, [], {}, {"outcome": "passed"}, {"outcome": "returned", "changed": "image"},
     {"outcome": "returned", "refused": ["everything"]}, {"outcome": "raised", "message": 3}],
    ids=str,
)  # fmt: skip
def test_a_malformed_observation_is_refused(material):
    with pytest.raises(ValueError, match="not an observation"):
        Observation.read(material)
