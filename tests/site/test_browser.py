"""The site's pages in Chromium: whole, quiet, accessible, as wide as the window, not too heavy."""

import pytest
from pypdf import PdfReader

from tools.weigh_pages import weigh

from .conftest import BOXES, FIGURES_ARE_DRAWN

pytestmark = [pytest.mark.slow, pytest.mark.browser]
FAST = {"preload": False, "resultTypes": ["violations"]}
NOT_CONTRAST = {**FAST, "rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {**FAST, "runOnly": ["color-contrast"]}  # slow, and the same at every width
THOUSANDS_OF_SPANS = [[".highlight"], ["math"]]  # coloured by one style sheet: read on one page is enough
HEAVIEST = 700_000  # bytes of a page over the line, all its pictures loaded
HEIGHTS = """Object.fromEntries([...document.querySelectorAll("[data-state]")].map(
(figure) => [figure.id, figure.getBoundingClientRect().height]))"""
VIEWPORTS = {"desktop": (1280, 900), "phone": (360, 740)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_every_page_is_whole_quiet_accessible_and_fits(chromium, address, pages, viewport, scheme):
    width, height = VIEWPORTS[viewport]
    context = chromium.new_context(
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
            kept = page.evaluate(HEIGHTS)
            page.keyboard.press("Shift")  # all figures are drawn now, also those far below
            page.wait_for_function(FIGURES_ARE_DRAWN)
            page.wait_for_load_state("networkidle")  # their photographs and recordings
            faults.extend(f"{name}: {fault}" for fault in page.evaluate(BOXES))
            for figure, height in page.evaluate(HEIGHTS).items():
                if abs(height - kept[figure]) > 60:
                    faults.append(f"{name}: {figure} is {height} px high, {kept[figure]} px were kept free")
            if scheme == "light":  # what is not a colour is the same in both schemes
                faults.extend(f"{name}: {fault}" for fault in _axe(page, options=NOT_CONTRAST))
            if viewport == "desktop":
                faults.extend(f"{name}: {fault}" for fault in _axe(page, {"exclude": THOUSANDS_OF_SPANS}, CONTRAST))
        page.close()
    context.close()
    assert not faults, "\n".join(faults)


def test_a_figure_far_below_is_drawn_when_the_reader_comes_near_or_takes_the_keyboard(chromium, address):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    far = "document.querySelector('cnn-kernels-on-photo')"
    for come in (lambda: page.keyboard.press("Tab"), lambda: page.evaluate(f"{far}.scrollIntoView()")):
        page.goto(address + "book/convolution.html", wait_until="load")
        assert not page.evaluate(f"!!{far}.shadowRoot")
        come()
        page.wait_for_function(f"{far}.shadowRoot")
    page.close()


@pytest.mark.parametrize(
    ("name", "chapter", "num_files"), [("inside-network", "interpretation", 2), ("training-replay", "training", 1)]
)
def test_a_figure_keeps_its_place_free_until_its_files_are_drawn(chromium, address, name, chapter, num_files):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    held = []
    page.route(f"**/{name}-*.js*", lambda route: held.append(route))
    page.goto(f"{address}book/{chapter}.html", wait_until="domcontentloaded")
    page.keyboard.press("Shift")
    figure = f"document.getElementById('{name}')"
    page.wait_for_function(f"{figure}.shadowRoot")
    waiting = page.evaluate(HEIGHTS)[name]
    page.evaluate(
        f"""new MutationObserver(() => {figure}.style.minHeight || ({figure}.released ??= {figure}.offsetHeight))
        .observe({figure}, {{ attributeFilter: ["style"] }})"""
    )
    for route in held:
        route.continue_()
    page.wait_for_function(f"{figure}.released")
    drawn = page.evaluate(f"{figure}.released")
    page.close()
    assert len(held) == num_files
    assert abs(drawn - waiting) <= 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_code_and_formulas_are_readable(chromium, address, pages, scheme):
    context = chromium.new_context(color_scheme=scheme)
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


def test_no_page_weighs_more_than_it_may(chromium, address, pages):
    weights = {name: sum(weigh(chromium, address, name).values()) for name in pages if name.startswith("book/")}
    assert {name: weight for name, weight in weights.items() if weight > HEAVIEST} == {}


def test_the_keyboards_focus_is_seen_on_every_control_of_the_header(chromium, address):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address + "book/convolution.html", wait_until="load")
    page.locator(".bd-header-article button").first.focus()
    unseen = []
    while page.evaluate("Boolean(document.activeElement.closest('.bd-header-article'))"):
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        if style == "none" or width < 2:
            unseen.append(page.evaluate("document.activeElement.outerHTML"))
        page.keyboard.press("Tab")
    page.close()
    assert unseen == []


def test_what_is_typed_into_the_search_is_beside_the_magnifier(chromium, address):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address + "search.html?q=padding", wait_until="load")
    icon, field = (page.locator(f"form.bd-search {tag}").last.bounding_box() for tag in ("i", "input"))
    page.close()
    assert icon["x"] + icon["width"] <= field["x"] + 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pdf_button_prints_title_pictures_and_code_but_no_answer(chromium, address, tmp_path, scheme):
    context = chromium.new_context(color_scheme=scheme)
    context.add_init_script("window.print = () => { window.printed = [...document.querySelectorAll('article img')] };")
    page = context.new_page()
    page.goto(address + "book/training.html", wait_until="load")
    page.get_by_role("button", name="Download this page").click()
    page.get_by_role("button", name=".pdf").click()
    page.wait_for_function("window.printed")
    page.emulate_media(media="print", color_scheme=scheme)
    shown = page.evaluate("printed.filter((one) => one.checkVisibility()).map((one) => one.naturalWidth > 0)")
    assert all(shown)
    assert len(shown) == page.locator("article figure > img.cnn-light").count() + 1  # and a live one
    assert page.locator("article h1").is_visible()
    assert page.locator("article details.hide pre").first.is_visible()
    assert not page.get_by_text("Show the answer").first.is_visible()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.pdf(path=tmp_path / "page.pdf")  # its end is the end of printing
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    context.close()
    paper = PdfReader(tmp_path / "page.pdf")
    assert paper.pages[0].extract_text().lstrip().startswith("Training")


def test_colours_that_are_forced_leave_fills_and_pressed_buttons(chromium, address):
    context = chromium.new_context(forced_colors="active", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address + "book/interpretation.html", wait_until="load")
    page.keyboard.press("Shift")
    fill = "(name) => getComputedStyle(document.querySelector('cnn-inside-network').shadowRoot.querySelector(name)).{}"
    page.locator("cnn-inside-network .share div").first.wait_for(state="attached")
    paper = page.evaluate(fill.format("backgroundColor"), ".figure")
    for name in (".share div", "button[aria-pressed=true]"):
        assert page.evaluate(fill.format("backgroundColor"), name) != paper, name
    assert page.evaluate(fill.format("backgroundImage"), ".ramp") != "none"
    context.close()
