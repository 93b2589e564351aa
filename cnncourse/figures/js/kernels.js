// @ts-check
// Square kernels by name and in any size, and how a kernel follows when its size is changed.

import { ABOUT } from "./about.js";
import { chooser, grid } from "./controls.js";
import { isValid, same } from "./state.js";

/** @import { Figure, GridEvents, Place, State } from "./types.js" */

/** @type {(size: number, weight: (i: number, j: number) => number) => number[][]} */
const fill = (size, weight) =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (size === 1 ? 1 : weight(i, j) + 0)));
/** @type {(size: number, i: number, j: number) => boolean} */
const isMiddle = (size, i, j) => i === Math.floor((size - 1) / 2) && j === i;

/**
 * Kernels by name, for any size: the words for it, and its weights.
 * @type {Record<string, [string, (size: number) => number[][]]>}
 */
export const KERNELS = {
  vertical: ["Vertical edge", (size) => fill(size, (_, j) => Math.sign(j - (size - 1) / 2))],
  horizontal: ["Horizontal edge", (size) => fill(size, (i) => Math.sign(i - (size - 1) / 2))],
  mean: ["Mean (blur)", (size) => fill(size, () => Number((1 / size ** 2).toPrecision(6)))],
  outline: ["Outline", (size) => fill(size, (i, j) => (isMiddle(size, i, j) ? size ** 2 - 1 : -1))],
  copy: ["Copy", (size) => fill(size, (i, j) => Number(isMiddle(size, i, j)))],
};

/** @param {number[][]} kernel */
export function kernelName(kernel) {
  return Object.keys(KERNELS).find((name) => same(KERNELS[name][1](kernel.length), kernel)) ?? "own";
}

/**
 * A named kernel stays itself in another size; your own keeps its corner and gains zeros.
 * @param {number[][]} kernel
 * @param {number} size
 */
function resize(kernel, size) {
  const name = kernelName(kernel);
  return name === "own" ? fill(size, (i, j) => kernel[i]?.[j] ?? 0) : KERNELS[name][1](size);
}

/**
 * Make kernel and kernel_size agree, whichever of the two was changed, and the kernel fit into the padded input.
 * @param {State} state
 * @param {State} before
 * @returns {State}
 */
export function fitKernel(state, before) {
  const next = { ...state };
  const side = Math.min(next.input.length, next.input[0].length) + 2 * next.padding;
  if (next.kernel.length !== next.kernel[0].length) next.kernel = before.kernel;
  if (!same(next.kernel, before.kernel)) next.kernel_size = next.kernel.length;
  next.kernel_size = Math.min(next.kernel_size, side);
  if (next.kernel.length !== next.kernel_size) next.kernel = resize(next.kernel, next.kernel_size);
  return next;
}

/**
 * The chooser of named kernels.
 * @param {Figure} figure
 */
export function kernelChooser(figure) {
  const names = [...Object.entries(KERNELS).map(([name, [text]]) => [name, text]), ["own", "Your own"]];
  return chooser("Kernel", names, (name) => {
    const { kernel, kernel_size: size } = figure.state();
    figure.set({ kernel: name === "own" ? kernel : KERNELS[name][1](size) });
  });
}

/**
 * The grid of weights, to be typed into; what is no number from the range is refused with a sentence.
 * @param {Figure} figure
 * @param {GridEvents & { place?(i: number, j: number): Place }} callbacks
 */
export function weightGrid(figure, callbacks) {
  const { low, high } = ABOUT.settings.kernel;
  return grid({
    label: "Kernel. Type to change a weight.",
    role: "kernel",
    ...callbacks,
    onedit(i, j, number) {
      const kernel = figure.state().kernel.map((/** @type {number[]} */ row) => [...row]);
      const [y, x] = callbacks.place?.(i, j) ?? [i, j];
      kernel[y][x] = number;
      if (isValid(ABOUT.settings.kernel, kernel)) figure.set({ kernel });
      else figure.say(`A number from ${low} to ${high}, please`);
    },
  });
}
