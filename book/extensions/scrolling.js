// @ts-check
// What scrolls inside its box, as wide code, drawings, tables and formulas do on a phone, can be reached by keyboard.
// A box is measured after the browser has laid it out for its own reasons: one in a closed fold, when that is opened.

const SCROLLING = [
  "article figure",
  "article .pst-scrollable-table-container",
  "article div.math",
  "article pre",
  "article .cell_output > .output",
].join();

const sizes = new ResizeObserver((seen) => {
  const boxes = seen.map((each) => /** @type {HTMLElement} */ (each.target));
  const scroll = boxes.map((each) => each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight);
  for (const [n, box] of boxes.entries()) {
    if (scroll[n]) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
});

function watch() {
  for (const box of document.querySelectorAll(SCROLLING)) sizes.observe(box);
}

watch();
const article = document.querySelector("article");
if (article) new MutationObserver(watch).observe(article, { childList: true, subtree: true });
