"""The built site in a real browser, what its files promise, and its copies on paper and without a network."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from extensions.live_figures import by_slug
from pypdf import PdfReader

from tools.pack_site import pack_site
from tools.print_book import NO_CHROMIUM, SITE, first_pages, print_book, table_of_contents
from tools.weigh_pages import served, weigh

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
THOUSANDS_OF_SPANS = [[".highlight"], ["math"]]  # coloured by one style sheet: read on one page is enough
HEAVIEST = 700_000  # bytes of a page over the line, all its pictures loaded
CHAPTERS = [name for part, names in table_of_contents() if part == "Chapters" for name in names]
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

    with served(site, BASE_PATH) as address:
        yield address


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
            page.keyboard.press("Shift")  # all figures are drawn now, also those far below
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
def test_a_figure_far_below_is_drawn_when_the_reader_comes_near_or_takes_the_keyboard(browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    far = "document.querySelector('cnn-kernels-on-photo')"
    for come in (lambda: page.keyboard.press("Tab"), lambda: page.evaluate(f"{far}.scrollIntoView()")):
        page.goto(address + "book/convolution.html", wait_until="load")
        assert not page.evaluate(f"!!{far}.shadowRoot")
        come()
        page.wait_for_function(f"{far}.shadowRoot")
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_code_and_formulas_are_readable(browser, address, pages, scheme):
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address + "book/convolution.html", wait_until="load")
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


@pytest.fixture(scope="session")
def copied(site, tmp_path_factory):
    """A copy of the built site, for what writes into it."""
    return shutil.copytree(site, tmp_path_factory.mktemp("site") / "html")


@pytest.mark.parametrize("slug", by_slug())
def test_a_thumbnail_leads_to_the_figure_in_a_chapter(site, pages, slug):
    gallery = pages["book/intro.html"].find("ul", class_="cnn-gallery")
    (link,) = (a for a in gallery.find_all("a") if a.get_text(strip=True) == by_slug()[slug].title)
    page, name = link["href"].split("#")
    assert f"book/{Path(page).stem}" in CHAPTERS
    assert pages[f"book/{page}"].find(f"cnn-{slug}", id=name)
    assert link.img["alt"] == by_slug()[slug]().describe()
    assert "prefers-color-scheme:dark" in (site / "book" / link.img["src"]).read_text(encoding="utf-8")


def test_thumbnails_stand_in_the_order_of_the_course(pages):
    links = [link["href"].split("#")[0] for link in pages["book/intro.html"].select("ul.cnn-gallery a")]
    places = [CHAPTERS.index(f"book/{Path(link).stem}") for link in links]
    assert len(places) == len(by_slug())
    assert places == sorted(places)


def test_the_chapter_path_says_what_the_chapters_say(pages):
    steps = pages["book/intro.html"].select("ol.cnn-path > li")
    assert [f"book/{Path(step.a['href']).stem}" for step in steps] == CHAPTERS
    for step, name in zip(steps, CHAPTERS, strict=True):
        source = nbformat.read(ROOT / f"{name}.ipynb", as_version=4).cells[0].source
        minutes, level, before = re.search(
            r"\*\*Time\*\* about (\d+) minutes · \*\*Level\*\* (.+) · \*\*Before\*\* (.+)", source
        ).groups()
        before = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", before)
        assert step.a.get_text() == source.splitlines()[0].removeprefix("# ")
        assert re.fullmatch(
            rf"{minutes} minutes · {level} · (after|needs) {re.escape(before)}", step.find_all("p")[-1].get_text()
        )


def test_the_landing_page_shows_a_recognised_mistake_and_what_it_was_built_with(pages):
    start = pages["book/intro.html"]
    assert start.find(class_="cnn-report")["data-status"] == "failed"
    for page in (start, pages["book/running.html"]):
        assert re.search(r"Built on \d+ \w+ \d{4} with cnncourse .+, torch .+, jupyter-book", page.get_text())


def test_the_landing_page_runs_the_script_of_one_figure(pages):
    scripts = [
        tag["src"] for tag in pages["book/intro.html"].find_all("script", src=re.compile("_static/(figures|quiz)"))
    ]
    assert [re.sub(r"\?.*", "", script) for script in scripts] == ["../_static/figures/kernels-on-photo.js"]


def test_pages_load_no_font_awesome_and_no_formula_script(site, pages):
    for name, page in pages.items():
        loaded = [tag.get("src") or tag.get("href") for tag in page.find_all(["script", "link"])]
        assert not [asset for asset in loaded if asset and ("fontawesome" in asset or "mathjax" in asset)], name
    icons = (site / "_static" / "icons.css").read_text(encoding="utf-8")
    shown = {
        name for page in pages.values() for tag in page.find_all("i") for name in tag.get("class", ()) if "fa-" in name
    }
    for name in shown - {"fa-solid", "fa-brands", "fa-lg"}:
        assert f".{name}:before" in icons


def test_every_picture_keeps_its_place_free(pages):
    for name, page in pages.items():
        for picture in page.find_all("img"):
            assert picture.get("width") or picture.get("height"), (name, picture)


@pytest.mark.browser
def test_no_page_weighs_more_than_it_may(browser, address, pages):
    weights = {name: sum(weigh(browser, address, name).values()) for name in pages if name.startswith("book/")}
    assert {name: weight for name, weight in weights.items() if weight > HEAVIEST} == {}


@pytest.mark.browser
def test_the_zip_works_without_a_server(browser, copied, tmp_path):
    with zipfile.ZipFile(pack_site(copied)) as packed:
        packed.extractall(tmp_path)
    start = (tmp_path / "cnncourse" / "index.html").as_uri()
    context = browser.new_context()
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda r: "favicon" in r.url or faults.append(r.url))  # which the redirect cuts off
    page.on("request", lambda request: request.url.startswith("http") and faults.append(request.url))
    page.goto(start)
    page.wait_for_url("**/book/intro.html")
    page.wait_for_function("document.querySelector('cnn-kernels-on-photo').shadowRoot")
    page.goto(start.replace("index", "book/convolution"))
    page.keyboard.press("Shift")  # figures far below are drawn now
    page.wait_for_function("document.querySelector('cnn-convolution-explorer').shadowRoot")
    assert page.evaluate("document.fonts.load('16px \"Course formulas\"').then(fonts => fonts.length)") == 1
    page.locator("form.cnn-quiz input[type=radio]").first.check()
    page.locator("form.cnn-quiz button").first.click()
    assert page.locator(".cnn-quiz-feedback strong").first.inner_text()
    page.goto(start.replace("index", "search") + "?q=padding")
    page.wait_for_selector("#search-results li a")
    context.close()
    assert not faults


@pytest.mark.browser
def test_the_pdf_holds_every_chapter_and_a_picture_in_each(browser, copied, pages):
    command = [sys.executable, ROOT / "tools" / "print_book.py", copied]  # a process may hold one Playwright only
    subprocess.run(command, check=True, timeout=600)
    reader = PdfReader(copied / "cnncourse.pdf")
    begins = first_pages(copied / "cnncourse.pdf", CHAPTERS)
    ends = [*list(begins.values())[1:], begins[CHAPTERS[-1]] + 5]
    contents = reader.pages[1].extract_text()
    headings = {mark.title for mark in reader.outline if not isinstance(mark, list)}
    for (name, begin), end in zip(begins.items(), ends, strict=True):
        title = pages[f"{name}.html"].h1.find(string=True)
        assert re.search(rf"{re.escape(title)}\s+{begin}\n", contents), contents
        assert title in headings
        assert title in reader.pages[begin - 1].extract_text()
        assert any("/XObject" in page["/Resources"] for page in reader.pages[begin - 1 : end - 1]), name
    assert (copied / "book" / "running.html").read_text(encoding="utf-8").count('href="../cnncourse.pdf"') == 1


def test_printing_without_chromium_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as stopped:
        print_book(SITE)
    assert stopped.value.code == NO_CHROMIUM
