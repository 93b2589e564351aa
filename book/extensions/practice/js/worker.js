// @ts-check
/**
 * The worker in which answers run: Pyodide with the course's checker and the imitation of torch.
 *
 * Its first message says where the files are: `{ base }`, an address, or `{ files }`, their bytes by name (pages that
 * are opened from a folder may not fetch). Then it takes `{ name, source }`, with `{ data }` where it may not fetch,
 * and posts `{ loaded, total }` while it fetches, `{ ready, ms }` once it can check (ms: how long the checker's import took), `{ step }` after each case and
 * `{ verdict }` at the end. An answer reaches neither network nor storage: their names are taken away before Python
 * runs it, and Python has no way to JavaScript.
 */
(() => {
  const FORBIDDEN = [
    ...["fetch", "XMLHttpRequest", "WebSocket", "WebSocketStream", "WebTransport", "EventSource", "BroadcastChannel"],
    ...["Worker", "SharedWorker", "indexedDB", "caches", "cookieStore", "importScripts", "postMessage", "navigator"],
    ...["eval", "FontFace", "Notification"],
  ];
  const FUNCTIONS = [() => {}, async () => {}, function* () {}, async function* () {}];
  const post = globalThis.postMessage.bind(globalThis);
  const get = globalThis.fetch.bind(globalThis);
  const later = globalThis.setTimeout.bind(globalThis);
  const inFolder = "http://folder.invalid/"; // stands for an address that nothing is fetched from

  /** @typedef {(name: string) => Promise<Response>} Source */

  /** @param {string} name @param {ReadableStream} stream */
  const unpacked = (name, stream) =>
    new Response(name.endsWith(".gz") ? stream.pipeThrough(new DecompressionStream("gzip")) : stream);

  /**
   * Fetch files, told in bytes as they come.
   * @param {string} base
   * @returns {Promise<Source>}
   */
  async function fetched(base) {
    /** @type {Record<string, number>} */
    const sizes = await (await get(`${base}sizes.json`)).json();
    const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
    let loaded = 0;
    return async (name) => {
      const response = await get(base + name);
      if (!response.ok || !response.body) throw new Error(`${name}: ${response.status}`);
      const counted = new TransformStream({
        transform(chunk, controller) {
          if (name in sizes) post({ loaded: Math.min((loaded += chunk.byteLength), total), total });
          controller.enqueue(chunk);
        },
      });
      return unpacked(name, response.body.pipeThrough(counted));
    };
  }

  /** Take from every answer what reaches beyond this worker. */
  function lockUp() {
    for (const name of FORBIDDEN)
      for (let place = globalThis; place && place !== Object.prototype; place = Object.getPrototypeOf(place)) {
        delete (/** @type {any} */ (place)[name]);
      }
    for (const each of FUNCTIONS)
      Object.defineProperty(Object.getPrototypeOf(each), "constructor", { value: undefined });
    for (const name of ["setTimeout", "setInterval"]) {
      const original = /** @type {any} */ (globalThis)[name];
      Object.defineProperty(globalThis, name, {
        value: (/** @type {unknown} */ work, /** @type {number} */ delay) =>
          typeof work === "function" ? original.call(globalThis, work, delay) : 0, // no text that would be evaluated
      });
    }
  }

  /** @param {Source} file @param {string} name */
  async function imported(file, name) {
    const blob = new Blob([await (await file(name)).text()], { type: "text/javascript" });
    return import(URL.createObjectURL(blob));
  }

  /** @param {Source} file */
  async function start(file) {
    globalThis.importScripts = () => {
      throw new TypeError("modules are imported"); // by this Pyodide tells that it may import
    };
    const course = file("course.zip").then((response) => response.arrayBuffer());
    globalThis.fetch = /** @type {any} */ (
      async (/** @type {string | URL} */ address) =>
        String(address).endsWith(".wasm")
          ? new Response((await file("pyodide/pyodide.asm.wasm.gz")).body, {
              headers: { "Content-Type": "application/wasm" },
            })
          : file("pyodide/python_stdlib.zip")
    );
    const [{ loadPyodide }, { default: createPyodideModule }, lock] = await Promise.all([
      imported(file, "pyodide/pyodide.mjs"),
      imported(file, "pyodide/pyodide.asm.mjs.gz"),
      file("pyodide/lock.json").then((response) => response.json()),
    ]);
    const python = await loadPyodide({ createPyodideModule, indexURL: inFolder, lockFileContents: lock });
    python.unpackArchive(await course, "zip", { extractDir: "/course" });
    const began = performance.now();
    const page = python.runPython(`
import json, sys
sys.path.insert(0, "/course")
from pathlib import Path
from extensions.practice.page import Page
facts = json.loads(Path("/course/facts.json").read_text())
Page(Path("/course"), Path("/course"), facts["modules"], facts["real names"])`);
    lockUp();
    return { page, ms: performance.now() - began };
  }

  /** @param {any} error */
  const fail = (error) => post({ failed: String(error?.message ?? error) });
  /** @type {Promise<Source>} */
  let files;
  /** @type {Promise<any>} */
  let started;
  /** @type {Map<string, Promise<string>>} */
  const prepared = new Map();

  /** @param {string} name @param {Uint8Array<ArrayBuffer>} [data] */
  async function material(name, data) {
    const path = `data/${name}.json.gz`;
    const response = data ? unpacked(path, new Blob([data]).stream()) : await (await files)(path);
    return response.text();
  }

  /** @param {{ name: string, source: string, data?: Uint8Array<ArrayBuffer> }} task */
  async function check({ name, source, data }) {
    const { page } = await started;
    if (!prepared.has(name)) prepared.set(name, material(name, data));
    const cases = await prepared.get(name);
    post({ step: 0 });
    let verdict = JSON.parse(page.begin(name, cases, source));
    for (let step = 1; verdict === null; step++) {
      post({ step });
      verdict = JSON.parse(page.step());
    }
    post({ verdict });
    later(() => page.reset(), 0);
  }

  globalThis.onmessage = ({ data }) => {
    if (data.name) {
      check(data).catch(fail);
      return;
    }
    files = data.base
      ? fetched(data.base)
      : Promise.resolve(async (/** @type {string} */ name) => unpacked(name, new Blob([data.files[name]]).stream()));
    started = files.then(start);
    started.then(({ ms }) => post({ ready: true, ms }), fail);
  };
})();
