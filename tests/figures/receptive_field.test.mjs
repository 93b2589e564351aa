import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

const { normalise, trace, waysTo } = await import(process.env.FIGURE);
const golden = JSON.parse(readFileSync(process.env.GOLDEN));

test("sizes and fields are the course's, ways are the gradient's", () => {
  for (const { layers, size, unit, counts, fields, ways } of golden.cases) {
    const stack = trace(layers, size);
    assert.deepEqual(
      stack.map(({ count }) => count),
      counts,
    );
    assert.deepEqual(
      stack.slice(1).map(({ field }) => field),
      fields,
    );
    assert.deepEqual(waysTo(layers, size, layers.length, unit)[0], ways);
  }
});

test("normalising twice is normalising once", () => {
  golden.normalised = golden.wild.map((state) => normalise(state, { layers: [[3, 1, 1]] }));
  for (const state of golden.normalised) assert.deepEqual(normalise(state, state), state);
  writeFileSync(process.env.GOLDEN, JSON.stringify(golden));
});
