// Links: what Python writes, the page reads, and the other way round; what a link may not say is left out.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const { parseState, formatState, isValid } = await import(process.env.FIGURE);
const { settings, states, refused } = JSON.parse(readFileSync(process.env.GOLDEN));

test("a state is written into a link as Python writes it", () => {
  for (const { state, query } of states) assert.equal(formatState(settings, state), query);
});

test("a link is read back as the same state", () => {
  const defaults = Object.fromEntries(Object.entries(settings).map(([name, rule]) => [name, rule.default]));
  for (const { state, query } of states) assert.deepEqual({ ...defaults, ...parseState(settings, query) }, state);
});

test("a link out of range changes nothing", () => {
  for (const query of refused) assert.deepEqual(parseState(settings, query), {}, query);
});

test("every default is valid", () => {
  for (const rule of Object.values(settings)) assert.ok(isValid(rule, rule.default));
});
