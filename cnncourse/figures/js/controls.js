// @ts-check
// The controls that figures share: grids of numbers with one tab stop, steppers, choosers, play.

import { inkOn, readNumeral } from "./state.js";

/** @import { Grid, GridContent, GridEvents, Place } from "./types.js" */

/**
 * An HTML element: `h("button.big", { type: "button", onclick }, "Play")`.
 * @param {string} selector - tag and classes
 * @param {Record<string, any>} [attributes] - functions become properties; false and null are left out
 * @param {...(Node | string)} children
 * @returns {any} any kind of element
 */
export function h(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element[name] = value;
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** @type {(value: number, low: number, high: number) => number} */
export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/** Let the page respond before work goes on. */
export const nextTask = () => new Promise((resume) => setTimeout(resume));

const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Arrow keys, Home and End as a new place in a grid; Ctrl+Home and Ctrl+End are its corners.
 * @param {string} key
 * @param {boolean} ctrl
 * @param {Place} place
 * @param {number} rows
 * @param {number} columns
 * @returns {Place | undefined}
 */
export function moveBy(key, ctrl, [row, column], rows, columns) {
  /** @type {Record<string, Place>} */
  const places = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [ctrl ? 0 : row, 0],
    End: [ctrl ? rows - 1 : row, columns - 1],
  };
  const to = places[key];
  return to && [clamp(to[0], 0, rows - 1), clamp(to[1], 0, columns - 1)];
}

/**
 * A grid of numbers with one tab stop. Without `onmove`, arrow keys move the focus only.
 * @param {{ label: string, role: string } & GridEvents} options
 * @returns {Grid}
 */
export function grid({ label, role, onmove, onhover, onleave, onpick, onedit, onescape }) {
  const body = h("div.cells", { role: "grid", "aria-label": label });
  const element = h(`div.grid.${role}`, {}, body);
  let shape = "";
  /** @type {any[][]} */
  let cells = [];
  let at = [0, 0];
  /** @type {GridContent} */
  let now;

  /** @type {(event: any) => Place | undefined} */
  const place = (event) => {
    const cell = event.target.closest?.("[data-at]");
    return cell?.dataset.at.split(",").map(Number);
  };
  const focus = () => cells[at[0]]?.[at[1]]?.focus();
  body.addEventListener("pointerover", (event) => {
    const to = place(event);
    if (to && event.pointerType === "mouse") onhover?.(...to);
  });
  body.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && onleave?.());
  body.addEventListener("click", (event) => {
    const to = place(event);
    if (!to) return;
    at = to;
    onpick?.(...to);
  });
  body.addEventListener("focusin", (event) => {
    at = place(event) ?? at;
    if (now.editable) event.target.select();
    rove();
  });
  body.addEventListener("change", (event) => {
    const [i, j] = place(event) ?? at;
    onedit?.(i, j, Number(readNumeral(event.target.value).toPrecision(6)));
    event.target.value = now.cell(i, j).text;
  });
  body.addEventListener("keydown", (event) => {
    const to = moveBy(event.key, event.ctrlKey, /** @type {Place} */ (at), now.rows, now.columns);
    if (to) {
      event.preventDefault();
      if (now.editable) event.target.dispatchEvent(new Event("change", { bubbles: true }));
      if (onmove && !now.editable) onmove(...to);
      else at = to;
      rove();
      focus();
    } else if (event.key === "Enter" && !now.editable) {
      event.preventDefault();
      onpick?.(at[0], at[1]);
    } else if (event.key === "Escape") onescape?.();
  });

  function rove() {
    for (const cell of cells.flat()) cell.tabIndex = cell.dataset.at === at.join() ? 0 : -1;
  }

  function build() {
    cells = Array.from({ length: now.rows }, (_, i) =>
      Array.from({ length: now.columns }, (_, j) =>
        now.editable
          ? h("input.cell", { inputmode: "decimal", autocomplete: "off", "data-at": `${i},${j}` })
          : h("div.cell", { role: "gridcell", "data-at": `${i},${j}` }),
      ),
    );
    const rows = cells.map((row) =>
      h("div.row", { role: "row" }, ...row.map((cell) => (now.editable ? h("div", { role: "gridcell" }, cell) : cell))),
    );
    body.replaceChildren(...rows);
  }

  /** @param {GridContent} next */
  function update(next) {
    now = next;
    const key = `${now.rows},${now.columns},${Boolean(now.editable)}`;
    const hadFocus = body.contains(body.getRootNode().activeElement);
    if (key !== shape) build();
    if (now.at) at = now.at;
    at = [clamp(at[0], 0, now.rows - 1), clamp(at[1], 0, now.columns - 1)];
    for (const cell of cells.flat()) {
      const [i, j] = cell.dataset.at.split(",").map(Number);
      const { text, rgb, label: name, classes = "", selected, fixed } = now.cell(i, j);
      cell.className = `cell ${classes}`;
      cell.style.background = rgb ? `rgb(${rgb})` : "";
      cell.style.color = rgb ? inkOn(rgb) : "";
      if (!now.editable) cell.textContent = text;
      else if (cell !== body.getRootNode().activeElement || cell.value === "") cell.value = text;
      if (now.editable) cell.readOnly = Boolean(fixed);
      cell.setAttribute("aria-label", name);
      if (!now.editable) cell.setAttribute("aria-selected", Boolean(selected));
    }
    const longest = Math.max(2, ...cells.flat().map((cell) => (cell.value ?? cell.textContent).length));
    element.style.setProperty("--longest", longest);
    rove();
    if (hadFocus && (key !== shape || now.at)) focus();
    shape = key;
  }
  return { element, body, update, focus };
}

