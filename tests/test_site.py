"""The built site in a real browser, and what its files promise."""

import http.server
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parent.parent
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
BASE_PATH = urlsplit(CONFIG["html"]["baseurl"]).path
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # nothing outside can be reached
]
FAST = {"preload": False, "resultTypes": ["violations"]}
NOT_CONTRAST = {**FAST, "rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {**FAST, "runOnly": ["color-contrast"]}  # slow, and the same at every width
THOUSANDS_OF_SPANS = [[".highlight"], ["mjx-container"]]  # coloured by one style sheet: read on one page is enough
VIEWPORTS = {"desktop": (1280, 900), "phone": (360, 740)}


@pytest.fixture(scope="session")
def site():
    """Build the site as `make site` does (what is current is reused) and return its folder."""
    command = [
        shutil.which("jupyter-book", path=str(Path(sys.executable).parent)),
        "build",
        ".",
        "-W",
        "--keep-going",
        "-q",
    ]
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

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=site)

        def translate_path(self, path):
            return super().translate_path("/" + path.removeprefix(BASE_PATH))

        def do_GET(self):
            if self.path == "/favicon.ico":  # the browser asks the host for it, not one of the site's pages
                self.send_response(204)
                self.end_headers()
            else:
                super().do_GET()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{BASE_PATH}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser(require):
    """A headless Chromium that reaches nothing but this machine."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    require(executable, "chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_every_page_is_whole_quiet_accessible_and_fits(browser, address, pages, viewport, scheme):
    width, height = VIEWPORTS[viewport]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    faults = []
    for name in pages:
        page = context.new_page()
        page.on("request", lambda r, n=name: _is_outside(r.url, address) and faults.append(f"{n} asks for {r.url}"))
        page.on("response", lambda r, n=name: r.status >= 400 and faults.append(f"{n}: {r.status} for {r.url}"))
        page.on("console", lambda m, n=name: m.type == "error" and faults.append(f"{n} says {m.text}"))
        page.on("pageerror", lambda e, n=name: faults.append(f"{n} throws {e}"))
        page.goto(address + name, wait_until="load")
        if name == "index.html":
            page.wait_for_url("**/book/intro.html")  # the redirect
        else:
            page.evaluate("window.MathJax && MathJax.startup.promise.then(() => null)")
            overhang = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if overhang > 0:
                faults.append(f"{name} scrolls sideways by {overhang} px")
            faults.extend(f"{name}: {fault}" for fault in _axe(page, options=NOT_CONTRAST))
            if viewport == "desktop":
                faults.extend(f"{name}: {fault}" for fault in _axe(page, {"exclude": THOUSANDS_OF_SPANS}, CONTRAST))
        page.close()
    context.close()
    assert not faults, "\n".join(faults)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_code_and_formulas_are_readable(browser, address, pages, scheme):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address + "book/convolution.html", wait_until="load")
    page.evaluate("MathJax.startup.promise.then(() => null)")
    faults = list(_axe(page, {"include": THOUSANDS_OF_SPANS}, CONTRAST))
    context.close()
    assert not faults, "\n".join(faults)


def _is_outside(url, address):
    return not url.startswith((address, "data:", "blob:"))


def _axe(page, context=None, options=None):
    from axe_playwright_python.sync_playwright import Axe

    for violation in Axe().run(page, context, options).response["violations"]:
        places = ", ".join(str(node["target"]) for node in violation["nodes"][:5])
        yield f"{violation['id']}: {violation['help']}: {places}"


def test_every_link_inside_the_site_leads_somewhere(site, pages):
    ids = {name: {tag.get("id") or tag.get("name") for tag in page.find_all(True)} for name, page in pages.items()}
    broken = []
    for name, page in pages.items():
        for tag in page.find_all(["a", "link", "img", "script"]):
            target = tag.get("href") or tag.get("src")
            if not target or urlsplit(target).scheme:
                continue
            path, fragment = urldefrag(urljoin(f"{BASE_PATH}{name}", target))
            path = unquote(urlsplit(path).path).removeprefix(BASE_PATH)
            place = unquote(fragment).partition("?")[0]  # behind the question mark stands the state of a live figure
            if not (site / path).is_file():
                broken.append(f"{name}: {target}")
            elif place and path in ids and place not in ids[path]:
                broken.append(f"{name}: {target} (no such place)")
    assert not broken, "\n".join(broken)


def test_every_page_says_what_it_is(pages):
    for name, page in pages.items():
        if name in ("index.html", "404.html", "search.html", "genindex.html", "py-modindex.html"):
            continue
        assert page.html["lang"] == "en", name
        assert page.title.string.strip(), name
        for key in ("og:title", "og:description", "og:image"):
            assert page.find("meta", property=key)["content"], (name, key)
        assert page.find("meta", attrs={"name": "description"})["content"], name
        assert page.find("link", rel="canonical")["href"] == CONFIG["html"]["baseurl"] + name


def test_the_sitemap_lists_the_books_pages(site, pages):
    listed = set(re.findall("<loc>(.*?)</loc>", (site / "sitemap.xml").read_text(encoding="utf-8")))
    written = {CONFIG["html"]["baseurl"] + name for name in pages if name.startswith("book/")}
    assert written <= listed


def test_the_social_preview_and_the_favicon_are_in_the_site(site, pages):
    start = pages["book/intro.html"]
    picture = start.find("meta", property="og:image")["content"].removeprefix(CONFIG["html"]["baseurl"])
    assert (site / picture).read_bytes().startswith(b"\x89PNG")
    assert (site / "_static" / "favicon.svg").is_file()


def test_figures_follow_the_theme(site):
    figures = [path.read_text(encoding="utf-8") for path in (site / "_images").glob("*.svg")]
    for figure in figures:
        assert "prefers-color-scheme:dark" in figure
        assert "#222832" not in figure.split("</style>", 1)[1]
