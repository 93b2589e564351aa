import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

const { flatAnswers, isRight, lookAt, normalise, readRecording, verdict } = await import(process.env.FIGURE);
const golden = JSON.parse(readFileSync(process.env.GOLDEN));
const { moments, images } = readRecording(Uint8Array.from(golden.recording));

const near = (values, expected, tolerance) => {
  assert.equal(values.length, expected.length);
  values.forEach((value, n) => assert.ok(Math.abs(value - expected[n]) <= tolerance, `${value} is not ${expected[n]}`));
};

test("the page's recording is Python's, number by number", () => {
  for (const { seed, epoch, quantities, parameters } of golden.cases) {
    const { train, held, accuracy, parameters: numbers } = moments[seed][epoch];
    near([train, held, accuracy, ...numbers], [...quantities, ...parameters], 1e-6);
  }
  assert.deepEqual(
    images.map((image) => [...image]),
    golden.images,
  );
});

test("the page computes every decision as PyTorch with the recorded parameters", () => {
  for (const { seed, epoch, decisions, right } of golden.cases) {
    const says = images.map((image) => lookAt(moments[seed][epoch].parameters, image).says);
    near(says, decisions, 1e-5);
    assert.deepEqual(says.map(isRight), right);
  }
});

test("the page draws the maps that PyTorch computes", () => {
  for (const { seed, epoch, maps, index } of golden.cases) {
    const { tanh1, tanh2 } = lookAt(moments[seed][epoch].parameters, images[index]);
    near([...tanh1, ...tanh2], maps, 1e-5);
  }
});

test("away from borders the first map has the two values that the page names", () => {
  for (const { seed, epoch, flat } of golden.cases) {
    const { inside, outside } = flatAnswers(moments[seed][epoch].parameters);
    near([inside, outside], flat, 1e-5);
  }
});

test("the words follow the decisions", () => {
  const of = (squares, circles) => verdict([...Array(12).fill(squares), ...Array(12).fill(circles)]);
  assert.equal(of(-2, 2), "Every mark stands on its own side.");
  assert.match(of(2, 2.1), /almost the same place: .* about every image, “circle”\.$/);
  assert.match(of(-0.1, 0.1), /almost the same place: .* about every image\.$/);
  assert.equal(of(-3, -1), "The network knows one answer only, “square”.");
  assert.match(of(2, -2), /^24 marks are on the wrong side, hollow: a coin/);
  assert.equal(verdict([2, ...Array(11).fill(-2), ...Array(12).fill(2)]), "One mark is on the wrong side, hollow.");
  assert.match(
    verdict([2, 2, ...Array(10).fill(-2), ...Array(12).fill(2)]),
    /^2 marks are on the wrong side, hollow\.$/,
  );
});

test("a seed that was not recorded gives way to the one before", () => {
  golden.normalised = golden.wild.map((state) => normalise(state, { seed: 4 }));
  for (const state of golden.normalised) assert.deepEqual(normalise(state, state), state);
  writeFileSync(process.env.GOLDEN, JSON.stringify(golden));
});
