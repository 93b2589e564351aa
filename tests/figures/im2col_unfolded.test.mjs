import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

const { normalise, partial, product, sources, unfold, walk } = await import(process.env.FIGURE);
const golden = JSON.parse(readFileSync(process.env.GOLDEN));

test("the matrix is torch's unfold", () => {
  for (const { state, columns } of golden.cases) assert.deepEqual(unfold(state), columns);
});

test("the product is torch's convolution, in one row", () => {
  for (const { state, output } of golden.cases) {
    product(state).forEach((value, l) => assert.ok(Math.abs(value - output[l]) <= 1e-9, JSON.stringify(state)));
  }
});

test("a sum in progress ends in the product", () => {
  for (const { state } of golden.cases) {
    const matrix = unfold(state);
    assert.equal(partial(state, matrix, 0, 0), 0);
    assert.equal(partial(state, matrix, 0, matrix.length), product(state)[0]);
  }
});

test("every number of the matrix knows its pixel", () => {
  for (const { state, columns } of golden.cases.slice(0, 20)) {
    const { input, padding } = state;
    sources(state).forEach((line, term) =>
      line.forEach(([y, x], l) => assert.equal(input[y - padding]?.[x - padding] ?? 0, columns[term][l])),
    );
  }
});

test("a walk visits every product once and stops at both ends", () => {
  let place = { l: 0, term: 1 };
  let visits = 1;
  assert.equal(walk(place, -1, 4, 3), null);
  while ((place = walk(place, 1, 4, 3))) visits += 1;
  assert.equal(visits, 12);
  assert.deepEqual(walk({ l: 1, term: 1 }, -1, 4, 3), { l: 0, term: 4 });
});

test("normalising twice is normalising once", () => {
  const before = golden.cases[0].state;
  golden.normalised = golden.wild.map((state) => normalise(state, before));
  for (const state of golden.normalised) assert.deepEqual(normalise(state, state), state);
  writeFileSync(process.env.GOLDEN, JSON.stringify(golden));
});
