"""What all tests share: no network, no windows, and honest skips."""

import os
import shutil
import sys

import matplotlib as mpl
import pytest
from pytest_socket import socket_allow_hosts

os.environ.pop("MPLBACKEND", None)  # the kernels of executed chapters would inherit it and draw nothing
mpl.use("Agg")

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # nothing outside can be reached
]

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


@pytest.fixture(scope="module")
def chromium(require):
    """Return Debian's Chromium, driven by Playwright; a module's, so that no event loop outlives it."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("google-chrome")
    require(executable, "chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
