// @ts-check
// Pooling explorer: the maximum or the average of each window, the edge of the picture, and what a shift changes.

import { ABOUT } from "./about.js";
import { chooser, h, stepper } from "./controls.js";
import { by, geometry, isUnread, keepInside, panel, sizeFormula, sliding } from "./sliding.js";
import { numeral, signedColour } from "./state.js";

/** @import { Figure, View } from "./types.js" */

// ---- Arithmetic, pure (equal to cnncourse.pooling, tested) --------------------------------------------------------

/** The input moved to the right; its first column is repeated. */
export function shifted(input, shift) {
  return input.map((row) => row.map((_, x) => row[Math.max(0, x - shift)]));
}

/** The cells of one window: [{ y, x, value, inside }]; outside the input the value is 0 or, where left out, null. */
export function windowCells({ input, shift, kernel_size: size, stride, padding, fill }, row, column) {
  const pixels = shifted(input, shift);
  return Array.from({ length: size * size }, (_, n) => {
    const y = row * stride + Math.floor(n / size);
    const x = column * stride + (n % size);
    const value = pixels[y - padding]?.[x - padding];
    return { y, x, inside: value !== undefined, value: value ?? (fill === "zero" ? 0 : null) };
  });
}

export function pool(state, row, column) {
  const values = windowCells(state, row, column)
    .map(({ value }) => value)
    .filter((value) => value !== null);
  return state.kind === "max" ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function poolAll(state) {
  const { rows, columns } = geometry(state);
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => pool(state, i, j)));
}

/** How many cells of two equally large arrays differ. */
export function countChanged(before, after) {
  return before.flat().filter((value, n) => value !== after.flat()[n]).length;
}

/** Make every state one that can be computed: a window no larger than the input, padding at most half of it. */
export function normalise(state) {
  const next = { ...state };
  next.kernel_size = Math.min(next.kernel_size, next.input.length, next.input[0].length);
  next.padding = Math.min(next.padding, Math.floor(next.kernel_size / 2));
  return keepInside(next);
}

// ---- Drawing -----------------------------------------------------------------------------------------------------

/**
 * @param {Figure} figure
 * @returns {View}
 */
