"""The site's pages in Chromium: whole, quiet, accessible, as wide as the window, not too heavy."""

import pytest

from tools.weigh_pages import weigh

pytestmark = [pytest.mark.slow, pytest.mark.browser]
FAST = {"preload": False, "resultTypes": ["violations"]}
NOT_CONTRAST = {**FAST, "rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {**FAST, "runOnly": ["color-contrast"]}  # slow, and the same at every width
THOUSANDS_OF_SPANS = [[".highlight"], ["math"]]  # coloured by one style sheet: read on one page is enough
HEAVIEST = 700_000  # bytes of a page over the line, all its pictures loaded
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
            page.keyboard.press("Shift")  # all figures are drawn now, also those far below
            overhang = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if overhang > 0:
                faults.append(f"{name} scrolls sideways by {overhang} px")
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
