import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

const { countChanged, normalise, poolAll, shifted, windowCells } = await import(process.env.FIGURE);
const golden = JSON.parse(readFileSync(process.env.GOLDEN));

test("the output is PyTorch's, padding left out or 0", () => {
  for (const { state, output } of golden.cases) {
    const mine = poolAll(state);
    assert.deepEqual([mine.length, mine[0].length], [output.length, output[0].length]);
    mine.forEach((row, i) =>
      row.forEach((value, j) => assert.ok(Math.abs(value - output[i][j]) <= 1e-9, JSON.stringify(state))),
    );
  }
});

test("a window has as many cells as its size says, inside or not", () => {
  for (const { state } of golden.cases) assert.equal(windowCells(state, 0, 0).length, state.kernel_size ** 2);
});

test("a shift repeats the first column", () => {
  assert.deepEqual(shifted([[1, 2, 3]], 1), [[1, 1, 2]]);
  assert.deepEqual(shifted([[1, 2, 3]], 0), [[1, 2, 3]]);
  assert.equal(countChanged([[1, 2, 3]], [[1, 1, 2]]), 2);
});

test("normalising twice is normalising once", () => {
  golden.normalised = golden.wild.map((state) => normalise(state));
  for (const state of golden.normalised) assert.deepEqual(normalise(state), state);
  writeFileSync(process.env.GOLDEN, JSON.stringify(golden));
});
