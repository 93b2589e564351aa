// @ts-check
// im2col unfolded: every window a column, the kernel a row, the convolution one matrix product.

import { ABOUT } from "./about.js";
import { clamp, grid, h, player, stepper } from "./controls.js";
import { fitKernel, kernelChooser, kernelName, weightGrid } from "./kernels.js";
import { by, geometry, isUnread, keepInside, padded, panel, sliding } from "./sliding.js";
import { greyColour, numeral, signedColour } from "./state.js";

/** @import { Figure, Place, View } from "./types.js" */

// ---- Arithmetic, pure (equal to cnncourse.convolution.im2col, tested) ---------------------------------------------

/** Where each number of the matrix comes from: [term][column] -> [y, x] in the padded input. */
export function sources(state) {
  const { rows, columns, size, stride } = geometry(state);
  return Array.from({ length: size * size }, (_, term) =>
    Array.from({ length: rows * columns }, (_, l) => [
      Math.floor(l / columns) * stride + Math.floor(term / size),
      (l % columns) * stride + (term % size),
    ]),
  );
}

/** The matrix of the unfolded input, one window a column. */
export function unfold(state) {
  const pixels = padded(state.input, state.padding);
  return sources(state).map((line) => line.map(([y, x]) => pixels[y][x]));
}

/** The product of the kernel's row and one column, up to `count` terms. */
export function partial(state, matrix, l, count) {
  return state.kernel
    .flat()
    .slice(0, count)
    .reduce((sum, weight, term) => sum + weight * matrix[term][l], 0);
}

/** The row of the product: one number a column. */
export function product(state) {
  const matrix = unfold(state);
  return matrix[0].map((_, l) => partial(state, matrix, l, matrix.length));
}

/** The next place of a walk through the product, term by term, column by column; null at its ends. */
export function walk({ l, term }, by, terms, columns) {
  const to = l * terms + (term - 1) + by;
  return to < 0 || to >= terms * columns ? null : { l: Math.floor(to / terms), term: (to % terms) + 1 };
}

/** A term of 0 stands for the whole product. */
export function normalise(state, before) {
  const next = keepInside(fitKernel(state, before));
  return { ...next, term: Math.min(next.term, next.kernel_size ** 2) };
}

const times = (count) => (count === 1 ? "once" : `${count} times`);

// ---- Drawing -----------------------------------------------------------------------------------------------------

/**
 * @param {Figure} figure
 * @returns {View}
 */
