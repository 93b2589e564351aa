"""The pages by keyboard alone: everything is reached, the focus is seen, nothing holds it."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PAGES = ["book/intro.html", "book/convolution.html", "book/training.html", "search.html", "genindex.html"]
AT_FOCUS = """() => {
  let tree = document;
  while (tree.activeElement?.shadowRoot?.activeElement) tree = tree.activeElement.shadowRoot;
  const element = tree.activeElement;
  if (element === document.body) return null;  // past the last one, in the browser's own controls
  const { top: start, bottom, left, width, height } = element.getBoundingClientRect();
  const top = element.matches("textarea") ? Math.max(start, 80) : start;  // a tall editor shows where its cursor is
  const style = getComputedStyle(element);
  const [x, y] = [Math.max(1, left + Math.min(width, 40) / 2), top + Math.min(height, 40) / 2];
  const above = tree.elementFromPoint(x, y);
  return {
    what: element.outerHTML.slice(0, 90),
    on_screen: width * height > 0 && top > -1 && top < Math.min(innerHeight, bottom),
    seen: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none",
    free: Boolean(above) && (element.contains(above) || above.contains(element)),
  };
}"""


@pytest.mark.parametrize("viewport", [(1280, 900), (360, 740)])
@pytest.mark.parametrize("name", PAGES)
def test_tab_reaches_everything_in_sight_and_leaves_the_page(chromium, address, name, viewport):
    width, height = viewport
    context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address + name, wait_until="load")
    page.keyboard.press("Tab")
    page.wait_for_function("[...document.querySelectorAll('[data-state]')].every((figure) => figure.shadowRoot)")
    page.wait_for_load_state("networkidle")
    stops = []
    while (stop := page.evaluate(AT_FOCUS)) and len(stops) < 1000:
        stops.append(stop)
        page.keyboard.press("Tab")
    context.close()
    assert stop is None, f"Tab never leaves {name}"
    assert "Skip to main content" in stops[0]["what"] or name == "search.html"  # whose field has the focus
    for fault in ("on_screen", "seen", "free"):
        assert [stop["what"] for stop in stops if not stop[fault]] == [], fault


def test_code_in_a_fold_is_reached_once_it_is_open_and_scrolls(chromium, address):
    page = chromium.new_page(viewport={"width": 360, "height": 740})
    page.goto(address + "book/convolution.html", wait_until="load")
    fold = page.locator("article details.hide:has(pre)").first
    code = fold.locator("pre").first
    assert code.get_attribute("tabindex") is None
    fold.locator("summary").first.click()
    page.wait_for_function("(pre) => pre.tabIndex === 0", arg=code.element_handle())
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_function("(pre) => !pre.hasAttribute('tabindex')", arg=code.element_handle())
    page.close()


def test_the_contents_beside_a_page_keep_their_place_while_one_reads(chromium, address):
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(address + "book/convolution.html", wait_until="load")
    places = "[...document.querySelectorAll('.page-toc .nav-link')].map((each) => each.offsetTop)"
    before = page.evaluate(places)
    page.mouse.move(640, 450)
    page.mouse.wheel(0, 6000)
    page.wait_for_function("scrollY > 5000 && document.querySelector('.page-toc .nav-link.active')")
    assert page.evaluate(places) == before
    page.close()


def test_the_links_of_a_margin_note_are_not_covered(chromium, address):
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(address + "book/convolution.html", wait_until="load")
    for link in page.locator("aside.margin a").all():
        link.scroll_into_view_if_needed()
        link.click(trial=True, timeout=5000)
    page.close()
