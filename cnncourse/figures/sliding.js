// A window that slides over an input: the geometry of convolution and pooling, and the two grids that show it.

// ---- Arithmetic, pure (equal to cnncourse.geometry, tested) -------------------------------------------------------

export function outputSize(size, kernelSize, stride, padding, dilation = 1) {
  return Math.floor((size + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1;
}

export function padded(input, padding, value = 0) {
  const columns = input[0].length + 2 * padding;
  const blank = () => Array.from({ length: padding }, () => Array(columns).fill(value));
  const side = Array(padding).fill(value);
  return [...blank(), ...input.map((row) => [...side, ...row, ...side]), ...blank()];
}

/** Where everything is: sizes of the output and of the padded input, the window's reach, its stride. */
export function geometry({ input, kernel_size: size, stride, padding, dilation = 1 }) {
  return {
    rows: outputSize(input.length, size, stride, padding, dilation),
    columns: outputSize(input[0].length, size, stride, padding, dilation),
    height: input.length + 2 * padding,
    width: input[0].length + 2 * padding,
    reach: dilation * (size - 1) + 1,
    stride, padding, dilation, size,
  };
}

/** Whether a cell of the padded input is in no window: behind the last one, or between two strides or two dilated taps. */
export function isUnread({ rows, columns, reach, stride, dilation }, y, x) {
  const read = (place, count) => Array.from({ length: count }, (_, step) => place - step * stride)
    .some((from) => from >= 0 && from < reach && from % dilation === 0);
  return !read(y, rows) || !read(x, columns);
}

/** Keep the chosen output cell inside the output. */
export function keepInside(state) {
  const { rows, columns } = geometry(state);
  return { ...state, row: Math.min(state.row, rows - 1), column: Math.min(state.column, columns - 1) };
}

// ---- The two grids -----------------------------------------------------------------------------------------------

/**
 * Input grid with a draggable window, output grid, play. `update` is the figure's own; it asks `at()` for the cell to
 * show (previewed or chosen), `isToCome(i, j)` while playing, `pinned()`, `editing()`; and calls `place(state)` at its end.
 */
function sliding(figure, { update, limits, onpencil, oninput }) {
  let preview = null; // [row, column] under the mouse
  let pinned = false; // a click holds the place until Esc
  let reveal = null; // while playing: cells after this one are still to come
  let editing = false;
  let tight = false; // cells too small for two decimals
  const show = (change) => {
    change?.();
    update(figure.state());
  };
  const go = (row, column, options) => figure.set({ row, column }, options);
  const at = () => {
    const state = figure.state();
    const { rows, columns } = geometry(state);
    const [row, column] = preview ?? [state.row, state.column];
    return [Math.min(row, rows - 1), Math.min(column, columns - 1)];
  };
  const unpin = () => show(() => (pinned = false));

  // A step on the input grid is a step of the window, so it is as long as the stride.
  function moveWindow(y, x) {
    const { row, column, stride } = figure.state();
    const towards = (to, from) => (to > from * stride ? Math.ceil(to / stride) : Math.floor(to / stride));
    go(towards(y, row), towards(x, column));
  }
  // A click on an input cell brings the middle of the window to it, as near as the stride allows.
  function centre(y, x) {
    const { reach, stride } = geometry(figure.state());
    pinned = true;
    go(...[y, x].map((to) => Math.max(0, Math.round((to - (reach - 1) / 2) / stride))));
  }
  function edit(y, x, number) {
    const { padding, input: before } = figure.state();
    const values = before.map((row) => [...row]);
    if (values[y - padding]?.[x - padding] === undefined) return;
    values[y - padding][x - padding] = number;
    if (isValid(ABOUT.settings.input, values)) figure.set({ input: values });
    else figure.say(`A number from ${limits[0]} to ${limits[1]}, please`);
  }

  const input = grid({ label: "Input. Arrow keys move the window.", role: "input", onmove: moveWindow, onpick: centre,
    onedit: edit, onescape: unpin, onhover: oninput, onleave: () => oninput?.(-1, -1) });
  const output = grid({
    label: "Output. Arrow keys choose a cell.", role: "output", onmove: (i, j) => go(i, j), onescape: unpin,
    onhover: (i, j) => pinned || reveal !== null || show(() => (preview = [i, j])),
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
  let grab = null;
  ring.onpointerdown = (event) => {
    play.stop();
    ring.setPointerCapture(event.pointerId);
    ring.classList.add("held");
    grab = [event.clientY - ring.offsetTop, event.clientX - ring.offsetLeft];
    event.preventDefault();
  };
  ring.onpointermove = (event) => {
    const side = input.body.querySelector(".cell").offsetWidth;
    if (!grab) { // the mouse is over the cells under the ring
      const { left, top } = input.body.getBoundingClientRect();
      if (event.pointerType === "mouse") oninput?.(Math.floor((event.clientY - top) / side), Math.floor((event.clientX - left) / side));
      return;
    }
    const { row, column, stride } = figure.state();
    const step = side * stride;
    const to = [event.clientY - grab[0], event.clientX - grab[1]].map((offset) => Math.max(0, Math.round(offset / step)));
    if (to[0] !== row || to[1] !== column) go(...to, { commit: false });
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

  function place(state) {
    const { reach, stride } = geometry(state);
    const [row, column] = at();
    const cells = (count, more = "0px") => `calc(var(--cell) * ${count} + ${more})`;
    ring.hidden = editing;
    Object.assign(ring.style, { left: cells(column * stride), top: cells(row * stride), width: cells(reach, "4px"), height: cells(reach, "4px") });
    pencil.update(editing);
  }
  function reset() {
    play.stop();
    preview = null;
    pinned = editing = false;
  }
  /** Cells as large as the width allows: the input's, and those of the grids beside it that share what is left. */
  function layout(width, beside) {
    const { width: widest, columns, size } = geometry(figure.state());
    const stacked = width < 600;
    const inside = width - 40;
    const room = inside - 136; // without the signs, gaps and borders
    const shared = beside.includes("kernel") ? size : 0;
    const side = Math.floor(clamp(stacked ? inside / widest : room / (widest + columns + shared), 24, 38));
    const rest = stacked ? inside / Math.max(columns, shared) : (room - side * widest) / (columns + shared);
    figure.paper.style.setProperty("--cell", `${side}px`);
    tight = clamp(rest, side, 40) < 34;
    figure.paper.style.setProperty("--beside", `${Math.floor(clamp(rest, side, 40))}px`);
  }
  return { input, output, play, pencil, show, at, place, layout, reset, unpin, pinned: () => pinned, editing: () => editing,
    preview: (cell) => pinned || (preview = cell),
    digits: () => (tight ? 1 : 2),
    isToCome: (i, j) => reveal !== null && i * geometry(figure.state()).columns + j > reveal };
}

/** A titled panel with a line for its size; `note` is that line. */
function panel(role, title, body) {
  const note = h("p");
  return { note, element: h(`div.panel.${role}`, {}, h("div.title", {}, title), note, body.element) };
}

const by = (rows, columns) => `${rows} \u00d7 ${columns}`;

/** The formula of the output size with the numbers in it, in the colours of the roles. */
function sizeFormula(state) {
  const { dilation = 1, padding, stride, kernel_size: size, input } = state;
  const line = (length, name) => [`${name} = \u230a(`, h("b.input", {}, String(length)),
    ` + 2\u00b7${padding} \u2212 ${dilation}\u00b7(`, h("b.kernel", {}, String(size)), ` \u2212 1) \u2212 1) / ${stride}\u230b + 1 = `,
    h("b.output", {}, String(outputSize(length, size, stride, padding, dilation)))];
  if (input.length === input[0].length) return line(input.length, "size");
  return [...line(input.length, "height"), h("br"), ...line(input[0].length, "width")];
}