export function draw(figure) {
  // The pencil draws on what is seen, so the shift becomes part of the input first.
  const bake = () => figure.set({ input: shifted(figure.state().input, figure.state().shift), shift: 0 });
  const slide = sliding(figure, { update, limits: [-9, 9], onpencil: bake });

  const kind = chooser(
    "Keep",
    [
      ["max", "the maximum"],
      ["average", "the average"],
    ],
    (value) => figure.set({ kind: value }),
  );
  const fill = chooser(
    "Padding is",
    [
      ["nothing", "left out (\u2212\u221e)"],
      ["zero", "the number 0"],
    ],
    (value) => figure.set({ fill: value }),
  );
  const steppers = Object.fromEntries(
    [
      ["kernel_size", "Window"],
      ["stride", "Stride"],
      ["padding", "Padding"],
      ["shift", "Shift right"],
    ].map(([name, label]) => [name, stepper(label, (value) => figure.set({ [name]: value }))]),
  );
  const panels = { input: panel("input", "Input", slide.input), output: panel("output", "Output", slide.output) };
  const result = h("p.line");
  const formula = h("p.line.formula");
  const code = h("code");
  const moved = h("p.line.moved");
  const edge = h("p.line");
  figure.paper.append(
    h("div.controls", {}, kind.element, fill.element),
    h("div.controls", {}, ...Object.values(steppers).map((each) => each.element)),
    figure.bar(...slide.play.buttons, slide.pencil.element),
    h("div.stage", {}, panels.input.element, h("div.sign", { "aria-hidden": "true" }, "\u2192"), panels.output.element),
    h("div.words", {}, moved, edge, result, formula, h("p.line", {}, code)),
  );

  function update(state) {
    const { stride, padding, kernel_size: size, shift } = state;
    const shape = geometry(state);
    const pixels = shifted(state.input, shift);
    const values = poolAll(state);
    const before = poolAll({ ...state, shift: 0 });
    const [row, column] = slide.at();
    const cells = windowCells(state, row, column);
    const answer = values[row][column];
    const winner = state.kind === "max" && cells.find(({ value }) => value === answer);
    const limit = Math.max(...pixels.flat().map(Math.abs));
    const outside = state.fill === "zero" ? "0" : state.kind === "max" ? "\u2212\u221e" : "";

    slide.input.update({
      rows: shape.height,
      columns: shape.width,
      editable: slide.editing(),
      at: slide.editing() ? null : [row * stride, column * stride],
      cell(y, x) {
        const value = pixels[y - padding]?.[x - padding];
        const inside = value !== undefined;
        const unread = isUnread({ ...shape, dilation: 1 }, y, x);
        const wins = winner && winner.y === y && winner.x === x;
        const classes = [
          !inside && "pad",
          unread && "unread",
          wins && "chosen",
          inside && value !== state.input[y - padding][x - padding] && "changed",
        ];
        const name = inside
          ? `Row ${y - padding}, column ${x - padding}: ${numeral(value)}`
          : `Padding: ${outside || "left out"}`;
        return {
          text: inside ? numeral(value, { signed: true }) : outside,
          rgb: inside && signedColour(value, limit),
          fixed: !inside,
          classes: classes.filter(Boolean).join(" "),
          selected: cells.some((each) => each.y === y && each.x === x),
          label: `${name}${wins ? ", the largest" : ""}${unread ? ", never read" : ""}`,
        };
      },
    });
    slide.output.update({
      rows: shape.rows,
      columns: shape.columns,
      at: [row, column],
      cell(i, j) {
        const toCome = slide.isToCome(i, j);
        const here = i === row && j === column;
        const changed = !toCome && values[i][j] !== before[i][j];
        return {
          text: toCome ? "" : numeral(values[i][j], { signed: true, digits: slide.digits() }),
          rgb: !toCome && signedColour(values[i][j], limit),
          selected: here,
          classes: here ? "chosen" : changed ? "changed" : "",
          label: `Row ${i}, column ${j}: ${toCome ? "to come" : numeral(values[i][j])}${changed ? `, was ${numeral(before[i][j])}` : ""}`,
        };
      },
    });
    slide.place(state);

    kind.update(state.kind);
    fill.update(state.fill);
    const most = {
      kernel_size: Math.min(4, state.input.length, state.input[0].length),
      stride: 4,
      padding: Math.floor(size / 2),
      shift: 4,
    };
    for (const [name, each] of Object.entries(steppers)) each.update(state[name], ABOUT.settings[name].low, most[name]);
    panels.input.note.textContent =
      by(state.input.length, state.input[0].length) + (padding ? `, padded ${by(shape.height, shape.width)}` : "");
    panels.output.note.textContent = by(shape.rows, shape.columns);

    const counted = cells.filter(({ value }) => value !== null);
    const list = (sign) =>
      counted.map(({ value }) => (sign === " + " && value < 0 ? `(${numeral(value)})` : numeral(value))).join(sign);
    const sum = state.kind === "max" ? `max(${list(", ")})` : `(${list(" + ")}) / ${counted.length}`;
    result.replaceChildren(
      h("b.output", {}, `output[${row}, ${column}]`),
      ` = ${sum} = `,
      h("b.output", {}, numeral(answer)),
      slide.pinned() ? " (pinned, Esc lets go)" : "",
    );
    formula.replaceChildren(...sizeFormula(state));
    const options = `${size}, stride=${stride}${padding ? `, padding=${padding}` : ""}`;
    code.textContent =
      state.kind === "max"
        ? padding && state.fill === "zero"
          ? `max_pool2d(F.pad(input, [${padding}] * 4), ${size}, stride=${stride})`
          : `max_pool2d(input, ${options})`
        : `avg_pool2d(input, ${options}${padding && state.fill === "nothing" ? ", count_include_pad=False" : ""})`;
    const share = (one, other) => `${countChanged(one, other)} of ${one.flat().length}`;
    moved.replaceChildren(
      ...(shift
        ? [
            `Shifted right by ${shift}: `,
            h("b.input", {}, `${share(state.input, pixels)} inputs`),
            " changed, ",
            h("b.output", {}, `${share(before, values)} outputs`),
            " (dashed).",
          ]
        : ["Shift the input by one pixel: how many outputs change?"]),
    );
    const other = poolAll({ ...state, fill: state.fill === "zero" ? "nothing" : "zero" });
    edge.hidden = padding === 0;
    edge.textContent = `With padding ${state.fill === "zero" ? "left out" : "as the number 0"}, ${share(values, other)} outputs would differ.`;
    figure.say(`Output row ${row}, column ${column}: ${sum} is ${numeral(answer)}. ${shift ? moved.textContent : ""}`);
  }

  const layout = (width) => slide.layout(width, []);
  return { update, layout, play: slide.play.flip, reset: slide.reset };
}