export function draw(figure) {
  /** @type {number | null} */
  let pointed = null; // the term under the mouse or in focus
  /** @type {Place | null} */
  let pixel = null; // [y, x] of the input cell under the mouse
  const slide = sliding(figure, {
    update,
    limits: [0, 9],
    oninput: (y, x) => slide.show(() => (pixel = y < 0 ? null : [y, x])),
  });
  /** @type {(l: number) => Place} */
  const cellOf = (l) => [Math.floor(l / geometry(figure.state()).columns), l % geometry(figure.state()).columns];
  const count = () => figure.state().kernel_size ** 2;
  const now = () => {
    const { row, column, term } = figure.state();
    return { l: row * geometry(figure.state()).columns + column, term: term || count() };
  };
  const settle = (l, term) => {
    play.stop();
    pointed = term;
    slide.preview(null);
    const [row, column] = cellOf(l);
    figure.set({ row, column, term: 0 });
  };
  const look = (term, l) =>
    slide.show(() => {
      pointed = term;
      slide.preview(cellOf(l));
    });
  const hover = (term, l) => figure.state().term || look(term, l);
  const forget = () => {
    pointed = pixel = null;
    slide.preview(null);
  };
  const leave = () => slide.show(forget);
  const pointTo = (term) => slide.show(() => (pointed = term));

  const matrix = grid({
    label: "Unfolded input: one column for each window.",
    role: "input",
    onhover: hover,
    onleave: leave,
    onmove: (term, l) => settle(l, term),
    onpick: (term, l) => settle(l, term),
    onescape: leave,
  });
  const weights = weightGrid(figure, {
    place: (_, j) => [Math.floor(j / figure.state().kernel_size), j % figure.state().kernel_size],
    onhover: (_, j) => pointTo(j),
    onleave: leave,
    onescape: leave,
  });
  const line = grid({
    label: "Product: one number for each column.",
    role: "output",
    onhover: (_, l) => hover(null, l),
    onleave: leave,
    onmove: (_, l) => settle(l, null),
    onpick: (_, l) => settle(l, null),
    onescape: leave,
  });
  const mark = h("div.mark", { "aria-hidden": "true" });
  matrix.element.append(mark);

  const play = player({
    step(by) {
      const { rows, columns } = geometry(figure.state());
      const to = walk(now(), by, count(), rows * columns);
      pointed = null;
      slide.preview(null);
      if (!to) {
        if (by > 0) figure.set({ term: 0 });
        return false;
      }
      const [row, column] = cellOf(to.l);
      figure.set({ row, column, term: to.term }, { commit: !play.playing() });
      return true;
    },
    rewind: () => figure.state().term || figure.set({ row: 0, column: 0, term: 1 }, { commit: false }),
    onstop: figure.commit,
  });

  const steppers = Object.fromEntries(
    [
      ["kernel_size", "Kernel size"],
      ["stride", "Stride"],
      ["padding", "Padding"],
    ].map(([name, label]) => [name, stepper(label, (value) => figure.set({ [name]: value, term: 0 }))]),
  );
  const chosen = kernelChooser(figure);
  const panels = {
    input: panel("input", "Input", slide.input),
    matrix: panel("input", "Unfolded", matrix),
    kernel: panel("kernel", "Kernel, as a row", weights),
    line: panel("output", "Kernel row times matrix", line),
    output: panel("output", "Output: the row, folded", slide.output),
  };
  const result = h("p.line");
  const code = h("code");
  const roll = h("div.roll", {}, panels.matrix.element, panels.line.element);
  const first = h("div.pair", {}, panels.input.element);
  const reading = h("div.stage.reading", {}, h("div.words", {}, result, h("p.line", {}, code)));
  figure.paper.append(
    h("div.controls", {}, chosen.element, ...Object.values(steppers).map((each) => each.element)),
    figure.bar(...play.buttons, slide.pencil.element),
    h("div.stage.product", {}, h("div.left", {}, first, panels.kernel.element), roll),
    reading,
  );

  function update(state) {
    const { padding, stride, kernel_size: size } = state;
    const shape = geometry(state);
    const pixels = padded(state.input, padding);
    const from = sources(state);
    const numbers = unfold(state);
    const terms = size * size;
    const row = product(state);
    const [i, j] = slide.at();
    const l = i * shape.columns + j;
    const done = state.term || terms;
    const current = pointed ?? (state.term ? done - 1 : null);
    const flat = state.kernel.flat();
    const limit = Math.max(...row.map(Math.abs));
    const weightLimit = Math.max(...flat.map(Math.abs));
    const isSource = (y, x) => current !== null && from[current][l][0] === y && from[current][l][1] === x;
    /** @type {(place: number[]) => boolean} */
    const isPixel = ([y, x]) => pixel !== null && pixel[0] === y && pixel[1] === x;
    const grey = (y, x) => (pixels[y][x] === undefined ? null : greyColour(pixels[y][x], 0, 9));
    const inside = (y, x) => state.input[y - padding]?.[x - padding] !== undefined;
    const shownAt = (at) => (!state.term || at < l ? row[at] : at > l ? null : partial(state, numbers, l, done));
    const outputCell = (at, name) => {
      const value = shownAt(at);
      return {
        text: value === null ? "" : numeral(value, { signed: true, digits: 1 }),
        rgb: value !== null && signedColour(value, limit),
        selected: at === l,
        classes: at === l ? "chosen" : "",
        label: `${name}: ${value === null ? "to come" : numeral(value)}`,
      };
    };

    slide.input.update({
      rows: shape.height,
      columns: shape.width,
      editable: slide.editing(),
      at: slide.editing() ? null : [i * stride, j * stride],
      cell(y, x) {
        const unread = isUnread({ ...shape, dilation: 1 }, y, x);
        const copies = from.flat().filter(([a, b]) => a === y && b === x).length;
        const classes = [
          !inside(y, x) && "pad",
          unread && "unread",
          isSource(y, x) && "term",
          isPixel([y, x]) && "changed",
        ];
        const place = inside(y, x) ? `Row ${y - padding}, column ${x - padding}` : "Padding";
        return {
          text: numeral(pixels[y][x]),
          rgb: inside(y, x) && grey(y, x),
          fixed: !inside(y, x),
          classes: classes.filter(Boolean).join(" "),
          selected: from.some((each) => each[l][0] === y && each[l][1] === x),
          label: `${place}: ${numeral(pixels[y][x])}, copied ${times(copies)}`,
        };
      },
    });
    matrix.update({
      rows: terms,
      columns: row.length,
      at: [current ?? 0, l],
      cell(term, at) {
        const [y, x] = from[term][at];
        const classes = [!inside(y, x) && "pad", at === l && term === current && "term", isPixel([y, x]) && "changed"];
        return {
          text: numeral(numbers[term][at]),
          rgb: inside(y, x) && grey(y, x),
          selected: at === l,
          classes: classes.filter(Boolean).join(" "),
          label: `Term ${term}, column ${at}: ${numeral(numbers[term][at])}, from row ${y - padding}, column ${x - padding}`,
        };
      },
    });
    weights.update({
      rows: 1,
      columns: terms,
      editable: true,
      cell: (_, term) => ({
        text: numeral(flat[term], { signed: true, fraction: true }),
        rgb: signedColour(flat[term], weightLimit),
        classes: term === current ? "term" : "",
        label: `Weight ${term}`,
      }),
    });
    line.update({ rows: 1, columns: row.length, at: [0, l], cell: (_, at) => outputCell(at, `Column ${at}`) });
    slide.output.update({
      rows: shape.rows,
      columns: shape.columns,
      at: [i, j],
      cell: (a, b) => outputCell(a * shape.columns + b, `Row ${a}, column ${b}`),
    });
    slide.place(state);
    Object.assign(mark.style, {
      left: `calc(var(--cell) * ${l})`,
      width: "calc(var(--cell) + 4px)",
      height: `calc(var(--cell) * ${terms} + 4px)`,
    });
    const cell = parseFloat(getComputedStyle(figure.paper).getPropertyValue("--cell"));
    if (l * cell < roll.scrollLeft || (l + 1) * cell > roll.scrollLeft + roll.clientWidth)
      roll.scrollLeft = (l + 1) * cell - roll.clientWidth / 2;

    const side = Math.min(shape.height, shape.width);
    for (const [name, most] of Object.entries({ kernel_size: Math.min(3, side), stride: 3, padding: 1 })) {
      steppers[name].update(state[name], ABOUT.settings[name].low, most);
    }
    chosen.update(kernelName(state.kernel));
    panels.input.note.textContent =
      by(state.input.length, state.input[0].length) + (padding ? `, padded ${by(shape.height, shape.width)}` : "");
    panels.matrix.note.textContent = `${by(terms, row.length)}: ${terms} weights, ${row.length} windows`;
    panels.kernel.note.textContent = by(1, terms);
    panels.line.note.textContent = by(1, row.length);
    panels.output.note.textContent = by(shape.rows, shape.columns);
    const sum = flat.slice(0, done).map((weight, term) => {
      const text = `${weight < 0 ? `(${numeral(weight)})` : numeral(weight, { fraction: true })}\u00b7${numeral(numbers[term][l])}`;
      return term === current ? h("b", {}, text) : text;
    });
    const value = numeral(partial(state, numbers, l, done));
    result.replaceChildren(
      h("b.output", {}, `column ${l}`),
      ": ",
      ...sum.flatMap((each, n) => (n ? [" + ", each] : [each])),
      " = ",
      h("b.output", {}, value),
      done < terms ? ` so far (${done} of ${terms})` : "",
      slide.pinned() ? " (pinned, Esc lets go)" : "",
    );
    const options = `${size}${stride > 1 ? `, stride=${stride}` : ""}${padding ? `, padding=${padding}` : ""}`;
    code.textContent = `(kernel.reshape(1, -1) @ im2col(input, ${options})).reshape(${shape.rows}, ${shape.columns})`;
    figure.say(
      pixel
        ? `This pixel stands ${times(from.flat().filter(isPixel).length)} in the matrix.`
        : `Column ${l}, window at row ${i}, column ${j}: ${done} of ${terms} products add up to ${value}.`,
    );
  }

  function layout(width) {
    const { rows, columns, size } = geometry(figure.state());
    const inside = width - 40;
    const beside = width < 600 ? first : reading; // on a phone the output is beside the input
    if (panels.output.element.parentElement !== beside)
      width < 600 ? first.append(panels.output.element) : reading.prepend(panels.output.element);
    const cells = width < 600 ? rows * columns : size * size + rows * columns;
    figure.paper.style.setProperty("--cell", `${Math.floor(clamp((inside - 40) / cells, 24, 32))}px`);
    figure.paper.style.setProperty("--beside", "var(--cell)");
  }
  return {
    update,
    layout,
    play: play.flip,
    reset() {
      play.stop();
      slide.reset();
      forget();
    },
  };
}
