// @ts-check
// Drawings and tables that scroll in their box, as on a phone, can be reached and scrolled by keyboard, too.

const SCROLLING = "article figure, article .pst-scrollable-table-container";

function letRegionsBeReached() {
  for (const region of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(SCROLLING))) {
    if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  }
}

addEventListener("load", letRegionsBeReached);
addEventListener("resize", letRegionsBeReached);
