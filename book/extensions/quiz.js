// @ts-check
// Questions of the book: the reader answers, then reads why that answer is right or wrong.
// Without this script every question still has its answer in a fold.

import { sameNumber } from "../../cnncourse/figures/js/numbers.js";

/**
 * The reason for the given answer: null without an answer, undefined for a number that has none.
 * @param {HTMLFormElement} form
 */
function reasonFor(form) {
  const reasons = [...form.querySelectorAll("template")];
  if (form.dataset.answer === undefined) {
    const chosen = /** @type {HTMLInputElement | null} */ (form.querySelector("input[type=radio]:checked"));
    return chosen && reasons.find((reason) => reason.dataset.reason === chosen.value);
  }
  const text = form.querySelector("input")?.value ?? "";
  if (text.trim() === "") return null;
  return sameNumber(text, Number(form.dataset.answer)) ? reasons[0] : undefined;
}

/** @param {Event} event */
function answerQuiz(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  const feedback = /** @type {HTMLElement} */ (form.querySelector(".cnn-quiz-feedback"));
  const reason = reasonFor(form);
  const verdict = document.createElement("strong");
  if (reason === null) verdict.textContent = "Answer first, then check.";
  else verdict.textContent = reason?.dataset.right ? "Right. " : "Not yet. ";
  feedback.dataset.right = String(Boolean(reason?.dataset.right));
  feedback.replaceChildren(verdict);
  if (reason) feedback.append(reason.content.cloneNode(true));
  else if (reason === undefined) feedback.append("Try another number, or open the answer below.");
}

for (const form of document.querySelectorAll("form.cnn-quiz")) {
  /** @type {HTMLElement} */ (form.querySelector(".cnn-quiz-check")).hidden = false;
  form.addEventListener("submit", answerQuiz);
}
