import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

const {
  buildNetwork,
  drawOver,
  kernelOf,
  normalise,
  patchOf,
  percent,
  readHalves,
  rescale,
  rollUp,
  run,
  seenBy,
  softmax,
  sumsOf,
  unroll,
} = await import(process.env.FIGURE);
const golden = JSON.parse(readFileSync(process.env.GOLDEN));
const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
const networks = Object.fromEntries(
  Object.entries(golden.networks).map(([name, { rules, weights }]) => [
    name,
    buildNetwork(rules, readHalves(bytes(weights))),
  ]),
);
const floats = (text) => new Float32Array(bytes(text).buffer);
const cases = golden.cases.map((each) => ({
  ...each,
  layers: networks[each.network],
  image: floats(each.image),
  outputs: each.outputs.map(floats),
}));

test("half floats are read as NumPy reads them", () => {
  assert.deepEqual([...readHalves(bytes(golden.halves.bytes))], golden.halves.numbers);
});

test("every layer gives what PyTorch gives, in double precision, to 1e-5", () => {
  let [most, values] = [0, 0];
  for (const { layers, image, outputs } of cases) {
    run(layers, Float64Array.from(image)).forEach((mine, n) => {
      assert.equal(mine.length, outputs[n].length);
      values += mine.length;
      mine.forEach((value, at) => (most = Math.max(most, Math.abs(value - outputs[n][at]))));
    });
  }
  golden.found = { most, values, cases: cases.length };
  assert.ok(most <= 1e-5, `the largest difference is ${most}`);
});

test("the logits are those of PyTorch in single precision, but for its rounding", () => {
  for (const { layers, image, outputs, single } of cases) {
    const logits = run(layers, Float64Array.from(image)).pop();
    const most = Math.max(...outputs[outputs.length - 1].map(Math.abs));
    floats(single).forEach((value, n) => assert.ok(Math.abs(value - logits[n]) <= 1e-5 + 1e-6 * most));
  }
});

test("softmax is PyTorch's", () => {
  for (const { outputs, probabilities } of cases) {
    softmax(outputs[outputs.length - 1]).forEach((share, n) => assert.ok(Math.abs(share - probabilities[n]) <= 1e-5));
  }
});

test("the sums behind a cell, and its bias, are the cell", () => {
  for (const { layers, image, outputs, places } of cases) {
    layers.forEach((layer, n) => {
      const [map, row, column] = places[n];
      const input = outputs[n - 1] ?? image;
      const value = outputs[n][(map * layer.side + row) * layer.side + column];
      if (layer.weight) {
        const sums = sumsOf(layer, input, map, row, column);
        assert.deepEqual(sums[0].kernel, kernelOf(layer, map, 0));
        assert.ok(Math.abs(sums.reduce((all, { sum }) => all + sum, layer.bias[map]) - value) <= 1e-5);
      } else {
        const below = patchOf(layer, input, map, row, column).flat();
        assert.equal(below.length, layer.size ** 2);
        const mine = { pool: Math.max(...below), relu: Math.max(0, below[0]), tanh: Math.tanh(below[0]) }[layer.kind];
        assert.ok(Math.abs(mine - value) <= 1e-6);
      }
    });
  }
});

test("a cell sees the pixels that cnncourse says", () => {
  for (const { layers, seen, places } of cases) {
    layers
      .slice(0, -1)
      .forEach((_, n) => assert.deepEqual(Object.values(seenBy(layers, n, places[n][1], places[n][2])), seen[n]));
    assert.deepEqual(Object.values(seenBy(layers, layers.length - 1, 0, 0)).slice(0, 2), [0, 0]);
  }
});

test("ink gives the pixels that Python draws, and rolls up again", () => {
  for (const { base, drawing, pixels } of golden.drawings) {
    assert.deepEqual([...drawOver(floats(base), drawing)], [...floats(pixels)]);
    assert.deepEqual(unroll(rollUp(unroll(drawing))), unroll(drawing));
  }
  assert.equal(rollUp(unroll("k3w2b1k700")), "k3w2b1");
  assert.equal(rollUp(unroll("")), "");
});

test("normalising twice is normalising once", () => {
  golden.normalised = golden.wild.map((state) => normalise(state));
  for (const state of golden.normalised) assert.deepEqual(normalise(state), state);
  writeFileSync(process.env.GOLDEN, JSON.stringify(golden));
});

test("a place keeps its share of the picture", () => {
  assert.deepEqual(
    [0, 13, 27].map((place) => rescale(place, 28, 7)),
    [0, 3, 6],
  );
  assert.equal(rescale(3, 7, 28), 14);
});

test("nothing is called certain", () => {
  assert.deepEqual([1, 0.5, 0].map(percent), ["> 99.9\u00a0%", "50.0\u00a0%", "< 0.1\u00a0%"]);
});
