// @ts-check
// Convolution explorer: one kernel over one small input; every output cell as the sum of its products.

import { ABOUT } from "./about.js";
import { clamp, grid, h, stepper } from "./controls.js";
import { fitKernel, kernelChooser, kernelName, weightGrid } from "./kernels.js";
import { by, geometry, isUnread, keepInside, padded, panel, sizeFormula, sliding } from "./sliding.js";
import { greyColour, numeral, signedColour } from "./state.js";

/** @import { Figure, View } from "./types.js" */

// ---- Arithmetic, pure (equal to cnncourse.conv2d, tested) ---------------------------------------------------------

/** The products of one output cell: [{ i, j, y, x, value, weight }], places in the padded input. */
export function terms({ input, kernel, stride, padding, dilation }, row, column) {
  const pixels = padded(input, padding);
  return kernel.flatMap((weights, i) =>
    weights.map((weight, j) => {
      const y = row * stride + i * dilation;
      const x = column * stride + j * dilation;
      return { i, j, y, x, value: pixels[y][x], weight };
    }),
  );
}

export const total = (products) => products.reduce((sum, { value, weight }) => sum + value * weight, 0);

export function convolve(state) {
  const { rows, columns } = geometry(state);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => total(terms(state, row, column))),
  );
}

/** Make every state one that can be computed: a square kernel of its size that fits into the padded input. */
export function normalise(state, before) {
  const next = fitKernel(state, before);
  const side = Math.min(next.input.length, next.input[0].length) + 2 * next.padding;
  while (next.dilation * (next.kernel_size - 1) + 1 > side) next.dilation -= 1;
  return keepInside(next);
}

// ---- Drawing -----------------------------------------------------------------------------------------------------

const weighed = (value, signed = true) => numeral(value, { signed, fraction: true });

/**
 * @param {Figure} figure
 * @returns {View}
 */
