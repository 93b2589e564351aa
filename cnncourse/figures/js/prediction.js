// @ts-check
// A prediction: the reader commits to an answer, then sees the right one and how near it was.
// Python writes the form (prediction.py). Without this script the answer is in its fold.

import { grid, h } from "./controls.js";
import { equal, readNumbers } from "./numbers.js";

/**
 * What a reader is told: whether it is right, and how near. `wrong` is a value to look up among the known ones.
 * @typedef {{ right: boolean, close?: boolean, near: string, wrong?: any }} Verdict
 */

/** @type {(value: number) => string} */
const written = (value) =>
  new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 }).format(value).replace("-", "\u2212");

/** @type {(count: number, noun: string) => string} */
const counted = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/**
 * A number, or any of those that the text may mean.
 * @param {string} text
 * @param {string} answer - "13", or "≈ 0.67" if it depends on the machine
 * @returns {Verdict | null} null if the text is no number
 */
export function judgeNumber(text, answer) {
  const right = Number(answer.replace("\u2248", ""));
  const approximate = answer.startsWith("\u2248");
  const [given, ...others] = readNumbers(text);
  if (given === undefined) return null;
  if ([given, ...others].some((one) => equal(one, right))) return { right: true, near: "" };
  const [difference, ratio] = [Math.abs(given - right), given / right];
  const far = right !== 0 && (ratio >= 3 || (ratio > 0 && ratio <= 1 / 3));
  const near = far
    ? `${written(given)} is ${written(ratio > 1 ? ratio : 1 / ratio)} times too ${ratio > 1 ? "large" : "small"}.`
    : `${written(given)} is too ${given > right ? "high" : "low"} by ${written(difference)}.`;
  return {
    right: false,
    close: (approximate || !Number.isInteger(right)) && difference <= 0.05 * Math.abs(right),
    near,
    wrong: given,
  };
}

/**
 * A shape, in any notation: (4, 4), 4x4, 4 4.
 * @param {string} text
 * @param {number[]} answer
 * @returns {Verdict | null} null if the text is no shape
 */
export function judgeShape(text, answer) {
  if (!/^[\s([]*\d+([\s,x\u00d7*]+\d+)*[\s,)\]]*$/i.test(text)) return null;
  const given = (text.match(/\d+/g) ?? []).map(Number);
  const sorted = (sizes) => [...sizes].sort((one, other) => one - other).join();
  if (given.join() === answer.join()) return { right: true, near: "" };
  let near = `You gave ${counted(given.length, "size")}; the shape has ${answer.length}.`;
  if (given.length === answer.length) {
    const hits = given.filter((size, axis) => size === answer[axis]).length;
    near = `${hits} of ${counted(answer.length, "size")} ${hits === 1 ? "is" : "are"} right.`;
    if (sorted(given) === sorted(answer)) near = "These are the right sizes in another order.";
  }
  return { right: false, near, wrong: given };
}

/**
 * Cells marked on a grid.
 * @param {boolean[][]} given
 * @param {boolean[][]} answer
 * @returns {Verdict}
 */
export function judgeCells(given, answer) {
  const cells = given.flat();
  const right = answer.flat();
  const hits = cells.filter((marked, place) => marked && right[place]).length;
  const others = cells.filter((marked, place) => marked && !right[place]).length;
  const all = right.filter(Boolean).length;
  if (hits === all && others === 0) return { right: true, near: "" };
  const more = others === 0 ? "" : `, and ${counted(others, "other cell")}`;
  return { right: false, near: `You marked ${hits} of the ${counted(all, "cell")}${more}.`, wrong: given };
}

/**
 * Whether a known wrong value is this one: for numbers a range.
 * @param {string} kind
 * @param {any} known
 * @param {any} wrong
 */
export function isKnown(kind, known, wrong) {
  if (kind !== "number") return JSON.stringify(known) === JSON.stringify(wrong);
  return (known[0] <= wrong && wrong <= known[1]) || equal(wrong, known[0]);
}

/**
 * A grid whose cells are marked by click, Space or Enter.
 * @param {HTMLElement} place
 * @param {string} label - id of the question
 */
