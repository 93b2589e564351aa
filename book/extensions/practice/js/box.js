// @ts-check
// One exercise on a page: its stub becomes an editor, hints open one after the other, the solution after a try.
// Stub, hints and solution are those of the page. They stay in it, for paper.

import { h } from "../../../../cnncourse/figures/js/controls.js";
import { fitHeight, prepareEditor, replaceText } from "./editor.js";
import { notebookText, saveFile } from "./notebook.js";

/** @import { Store } from "./store.js" */

/**
 * What the boxes of a page share.
 * @typedef {{
 *   store: Store,
 *   running: string,
 *   imports: string,
 *   warm: (onProgress: (progress: Progress) => void) => void,
 *   check: (name: string, source: string) => Promise<Result>,
 * }} Practice
 */
/** @typedef {{ loaded: number, total: number }} Progress - in bytes */
/** @typedef {{ status: string, html: string, text: string, printed: string }} Result - the HTML cleaned by the runner */

/** @type {Record<string, string>} */
const WORDS = {
  passed: "Passed.",
  failed: "Not yet.",
  "not attempted": "Not attempted yet: the body is still the stub's.",
  gap: "This page cannot judge your answer.",
  stopped: "Stopped.",
  unavailable: "Exercises cannot be checked on this page in your browser.",
};
const MOST_SAID = 300; // characters of a report that a screen reader is given at once
const KEYS = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘+Enter" : "Ctrl+Enter";

/** @type {(element: HTMLElement) => string} */
export const exerciseOf = (element) => (element.getAttribute("aria-label") ?? "").replace("Exercise ", "");

/** @type {(bytes: number) => string} */
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/**
 * The names that lines such as "from torch import nn" bind.
 * @type {(imports: string) => string[]}
 */
const importedNames = (imports) => imports.match(/\w+$/gm) ?? [];

/**
 * The parts of an exercise's box as the book writes it.
 * @param {HTMLElement} element
 */
function partsOf(element) {
  const parts = [...element.children];
  const stub = /** @type {HTMLElement} */ (parts.filter((part) => /^highlight-/.test(part.className)).at(-1));
  const folds = /** @type {HTMLDetailsElement[]} */ (parts.filter((part) => part.localName === "details"));
  const solution = /** @type {HTMLDetailsElement} */ (folds.pop());
  return { stub, source: stub.querySelector("pre")?.textContent?.trimEnd() ?? "", hints: folds, solution };
}

/**
 * Show hints one after the other: the next when one has been opened.
 * @param {HTMLDetailsElement[]} hints
 */
function oneAfterTheOther(hints) {
  for (const [index, hint] of hints.entries()) {
    hint.hidden = index > 0;
    hint.addEventListener("toggle", () => {
      if (hint.open && hints[index + 1]) hints[index + 1].hidden = false;
    });
  }
}

/**
 * Say in the box of an exercise why it cannot be checked on the page.
 * @param {HTMLElement} element
 * @param {string} reason
 * @param {string} running
 */
export function explainAbsence(element, reason, running) {
  const { stub } = partsOf(element);
  const link = h("a", { href: running }, "Use a notebook");
  stub.nextElementSibling?.after(
    h("p.cnn-practice-absent", {}, `This exercise cannot be checked on the page: ${reason}. `, link, "."),
  );
}

/**
 * Let an exercise be solved in its box.
 * @param {HTMLElement} element
 * @param {Practice} practice
 * @returns {{ refresh: () => void, flush: () => void }} show what the store has; store what has been typed
 */
