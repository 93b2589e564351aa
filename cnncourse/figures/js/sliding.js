// @ts-check
// A window that slides over an input: the geometry of convolution and pooling, and the two grids that show it.

import { ABOUT } from "./about.js";
import { clamp, grid, h, player, toggle } from "./controls.js";
import { isValid } from "./state.js";

/** @import { Figure, Place, State } from "./types.js" */

// ---- Arithmetic, pure (equal to cnncourse.geometry, tested) -------------------------------------------------------

/** @type {(size: number, kernelSize: number, stride: number, padding: number, dilation?: number) => number} */
export function outputSize(size, kernelSize, stride, padding, dilation = 1) {
  return Math.floor((size + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1;
}

/**
 * @param {number[][]} input
 * @param {number} padding
 * @param {number} [value]
 * @returns {number[][]}
 */
export function padded(input, padding, value = 0) {
  const columns = input[0].length + 2 * padding;
  const blank = () => Array.from({ length: padding }, () => Array(columns).fill(value));
  const side = Array(padding).fill(value);
  return [...blank(), ...input.map((row) => [...side, ...row, ...side]), ...blank()];
}

/**
 * Where everything is: sizes of the output and of the padded input, the window's reach, its stride.
 * @param {State} state
 */
export function geometry({ input, kernel_size: size, stride, padding, dilation = 1 }) {
  return {
    rows: outputSize(input.length, size, stride, padding, dilation),
    columns: outputSize(input[0].length, size, stride, padding, dilation),
    height: input.length + 2 * padding,
    width: input[0].length + 2 * padding,
    reach: dilation * (size - 1) + 1,
    stride,
    padding,
    dilation,
    size,
  };
}

/**
 * Whether a cell of the padded input is in no window: behind the last one, or between two strides or two dilated taps.
 * @param {ReturnType<typeof geometry>} shape
 * @param {number} y
 * @param {number} x
 */
export function isUnread({ rows, columns, reach, stride, dilation }, y, x) {
  /** @type {(place: number, count: number) => boolean} */
  const read = (place, count) =>
    Array.from({ length: count }, (_, step) => place - step * stride).some(
      (from) => from >= 0 && from < reach && from % dilation === 0,
    );
  return !read(y, rows) || !read(x, columns);
}

/**
 * Keep the chosen output cell inside the output.
 * @param {State} state
 * @returns {State}
 */
export function keepInside(state) {
  const { rows, columns } = geometry(state);
  return { ...state, row: Math.min(state.row, rows - 1), column: Math.min(state.column, columns - 1) };
}

// ---- The two grids -----------------------------------------------------------------------------------------------

/**
 * Input grid with a draggable window, output grid, play. `update` is the figure's own; it asks `at()` for the cell to
 * show (previewed or chosen), `isToCome(i, j)` while playing, `pinned()`, `editing()`; and calls `place(state)` at its end.
 * @param {Figure} figure
 * @param {{
 *   update(state: State): void, limits: number[], onpencil?(on: boolean): void, oninput?(y: number, x: number): void
 * }} options
 */
export function sliding(figure, { update, limits, onpencil, oninput }) {
  /** @type {Place | null} */
  let preview = null; // [row, column] under the mouse
  let pinned = false; // a click holds the place until Esc
  /** @type {number | null} */
  let reveal = null; // while playing: cells after this one are still to come
  let editing = false;
  let tight = false; // cells too small for two decimals
  /** @type {(change?: () => void) => void} */
  const show = (change) => {
    change?.();
    update(figure.state());
  };
  /** @type {(row: number, column: number, options?: { commit?: boolean }) => void} */
  const go = (row, column, options) => figure.set({ row, column }, options);
  /** @type {() => Place} */
  const at = () => {
    const state = figure.state();
    const { rows, columns } = geometry(state);
    const [row, column] = preview ?? [state.row, state.column];
    return [Math.min(row, rows - 1), Math.min(column, columns - 1)];
  };
  const unpin = () => show(() => (pinned = false));

  // A step on the input grid is a step of the window, so it is as long as the stride.
  /** @type {(y: number, x: number) => void} */
  function moveWindow(y, x) {
    const { row, column, stride } = figure.state();
    /** @type {(to: number, from: number) => number} */
    const towards = (to, from) => (to > from * stride ? Math.ceil(to / stride) : Math.floor(to / stride));
    go(towards(y, row), towards(x, column));
  }
  // A click on an input cell brings the middle of the window to it, as near as the stride allows.
  /** @type {(y: number, x: number) => void} */
  function centre(y, x) {
    const { reach, stride } = geometry(figure.state());
    pinned = true;
    /** @type {(to: number) => number} */
    const first = (to) => Math.max(0, Math.round((to - (reach - 1) / 2) / stride));
    go(first(y), first(x));
  }
  /** @type {(y: number, x: number, number: number) => void} */
  function edit(y, x, number) {
    const { padding, input: before } = figure.state();
    const values = before.map((/** @type {number[]} */ row) => [...row]);
    if (values[y - padding]?.[x - padding] === undefined) return;
    values[y - padding][x - padding] = number;
    if (isValid(ABOUT.settings.input, values)) figure.set({ input: values });
    else figure.say(`A number from ${limits[0]} to ${limits[1]}, please`);
  }

  const input = grid({
    label: "Input. Arrow keys move the window.",
    role: "input",
    onmove: moveWindow,
    onpick: centre,
    onedit: edit,
    onescape: unpin,
    onhover: oninput,
    onleave: () => oninput?.(-1, -1),
  });
  const output = grid({
    label: "Output. Arrow keys choose a cell.",
    role: "output",
    onmove: (i, j) => go(i, j),
    onescape: unpin,
    onhover(i, j) {
      if (!pinned && reveal === null) show(() => (preview = [i, j]));
    },
    onleave: () => show(() => (preview = null)),
    onpick(i, j) {
      play.stop();
      preview = null;
      pinned = true;
      go(i, j);
    },
  });

  const ring = h("div.ring", { "aria-hidden": "true" });
  input.element.append(ring);
  /** @type {Place | null} */
  let grab = null;
  ring.onpointerdown = (/** @type {PointerEvent} */ event) => {
    play.stop();
    ring.setPointerCapture(event.pointerId);
    ring.classList.add("held");
    grab = [event.clientY - ring.offsetTop, event.clientX - ring.offsetLeft];
    event.preventDefault();
  };
  ring.onpointermove = (/** @type {PointerEvent} */ event) => {
    const side = /** @type {HTMLElement} */ (input.body.querySelector(".cell")).offsetWidth;
    if (!grab) {
      // the mouse is over the cells under the ring
      const { left, top } = input.body.getBoundingClientRect();
      if (event.pointerType === "mouse")
        oninput?.(Math.floor((event.clientY - top) / side), Math.floor((event.clientX - left) / side));
      return;
    }
    const { row, column, stride } = figure.state();
    const step = side * stride;
    /** @type {(offset: number) => number} */
    const cell = (offset) => Math.max(0, Math.round(offset / step));
    const [i, j] = [cell(event.clientY - grab[0]), cell(event.clientX - grab[1])];
    if (i !== row || j !== column) go(i, j, { commit: false });
  };
  ring.onpointerleave = () => grab || oninput?.(-1, -1);
  ring.onpointerup = ring.onpointercancel = () => {
    grab = null;
    ring.classList.remove("held");
    figure.commit();
  };

  const play = player({
    step(by) {
      const { row, column } = figure.state();
      const { rows, columns } = geometry(figure.state());
      const to = row * columns + column + by;
      if (to < 0 || to >= rows * columns) return false;
      preview = null;
      if (reveal !== null) reveal = to;
      go(Math.floor(to / columns), to % columns, { commit: !play.playing() });
      return true;
    },
    rewind() {
      const { row, column } = figure.state();
      const { rows, columns } = geometry(figure.state());
      if (row === rows - 1 && column === columns - 1) go(0, 0, { commit: false });
      reveal = figure.state().row * columns + figure.state().column;
      show();
    },
    onstop() {
      show(() => (reveal = null));
      figure.commit();
    },
  });
  const pencil = toggle("Edit input", (on) => {
    onpencil?.(on);
    show(() => (editing = on));
  });

  /** @param {State} state */
  function place(state) {
    const { reach, stride } = geometry(state);
    const [row, column] = at();
    /** @type {(count: number, more?: string) => string} */
    const cells = (count, more = "0px") => `calc(var(--cell) * ${count} + ${more})`;
    ring.hidden = editing;
    Object.assign(ring.style, {
      left: cells(column * stride),
      top: cells(row * stride),
      width: cells(reach, "4px"),
      height: cells(reach, "4px"),
    });
    pencil.update(editing);
  }
  function reset() {
    play.stop();
    preview = null;
    pinned = editing = false;
  }
  /**
   * Cells as large as the width allows: the input's, and those of the grids beside it that share what is left.
   * @param {number} width
   * @param {string[]} beside
   */
  function layout(width, beside) {
    const { width: widest, columns, size } = geometry(figure.state());
    const inside = width - 40;
    const room = inside - 136; // without the signs, gaps and borders
    const shared = beside.includes("kernel") ? size : 0;
    const pair = Math.floor((width - 24) / (widest + columns)); // a phone's cells, both grids side by side
    const paired = width < 600 && pair >= 20;
    figure.paper.classList.toggle("paired", paired);
    let side = Math.floor(clamp(room / (widest + columns + shared), 24, 38));
    let rest = (room - side * widest) / (columns + shared);
    if (paired) side = rest = Math.min(pair, 38);
    else if (width < 600) {
      side = Math.floor(clamp(inside / widest, 24, 38));
      rest = inside / Math.max(columns, shared);
    }
    rest = Math.floor(clamp(rest, side, 40));
    tight = rest < 34;
    figure.paper.style.setProperty("--cell", `${side}px`);
    figure.paper.style.setProperty("--beside", `${rest}px`);
  }
  return {
    input,
    output,
    play,
    pencil,
    show,
    at,
    place,
    layout,
    reset,
    unpin,
    pinned: () => pinned,
    editing: () => editing,
    /** @type {(cell: Place | null) => any} */
    preview: (cell) => pinned || (preview = cell),
    digits: () => (tight ? 1 : 2),
    /** @type {(i: number, j: number) => boolean} */
    isToCome: (i, j) => reveal !== null && i * geometry(figure.state()).columns + j > reveal,
  };
}

/**
 * A titled panel with a line for its size; `note` is that line.
 * @param {string} role
 * @param {string} title
 * @param {{ element: HTMLElement }} body
 */
export function panel(role, title, body) {
  const note = h("p");
  return { note, element: h(`div.panel.${role}`, {}, h("div.title", {}, title), note, body.element) };
}

/** @type {(rows: number, columns: number) => string} */
export const by = (rows, columns) => `${rows} \u00d7 ${columns}`;

/**
 * The formula of the output size with the numbers in it, in the colours of the roles.
 * @param {State} state
 */
export function sizeFormula(state) {
  const { dilation = 1, padding, stride, kernel_size: size, input } = state;
  /** @type {(length: number, name: string) => any[]} */
  const line = (length, name) => [
    `${name} = \u230a(`,
    h("b.input", {}, String(length)),
    ` + 2\u00b7${padding} \u2212 ${dilation}\u00b7(`,
    h("b.kernel", {}, String(size)),
    ` \u2212 1) \u2212 1) / ${stride}\u230b + 1 = `,
    h("b.output", {}, String(outputSize(length, size, stride, padding, dilation))),
  ];
  if (input.length === input[0].length) return line(input.length, "size");
  return [...line(input.length, "height"), h("br"), ...line(input[0].length, "width")];
}
