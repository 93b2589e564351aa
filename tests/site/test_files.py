"""What the site's files promise: links, descriptions, pictures, the landing page."""

import re
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import nbformat
import pytest

from extensions.live_figures import by_slug
from tools.print_book import table_of_contents

from .conftest import BASE_PATH, BASE_URL, ROOT

pytestmark = pytest.mark.slow
CHAPTERS = [name for part, names in table_of_contents() if part == "Chapters" for name in names]


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
        assert page.find("link", rel="canonical")["href"] == BASE_URL + name


def test_the_sitemap_lists_the_books_pages(site, pages):
    listed = set(re.findall("<loc>(.*?)</loc>", (site / "sitemap.xml").read_text(encoding="utf-8")))
    written = {BASE_URL + name for name in pages if name.startswith("book/")}
    assert written <= listed


def test_the_social_preview_and_the_favicon_are_in_the_site(site, pages):
    start = pages["book/intro.html"]
    picture = start.find("meta", property="og:image")["content"].removeprefix(BASE_URL)
    assert (site / picture).read_bytes().startswith(b"\x89PNG")
    assert (site / "_static" / "favicon.svg").is_file()


def test_figures_follow_the_theme(site):
    figures = [path.read_text(encoding="utf-8") for path in (site / "_images").glob("*.svg")]
    for figure in figures:
        assert ":root:target{" in figure
        assert "#222832" not in figure.split("</style>", 1)[1]


@pytest.mark.parametrize("slug", by_slug())
def test_a_thumbnail_leads_to_the_figure_in_a_chapter(site, pages, slug):
    gallery = pages["book/intro.html"].find("ul", class_="cnn-gallery")
    (link,) = (a for a in gallery.find_all("a") if a.get_text(strip=True) == by_slug()[slug].title)
    page, name = link["href"].split("#")
    assert f"book/{Path(page).stem}" in CHAPTERS
    assert pages[f"book/{page}"].find(f"cnn-{slug}", id=name)
    assert link.img["alt"] == by_slug()[slug]().describe()
    assert ":root:target{" in (site / "book" / link.img["src"]).read_text(encoding="utf-8")


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
