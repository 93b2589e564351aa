(() => {
  // What is wrong with the boxes of a page, as sentences. The page is open and all its figures are drawn.
  const SLACK = 1.5; // pixels
  const article = document.querySelector("article.bd-article") ?? document.body;
  const figures = [...document.querySelectorAll("[data-state]")].filter((each) => each.shadowRoot);
  const trees = [article, ...figures.map((each) => each.shadowRoot)];
  const all = (selector) => trees.flatMap((tree) => [...tree.querySelectorAll(selector)]);
  const box = (element) => element.getBoundingClientRect();
  const shown = (element) => box(element).width > 0 && getComputedStyle(element).visibility === "visible";
  const name = (element) => {
    const words = (element.textContent || element.alt || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.localName}> "${words}"`;
  };
  const faults = [];
  const say = (element, fault) => faults.push(`${name(element)} ${fault}`);

  const overhang = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (overhang > 0) faults.push(`the page scrolls sideways by ${overhang} px`);

  for (const picture of all("img[width][height]").filter(shown)) {
    const { width, height } = box(picture);
    const stretched = Math.abs(height - (width * picture.getAttribute("height")) / picture.getAttribute("width"));
    if (getComputedStyle(picture).objectFit === "fill" && stretched > SLACK)
      say(picture, `is ${Math.round(width)} x ${Math.round(height)} px, which is not its shape`);
  }

  for (const drawing of all("img.cnn-light, img.cnn-dark").filter(shown)) {
    const dark = document.documentElement.dataset.theme === "dark";
    if (drawing.matches(".cnn-dark") !== dark) say(drawing, "is drawn for the other theme");
    if (getComputedStyle(drawing).backgroundColor !== "rgba(0, 0, 0, 0)") say(drawing, "has a slab behind it");
  }

  for (const formula of all("div.math").filter(shown)) {
    const signs = [...formula.querySelectorAll("mi, mn, mo, mtext")].filter((each) => each.textContent.trim()).map(box);
    const left = Math.min(...signs.map((sign) => sign.left)) - box(formula).left;
    const right = box(formula).right - Math.max(...signs.map((sign) => sign.right));
    if (formula.scrollWidth === formula.clientWidth) {
      if (left < -SLACK || right < -SLACK)
        say(formula, `is cut: ${Math.round(left)} px left, ${Math.round(right)} right`);
      if (Math.abs(left - right) > 40) say(formula, "is not in the middle");
    } else if (left < -SLACK) say(formula, "begins outside its box");
  }
  for (const table of all("math mtable").filter((each) => each.previousElementSibling?.localName === "mo"))
    if (box(table.previousElementSibling).height < 0.8 * box(table).height)
      say(table.parentElement, "has brackets that do not stretch");

  for (const element of [
    ...document.querySelectorAll("body *"),
    ...trees.slice(1).flatMap((t) => [...t.querySelectorAll("*")]),
  ])
    for (const place of ["::before", "::after"]) {
      const style = getComputedStyle(element, place);
      if (/[\ue000-\uf8ff]/.test(style.content) && !style.fontFamily.includes("Font Awesome"))
        say(element, `has an icon in the font ${style.fontFamily}`);
    }

  // Text that its own box cuts, or that leaves its figure
  for (const element of all("*").filter(
    (each) => each instanceof HTMLElement && each.childElementCount === 0 && shown(each),
  )) {
    if (element.classList.contains("live")) continue; // for screen readers
    const style = getComputedStyle(element);
    const cut = style.overflowX === "hidden" || style.overflowX === "clip";
    if (element.textContent.trim() && cut && element.scrollWidth > element.clientWidth + SLACK) say(element, "is cut");
  }
  const textBox = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return box(range);
  };
  for (const figure of figures) {
    const paper = figure.shadowRoot.querySelector(".figure");
    const gap = box(figure).height - box(paper).height;
    if (gap > 24) say(paper, `leaves ${Math.round(gap)} px blank below it`);
    const scrolls = (each) => each.closest(".roll, .line, pre, code");
    const walk = document.createTreeWalker(paper, NodeFilter.SHOW_TEXT);
    const words = [];
    while (walk.nextNode()) {
      const parent = walk.currentNode.parentElement;
      if (!walk.currentNode.data.trim() || parent.closest("option, [hidden]") || !shown(parent)) continue;
      words.push({ parent, rect: textBox(walk.currentNode) });
    }
    for (const { parent, rect } of words) {
      if (!scrolls(parent) && (rect.left < box(paper).left - SLACK || rect.right > box(paper).right + SLACK))
        say(parent, "leaves its figure");
    }
    for (const [n, one] of words.entries())
      for (const other of words.slice(n + 1)) {
        if (
          scrolls(one.parent) ||
          scrolls(other.parent) ||
          one.parent.contains(other.parent) ||
          other.parent.contains(one.parent)
        )
          continue;
        const [a, b] = [one.rect, other.rect];
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 2 && down > 0.3 * Math.min(a.height, b.height))
          say(one.parent, `collides with ${name(other.parent)}`);
      }
    for (const select of paper.querySelectorAll("select"))
      if (select.scrollWidth > select.clientWidth + SLACK) say(select, "is cut");
    const ring = figure.shadowRoot.querySelector(".ring:not([hidden])");
    if (ring) {
      const side = box(figure.shadowRoot.querySelector(".grid.input .cell")).width;
      const over = box(ring).width % side;
      if (Math.min(over, side - over) > 4.5) say(ring, `is ${Math.round(over)} px larger than its cells`);
    }
    for (const label of paper.querySelectorAll("svg text")) {
      const [r, g, b] = getComputedStyle(label)
        .fill.match(/[\d.]+/g)
        .map(Number);
      const paperColour = getComputedStyle(paper)
        .backgroundColor.match(/[\d.]+/g)
        .map(Number);
      const light = (rgb) =>
        rgb
          .slice(0, 3)
          .map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
          .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0.05);
      const [over, under] = [light([r, g, b]), light(paperColour)].sort((x, y) => y - x);
      if (over / under < 4.5) say(label, `has a contrast of ${(over / under).toFixed(2)}`);
    }
  }

  // Bands in which nothing is drawn
  const LEAVES = "img, canvas, svg, math, pre, input, textarea, button, hr, td, summary";
  const drawn = all(LEAVES).filter(shown).map(box);
  for (const tree of trees) {
    const walk = document.createTreeWalker(tree, NodeFilter.SHOW_TEXT);
    while (walk.nextNode())
      if (walk.currentNode.data.trim() && !walk.currentNode.parentElement.closest("style, template, script"))
        drawn.push(textBox(walk.currentNode));
  }
  let end = box(article).top;
  for (const { top, bottom } of drawn.filter((each) => each.width && each.height).sort((a, b) => a.top - b.top)) {
    if (top - end > 160)
      faults.push(`nothing is drawn on ${Math.round(top - end)} px at ${Math.round(end + scrollY)} px`);
    end = Math.max(end, bottom);
  }
  return faults;
})();
