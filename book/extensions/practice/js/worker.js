// @ts-check
/**
 * The worker in which answers run: Pyodide with the course's checker and the imitation of torch.
 *
 * It takes `{ name, source }` and posts `{ loaded, total }` while it fetches, `{ ready }` once it can check, `{ step }`
 * after each case and `{ verdict }` at the end. An answer reaches neither network nor storage: their names are taken
 * away before Python runs it, and Python has no way to JavaScript.
 */

/** @typedef {{ runPython: (code: string) => any, unpackArchive: Function, globals: any }} Pyodide */

const BASE = new URL("./", import.meta.url);
const FORBIDDEN = [
  ..."fetch XMLHttpRequest WebSocket WebSocketStream WebTransport EventSource BroadcastChannel Worker SharedWorker".split(" "),
  ..."indexedDB caches cookieStore importScripts postMessage navigator eval FontFace Notification".split(" "),
];
const FUNCTIONS = [() => {}, async () => {}, function* () {}, async function* () {}];
const post = globalThis.postMessage.bind(globalThis);
const get = globalThis.fetch.bind(globalThis);
const later = globalThis.setTimeout.bind(globalThis);

/**
 * Fetch files of the practice folder, told in bytes as they come.
 * @param {Record<string, number>} sizes of the files, in bytes
 */
function downloads(sizes) {
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  let loaded = 0;
  /** @param {string} name */
  return async (name) => {
    const response = await get(new URL(name, BASE));
    if (!response.ok || !response.body) throw new Error(`${name} could not be loaded (${response.status})`);
    const counted = new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.byteLength;
        post({ loaded: Math.min(loaded, total), total });
        controller.enqueue(chunk);
      },
    });
    const stream = response.body.pipeThrough(counted);
    return new Response(name.endsWith(".gz") ? stream.pipeThrough(new DecompressionStream("gzip")) : stream);
  };
}

/** Take from every answer what reaches beyond this worker. */
function lockUp() {
  for (const name of FORBIDDEN)
    for (let place = globalThis; place && place !== Object.prototype; place = Object.getPrototypeOf(place)) {
      delete (/** @type {any} */ (place)[name]);
    }
  for (const each of FUNCTIONS) Object.defineProperty(Object.getPrototypeOf(each), "constructor", { value: undefined });
  for (const name of ["setTimeout", "setInterval"]) {
    const original = /** @type {any} */ (globalThis)[name];
    Object.defineProperty(globalThis, name, {
      value: (/** @type {unknown} */ work, /** @type {number} */ delay) =>
        typeof work === "function" ? original.call(globalThis, work, delay) : 0, // no text that would be evaluated
    });
  }
}

async function start() {
  const file = downloads(await (await get(new URL("sizes.json", BASE))).json());
  /** @param {string | URL} address */
  const fetchForPyodide = async (address) =>
    String(address).endsWith(".wasm")
      ? new Response((await file("pyodide/pyodide.asm.wasm.gz")).body, { headers: { "Content-Type": "application/wasm" } })
      : file("pyodide/python_stdlib.zip");
  const { loadPyodide } = await import(/** @type {any} */ ("./pyodide/pyodide.mjs"));
  const course = file("course.zip").then((response) => response.arrayBuffer());
  const compiled = (await file("pyodide/pyodide.asm.mjs.gz")).text().then((text) => new Blob([text], { type: "text/javascript" }));
  const address = URL.createObjectURL(await compiled);
  globalThis.fetch = /** @type {any} */ (fetchForPyodide);
  /** @type {Pyodide} */
  const python = await loadPyodide({
    createPyodideModule: (await import(address)).default,
    indexURL: new URL("pyodide/", BASE).href,
    lockFileContents: await (await get(new URL("pyodide/lock.json", BASE))).json(),
  });
  URL.revokeObjectURL(address);
  python.unpackArchive(await course, "zip", { extractDir: "/course" });
  const page = python.runPython(`
import json, sys
sys.path.insert(0, "/course")
from pathlib import Path
from extensions.practice.page import Page
facts = json.loads(Path("/course/facts.json").read_text())
page = Page(Path("/course"), Path("/course"), facts["modules"], facts["real names"])
page`);
  lockUp();
  return { page, python };
}

const started = start();
started.then(
  () => post({ ready: true }),
  (error) => post({ failed: String(error?.message ?? error) }),
);
/** @type {Map<string, Promise<string>>} */
const prepared = new Map();

globalThis.onmessage = async ({ data: { name, source } }) => {
  try {
    const { page } = await started;
    if (!prepared.has(name)) prepared.set(name, downloads({})(`data/${name}.json.gz`).then((response) => response.text()));
    const cases = await prepared.get(name);
    post({ step: 0 });
    let verdict = JSON.parse(page.begin(name, cases, source));
    for (let step = 1; verdict === null; step++) {
      post({ step });
      verdict = JSON.parse(page.step());
    }
    post({ verdict });
    later(() => page.reset(), 0);
  } catch (error) {
    post({ failed: String(/** @type {any} */ (error)?.message ?? error) });
  }
};
