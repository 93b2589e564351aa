// @ts-check
// Where readers take their answers along, bring them back, or remove them.

import { h } from "../../../../cnncourse/figures/js/controls.js";
import { notebookText, saveFile } from "./notebook.js";

/** @import { Store } from "./store.js" */

/**
 * @param {Store} store
 * @param {string} imports
 * @param {{ before: () => void, after: () => void }} page - store what has been typed; show what the store has
 * @returns {HTMLElement}
 */
export function answersPanel(store, imports, page) {
  const note = h("p", { role: "status" }, store.problem);
  const file = h("input", {
    type: "file",
    accept: ".json,application/json",
    hidden: true,
    "aria-label": "File of answers",
  });
  const say = (sentence) => {
    note.textContent = [sentence, store.problem].filter(Boolean).join(" ");
  };
  const save = () => {
    page.before();
    saveFile("cnncourse-answers.json", store.text(), "application/json");
  };
  const saveNotebook = () => {
    page.before();
    const answers = Object.entries(store.all("exercises")).flatMap(([name, { answer }]) =>
      answer === undefined ? [] : [/** @type {[string, string]} */ ([name, answer])],
    );
    if (!answers.length) say("There is no answer to export yet.");
    else saveFile("cnncourse-answers.ipynb", notebookText(imports, answers), "application/x-ipynb+json");
  };
  const forget = () => {
    if (!confirm("Remove all your answers and what you have passed from this browser?")) return;
    page.before();
    store.forget();
    page.after();
    say("Everything is forgotten.");
  };
  file.onchange = async () => {
    page.before();
    say(store.add(await file.files[0].text()));
    file.value = "";
    page.after();
  };
  const button = (text, onclick) => h("button", { type: "button", onclick }, text);
  return h(
    "details.cnn-practice-answers",
    { open: store.problem !== "" },
    h("summary", {}, "Your answers in this browser"),
    h(
      "p",
      {},
      "Answers and passed exercises are kept in this browser and sent nowhere. Take them along as a file; an import ",
      "replaces answers to the same exercises. The notebook runs where the course is installed.",
    ),
    h(
      "p.cnn-practice-buttons",
      {},
      button("Export", save),
      button("Import", () => file.click()),
      button("Export as a notebook", saveNotebook),
      button("Forget everything", forget),
      file,
    ),
    note,
  );
}