let fields = 0;
const nextId = () => `n${(fields += 1)}`; // one for each labelled field

/**
 * Label, minus, number box, plus.
 * @param {string} label
 * @param {(value: number) => void} onchange
 */
export function stepper(label, onchange) {
  const id = nextId();
  const box = h("input", { id, type: "number", inputmode: "numeric", step: 1 });
  const step = (by) => onchange(clamp(Number(box.value) + by, Number(box.min), Number(box.max)));
  const less = h(
    "button",
    { type: "button", "aria-label": `Less ${label.toLowerCase()}`, onclick: () => step(-1) },
    "\u2212",
  );
  const more = h(
    "button",
    { type: "button", "aria-label": `More ${label.toLowerCase()}`, onclick: () => step(1) },
    "+",
  );
  box.onchange = () =>
    onchange(clamp(Math.round(Number(box.value)) || Number(box.min), Number(box.min), Number(box.max)));
  const element = h("div.stepper", {}, h("label", { for: id }, label), h("div.box", {}, less, box, more));
  /** @type {(value: number, low: number, high: number) => void} */
  const update = (value, low, high) => {
    Object.assign(box, { min: low, max: high });
    box.value = value;
    less.setAttribute("aria-disabled", value <= low);
    more.setAttribute("aria-disabled", value >= high);
  };
  return { element, update };
}

/**
 * A labelled select.
 * @param {string} label
 * @param {any[][]} options - value and text of each
 * @param {(value: string) => void} onchange
 * @returns {{ element: HTMLElement, update: (value: string | number) => void }}
 */
export function chooser(label, options, onchange) {
  const id = nextId();
  const box = h(
    "select",
    { id, onchange: () => onchange(box.value) },
    ...options.map(([value, text]) => h("option", { value }, text)),
  );
  return { element: h("div.chooser", {}, h("label", { for: id }, label), box), update: (value) => (box.value = value) };
}

/**
 * A button that stays pressed.
 * @param {string} label
 * @param {(on: boolean) => void} onchange
 * @returns {{ element: HTMLElement, update: (on: boolean) => void }}
 */
export function toggle(label, onchange) {
  const element = h("button.toggle", { type: "button", "aria-pressed": "false" }, label);
  element.onclick = () => onchange(element.getAttribute("aria-pressed") !== "true");
  return { element, update: (on) => element.setAttribute("aria-pressed", Boolean(on)) };
}

/**
 * Play, Back, Step, speed. `step(by)` moves and returns false at the end; under reduced motion Play is one Step.
 * @param {{ step(by: number): boolean, rewind?(): void, onstop?(): void }} options
 */
export function player({ step, rewind, onstop }) {
  /** @type {any} */
  let timer = 0;
  let pace = 600;
  const play = h("button.play", { type: "button" }, "Play");
  const stop = () => {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    play.textContent = "Play";
    onstop?.();
  };
  const tick = () => {
    if (step(1)) timer = setTimeout(tick, pace);
    else stop();
  };
  const start = () => {
    if (reducedMotion()) return step(1);
    rewind?.();
    play.textContent = "Pause";
    timer = setTimeout(tick, pace);
  };
  const flip = () => (timer ? stop() : start());
  play.onclick = flip;
  /** @type {(n: number) => () => void} */
  const by = (n) => () => {
    stop();
    step(n);
  };
  const speed = h(
    "select",
    { "aria-label": "Speed", onchange: () => (pace = Number(speed.value)) },
    ...Object.entries({ 1200: "0.5\u00d7", 600: "1\u00d7", 200: "3\u00d7" })
      .reverse()
      .map(([value, text]) => h("option", { value }, text)),
  );
  speed.value = pace;
  const buttons = [
    play,
    h("button", { type: "button", onclick: by(-1) }, "Back"),
    h("button", { type: "button", onclick: by(1) }, "Step"),
    speed,
  ];
  return { buttons, stop, flip, playing: () => timer !== 0 };
}
