// Convolution explorer: one kernel over one small input; every output cell as the sum of its products.

// ---- Arithmetic, pure (equal to cnncourse.geometry and cnncourse.conv2d, tested) ----------------------------------

export function outputSize(size, kernelSize, stride, padding, dilation) {
  return Math.floor((size + 2 * padding - dilation * (kernelSize - 1) - 1) / stride) + 1;
}

export function padded(input, padding) {
  const columns = input[0].length + 2 * padding;
  const blank = () => Array.from({ length: padding }, () => Array(columns).fill(0));
  const side = Array(padding).fill(0);
  return [...blank(), ...input.map((row) => [...side, ...row, ...side]), ...blank()];
}

/** The products of one output cell: [{ i, j, y, x, value, weight }], places in the padded input. */
export function terms({ input, kernel, stride, padding, dilation }, row, column) {
  const pixels = padded(input, padding);
  return kernel.flatMap((weights, i) => weights.map((weight, j) => {
    const y = row * stride + i * dilation;
    const x = column * stride + j * dilation;
    return { i, j, y, x, value: pixels[y][x], weight };
  }));
}

export const total = (products) => products.reduce((sum, { value, weight }) => sum + value * weight, 0);

export function convolve(state) {
  const { input, kernel, stride, padding, dilation } = state;
  const rows = outputSize(input.length, kernel.length, stride, padding, dilation);
  const columns = outputSize(input[0].length, kernel[0].length, stride, padding, dilation);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => total(terms(state, row, column))));
}

/** Kernels by name, for any size. */
export const KERNELS = {
  vertical: ["Vertical edge", (size) => fill(size, (i, j) => Math.sign(j - (size - 1) / 2))],
  horizontal: ["Horizontal edge", (size) => fill(size, (i) => Math.sign(i - (size - 1) / 2))],
  mean: ["Mean (blur)", (size) => fill(size, () => Number((1 / size ** 2).toPrecision(6)))],
  outline: ["Outline", (size) => fill(size, (i, j) => (isMiddle(size, i, j) ? size ** 2 - 1 : -1))],
  copy: ["Copy", (size) => fill(size, (i, j) => Number(isMiddle(size, i, j)))],
};
const fill = (size, weight) =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (size === 1 ? 1 : weight(i, j) + 0)));
const isMiddle = (size, i, j) => i === Math.floor((size - 1) / 2) && j === i;

export function kernelName(kernel) {
  return Object.keys(KERNELS).find((name) => same(KERNELS[name][1](kernel.length), kernel)) ?? "own";
}

/** A named kernel stays itself in another size; your own keeps its corner and gains zeros. */
function resize(kernel, size) {
  const name = kernelName(kernel);
  return name === "own" ? fill(size, (i, j) => kernel[i]?.[j] ?? 0) : KERNELS[name][1](size);
}

/** Make every state one that can be computed: a square kernel of its size that fits into the padded input. */
export function normalise(state, before) {
  const next = { ...state };
  const side = Math.min(next.input.length, next.input[0].length) + 2 * next.padding;
  if (next.kernel.length !== next.kernel[0].length) next.kernel = before.kernel;
  if (!same(next.kernel, before.kernel)) next.kernel_size = next.kernel.length;
  next.kernel_size = Math.min(next.kernel_size, side);
  if (next.kernel.length !== next.kernel_size) next.kernel = resize(next.kernel, next.kernel_size);
  while (next.dilation * (next.kernel_size - 1) + 1 > side) next.dilation -= 1;
  const size = (length) => outputSize(length, next.kernel_size, next.stride, next.padding, next.dilation);
  next.row = Math.min(next.row, size(next.input.length) - 1);
  next.column = Math.min(next.column, size(next.input[0].length) - 1);
  return next;
}

// ---- Drawing -----------------------------------------------------------------------------------------------------

const weight = (value) => numeral(value, { signed: true });

