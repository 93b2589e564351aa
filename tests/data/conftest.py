"""What several data tests need: the original files, a small stand-in for them, and the script that makes the subset."""

import hashlib
import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from cnncourse.data import fashion_mnist

ROOT = Path(__file__).parents[2]


@pytest.fixture
def debian_folder():
    """The folder of Debian's package; without it a skip on a laptop, a failure under CI."""
    if not fashion_mnist.DEBIAN_FOLDER.is_dir():
        message = f"{fashion_mnist.DEBIAN_FOLDER} is missing: apt-get install dataset-fashion-mnist"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return fashion_mnist.DEBIAN_FOLDER


@pytest.fixture(scope="session")
def subset_tool():
    """`tools/make_fashion_mnist_subset.py` as a module."""
    spec = importlib.util.spec_from_file_location("subset_tool", ROOT / "tools" / "make_fashion_mnist_subset.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A machine that has no full Fashion-MNIST anywhere; returns the folder that serves as its cache."""
    monkeypatch.delenv("CNNCOURSE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(fashion_mnist, "DEBIAN_FOLDER", tmp_path / "debian")
    return tmp_path / "cache" / "cnncourse"


@pytest.fixture
def small_files(monkeypatch, subset_tool):
    """Stand-ins for the four original files, three images each, as {name: contents}; the reader expects them."""
    files = {}
    for names in fashion_mnist.FILES.values():
        pixels = np.arange(3 * 28 * 28, dtype=np.uint64).astype(np.uint8).reshape(3, 28, 28)
        for name, array in zip(names, (pixels, np.array([9, 0, 3], np.uint8)), strict=True):
            files[name] = subset_tool.idx(array)
            monkeypatch.setitem(fashion_mnist.FULL_CHECKSUMS, name, hashlib.sha256(files[name]).hexdigest())
    return files
