// @ts-check
/**
 * Runs answers in a worker and keeps a second one in reserve: an answer that does not end is stopped, and the next check
 * does not wait for Python to start.
 */

const STEP_MS = 5000; // without a sign of one more case, where Python imports the checker in IMPORT_MS
const IMPORT_MS = 2000;
const LOADING_MS = 60000; // without a sign of loading
const CLEAN = {
  FORBID_TAGS: ["style", "form", "input", "button", "a", "img"],
  FORBID_ATTR: ["id", "name"],
  ALLOW_DATA_ATTR: false,
};

const LOADING_STYLE = /url|image|position|@|\\/i; // what a style might load, or cover the page with

/** @typedef {{ status: string, html: string, text: string, printed: string }} Verdict */
/** @typedef {(progress: { loaded: number, total: number }) => void} OnProgress */

/** Where the files of practice are: at an address, or in scripts of a folder, since pages there may not fetch. */
class Files {
  /** @param {URL} base */
  constructor(base) {
    this.base = base;
    this.inFolder = base.protocol === "file:";
    /** @type {Promise<Record<string, Uint8Array<ArrayBuffer>>> | undefined} */
    this.read = undefined;
    /** @type {any} */
    this.cleaner = undefined;
  }

  /**
   * Load a script of the folder; it puts its bytes, in base64, on the window.
   * @param {string} name
   * @returns {Promise<Record<string, string>>}
   */
  script(name) {
    return new Promise((resolve, reject) => {
      const tag = document.createElement("script");
      tag.src = new URL(name, this.base).href;
      tag.onload = () => resolve(/** @type {any} */ (window).cnnPractice);
      tag.onerror = () => reject(new Error(`${name} is missing`));
      document.head.append(tag);
    });
  }

  /**
   * @param {string} name
   * @returns {Promise<Record<string, Uint8Array<ArrayBuffer>>>}
   */
  async bytes(name) {
    const found = await this.script(name);
    return Object.fromEntries(
      Object.entries(found).map(([key, text]) => [key, Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]),
    );
  }

  /** Everything but the data of exercises; read once. */
  all() {
    this.read ??= this.bytes("offline.js");
    return this.read;
  }

  /** Start a worker and tell it where its files are. */
  async worker() {
    if (!this.inFolder) {
      const worker = new Worker(new URL("worker.js", this.base));
      worker.postMessage({ base: this.base.href });
      return worker;
    }
    const files = await this.all();
    const worker = new Worker(address(files["worker.js"]));
    worker.postMessage({ files });
    return worker;
  }

  /** @param {string} name */
  async data(name) {
    return this.inFolder ? (await this.bytes(`data/${name}.js`))[name] : undefined;
  }

  /** What takes out of HTML all that could act or load. */
  async purify() {
    if (this.cleaner) return this.cleaner;
    const place = this.inFolder ? address((await this.all())["purify.js"]) : new URL("purify.js", this.base).href;
    const cleaner = (await import(place)).default;
    cleaner.addHook("uponSanitizeAttribute", (/** @type {Element} */ _, /** @type {any} */ attribute) => {
      if (attribute.attrName === "style" && LOADING_STYLE.test(attribute.attrValue)) attribute.keepAttr = false;
    });
    this.cleaner = cleaner;
    return cleaner;
  }
}

/** @param {BlobPart} script */
const address = (script) => URL.createObjectURL(new Blob([script], { type: "text/javascript" }));

/** One worker: loading, then one check at a time. */
class Helper {
  /** @param {Files} files */
  constructor(files) {
    this.files = files;
    /** @type {OnProgress | undefined} */
    this.onProgress = undefined;
    /** @type {(message: any) => void} */
    this.onMessage = () => {};
    this.closed = false;
    this.limit = STEP_MS;
    /** @type {Worker | undefined} */
    this.worker = undefined;
    this.ready = this.start();
    this.ready.catch(() => {}); // whoever waits for it is told
  }

  async start() {
    const worker = await this.files.worker();
    this.worker = worker;
    if (this.closed) worker.terminate();
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new Error("loading has stopped"));
      let timer = setTimeout(giveUp, LOADING_MS);
      worker.onmessage = ({ data }) => {
        clearTimeout(timer);
        if (data.total) timer = setTimeout(giveUp, LOADING_MS);
        if (data.total) this.onProgress?.(data);
        else if (data.ready) {
          this.limit = STEP_MS * Math.max(1, data.ms / IMPORT_MS); // a slow device gets more time
          resolve(undefined);
        }
        if (data.failed) reject(new Error(data.failed));
        this.onMessage(data);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message || "the worker did not start"));
        this.onMessage({ failed: event.message || "the worker ended" });
      };
    });
  }

  /**
   * @param {string} name
   * @param {string} source
   * @returns {Promise<{ verdict?: Verdict, failed?: string, late?: boolean }>}
   */
  async check(name, source) {
    const data = await this.files.data(name);
    return new Promise((resolve) => {
      /** @type {ReturnType<typeof setTimeout>} */
      let timer;
      this.onMessage = (message) => {
        if ("step" in message) {
          clearTimeout(timer);
          timer = setTimeout(() => resolve({ late: true }), this.limit);
        } else if (message.verdict || message.failed) {
          clearTimeout(timer);
          resolve(message);
        }
      };
      this.worker?.postMessage({ name, source, data });
    });
  }

  close() {
    this.closed = true;
    this.worker?.terminate();
  }
}

export class Runner {
  /** @param {URL | string} base the site's folder of practice */
  constructor(base) {
    this.files = new Files(new URL(base, location.href));
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
    this.helper ??= this.reserve ?? new Helper(this.files);
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
      const purify = await this.files.purify();
      const { verdict, failed, late } = await helper.check(name, source);
      if (!this.reserve) this.reserve = new Helper(this.files);
      if (verdict) return { ...verdict, html: purify.sanitize(verdict.html, CLEAN) };
      this.drop(helper);
      if (late)
        return sentence(
          "stopped",
          `No answer came within ${Math.round(helper.limit / 1000)} s: is there a loop that does not end?`,
        );
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
