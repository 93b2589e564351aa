// @ts-check
// A figure on its page: theme, links, copy and reset; as a custom element in the book, as a widget in JupyterLab.

import { ABOUT, STYLE } from "./about.js";
import { h } from "./controls.js";
import { formatState, parseState, same } from "./state.js";

/** @import { Figure, Parts, Surroundings, View } from "./types.js" */

function isDark() {
  const page = document.documentElement.dataset.theme;
  const lab = document.body.dataset.jpThemeLight;
  if (page === "dark" || page === "light") return page === "dark";
  return lab ? lab === "false" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/**
 * Draw a figure into `host`.
 * @param {Parts} parts
 * @param {HTMLElement} host
 * @param {Surroundings} io
 * @returns {Figure & { destroy(): void }}
 */
function mountFigure({ normalise, draw }, host, io) {
  const defaults = Object.fromEntries(Object.entries(ABOUT.settings).map(([name, rule]) => [name, rule.default]));
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const live = h("div.live", { role: "status" });
  const paper = h("div.figure", { role: "group", "aria-label": host.getAttribute("aria-label") ?? ABOUT.title });
  root.replaceChildren(h("style", {}, STYLE), paper, live, h("slot")); // what is slotted, the still picture, is for paper
  host.setAttribute("data-lm-suppress-shortcuts", "true");

  const start = normalise({ ...defaults, ...io.start }, defaults);
  let state = start;
  /** @type {View} */
  let view;
  /** @type {any} */
  let said = 0;
  /** @type {(() => void)[]} */
  const ends = [];
  let waits = false; // for a file
  const redraw = () => {
    view.layout?.(paper.clientWidth);
    view.update(state);
  };
  /** @type {Figure} */
  const figure = {
    paper,
    state: () => state,
    set(patch, { commit = true } = {}) {
      state = normalise({ ...state, ...patch }, state);
      redraw();
      if (commit) figure.commit();
    },
    load(settings) {
      state = normalise({ ...defaults, ...settings }, defaults);
      redraw();
    },
    commit: () => io.oncommit?.(state),
    say(text) {
      clearTimeout(said);
      said = setTimeout(() => (live.textContent = text), 150);
    },
    async file(name) {
      waits = true;
      try {
        return await io.file(name);
      } catch (error) {
        const fault = h("p.fault", { role: "alert" }, /** @type {Error} */ (error).message);
        if (!paper.querySelector("p.fault")) paper.prepend(fault);
        figure.drawn();
        return new Promise(() => {}); // the figure stays as it is without the file
      }
    },
    drawn: () => io.ondrawn?.(),
    onend: (end) => ends.push(end),
    reset: () => {
      view.reset?.();
      figure.set(start);
    },
    bar: (...own) =>
      h("div.bar", {}, ...own, h("div.gap"), h("button", { type: "button", onclick: figure.reset }, "Reset"), copied),
  };
  const copied = h(
    "button",
    {
      type: "button",
      onclick: async () => {
        await io.copy(state);
        copied.textContent = "Copied";
        figure.say("Copied");
        setTimeout(() => (copied.textContent = io.copyLabel), 1500);
      },
    },
    io.copyLabel,
  );

  const theme = () => host.toggleAttribute("data-dark", isDark());
  const watcher = new MutationObserver(theme);
  watcher.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  watcher.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  theme();
  view = draw(figure);
  const sizes = new ResizeObserver(() => view.layout?.(paper.clientWidth));
  sizes.observe(paper);
  paper.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|BUTTON)$/.test(/** @type {Element} */ (event.target).tagName);
    if (event.key === " " && !typing && view.play) {
      event.preventDefault();
      view.play();
    }
    if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Tab") event.stopPropagation();
  });
  redraw();
  if (!waits) figure.drawn();
  return {
    ...figure,
    destroy() {
      watcher.disconnect();
      sizes.disconnect();
      for (const end of ends) end();
    },
  };
}

/** @param {string} text */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    prompt("Copy this:", text); // a page without the clipboard's permission
  }
}

/**
 * Bytes of a file of the site, which arrive as a script beside this one (`extensions.live_figures` writes it).
 * @param {string} base - address of this script
 * @param {string} name
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
function siteFile(base, name) {
  const file = `${ABOUT.element.slice(4)}-${name}`;
  return new Promise((resolve, reject) => {
    addEventListener(
      `cnn-file:${file}`,
      (event) => {
        const bytes = Uint8Array.from(atob(/** @type {CustomEvent} */ (event).detail), (letter) =>
          letter.charCodeAt(0),
        );
        setTimeout(resolve, 0, bytes); // what is drawn from it is a task of its own
      },
      { once: true },
    );
    const onerror = () => reject(new Error("A file of this figure did not load. Reload the page to try again."));
    document.head.append(h("script", { src: new URL(`${file}.js`, base).href, onerror }));
  });
}

