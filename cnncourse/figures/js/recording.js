// @ts-check
// A recorded training: the parameters after every epoch, and what follows from them. Pure; equal to PyTorch, tested.

import { ABOUT } from "./about.js";
import { buildNetwork, run } from "./network.js";

export const LAST = ABOUT.settings.epoch.high;
export const EACH = ABOUT.examples / 2; // the first images are squares, the others circles
/** @type {(index: number) => boolean} */
export const isCircle = (index) => index >= EACH;

/**
 * The recording's bytes: for every seed and epoch the quantities and the parameters, then the images, one bit per pixel.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function readRecording(bytes) {
  const numbers = new Float32Array(bytes.slice(0, bytes.length - ABOUT.examples * 98).buffer);
  const bits = bytes.subarray(bytes.length - ABOUT.examples * 98);
  const size = numbers.length / (ABOUT.seeds.length * (LAST + 1));
  const moments = Object.fromEntries(
    ABOUT.seeds.map((/** @type {number} */ seed, /** @type {number} */ place) => [
      seed,
      Array.from({ length: LAST + 1 }, (_, epoch) => {
        const start = (place * (LAST + 1) + epoch) * size;
        const [train, held, accuracy] = numbers.subarray(start, start + 3);
        return { train, held, accuracy, parameters: numbers.subarray(start + 3, start + size) };
      }),
    ]),
  );
  const images = Array.from({ length: ABOUT.examples }, (_, index) =>
    Float64Array.from({ length: 784 }, (__, n) => (bits[index * 98 + (n >> 3)] >> (7 - (n & 7))) & 1),
  );
  return { moments, images };
}

/**
 * What the network of a moment makes of an image: its maps, and `says`, the logit of circle minus the logit of square.
 * @param {Float32Array} parameters
 * @param {Float64Array} image
 */
export function lookAt(parameters, image) {
  const [, tanh1, , , tanh2, , logits] = run(buildNetwork(ABOUT.layers, parameters), image);
  return { tanh1, tanh2, says: logits[1] - logits[0] };
}

/**
 * The first kernel on white and on black: what its map shows away from every border.
 * @param {Float32Array} parameters
 */
export function flatAnswers(parameters) {
  const sum = parameters.subarray(0, 9).reduce((all, weight) => all + weight, 0);
  return { sum, inside: Math.tanh(sum + parameters[9]), outside: Math.tanh(parameters[9]) };
}

/** @type {(says: number, index: number) => boolean} */
export const isRight = (says, index) => says > 0 === isCircle(index);

/**
 * What there is to see on the line of decisions, in words.
 * @param {number[]} decisions
 */
export function verdict(decisions) {
  const right = decisions.filter(isRight).length;
  const circles = decisions.filter((says) => says > 0).length;
  const spread = Math.max(...decisions) - Math.min(...decisions);
  const narrow =
    spread < 0.3 ? "All marks stand at almost the same place: the network says nearly the same about every image" : "";
  if (circles === 0 || circles === decisions.length)
    return `${narrow || "The network knows one answer only"}, \u201c${ABOUT.classes[circles ? 1 : 0]}\u201d.`;
  if (narrow) return `${narrow}.`;
  if (right === decisions.length) return "Every mark stands on its own side.";
  if (right <= 0.6 * decisions.length)
    return `${decisions.length - right} marks are on the wrong side, hollow: a coin would do about as well.`;
  return `${decisions.length - right === 1 ? "One mark is" : `${decisions.length - right} marks are`} on the wrong side, hollow.`;
}
