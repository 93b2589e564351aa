// @ts-check
// Numbers as readers type them, for questions and predictions.

/**
 * The numbers that a text may mean. A comma groups digits (15,742) or is a decimal comma (0,5); a percent sign may follow.
 * @param {string} text
 * @returns {number[]} one, two or none
 */
export function readNumbers(text) {
  const plain = text
    .replace(/\u2212/g, "-")
    .replace(/[\s_]/g, "")
    .replace(/%$/, "");
  const grouped = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain) ? plain.replaceAll(",", "") : "";
  return [grouped, plain.replace(",", ".")].filter((one) => one !== "" && Number.isFinite(Number(one))).map(Number);
}

/** @type {(one: number, other: number) => boolean} */
export const equal = (one, other) => Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(other));

/**
 * Whether a reader's text is this number: either reading counts.
 * @type {(text: string, answer: number) => boolean}
 */
export const sameNumber = (text, answer) => readNumbers(text).some((number) => equal(number, answer));
