"""The built site: its folder, its pages, its address on this machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup
from filelock import FileLock

from tools.weigh_pages import served

ROOT = Path(__file__).parents[2]
BASE_URL = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]
BOXES = Path(__file__).with_name("boxes.js").read_text(encoding="utf-8")  # an expression: what is wrong with the boxes
FIGURES_ARE_DRAWN = """[...document.querySelectorAll('[data-state]')].every(
(figure) => figure.shadowRoot && !figure.style.minHeight)"""  # until then its place is kept free
BASE_PATH = urlsplit(BASE_URL).path
# A figure asks for its files by scripts. Leaving the page before they are there aborts them: an error of its own.
ALL_SCRIPTS_ARE_THERE = """return document.readyState === "complete" &&
[...document.scripts].every((script) => !script.src || performance.getEntriesByName(script.src).length > 0)"""


def choose_theme(driver, address, theme):
    """Let the pages be light or dark in a browser that Selenium drives."""
    driver.get(address + "404.html")
    driver.execute_script("localStorage.mode = localStorage.theme = arguments[0]", theme)


def faults_of_boxes(driver, address, name):
    """Open a page in a browser that Selenium drives, draw all its figures, and return what is wrong with its boxes."""
    from selenium.webdriver.support.wait import WebDriverWait

    driver.get(address + name)
    wait = WebDriverWait(driver, 30)
    if name == "index.html":
        wait.until(lambda driver: driver.current_url.endswith("/book/intro.html"))  # the redirect
    driver.execute_script("dispatchEvent(new KeyboardEvent('keydown', { key: 'Shift' }))")
    wait.until(lambda driver: driver.execute_script(f"return {FIGURES_ARE_DRAWN}"))
    wait.until(lambda driver: driver.execute_script(ALL_SCRIPTS_ARE_THERE))
    driver.execute_async_script("const done = arguments[0]; document.fonts.ready.then(() => done())")
    return [f"{name}: {fault}" for fault in driver.execute_script(f"return {BOXES}")]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Build the site as `make site` does (what is current is reused) and return its folder."""
    command = [
        shutil.which("jupyter-book", path=str(Path(sys.executable).parent)),
        "build",
        ".",
        "-W",
        "--keep-going",
        "-q",
    ]
    of_all_workers = (
        tmp_path_factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else tmp_path_factory.getbasetemp()
    )
    built = of_all_workers / "site.built"
    with FileLock(
        of_all_workers / "site.lock"
    ):  # one worker builds; a second build would change files that others read
        if not built.exists():
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800)
            assert done.returncode == 0, done.stdout + done.stderr
            built.touch()
    return ROOT / "_build" / "html"


@pytest.fixture(scope="session")
def pages(site):
    """The site's pages by path, parsed; the redirect that stands at its root left out."""
    found = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*.html"))}
    found = {name: path for name, path in found.items() if not name.startswith("_static/")}
    return {name: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for name, path in found.items()}


@pytest.fixture(scope="session")
def address(site):
    """Serve the site on this machine, under the path that it has when published."""
    with served(site, BASE_PATH) as address:
        yield address


@pytest.fixture(scope="session")
def copied(site, tmp_path_factory):
    """A copy of the built site, for what writes into it."""
    return shutil.copytree(site, tmp_path_factory.mktemp("site") / "html")
