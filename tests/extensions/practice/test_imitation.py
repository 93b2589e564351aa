"""Every expression of two files, evaluated by torch or NumPy and by the imitation: the same value or the same error."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from extensions.practice.imitation import gaps

HERE = Path(__file__).parent
TORCH = (HERE / "torch_expressions.txt").read_text().splitlines()
NUMPY = (HERE / "numpy_expressions.txt").read_text().splitlines()


def evaluate(expression, names):
    """Run the statements before the last semicolon; return the value of what follows, or the exception's type."""
    *statements, value = expression.split(";")
    try:
        exec("\n".join(statements), names)
        return eval(value.strip(), names)
    except (gaps.Gap, Exception) as error:
        return type(error)


def kind(error):
    """Return the exception of Python that NumPy's own ones are derived from."""
    return next(base for base in error.__mro__ if base.__module__ == "builtins" or base is gaps.Gap)


def assert_alike(real, imitated):
    if isinstance(real, type) or isinstance(imitated, type):
        assert isinstance(real, type), f"torch returns {real}, the imitation raises {imitated}"
        assert isinstance(imitated, type), f"torch raises {real}, the imitation returns {imitated}"
        assert kind(real) is kind(imitated)
    elif isinstance(real, tuple | list):
        assert len(real) == len(imitated)
        for one, other in zip(real, imitated, strict=True):
            assert_alike(one, other)
    elif hasattr(real, "shape"):
        assert tuple(real.shape) == tuple(imitated.shape)
        assert str(real.dtype) == str(imitated.dtype)
        values = real.detach().double().numpy() if isinstance(real, torch.Tensor) else np.asarray(real, dtype=float)
        np.testing.assert_allclose(np.array(imitated.tolist(), dtype=float).reshape(values.shape), values, 1e-5, 1e-6)
    else:
        assert real == imitated or (real != real and imitated != imitated)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("expression", TORCH)
def test_a_torch_expression_has_the_same_value_or_error(imitated, expression):
    gaps.FOUND.clear()
    generator = torch.Generator().manual_seed(1)
    values = {
        "x": torch.randn(2, 3, 6, 5, generator=generator),
        "w": torch.randn(4, 3, 3, 2, generator=generator),
        "i": torch.randint(-5, 6, (3, 4), generator=generator),
        "a": torch.randn(3, 4, generator=generator),
        "b": torch.randn(4, generator=generator) + 0.1,
        "y": torch.randint(0, 4, (3,), generator=generator),
    }
    ours = {name: imitated["torch"].tensor(value.tolist()) for name, value in values.items()}
    with torch.random.fork_rng():
        real = evaluate(expression, values | {"torch": torch, "F": torch.nn.functional, "nn": torch.nn, "math": math})
    page = imitated["torch"]
    assert_alike(
        real, evaluate(expression, ours | {"torch": page, "F": page.nn.functional, "nn": page.nn, "math": math})
    )
    assert gaps.FOUND == []


@pytest.mark.parametrize("expression", NUMPY)
def test_a_numpy_expression_has_the_same_value_or_error(imitated, expression):
    gaps.FOUND.clear()
    rng = np.random.default_rng(0)
    values = {
        "x": rng.normal(size=(2, 3, 6, 5)),
        "a": rng.normal(size=(3, 4)).astype("float32"),
        "b": rng.normal(size=4),
        "i": rng.integers(-5, 6, (3, 4)),
        "u": rng.integers(0, 255, (3, 4)).astype("uint8"),
    }
    page = imitated["numpy"]
    ours = {name: page.array(value.tolist(), dtype=value.dtype.name) for name, value in values.items()}
    real = evaluate(expression, values | {"np": np, "torch": torch, "math": math})
    assert_alike(real, evaluate(expression, ours | {"np": page, "torch": imitated["torch"], "math": math}))
    assert gaps.FOUND == []