export function makeBox(element, practice) {
  const name = exerciseOf(element);
  const { stub, source, hints, solution } = partsOf(element);
  const { store } = practice;
  const kept = () => store.entry("exercises", name);
  let busy = false;
  let waiting = 0; // a timer: what is typed is kept after a pause
  /** @type {string | null} */
  let beforeReset = null;
  let checked = "";
  let progress = { loaded: 0, total: 0 };

  const area = h("textarea", {
    id: `answer-${name}`,
    "aria-describedby": `keys-${name}`,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    autocorrect: "off",
  });
  const checkButton = h("button.cnn-practice-check", { type: "button", onclick: check }, "Check");
  const resetButton = h("button", { type: "button", onclick: reset }, "Reset");
  const done = h("span.cnn-practice-done", { hidden: true }, "✓ Passed");
  const state = h("span.cnn-practice-state");
  const bar = h("progress", { "aria-label": "Loading Python", hidden: true });
  const problem = h("p.cnn-practice-problem", { hidden: true });
  const result = h("div.cnn-practice-result");
  const said = h("div.live", { role: "status" });
  const later = h("p.cnn-practice-later", {}, "The solution appears here after your first try.");
  const form = h(
    "div.cnn-practice",
    {},
    h("label", { for: area.id }, "Your answer"),
    area,
    h(
      "p.cnn-practice-keys",
      { id: `keys-${name}` },
      `Imported already: ${importedNames(practice.imports).join(", ")}. `,
      h("span", {}, `Tab indents once you have typed; Escape, then Tab leaves the editor; ${KEYS} checks.`),
    ),
    h("p.cnn-practice-buttons", {}, checkButton, resetButton, done, state, bar),
    problem,
    result,
    said,
  );

  function flush() {
    clearTimeout(waiting);
    if (waiting) store.update("exercises", name, { answer: area.value === source ? undefined : area.value });
    waiting = 0;
    showProblem();
  }

  function showProblem() {
    problem.textContent = store.problem;
    problem.hidden = store.problem === "";
  }

  function refresh() {
    area.value = kept().answer ?? source;
    beforeReset = null;
    resetButton.textContent = "Reset";
    fitHeight(area);
    showReached();
  }

  /** What has been reached: passed or not, tried or not. */
  function showReached() {
    done.hidden = !kept().passed;
    solution.hidden = !kept().tried;
    later.hidden = !solution.hidden;
  }

  /** What is going on: loading, checking, or an answer that the result below does not belong to. */
  function showState() {
    const { loaded, total } = progress;
    bar.hidden = loaded >= total;
    Object.assign(bar, { max: total, value: loaded });
    const changed = result.hasChildNodes() && area.value !== checked;
    if (loaded < total) state.textContent = `Loading Python: ${megabytes(loaded)} of ${megabytes(total)} MB`;
    else state.textContent = busy ? "Checking…" : changed ? "Changed since this check." : "";
  }

  /** @param {Progress} now */
  function showLoading(now) {
    progress = now;
    showState();
  }

  function reset() {
    const text = beforeReset ?? source;
    const before = beforeReset === null ? area.value : null;
    replaceText(area, text);
    beforeReset = before === source ? null : before;
    resetButton.textContent = beforeReset === null ? "Reset" : "Undo reset";
    flush();
  }

  async function check() {
    if (busy) return;
    busy = true;
    checkButton.setAttribute("aria-disabled", "true");
    said.textContent = "Checking…";
    flush();
    practice.warm(showLoading);
    showState();
    const sent = area.value;
    const found = await practice.check(name, sent);
    busy = false;
    checked = sent;
    checkButton.removeAttribute("aria-disabled");
    showResult(found);
    showLoading({ loaded: 0, total: 0 });
  }

  /** @param {Result} found */
  function showResult({ status, html, text, printed }) {
    if (status !== "not attempted") {
      const passed = status === "passed" ? { passed: new Date().toISOString().slice(0, 10) } : {};
      store.update("exercises", name, { tried: true, ...passed });
      showProblem();
    }
    showReached();
    result.dataset.status = status;
    result.innerHTML = html;
    result.prepend(h("p.cnn-practice-verdict", {}, WORDS[status]));
    if (status === "gap" || status === "unavailable") result.append(instead());
    if (printed) {
      const output = h("pre", { tabindex: 0, "aria-label": "Printed output" }, printed);
      result.append(h("p.cnn-practice-printed", {}, "Your code printed:"), output);
    }
    said.textContent = `${WORDS[status]} ${text.slice(0, MOST_SAID)}`;
  }

  /** What to do where the page cannot help. */
  function instead() {
    const save = () =>
      saveFile(`${name}.ipynb`, notebookText(practice.imports, [[name, checked]]), "application/x-ipynb+json");
    return h(
      "p",
      {},
      "Check it in a notebook instead: ",
      h("button", { type: "button", onclick: save }, "Export this answer as a notebook"),
      " and run it ",
      h("a", { href: practice.running }, "on your machine or in Colab"),
      ".",
    );
  }

  prepareEditor(area, check);
  area.addEventListener("focus", () => {
    practice.warm(showLoading);
    showProblem();
  });
  area.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(flush, 400);
    beforeReset = null;
    resetButton.textContent = "Reset";
    showState();
  });
  oneAfterTheOther(hints);
  stub.classList.add("cnn-practice-on-paper");
  stub.nextElementSibling?.classList.add("cnn-practice-on-paper"); // how to check it in a notebook
  stub.before(form);
  solution.before(later);
  refresh();
  return { refresh, flush };
}
