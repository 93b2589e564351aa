// @ts-check
// A textarea for Python: Tab and Shift+Tab indent, Enter keeps the indentation. After Escape, and for a reader who came by
// Tab and has not typed anything, Tab leaves as elsewhere.
// Screen readers, phones, undo and the browser's own search know a textarea; it needs no library (CodeMirror 6 with
// Python is 122 KB, compressed) and works from a folder. What it lacks is colour.

const INDENT = 4;

/** @typedef {{ from: number, to: number, insert: string, start: number, end: number }} Edit - and the selection after it */

/** @type {(text: string, place: number) => number} */
const lineStart = (text, place) => text.lastIndexOf("\n", place - 1) + 1;

/**
 * Tab: spaces up to the next stop, or all selected lines moved to the right.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {Edit}
 */
export function indent(text, start, end) {
  if (!text.slice(start, end).includes("\n")) {
    const spaces = INDENT - ((start - lineStart(text, start)) % INDENT);
    return { from: start, to: end, insert: " ".repeat(spaces), start: start + spaces, end: start + spaces };
  }
  return changeLines(text, start, end, (line) => (line ? " ".repeat(INDENT) + line : line));
}

/**
 * Shift+Tab: the lines of the selection moved to the left.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {Edit}
 */
export function dedent(text, start, end) {
  return changeLines(text, start, end, (line) => line.replace(/^(\t| {1,4})/, ""));
}

/**
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {(line: string) => string} change
 * @returns {Edit}
 */
function changeLines(text, start, end, change) {
  const from = lineStart(text, start);
  const last = end > start && text[end - 1] === "\n" ? end - 1 : end;
  const to = text.indexOf("\n", last) === -1 ? text.length : text.indexOf("\n", last);
  const lines = text.slice(from, to).split("\n");
  const changed = lines.map(change);
  const insert = changed.join("\n");
  const first = Math.max(from, start + changed[0].length - lines[0].length);
  return { from, to, insert, start: first, end: Math.max(first, end + insert.length - (to - from)) };
}

/**
 * Enter: a line with the same indentation, deeper after a colon.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {Edit}
 */
export function newLine(text, start, end) {
  const line = text.slice(lineStart(text, start), start);
  const deeper = line.trimEnd().endsWith(":") ? INDENT : 0;
  const insert = `\n${/^[ \t]*/.exec(line)?.[0]}${" ".repeat(deeper)}`;
  return { from: start, to: end, insert, start: start + insert.length, end: start + insert.length };
}

/**
 * Change the text as if it were typed, so that the browser can undo it.
 * @param {HTMLTextAreaElement} area
 * @param {Edit} edit
 */
function apply(area, { from, to, insert, start, end }) {
  if (area.value.slice(from, to) !== insert) {
    area.setSelectionRange(from, to);
    if (!document.execCommand(insert ? "insertText" : "delete", false, insert)) {
      area.setRangeText(insert);
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  area.setSelectionRange(start, end);
}

/**
 * Replace the whole text.
 * @param {HTMLTextAreaElement} area
 * @param {string} text
 */
export function replaceText(area, text) {
  area.focus();
  apply(area, { from: 0, to: area.value.length, insert: text, start: 0, end: 0 });
}

/**
 * Let a textarea take Python, and grow with it.
 * @param {HTMLTextAreaElement} area
 * @param {() => void} onrun - Ctrl+Enter
 */
export function prepareEditor(area, onrun) {
  let released = true; // until the reader clicks or types
  area.addEventListener("pointerdown", () => {
    released = false;
  });
  area.addEventListener("keydown", (event) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    if (event.isComposing || event.altKey) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onrun();
    } else if (event.ctrlKey || event.metaKey || event.key === "Shift") return;
    else if (event.key === "Escape") released = true;
    else if (event.key === "Tab") {
      if (released) return;
      event.preventDefault();
      apply(area, (event.shiftKey ? dedent : indent)(value, start, end));
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      apply(area, newLine(value, start, end));
    } else released = false;
  });
  area.addEventListener("blur", () => {
    released = true;
  });
  area.addEventListener("input", () => {
    released = false;
    fitHeight(area);
  });
}

/**
 * As many rows as the text has lines.
 * @param {HTMLTextAreaElement} area
 */
export function fitHeight(area) {
  area.rows = Math.min(40, Math.max(6, area.value.split("\n").length + 1));
}
