// @ts-check
// What the site keeps in this browser, all in one entry of localStorage:
//
//   localStorage["cnncourse"] = {"version": 1, "exercises": {NAME: {"answer": TEXT, "tried": true, "passed": "2026-11-27"}}}
//
// Beside the version there are sections, one for each kind of practice. A section maps names to records; a record
// without fields is left out. What a section's records hold is the business of the code that uses it: sections that
// this version does not know are kept as they are, so that a new one needs no new version. A file of answers has the same layout.

/** @typedef {Record<string, any>} Entry */
/** @typedef {Record<string, Record<string, Entry>>} Sections */

export const KEY = "cnncourse";
const VERSION = 1;
const FORBIDDEN = "This browser keeps nothing for this site: export your answers before you leave the page.";
const FULL =
  "The browser's storage for this site is full, so your latest changes are not kept: export your answers before you leave the page.";
const CORRUPT =
  "What this browser has kept for the course cannot be read, so nothing new is kept until you choose “Forget everything”.";
const NEWER =
  "What this browser has kept was written by a newer version of the course, so this page neither reads nor changes it.";
const NOT_OURS = "This file holds no answers of this course; nothing was imported.";
const FROM_NEWER = "This file was written by a newer version of the course; nothing was imported.";

/** @type {(value: any) => boolean} */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @type {(entry: Entry) => boolean} */
const isExercise = ({ answer = "", tried = true, passed = "" }) =>
  typeof answer === "string" && typeof tried === "boolean" && typeof passed === "string";

/**
 * The sections in a text, or why there are none.
 * @param {string} text
 * @returns {{ sections?: Sections, newer?: boolean }}
 */
function readText(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isRecord(found) || !Number.isInteger(found.version) || found.version < 1) return {};
  if (found.version > VERSION) return { newer: true };
  const { version: _, ...sections } = found;
  const whole = Object.values(sections).every((section) => isRecord(section) && Object.values(section).every(isRecord));
  return whole && Object.values(sections.exercises ?? {}).every(isExercise) ? { sections } : {};
}

export class Store {
  /** One sentence on why nothing is kept; "" if all is well. */
  problem = "";
  /** @type {Sections} */
  #sections = {};
  #unreadable = "";

  constructor() {
    this.#load();
  }

  /** Read what is kept: another tab may have changed it. */
  #load() {
    let text;
    try {
      text = localStorage.getItem(KEY);
    } catch {
      this.problem = FORBIDDEN;
      return;
    }
    const { sections, newer } = text === null ? { sections: {} } : readText(text);
    this.#sections = sections ?? {};
    this.#unreadable = sections ? "" : (text ?? "");
    this.problem = sections ? "" : newer ? NEWER : CORRUPT;
  }

  #save() {
    if (this.#unreadable) return;
    try {
      localStorage.setItem(KEY, this.text());
      this.problem = "";
    } catch (error) {
      this.problem = error instanceof DOMException && error.name === "QuotaExceededError" ? FULL : FORBIDDEN;
    }
  }

  /** @type {(section: string) => Record<string, Entry>} */
  all(section) {
    return this.#sections[section] ?? {};
  }

  /** @type {(section: string, name: string) => Entry} */
  entry(section, name) {
    return this.all(section)[name] ?? {};
  }

  /**
   * Change some fields of an entry; a field that becomes undefined is removed.
   * @param {string} section
   * @param {string} name
   * @param {Entry} changes
   */
  update(section, name, changes) {
    if (!this.problem) this.#load();
    const { [name]: entry, ...others } = this.all(section);
    const fields = Object.entries({ ...entry, ...changes }).filter(([, value]) => value !== undefined);
    const changed = fields.length ? { [name]: Object.fromEntries(fields) } : {};
    this.#sections = { ...this.#sections, [section]: { ...others, ...changed } };
    this.#save();
  }

  /** What is kept as the text of a file, also if this version cannot read it. */
  text() {
    return this.#unreadable || JSON.stringify({ version: VERSION, ...this.#sections }, null, 1);
  }

  /**
   * Add what a file holds; of an entry that is there already, the file's fields win.
   * @param {string} text
   * @returns {string} one sentence on what happened
   */
  add(text) {
    const { sections, newer } = readText(text);
    if (!sections) return newer ? FROM_NEWER : NOT_OURS;
    for (const [section, entries] of Object.entries(sections))
      for (const [name, fields] of Object.entries(entries)) this.update(section, name, fields);
    const answers = Object.values(sections.exercises ?? {}).filter((entry) => entry.answer !== undefined).length;
    return `Imported ${answers} ${answers === 1 ? "answer" : "answers"}.`;
  }

  /** Remove all that is kept. */
  forget() {
    this.#sections = {};
    this.#unreadable = "";
    this.problem = "";
    try {
      localStorage.removeItem(KEY);
    } catch {
      this.problem = FORBIDDEN;
    }
  }
}