function draw(figure) {
  let preview = null; // [row, column] under the mouse
  let pinned = false; // a click holds the place until Esc
  let term = null; // [i, j] of the product under the mouse or in focus
  let reveal = null; // while playing: cells after this one are still to come
  let editing = false;

  const at = () => preview ?? [figure.state().row, figure.state().column];
  const show = (change) => {
    change();
    update(figure.state());
  };
  const go = (row, column, options) => figure.set({ row, column }, options);
  const hover = (row, column) => pinned || reveal !== null || show(() => (preview = [row, column]));
  const leave = () => show(() => (preview = term = null));
  const pick = (row, column) => {
    play.stop();
    preview = null;
    pinned = true;
    go(row, column);
  };
  const unpin = () => show(() => (pinned = false, term = null));
  const point = (i, j) => show(() => (term = [i, j]));
  const edit = (name) => (i, j, number) => {
    const shift = name === "input" ? figure.state().padding : 0;
    const values = figure.state()[name].map((row) => [...row]);
    if (values[i - shift]?.[j - shift] === undefined) return;
    values[i - shift][j - shift] = number;
    if (isValid(ABOUT.settings[name], values)) figure.set({ [name]: values });
    else figure.say(`A number from ${ABOUT.settings[name].low} to ${ABOUT.settings[name].high}, please`);
  };

  // A step on the input grid is a step of the kernel, so it is as long as the stride.
  const moveWindow = (y, x) => {
    const { row, column, stride } = figure.state();
    const towards = (to, from) => (to > from * stride ? Math.ceil(to / stride) : Math.floor(to / stride));
    go(towards(y, row), towards(x, column));
  };
  const input = grid({ label: "Input. Arrow keys move the kernel.", role: "input", onmove: moveWindow, onescape: unpin,
    onpick: (y, x) => placeWindow(y, x), onedit: edit("input") });
  const kernel = grid({ label: "Kernel. Type to change a weight.", role: "kernel", onedit: edit("kernel"), onhover: point,
    onleave: leave, onescape: unpin });
  const output = grid({ label: "Output. Arrow keys choose a cell.", role: "output", onmove: (i, j) => go(i, j), onhover: hover,
    onleave: leave, onpick: pick, onescape: unpin });
  const sum = grid({ label: "Products of the chosen output cell.", role: "sum", onhover: point, onleave: leave, onpick: point,
    onmove: (i, j) => (sum.at = [i, j], point(i, j)), onescape: unpin });

  const ring = h("div.ring", { "aria-hidden": "true" });
  input.element.append(ring);
  const cell = () => input.body.querySelector(".cell").offsetWidth;
  // A click on an input cell brings the middle of the kernel to it, as near as the stride allows.
  const placeWindow = (y, x) => {
    const { kernel_size: size, stride, dilation } = figure.state();
    const half = (dilation * (size - 1)) / 2;
    pinned = true;
    go(Math.max(0, Math.round((y - half) / stride)), Math.max(0, Math.round((x - half) / stride)));
  };
  let grab = null;
  ring.onpointerdown = (event) => {
    play.stop();
    ring.setPointerCapture(event.pointerId);
    ring.classList.add("held");
    grab = [event.clientY - ring.offsetTop, event.clientX - ring.offsetLeft];
    event.preventDefault();
  };
  ring.onpointermove = (event) => {
    if (!grab) return;
    const step = cell() * figure.state().stride;
    const [row, column] = [event.clientY - grab[0], event.clientX - grab[1]].map((to) => Math.max(0, Math.round(to / step)));
    if (row !== figure.state().row || column !== figure.state().column) go(row, column, { commit: false });
  };
  ring.onpointerup = ring.onpointercancel = () => {
    grab = null;
    ring.classList.remove("held");
    figure.commit();
  };

  const play = player({
    step(by) {
      const { row, column } = figure.state();
      const { rows, columns } = sizes(figure.state());
      const to = row * columns + column + by;
      if (to < 0 || to >= rows * columns) return false;
      preview = null;
      if (reveal !== null) reveal = to;
      go(Math.floor(to / columns), to % columns, { commit: !play.playing() });
      return true;
    },
    rewind() {
      const { row, column } = figure.state();
      const { rows, columns } = sizes(figure.state());
      if (row === rows - 1 && column === columns - 1) go(0, 0, { commit: false });
      reveal = figure.state().row * columns + figure.state().column;
      update(figure.state());
    },
    onstop() {
      reveal = null;
      update(figure.state());
      figure.commit();
    },
  });
  const sizes = (state) => ({
    rows: outputSize(state.input.length, state.kernel_size, state.stride, state.padding, state.dilation),
    columns: outputSize(state.input[0].length, state.kernel_size, state.stride, state.padding, state.dilation),
  });

  const steppers = Object.fromEntries(["Kernel size", "Stride", "Padding", "Dilation"].map((label) => {
    const name = label.toLowerCase().replace(" ", "_");
    return [name, stepper(label, (value) => figure.set({ [name]: value }))];
  }));
  const chosen = chooser("Kernel", [...Object.entries(KERNELS).map(([name, [text]]) => [name, text]), ["own", "Your own"]],
    (name) => name !== "own" && figure.set({ kernel: KERNELS[name][1](figure.state().kernel_size) }));
  const pencil = toggle("Edit input", (on) => show(() => (editing = on)));

  const panel = (role, title, body) => {
    const note = h("p");
    return { note, element: h(`div.panel.${role}`, {}, h("div.title", {}, title), note, body.element) };
  };
  const panels = { input: panel("input", "Input", input), kernel: panel("kernel", "Kernel", kernel),
    output: panel("output", "Output", output) };
  const result = h("p.line");
  const formula = h("p.line.formula");
  const code = h("code");
  figure.paper.append(
    h("div.controls", {}, chosen.element, ...Object.values(steppers).map((each) => each.element)),
    h("div.stage", {}, panels.input.element, h("div.sign", { "aria-hidden": "true" }, "\u22c6"), panels.kernel.element,
      h("div.sign", { "aria-hidden": "true" }, "="), panels.output.element),
    h("div.stage.reading", {}, sum.element, h("div.words", {}, result, formula, h("p.line", {}, code))),
    figure.bar(...play.buttons, pencil.element));

  function update(state) {
    const { stride, padding, dilation, kernel_size: size } = state;
    const pixels = padded(state.input, padding);
    const values = convolve(state);
    const [rows, columns] = [values.length, values[0].length];
    const [row, column] = at().map((to, axis) => Math.min(to, [rows, columns][axis] - 1));
    const products = terms(state, row, column);
    const answer = total(products);
    const limit = Math.max(...values.flat().map(Math.abs));
    const weightLimit = Math.max(...state.kernel.flat().map(Math.abs));
    const isTerm = (i, j) => term && term[0] === i && term[1] === j;
    const reach = dilation * (size - 1) + 1;
    const unread = (y, x) => y >= (rows - 1) * stride + reach || x >= (columns - 1) * stride + reach || inGap(y, rows) || inGap(x, columns);
    const inGap = (place, count) => !Array.from({ length: count }, (_, step) => place - step * stride)
      .some((from) => from >= 0 && from < reach && from % dilation === 0);

    input.update({
      rows: pixels.length, columns: pixels[0].length, editable: editing, at: editing ? null : [row * stride, column * stride],
      cell(y, x) {
        const inside = y >= padding && x >= padding && y < pixels.length - padding && x < pixels[0].length - padding;
        const product = products.find((each) => each.y === y && each.x === x);
        const classes = [!inside && "pad", unread(y, x) && "unread", product && dilation > 1 && "read",
          product && isTerm(product.i, product.j) && "term"].filter(Boolean).join(" ");
        const place = inside ? `Row ${y - padding}, column ${x - padding}` : "Padding";
        return { text: numeral(pixels[y][x]), rgb: inside && greyColour(pixels[y][x], 0, 9), classes, selected: Boolean(product),
          label: `${place}: ${numeral(pixels[y][x])}${unread(y, x) ? ", never read" : ""}`, fixed: !inside };
      },
    });
    kernel.update({
      rows: size, columns: size, editable: true,
      cell: (i, j) => ({ text: weight(state.kernel[i][j]), rgb: signedColour(state.kernel[i][j], weightLimit),
        classes: isTerm(i, j) ? "term" : "", label: `Weight row ${i}, column ${j}` }),
    });
    output.update({
      rows, columns, at: [row, column],
      cell(i, j) {
        const hidden = reveal !== null && i * columns + j > reveal;
        const here = i === row && j === column;
        return { text: hidden ? "" : weight(values[i][j]), rgb: hidden ? null : signedColour(values[i][j], limit),
          classes: here ? "chosen" : "", selected: here,
          label: `Row ${i}, column ${j}: ${hidden ? "to come" : numeral(values[i][j])}` };
      },
    });
    sum.update({
      rows: size, columns: size, at: term,
      cell(i, j) {
        const { value, weight: factor } = products[i * size + j];
        const text = `${numeral(value)} \u00d7 ${factor < 0 ? `(${numeral(factor)})` : numeral(factor)}`;
        return { text, label: `${text} = ${numeral(value * factor)}`, classes: isTerm(i, j) ? "term" : value * factor ? "" : "nought" };
      },
    });
    ring.hidden = editing;
    const unit = (count) => `calc(var(--cell) * ${count})`;
    Object.assign(ring.style, { left: unit(column * stride), top: unit(row * stride), width: `calc(${unit(reach)} + 4px)`,
      height: `calc(${unit(reach)} + 4px)` });

    const bounds = { kernel_size: Math.min(5, pixels.length, pixels[0].length), stride: 4, padding: 2,
      dilation: size === 1 ? 3 : Math.min(3, Math.floor((Math.min(pixels.length, pixels[0].length) - 1) / (size - 1))) };
    for (const [name, { update: put }] of Object.entries(steppers)) put(state[name], ABOUT.settings[name].low, bounds[name]);
    chosen.update(kernelName(state.kernel));
    pencil.update(editing);
    const by = (a, b) => `${a} \u00d7 ${b}`;
    panels.input.note.textContent = by(state.input.length, state.input[0].length) +
      (padding ? `, padded ${by(pixels.length, pixels[0].length)}` : "");
    panels.kernel.note.textContent = by(size, size) + (dilation > 1 ? `, reaching ${by(reach, reach)}` : "");
    panels.output.note.textContent = by(rows, columns);
    result.replaceChildren("The sum of the products: ", h("b.output", {}, `output[${row}, ${column}] = ${numeral(answer)}`),
      pinned ? " (pinned, Esc lets go)" : "");
    const ask = (length, symbol) => [`${symbol} = \u230a(`, h("b.input", {}, String(length)), ` + 2\u00b7${padding} \u2212 ${dilation}\u00b7(`,
      h("b.kernel", {}, String(size)), ` \u2212 1) \u2212 1) / ${stride}\u230b + 1 = `,
      h("b.output", {}, String(outputSize(length, size, stride, padding, dilation)))];
    const square = state.input.length === state.input[0].length;
    formula.replaceChildren(...ask(state.input.length, square ? "size" : "height"),
      ...(square ? [] : [h("br"), ...ask(state.input[0].length, "width")]));
    const slice = (from) => `${from}:${from + reach}${dilation > 1 ? `:${dilation}` : ""}`;
    code.textContent = `output[${row}, ${column}] = (${padding ? "padded" : "input"}[${slice(row * stride)}, ${slice(column * stride)}] * kernel).sum()`;
    figure.say(`Output row ${row}, column ${column}: ${products.map(({ value, weight: factor }) =>
      `${numeral(value)} times ${numeral(factor)}`).join(" plus ")} is ${numeral(answer)}. The output is ${by(rows, columns)}.`);
  }

  function layout(width) {
    const state = figure.state();
    const { columns } = sizes(state);
    const widest = state.input[0].length + 2 * state.padding;
    const inside = width - 40;
    const stacked = width < 600;
    const side = Math.floor(clamp(stacked ? inside / widest : (inside - 120) / (2 * widest + 1), 24, 38));
    // what the input leaves is shared by kernel and output, whose numbers are longer
    const rest = stacked ? inside / Math.max(columns, state.kernel_size) : (inside - 120 - side * widest) / (columns + state.kernel_size);
    const wide = Math.floor(clamp(rest, side, 40));
    figure.paper.style.setProperty("--cell", `${side}px`);
    for (const each of [kernel, output]) each.element.style.setProperty("--cell", `${wide}px`);
    sum.element.style.setProperty("--wide", `${Math.floor(clamp((inside - 8) / state.kernel_size, 44, 84))}px`);
  }

  return {
    update: (state) => (layout(figure.paper.clientWidth), update(state)),
    layout,
    play: play.flip,
    reset: () => (play.stop(), (preview = term = null), (pinned = editing = false)),
  };
}

export default defineFigure({ normalise, draw });
