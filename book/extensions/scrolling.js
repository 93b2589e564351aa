// @ts-check
// What scrolls inside its box, as wide code, drawings, tables and formulas do on a phone, can be reached by keyboard.
// All sizes are read before anything is changed: otherwise the page would be laid out anew for each box. The theme does
// the same for code, one box after the other; when it comes, nothing is left to change.

const OF_THEME = "pre, .cell_output > .output";
const SCROLLING = `article figure, article .pst-scrollable-table-container, article div.math, ${OF_THEME}`;

function letRegionsBeReached() {
  const regions = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(SCROLLING)]);
  const scrolls = regions.map((each) => each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight);
  for (const [n, region] of regions.entries()) {
    if (scrolls[n]) region.tabIndex = 0;
    else if (region.matches(OF_THEME)) region.tabIndex = -1;
    else region.removeAttribute("tabindex");
  }
}

addEventListener("load", letRegionsBeReached);
addEventListener("resize", letRegionsBeReached);
