// @ts-check
// A small trained network in the page: its layers run one by one, and every number of them can be explained.
// Equal to PyTorch with the same weights, tested. A map lies row by row in one array, map after map.

/** @import { Layer } from "./types.js" */

/**
 * Bytes of 16-bit floats, little-endian, as numbers.
 * @param {Uint8Array} bytes
 */
export function readHalves(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: bytes.byteLength / 2 }, (_, n) => {
    const bits = view.getUint16(2 * n, true);
    const exponent = (bits >> 10) & 31;
    const size = exponent ? (1 + (bits & 1023) / 1024) * 2 ** (exponent - 15) : (bits & 1023) * 2 ** -24;
    return bits >> 15 ? -size : size;
  });
}

/**
 * Layers with their shapes and weights.
 * @param {any[]} rules - Python's `layer_rules`
 * @param {Float64Array | Float32Array} [numbers] - all parameters in PyTorch's order
 * @returns {Layer[]}
 */
export function buildNetwork(rules, numbers = new Float64Array(0)) {
  let [at, maps, side] = [0, 1, 28];
  let signed = false;
  /** @type {(count: number) => Float64Array | Float32Array} */
  const take = (count) => numbers.subarray(at, (at += count));
  return rules.map((rule) => {
    const layer = { padding: 0, size: side, step: 1, ...rule, from: { maps, side } };
    if (rule.kind === "conv" || rule.kind === "linear") {
      // a linear layer has kernels as large as the maps below
      layer.weight = take(rule.maps * maps * layer.size ** 2);
      layer.bias = take(rule.maps);
      side += 2 * layer.padding - layer.size + 1;
      maps = rule.maps;
      signed = true;
    } else if (rule.kind === "pool") {
      layer.step = rule.size;
      side = Math.floor(side / rule.size);
    } else {
      layer.size = 1;
      signed = rule.kind === "tanh";
    }
    return Object.assign(layer, { maps, side, signed });
  });
}

/** @type {(layer: any, input: Float64Array) => Float64Array} */
function correlate({ from, maps, side, size, padding, weight, bias }, input) {
  const output = new Float64Array(maps * side * side);
  let at = 0;
  for (let map = 0; map < maps; map += 1) {
    const start = map * side * side;
    output.fill(bias[map], start, start + side * side);
    for (let below = 0; below < from.maps; below += 1) {
      for (let i = -padding; i < size - padding; i += 1) {
        for (let j = -padding; j < size - padding; j += 1, at += 1) {
          const [top, bottom] = [Math.max(0, -i), Math.min(side, from.side - i)];
          const [left, right] = [Math.max(0, -j), Math.min(side, from.side - j)];
          for (let row = top; row < bottom; row += 1) {
            const read = (below * from.side + row + i) * from.side + j;
            for (let column = left; column < right; column += 1)
              output[start + row * side + column] += weight[at] * input[read + column];
          }
        }
      }
    }
  }
  return output;
}

/** @type {(layer: Layer, input: Float64Array) => Float64Array} */
function largest({ from, maps, side, size }, input) {
  const output = new Float64Array(maps * side * side).fill(-Infinity);
  output.forEach((_, n) => {
    const [map, row, column] = [Math.floor(n / side ** 2), Math.floor(n / side) % side, n % side];
    for (let i = 0; i < size; i += 1) {
      for (let j = 0; j < size; j += 1)
        output[n] = Math.max(output[n], input[(map * from.side + row * size + i) * from.side + column * size + j]);
    }
  });
  return output;
}

/** @type {Record<string, (layer: Layer, input: Float64Array) => Float64Array>} */
const STEPS = {
  conv: correlate,
  linear: correlate,
  pool: largest,
  tanh: (_, input) => input.map(Math.tanh),
  relu: (_, input) => input.map((value) => Math.max(0, value)),
};

/**
 * The output of every layer for an image of 784 numbers.
 * @param {Layer[]} layers
 * @param {Float64Array} image
 */
export function run(layers, image) {
  let values = image;
  return layers.map((layer) => (values = STEPS[layer.kind](layer, values)));
}

/** @param {Iterable<number>} logits */
export function softmax(logits) {
  const top = Math.max(...logits);
  const powers = [...logits].map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((all, power) => all + power);
  return powers.map((power) => power / sum);
}

/**
 * The numbers of map `below` that one cell of a layer reads, rows of numbers; 0 outside the map.
 * @param {Layer} layer
 * @param {Float64Array} input
 * @param {number} below
 * @param {number} row
 * @param {number} column
 * @returns {number[][]}
 */
export function patchOf({ from, size, padding, step }, input, below, row, column) {
  /** @type {(place: number) => boolean} */
  const inside = (place) => place >= 0 && place < from.side;
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => {
      const [y, x] = [row * step + i - padding, column * step + j - padding];
      return inside(y) && inside(x) ? input[(below * from.side + y) * from.side + x] : 0;
    }),
  );
}

/**
 * The kernel of `map` over the map `below`, rows of numbers.
 * @param {any} layer - one with weights
 * @param {number} map
 * @param {number} below
 * @returns {number[][]}
 */
export function kernelOf({ from, size, weight }, map, below) {
  const start = (map * from.maps + below) * size * size;
  return Array.from({ length: size }, (_, i) => [...weight.subarray(start + i * size, start + (i + 1) * size)]);
}

/**
 * One cell of a layer with kernels: for every map below its patch, its kernel and the sum of their products.
 * @param {Layer} layer
 * @param {Float64Array} input
 * @param {number} map
 * @param {number} row
 * @param {number} column
 */
export function sumsOf(layer, input, map, row, column) {
  return Array.from({ length: layer.from.maps }, (_, below) => {
    const [patch, kernel] = [patchOf(layer, input, below, row, column), kernelOf(layer, map, below)];
    const sum = patch.flat().reduce((all, value, n) => all + value * kernel.flat()[n], 0);
    return { patch, kernel, sum };
  });
}

/**
 * The pixels that a cell of layer `index` sees, cut at the image's edges.
 * @param {Layer[]} layers
 * @param {number} index
 * @param {number} row
 * @param {number} column
 */
export function seenBy(layers, index, row, column) {
  let [top, left, bottom, right] = [row, column, row, column];
  for (const { size, padding, step } of layers.slice(0, index + 1).reverse()) {
    [top, left] = [top * step - padding, left * step - padding];
    [bottom, right] = [bottom * step - padding + size - 1, right * step - padding + size - 1];
  }
  return { top: Math.max(0, top), left: Math.max(0, left), bottom: Math.min(27, bottom), right: Math.min(27, right) };
}
