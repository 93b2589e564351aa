// @ts-check
// State and its links, numbers and colours: the pure part of every figure.

import { ABOUT } from "./about.js";

/** @import { Rule } from "./about.js" */

/** @import { Colour, State } from "./types.js" */

// ---- State, pure -------------------------------------------------------------------------------------------------

/** @type {(rule: Rule, values: number[]) => boolean} */
const numbersFit = (rule, values) => values.every((v) => Number.isFinite(v) && v >= rule.low && v <= rule.high);

/** @type {Record<string, (rule: Rule, value: any) => boolean>} */
const CHECKS = {
  whole: (rule, v) => Number.isInteger(v) && numbersFit(rule, [v]),
  flag: (_, v) => typeof v === "boolean",
  choice: (rule, v) => rule.choices.includes(v),
  matrix: (rule, v) =>
    Array.isArray(v) &&
    v.length >= 1 &&
    v.length <= rule.size &&
    v.every((row) => Array.isArray(row) && row.length === v[0].length && numbersFit(rule, row)) &&
    v[0].length >= 1 &&
    v[0].length <= rule.size,
  ink: (rule, v) =>
    typeof v === "string" &&
    /^([kbw][1-9]\d{0,5})*$/.test(v) &&
    (v.match(/\d+/g) ?? []).reduce((sum, n) => sum + Number(n), 0) <= rule.pixels,
};

/** @type {Record<string, (text: string) => any>} */
const PARSERS = {
  whole: (text) => (/^-?\d+$/.test(text) ? Number(text) : undefined),
  flag: (text) => ({ 0: false, 1: true })[text],
  choice: (text) => text,
  matrix: (text) => text.split("_").map((row) => row.split(",").map((n) => (n.trim() === "" ? NaN : Number(n)))),
  ink: (text) => text || undefined,
};

/** @type {Record<string, (value: any) => string>} */
const FORMATS = {
  whole: String,
  flag: (v) => (v ? "1" : "0"),
  choice: (v) => v,
  matrix: (v) => v.map((row) => row.map((n) => String(Number(n.toPrecision(6)))).join(",")).join("_"),
  ink: (v) => v,
};

/** @type {(a: unknown, b: unknown) => boolean} */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * @param {Rule} rule
 * @param {any} value
 */
export function isValid(rule, value) {
  return CHECKS[rule.type](rule, value);
}

/**
 * The settings of a link that exist and are in range; whatever else it says is left out.
 * @param {Record<string, Rule>} settings
 * @param {string} query
 * @returns {State}
 */
export function parseState(settings, query) {
  const found = new URLSearchParams(query);
  /** @type {State} */
  const state = {};
  for (const [name, rule] of Object.entries(settings)) {
    if (!found.has(rule.key)) continue;
    const value = PARSERS[rule.type](found.get(rule.key) ?? "");
    if (value !== undefined && isValid(rule, value)) state[name] = value;
  }
  return state;
}

/**
 * The settings that differ from their defaults, as text for a link.
 * @param {Record<string, Rule>} settings
 * @param {State} state
 */
export function formatState(settings, state) {
  return Object.entries(settings)
    .filter(([name, rule]) => !same(state[name], rule.default))
    .map(([name, rule]) => `${rule.key}=${FORMATS[rule.type](state[name])}`)
    .join("&");
}

// ---- Numbers and colours, pure -----------------------------------------------------------------------------------

const SIGNED = ABOUT.signed.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));

/**
 * Red for negative, blue for positive, symmetric about 0.
 * @param {number} value
 * @param {number} limit
 * @returns {Colour}
 */
export function signedColour(value, limit) {
  const at = 4 + 4 * Math.max(-1, Math.min(1, limit > 0 ? value / limit : 0));
  const low = Math.min(7, Math.floor(at));
  return SIGNED[low].map((c, i) => Math.round(c + (SIGNED[low + 1][i] - c) * (at - low)));
}

/**
 * Grey for intensities, black at `low`, white at `high`.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @returns {Colour}
 */
export function greyColour(value, low, high) {
  const level = Math.round(255 * Math.max(0, Math.min(1, (value - low) / (high - low || 1))));
  return [level, level, level];
}

/**
 * What a reader types into a cell, back into a number: true minus signs, decimal commas and fractions are fine.
 * @param {string} text
 */
export function readNumeral(text) {
  const plain = text.trim().replace("\u2212", "-").replace(",", ".");
  const [over, under] = plain.split("/");
  return plain === "" ? NaN : Number(over) / (under === undefined ? 1 : Number(under));
}

/** @param {Colour} rgb */
function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * Black or white, whichever contrasts more with the fill.
 * @param {Colour} rgb
 */
export function inkOn(rgb) {
  return luminance(rgb) > Math.sqrt(1.05 * 0.05) - 0.05 ? "#000" : "#fff";
}

/**
 * A number as a reader writes it: a true minus sign, at most `digits` decimals, a plus sign if `signed`; with `fraction`,
 * 1/9.
 * @param {number} value
 * @param {{ signed?: boolean, digits?: number, fraction?: boolean }} [options]
 */
export function numeral(value, { signed = false, digits = 2, fraction = false } = {}) {
  const under = Math.round(1 / value);
  if (
    fraction &&
    under > 2 &&
    under < 100 &&
    Math.abs(value - 1 / under) < 1e-6 &&
    Number(value.toFixed(digits)) !== value
  )
    return `1/${under}`;
  const rounded = Number(value.toFixed(digits));
  const text = String(Math.abs(rounded));
  return rounded < 0 ? `\u2212${text}` : signed && rounded > 0 ? `+${text}` : text;
}
