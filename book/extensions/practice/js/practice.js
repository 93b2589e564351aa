// @ts-check
// The exercises of a page: one runner for all of them, which loads nothing before an editor has the focus.

import { answersPanel } from "./answers_panel.js";
import { exerciseOf, explainAbsence, makeBox } from "./box.js";
import { Runner } from "./runner.js";
import { Store } from "./store.js";

const script = /** @type {HTMLScriptElement} */ (document.currentScript);
// exercises: the names of those on the page, and null or the reason why one cannot be checked here
const { running, imports, exercises } = JSON.parse(script.dataset.settings ?? "{}");
const store = new Store();
const elements = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".cnn-exercise")]);

/** @type {Runner | undefined} */
let runner;
let progress = { loaded: 0, total: 0 };
/** @type {(progress: import("./box.js").Progress) => void} */
let show = () => {};

/** @type {(now: import("./box.js").Progress) => void} */
const onProgress = (now) => show((progress = now));

const practice = {
  store,
  running,
  imports,
  /** The box that had the focus last shows what is loaded. */
  warm(showHere) {
    if (show !== showHere) show({ loaded: 0, total: 0 });
    show = showHere;
    show(progress);
    if (runner) return;
    runner = new Runner(new URL(".", script.src).href);
    runner.warm({ onProgress });
  },
  check: (name, source) => /** @type {Runner} */ (runner).check(name, source, { onProgress }),
};

const boxes = elements
  .filter((element) => exercises[exerciseOf(element)] === null)
  .map((element) => makeBox(element, practice));
for (const element of elements) {
  const reason = exercises[exerciseOf(element)];
  if (reason) explainAbsence(element, reason, running);
}
const flush = () => {
  for (const box of boxes) box.flush();
};
if (boxes.length) {
  const after = () => {
    for (const box of boxes) box.refresh();
  };
  elements.at(-1)?.after(answersPanel(store, imports, { before: flush, after }));
  addEventListener("pagehide", flush);
}
