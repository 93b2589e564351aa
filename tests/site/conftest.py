"""The built site: its folder, its pages, its address on this machine."""

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
BASE_PATH = urlsplit(BASE_URL).path


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
    with FileLock(tmp_path_factory.getbasetemp().parent / "site.lock"):  # one of the workers builds, the others wait
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stdout + done.stderr
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
