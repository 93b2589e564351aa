// @ts-check
/**
 * Runs answers in a worker and keeps a second one in reserve: an answer that does not end is stopped, and the next check
 * does not wait for Python to start.
 */

const STEP_MS = 5000; // without a sign of one more case
const LOADING_MS = 60000; // without a sign of loading
const CLEAN = { FORBID_TAGS: ["style", "form", "input", "button", "a", "img"], FORBID_ATTR: ["id", "name"], ALLOW_DATA_ATTR: false };

/** @typedef {{ status: string, html: string, text: string, printed: string }} Verdict */
/** @typedef {(progress: { loaded: number, total: number }) => void} OnProgress */

/** One worker: loading, then one check at a time. */
class Helper {
  /** @param {URL} base */
  constructor(base) {
    this.worker = new Worker(new URL("worker.js", base), { type: "module" });
    /** @type {OnProgress | undefined} */
    this.onProgress = undefined;
    /** @type {(message: any) => void} */
    this.onMessage = () => {};
    this.ready = new Promise((resolve, reject) => {
      const giveUp = () => reject(new Error("loading has stopped"));
      let timer = setTimeout(giveUp, LOADING_MS);
      this.worker.onmessage = ({ data }) => {
        clearTimeout(timer);
        if (data.total) timer = setTimeout(giveUp, LOADING_MS);
        if (data.total) this.onProgress?.(data);
        else if (data.ready) resolve(undefined);
        else if (data.failed) reject(new Error(data.failed));
        this.onMessage(data);
      };
      this.worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message || "the worker did not start"));
        this.onMessage({ failed: event.message || "the worker ended" });
      };
    });
    this.ready.catch(() => {}); // whoever waits for it is told
  }

  /**
   * @param {string} name
   * @param {string} source
   * @returns {Promise<{ verdict?: Verdict, failed?: string, late?: boolean }>}
   */
  check(name, source) {
    return new Promise((resolve) => {
      /** @type {ReturnType<typeof setTimeout>} */
      let timer;
      this.onMessage = (message) => {
        if ("step" in message) {
          clearTimeout(timer);
          timer = setTimeout(() => resolve({ late: true }), STEP_MS);
        } else if (message.verdict || message.failed) {
          clearTimeout(timer);
          resolve(message);
        }
      };
      this.worker.postMessage({ name, source });
    });
  }

  close() {
    this.worker.terminate();
  }
}

export class Runner {
  /** @param {URL | string} base the site's folder of practice */
  constructor(base) {
    this.base = new URL(base, location.href);
    /** @type {Helper | undefined} */
    this.helper = undefined;
    /** @type {Helper | undefined} */
    this.reserve = undefined;
    /** @type {Promise<unknown>} */
    this.last = Promise.resolve();
  }

  /**
   * Begin to load.
   * @param {{ onProgress?: OnProgress }} [options]
   */
  warm({ onProgress } = {}) {
    this.helper ??= this.reserve ?? new Helper(this.base);
    if (this.reserve === this.helper) this.reserve = undefined;
    if (onProgress) this.helper.onProgress = onProgress;
    return this.helper;
  }

  /**
   * Check an answer; never rejects. A second check waits for the first.
   * @param {string} name
   * @param {string} source
   * @param {{ onProgress?: OnProgress }} [options]
   * @returns {Promise<Verdict>}
   */
  check(name, source, options = {}) {
    const verdict = this.last.then(() => this.run(name, source, options));
    this.last = verdict;
    return verdict;
  }

  /**
   * @param {string} name
   * @param {string} source
   * @param {{ onProgress?: OnProgress }} options
   * @returns {Promise<Verdict>}
   */
  async run(name, source, options) {
    const helper = this.warm(options);
    try {
      await helper.ready;
      const purify = (await import(new URL("purify.js", this.base).href)).default;
      const { verdict, failed, late } = await helper.check(name, source);
      if (!this.reserve) this.reserve = new Helper(this.base);
      if (verdict) return { ...verdict, html: purify.sanitize(verdict.html, CLEAN) };
      this.drop(helper);
      if (late) return sentence("stopped", `No answer came within ${STEP_MS / 1000} s: is there a loop that does not end?`);
      return sentence("stopped", `Python ended before the answer did (${failed}). Does it ask for too much memory?`);
    } catch (error) {
      this.drop(helper);
      return sentence("unavailable", `Python could not be loaded (${/** @type {Error} */ (error).message}).`);
    }
  }

  /** @param {Helper} helper */
  drop(helper) {
    helper.close();
    this.helper = undefined;
  }

  close() {
    this.helper?.close();
    this.reserve?.close();
    this.helper = this.reserve = undefined;
  }
}

/**
 * @param {string} status
 * @param {string} text
 * @returns {Verdict}
 */
function sentence(status, text) {
  const paragraph = document.createElement("p");
  paragraph.textContent = text;
  return { status, html: paragraph.outerHTML, text, printed: "" };
}
