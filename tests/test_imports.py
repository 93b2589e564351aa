"""What a reader's `import cnncourse` costs: torch and NumPy, nothing of the optional parts."""

import subprocess
import sys

import pytest

OPTIONAL = ("matplotlib.pyplot", "sphinx", "sklearn", "torchvision", "anywidget", "nbgrader", "cnncourse.classroom")


@pytest.fixture(scope="module")
def loaded():
    script = "import sys, cnncourse; print(*sys.modules)"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize("module", OPTIONAL)
def test_importing_the_package_does_not_load(loaded, module):
    assert "torch" in loaded
    assert module not in loaded
