"""What all tests share: no network, no windows, and honest skips."""

import os
import sys

import matplotlib as mpl
import pytest
from pytest_socket import socket_allow_hosts

os.environ.pop("MPLBACKEND", None)  # the kernels of executed chapters would inherit it and draw nothing
mpl.use("Agg")

collect_ignore = ["fixtures"]  # files of old versions, which no longer import


def pytest_runtest_setup():
    """Let every test reach this machine only: the suite proves that the course needs no network."""
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def require():
    """Return `require(condition, reason)`: without the condition, a skip on a laptop and a failure under CI.

    Examples: ``require(shutil.which("chromium"), "chromium is not installed")``.
    """

    def require(condition, reason):
        if condition:
            return
        if os.environ.get("CI") == "true":
            pytest.fail(f"{reason}, and CI=true demands it", pytrace=False)
        pytest.skip(reason)

    return require


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    if (pyplot := sys.modules.get("matplotlib.pyplot")) is not None:
        pyplot.close("all")
