import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const { display, filterImage, kernelWord, normalise, patch, resized } = await import(process.env.FIGURE);
const { cases, kernels } = JSON.parse(readFileSync(process.env.GOLDEN));

test("the output is torch's, edges repeated", () => {
  for (const { image, kernel, output } of cases) {
    const mine = filterImage(image.flat(), image[0].length, image.length, kernel);
    output.flat().forEach((value, n) => assert.ok(Math.abs(mine[n] - value) <= 1e-9));
  }
});

test("the sum over a patch is the output there", () => {
  for (const { image, kernel, output } of cases) {
    const [row, column] = [image.length - 1, 0];
    const part = patch(image.flat(), image[0].length, image.length, kernel.length, row, column);
    const sum = kernel.flat().reduce((all, weight, n) => all + weight * part.flat()[n], 0);
    assert.ok(Math.abs(sum - output[row][column]) <= 1e-9);
  }
});

test("weights that sum to 0 are shown as signed values", () => {
  assert.deepEqual(display(kernels["Sobel, vertical edges"]), { signed: true, limit: 2 });
  assert.deepEqual(display(kernels.Sharpen), { signed: false, limit: 1 });
  assert.deepEqual(display([[0]]), { signed: true, limit: 1 });
});

test("a kernel is named by its weights, and a larger one has its middle", () => {
  for (const [word, kernel] of Object.entries(kernels)) {
    assert.equal(kernelWord(kernel), word);
    assert.deepEqual(resized(resized(kernel, 5), kernel.length), kernel);
  }
  assert.equal(kernelWord([[7]]), "own");
});

test("a kernel that is not 3 x 3 or 5 x 5 is not taken", () => {
  const before = { kernel: kernels.Copy };
  assert.deepEqual(normalise({ kernel: [[1, 2]] }, before), before);
  assert.deepEqual(normalise({ kernel: [[1, 2, 3]] }, before), before);
});