/**
 * A figure in the book: the custom element `<cnn-NAME>`, its state in the page's address.
 * @param {Parts} parts
 */
export function defineElement(parts) {
  if (customElements.get(ABOUT.element)) return;
  const settings = ABOUT.settings;
  const base = /** @type {HTMLScriptElement | null} */ (document.currentScript)?.src ?? document.baseURI;
  customElements.define(
    ABOUT.element,
    class extends HTMLElement {
      /** @type {(Figure & { destroy(): void }) | null} */
      figure = null;
      near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.mountSoon(), {
        rootMargin: "600px",
      });
      /** @type {any} */
      writing = 0;
      /** @type {number[]} */
      written = [];
      mount = () => {
        if (this.figure) return;
        this.near.disconnect();
        this.style.minHeight = `${this.offsetHeight}px`; // the still picture's place, until what is drawn fills it
        this.figure = mountFigure(parts, this, {
          start: parseState(settings, this.dataset.state ?? ""),
          oncommit: () => {
            // WebKit refuses more than 100 changes of the address in 10 seconds. After 40 only the last one counts.
            clearTimeout(this.writing);
            this.written = this.written.filter((time) => Date.now() - time < 10_000);
            if (this.written.length < 40) this.remember(true);
            else this.writing = setTimeout(() => this.remember(true), 500);
          },
          file: (name) => siteFile(base, name),
          ondrawn: () => (this.style.minHeight = ""),
          copy: () => copyText(this.link()),
          copyLabel: "Copy link",
        });
      };
      mountSoon = () => setTimeout(this.mount); // one figure a task: the page responds between two of them
      /** The state as a link writes it. */
      query() {
        return this.figure ? formatState(settings, this.figure.state()) : (this.dataset.state ?? "");
      }
      /**
       * Keep the state with the page's place in the history, and, when it was chosen here, in the address.
       * @param {boolean} [chosen]
       */
      remember(chosen) {
        this.written.push(Date.now());
        history.replaceState({ ...history.state, [this.id]: this.query() }, "", chosen ? this.link() : undefined);
      }
      /** Follow a link to a state of this figure, or return to the state that this place in the history had. */
      follow = () => {
        const [id, linked] = decodeURIComponent(location.hash.slice(1)).split("?");
        const kept = history.state?.[this.id];
        const query = kept ?? (id === this.id ? linked : undefined);
        if (query !== undefined && query !== this.query()) {
          this.mount();
          this.figure?.load(parseState(settings, query));
        }
        if (kept !== undefined) return;
        if (query !== undefined) this.scrollIntoView({ block: "nearest" });
        this.remember();
      };
      link() {
        const query = this.query();
        return `${location.href.split("#")[0]}#${this.id}${query && `?${query}`}`;
      }
      connectedCallback() {
        // Drawn when the reader comes near, or touches a key: tabs must not pass it by.
        this.near.observe(this);
        addEventListener("keydown", this.mountSoon, { once: true });
        addEventListener("hashchange", this.follow);
        addEventListener("popstate", this.follow);
        this.follow();
      }
      disconnectedCallback() {
        this.near.disconnect();
        removeEventListener("keydown", this.mountSoon);
        removeEventListener("hashchange", this.follow);
        removeEventListener("popstate", this.follow);
        clearTimeout(this.writing);
        this.figure?.destroy();
        this.figure = null;
      }
    },
  );
}

/**
 * A figure in JupyterLab: anywidget's `render`, its state in the traits of the Python class.
 * @param {Parts} parts
 */
export function defineFigure(parts) {
  const settings = ABOUT.settings;
  /** @param {{ model: any, el: HTMLElement }} context */
  function render({ model, el }) {
    const names = Object.keys(settings);
    const figure = mountFigure(parts, el.appendChild(h("div")), {
      start: Object.fromEntries(names.map((name) => [name, model.get(name)])),
      oncommit(state) {
        for (const name of names) model.set(name, state[name]);
        model.save_changes();
      },
      file: async (name) => new Uint8Array(model.get("data")[name].buffer),
      copy: (state) =>
        copyText(
          `${ABOUT.python}(${names
            .filter((name) => !same(state[name], settings[name].default))
            .map((name) => `${name}=${JSON.stringify(state[name]).replace("true", "True").replace("false", "False")}`)
            .join(", ")})`,
        ),
      copyLabel: "Copy code",
    });
    const pull = () => {
      const patch = Object.fromEntries(names.map((name) => [name, model.get(name)]));
      if (same(patch, figure.state())) return;
      figure.set(patch, { commit: false });
      if (!same(patch, figure.state())) figure.commit(); // Python asked for a state that had to be put right
    };
    for (const name of names) model.on(`change:${name}`, pull);
    return () => {
      for (const name of names) model.off(`change:${name}`, pull);
      figure.destroy();
    };
  }
  return { render };
}