function cellsField(place, label) {
  const [rows, columns] = [Number(place.dataset.rows), Number(place.dataset.columns)];
  const marked = Array.from({ length: rows }, () => Array(columns).fill(false));
  /** @type {boolean[][] | null} */
  let answer = null;
  const flip = (i, j) => {
    if (answer) return;
    marked[i][j] = !marked[i][j];
    show();
  };
  const board = grid({ label: "Cells", role: "output", onpick: flip });
  board.body.setAttribute("aria-multiselectable", "true");
  board.body.setAttribute("aria-describedby", label);
  board.body.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    /** @type {HTMLElement} */ (event.target).click();
  });
  /** @type {(i: number, j: number) => [string, string]} */
  const mark = (i, j) => {
    if (!answer) return marked[i][j] ? ["\u25a0", "marked"] : ["\u00b7", "not marked"];
    if (answer[i][j]) return marked[i][j] ? ["\u2713", "marked, right"] : ["\u25cb", "not marked, belongs to it"];
    return marked[i][j] ? ["\u00d7", "marked, does not belong to it"] : ["\u00b7", "not marked, right"];
  };
  const show = () =>
    board.update({
      rows,
      columns,
      cell(i, j) {
        const [text, words] = mark(i, j);
        return {
          text,
          label: `row ${i}, column ${j}, ${words}`,
          classes: marked[i][j] ? "marked" : "",
          selected: marked[i][j],
        };
      },
    });
  show();
  place.append(board.element);
  return {
    marked,
    reveal(right) {
      answer = right;
      show();
    },
  };
}

/**
 * Let a form take a prediction.
 * @param {HTMLFormElement} form
 */
export function prepareForm(form) {
  const kind = form.dataset.kind ?? "";
  const answer = form.dataset.answer ?? "";
  /** @type {(selector: string) => any} */
  const part = (selector) => form.querySelector(selector);
  const [commit, note, verdict, fold] = [
    ".cnn-predict-commit",
    ".cnn-predict-note",
    ".cnn-predict-verdict",
    "details",
  ].map(part);
  const field = part(".cnn-predict-field");
  const place = part(".cnn-predict-cells");
  const cells = place && cellsField(place, `${form.id}-question`);
  if (field) field.hidden = false;
  commit.hidden = false;
  let done = false;

  const end = () => {
    done = true;
    commit.hidden = true;
    fold.firstElementChild.textContent = "Answer";
    note.textContent = "";
    for (const input of form.querySelectorAll("input")) {
      if (input.type === "radio") input.disabled = true;
      else input.readOnly = true;
    }
    cells?.reveal(JSON.parse(answer));
  };

  /** @type {() => [Verdict | null, string]} */
  const judge = () => {
    if (cells) return [judgeCells(cells.marked, JSON.parse(answer)), ""];
    if (kind === "choice") {
      const chosen = part("input:checked");
      const wrong = Number(chosen?.value);
      return [chosen && { right: wrong === Number(answer), near: "", wrong }, "Choose first, then commit."];
    }
    const text = field.querySelector("input").value;
    return kind === "shape"
      ? [judgeShape(text, JSON.parse(answer)), "Write a shape such as (3, 28, 28), then commit."]
      : [judgeNumber(text, answer), "Write a number, then commit."];
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (done) return;
    const [found, request] = judge();
    if (!found) {
      note.textContent = request;
      return;
    }
    end();
    const word = found.right ? "Right." : found.close ? "Close." : "Not so.";
    verdict.dataset.right = String(found.right);
    verdict.append(h("p", {}, h("strong", {}, word), found.near && ` ${found.near}`));
    const known = [...form.querySelectorAll("template")].find((one) =>
      isKnown(kind, JSON.parse(one.dataset.value ?? "null"), found.wrong),
    );
    if (known && !found.right) verdict.append(known.content.cloneNode(true));
    fold.open = true;
    verdict.focus();
  });
  fold.addEventListener("toggle", () => {
    if (fold.open && !done) end();
  });
}

/** On a page of the book: all forms; when the answer is shown, so are the outputs that follow. */
export function preparePage() {
  for (const form of document.querySelectorAll("form")) {
    if (!form.matches(".cnn-predict")) continue;
    prepareForm(form);
    form.querySelector("details")?.addEventListener("toggle", () => {
      let cell = form.closest(".cell")?.nextElementSibling;
      for (; cell?.matches(".cell"); cell = cell.nextElementSibling)
        for (const output of cell.querySelectorAll("details")) output.open ||= output.matches(".hide.below-input");
    });
  }
}

/**
 * In JupyterLab: anywidget's `render`.
 * @param {{ model: any, el: HTMLElement }} context
 */
export function renderPrediction({ model, el }) {
  el.innerHTML = model.get("html");
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  el.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Tab") event.stopPropagation();
  });
  const form = el.querySelector("form");
  if (form) prepareForm(form);
}