export function draw(figure) {
  /** @type {number[] | null} */
  let term = null; // [i, j] of the product under the mouse or in focus
  const slide = sliding(figure, { update, limits: [0, 9] });
  const point = (i, j) => slide.show(() => (term = [i, j]));
  const leave = () => slide.show(() => (term = null));

  const weights = weightGrid(figure, { onhover: point, onleave: leave, onescape: leave });
  const products = grid({
    label: "Products of the chosen output cell.",
    role: "sum",
    onhover: point,
    onleave: leave,
    onpick: point,
    onmove: point,
    onescape: leave,
  });

  const steppers = Object.fromEntries(
    ["Kernel size", "Stride", "Padding", "Dilation"].map((label) => {
      const name = label.toLowerCase().replace(" ", "_");
      return [name, stepper(label, (value) => figure.set({ [name]: value }))];
    }),
  );
  const chosen = kernelChooser(figure);

  const panels = {
    input: panel("input", "Input", slide.input),
    kernel: panel("kernel", "Kernel", weights),
    output: panel("output", "Output", slide.output),
  };
  const result = h("p.line");
  const formula = h("p.line.formula");
  const code = h("code");
  figure.paper.append(
    h("div.controls", {}, chosen.element, ...Object.values(steppers).map((each) => each.element)),
    figure.bar(...slide.play.buttons, slide.pencil.element),
    h(
      "div.stage",
      {},
      panels.input.element,
      h("div.sign", { "aria-hidden": "true" }, "\u22c6"),
      panels.kernel.element,
      h("div.sign", { "aria-hidden": "true" }, "="),
      panels.output.element,
    ),
    h("div.stage.reading", {}, products.element, h("div.words", {}, result, formula, h("p.line", {}, code))),
  );

  function update(state) {
    const { stride, padding, dilation, kernel_size: size } = state;
    const shape = geometry(state);
    const pixels = padded(state.input, padding);
    const values = convolve(state);
    const [row, column] = slide.at();
    const parts = terms(state, row, column);
    const answer = total(parts);
    const limit = Math.max(...values.flat().map(Math.abs));
    const weightLimit = Math.max(...state.kernel.flat().map(Math.abs));
    const isTerm = (i, j) => term && term[0] === i && term[1] === j;

    slide.input.update({
      rows: shape.height,
      columns: shape.width,
      editable: slide.editing(),
      at: slide.editing() ? null : [row * stride, column * stride],
      cell(y, x) {
        const inside = state.input[y - padding]?.[x - padding] !== undefined;
        const part = parts.find((each) => each.y === y && each.x === x);
        const unread = isUnread(shape, y, x);
        const classes = [
          !inside && "pad",
          unread && "unread",
          part && dilation > 1 && "read",
          part && isTerm(part.i, part.j) && "term",
        ];
        const place = inside ? `Row ${y - padding}, column ${x - padding}` : "Padding";
        return {
          text: numeral(pixels[y][x]),
          rgb: inside && greyColour(pixels[y][x], 0, 9),
          selected: Boolean(part),
          fixed: !inside,
          classes: classes.filter(Boolean).join(" "),
          label: `${place}: ${numeral(pixels[y][x])}${unread ? ", never read" : ""}`,
        };
      },
    });
    weights.update({
      rows: size,
      columns: size,
      editable: true,
      cell: (i, j) => ({
        text: weighed(state.kernel[i][j]),
        rgb: signedColour(state.kernel[i][j], weightLimit),
        classes: isTerm(i, j) ? "term" : "",
        label: `Weight row ${i}, column ${j}`,
      }),
    });
    slide.output.update({
      rows: shape.rows,
      columns: shape.columns,
      at: [row, column],
      cell(i, j) {
        const toCome = slide.isToCome(i, j);
        const here = i === row && j === column;
        return {
          text: toCome ? "" : numeral(values[i][j], { signed: true, digits: slide.digits() }),
          rgb: !toCome && signedColour(values[i][j], limit),
          selected: here,
          classes: here ? "chosen" : "",
          label: `Row ${i}, column ${j}: ${toCome ? "to come" : numeral(values[i][j])}`,
        };
      },
    });
    products.update({
      rows: size,
      columns: size,
      at: term,
      cell(i, j) {
        const { value, weight } = parts[i * size + j];
        const text = `${numeral(value)} \u00d7 ${weight < 0 ? `(${weighed(weight)})` : weighed(weight, false)}`;
        return {
          text,
          label: `${text} = ${numeral(value * weight)}`,
          classes: isTerm(i, j) ? "term" : value * weight ? "" : "nought",
        };
      },
    });
    slide.place(state);

    const side = Math.min(shape.height, shape.width);
    const most = {
      kernel_size: Math.min(5, side),
      stride: 4,
      padding: 2,
      dilation: size === 1 ? 3 : Math.min(3, Math.floor((side - 1) / (size - 1))),
    };
    for (const [name, each] of Object.entries(steppers)) each.update(state[name], ABOUT.settings[name].low, most[name]);
    chosen.update(kernelName(state.kernel));
    panels.input.note.textContent =
      by(state.input.length, state.input[0].length) + (padding ? `, padded ${by(shape.height, shape.width)}` : "");
    panels.kernel.note.textContent =
      by(size, size) + (dilation > 1 ? `, reaching ${by(shape.reach, shape.reach)}` : "");
    panels.output.note.textContent = by(shape.rows, shape.columns);
    result.replaceChildren(
      "The sum of the products: ",
      h("b.output", {}, `output[${row}, ${column}] = ${numeral(answer)}`),
      slide.pinned() ? " (pinned, Esc lets go)" : "",
    );
    formula.replaceChildren(...sizeFormula(state));
    const slice = (from) => `${from}:${from + shape.reach}${dilation > 1 ? `:${dilation}` : ""}`;
    code.textContent = `output[${row}, ${column}] = (${padding ? "padded" : "input"}[${slice(row * stride)}, ${slice(column * stride)}] * kernel).sum()`;
    figure.say(
      `Output row ${row}, column ${column}: ${parts
        .map(({ value, weight }) => `${numeral(value)} times ${numeral(weight)}`)
        .join(" plus ")} is ${numeral(answer)}. The output is ${by(shape.rows, shape.columns)}.`,
    );
  }

  function layout(width) {
    slide.layout(width, ["kernel"]);
    products.element.style.setProperty(
      "--wide",
      `${Math.floor(clamp((width - 48) / figure.state().kernel_size, 44, 84))}px`,
    );
  }

  return {
    update,
    layout,
    play: slide.play.flip,
    reset() {
      slide.reset();
      term = null;
    },
  };
}
