import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

const { convolve, geometry, isUnread, kernelName, KERNELS, moveBy, normalise, outputSize, terms, total } = await import(
  process.env.FIGURE
);
const golden = JSON.parse(readFileSync(process.env.GOLDEN));

test("the output is PyTorch's", () => {
  for (const { state, output } of golden.cases) {
    const mine = convolve(state);
    assert.deepEqual([mine.length, mine[0].length], [output.length, output[0].length]);
    mine.forEach((row, i) =>
      row.forEach((value, j) => assert.ok(Math.abs(value - output[i][j]) <= 1e-9, JSON.stringify(state))),
    );
  }
});

test("the hatched cells are those that no output depends on", () => {
  for (const { state, unread } of golden.cases) {
    const shape = geometry(state);
    unread.forEach((row, y) =>
      row.forEach((value, x) => assert.equal(isUnread(shape, y, x), value, JSON.stringify(state))),
    );
  }
});

test("the size is cnncourse.geometry's", () => {
  for (const { size, kernel, stride, padding, dilation, expected } of golden.sizes) {
    assert.equal(outputSize(size, kernel, stride, padding, dilation), expected);
  }
});

test("the products of a cell add up to it, one for each weight", () => {
  for (const { state, output } of golden.cases) {
    const products = terms(state, output.length - 1, output[0].length - 1);
    assert.equal(products.length, state.kernel.length ** 2);
    assert.ok(Math.abs(total(products) - output.at(-1).at(-1)) <= 1e-9);
  }
});

test("a named kernel knows its name in every size", () => {
  for (const [name, [, make]] of Object.entries(KERNELS)) {
    for (const size of [2, 3, 4, 5])
      assert.equal(KERNELS[kernelName(make(size))][1](size).toString(), make(size).toString(), name);
  }
  assert.deepEqual(KERNELS.vertical[1](3), golden.vertical);
  assert.deepEqual(KERNELS.horizontal[1](3), golden.horizontal);
});

test("normalising twice is normalising once", () => {
  const before = golden.cases[0].state;
  golden.normalised = golden.wild.map((state) => normalise(state, before));
  for (const state of golden.normalised) assert.deepEqual(normalise(state, state), state);
  writeFileSync(process.env.GOLDEN, JSON.stringify(golden));
});

test("arrows, Home and End stay in the grid", () => {
  assert.deepEqual(moveBy("ArrowLeft", false, [2, 0], 3, 4), [2, 0]);
  assert.deepEqual(moveBy("ArrowDown", false, [1, 3], 3, 4), [2, 3]);
  assert.deepEqual(moveBy("End", false, [1, 1], 3, 4), [1, 3]);
  assert.deepEqual(moveBy("Home", true, [1, 1], 3, 4), [0, 0]);
  assert.equal(moveBy("a", false, [1, 1], 3, 4), undefined);
});
