// A figure on its page: theme, links, copy and reset; as a custom element in the book, as a widget in JupyterLab.

function isDark() {
  const page = document.documentElement.dataset.theme;
  const lab = document.body.dataset.jpThemeLight;
  if (page === "dark" || page === "light") return page === "dark";
  return lab ? lab === "false" : matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Draw a figure into `host`; -> the figure with destroy(). `io` is { start, oncommit, file, copy }. */
function mountFigure({ normalise, draw }, host, io) {
  const defaults = Object.fromEntries(Object.entries(ABOUT.settings).map(([name, rule]) => [name, rule.default]));
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const live = h("div.live", { role: "status" });
  const paper = h("div.figure", { role: "group", "aria-label": host.getAttribute("aria-label") ?? ABOUT.title });
  root.replaceChildren(h("style", {}, STYLE), paper, live);
  host.setAttribute("data-lm-suppress-shortcuts", "true");

  const start = normalise({ ...defaults, ...io.start }, defaults);
  let state = start;
  let view = null;
  let said = 0;
  const ends = [];
  const redraw = () => {
    view.layout?.(paper.clientWidth);
    view.update(state);
  };
  const figure = {
    paper,
    state: () => state,
    /** Change the state and draw; `commit` as well unless more is to come (a drag, a hover). */
    set(patch, { commit = true } = {}) {
      state = normalise({ ...state, ...patch }, state);
      redraw();
      if (commit) figure.commit();
    },
    /** Begin again from the defaults and the settings of a link. */
    load(settings) {
      state = normalise({ ...defaults, ...settings }, defaults);
      redraw();
    },
    commit: () => io.oncommit?.(state),
    say(text) {
      clearTimeout(said);
      said = setTimeout(() => (live.textContent = text), 150);
    },
    file: io.file,
    onend: (end) => ends.push(end),
    reset: () => {
      view.reset?.();
      figure.set(start);
    },
  };
  const copied = h("button", { type: "button", onclick: async () => {
    await io.copy(state);
    copied.textContent = "Copied";
    figure.say("Copied");
    setTimeout(() => (copied.textContent = io.copyLabel), 1500);
  } }, io.copyLabel);
  /** The row of buttons under a figure: its own on the left, Reset and the copy button on the right. */
  figure.bar = (...own) =>
    h("div.bar", {}, ...own, h("div.gap"), h("button", { type: "button", onclick: figure.reset }, "Reset"), copied);

  const theme = () => host.toggleAttribute("data-dark", isDark());
  const watcher = new MutationObserver(theme);
  watcher.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  watcher.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  theme();
  view = draw(figure);
  const sizes = new ResizeObserver(() => view.layout?.(paper.clientWidth));
  sizes.observe(paper);
  paper.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|BUTTON)$/.test(event.target.tagName);
    if (event.key === " " && !typing && view.play) {
      event.preventDefault();
      view.play();
    }
    if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Tab") event.stopPropagation();
  });
  redraw();
  return {
    ...figure,
    destroy() {
      watcher.disconnect();
      sizes.disconnect();
      for (const end of ends) end();
    },
  };
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    prompt("Copy this:", text); // a page without the clipboard's permission
  }
}

/** Bytes of a file of the site, which arrive as a script beside this one (see Figure.file_scripts in Python). */
function siteFile(base, name) {
  const file = `${ABOUT.element.slice(4)}-${name}`;
  return new Promise((resolve, reject) => {
    addEventListener(`cnn-file:${file}`, (event) => {
      resolve(Uint8Array.from(atob(event.detail), (letter) => letter.charCodeAt(0)));
    }, { once: true });
    document.head.append(h("script", { src: new URL(`${file}.js`, base).href, onerror: reject }));
  });
}

/** A figure in the book: the custom element `<cnn-NAME>`, its state in the page's address. */
function defineElement(parts) {
  if (customElements.get(ABOUT.element)) return;
  const settings = ABOUT.settings;
  const base = document.currentScript?.src ?? document.baseURI;
  customElements.define(ABOUT.element, class extends HTMLElement {
    connectedCallback() {
      const fromLink = () => {
        const [id, query] = decodeURIComponent(location.hash.slice(1)).split("?");
        return id === this.id && query !== undefined ? parseState(settings, query) : null;
      };
      const link = (state) => {
        const query = formatState(settings, state);
        return `${location.href.split("#")[0]}#${this.id}${query && `?${query}`}`;
      };
      this.mount = () => {
        if (this.figure) return;
        this.near.disconnect();
        this.figure = mountFigure(parts, this, {
          start: parseState(settings, this.dataset.state ?? ""),
          oncommit: (state) => history.replaceState(history.state, "", link(state)),
          file: (name) => siteFile(base, name),
          copy: (state) => copyText(link(state)),
          copyLabel: "Copy link",
        });
      };
      // Drawn when the reader comes near, or touches a key: tabs must not pass it by.
      this.near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.mount(), {
        rootMargin: "600px",
      });
      this.near.observe(this);
      addEventListener("keydown", this.mount, { once: true });
      this.onhash = () => {
        const patch = fromLink();
        if (!patch) return;
        this.mount();
        this.figure.load(patch);
        this.scrollIntoView({ block: "nearest" });
      };
      addEventListener("hashchange", this.onhash);
      this.onhash();
    }
    disconnectedCallback() {
      this.near.disconnect();
      removeEventListener("keydown", this.mount);
      removeEventListener("hashchange", this.onhash);
      this.figure?.destroy();
      this.figure = null;
    }
  });
}

/** A figure in JupyterLab: anywidget's `render`, its state in the traits of the Python class. */
function defineFigure(parts) {
  const settings = ABOUT.settings;
  function render({ model, el }) {
    const names = Object.keys(settings);
    const figure = mountFigure(parts, el.appendChild(h("div")), {
      start: Object.fromEntries(names.map((name) => [name, model.get(name)])),
      oncommit(state) {
        for (const name of names) model.set(name, state[name]);
        model.save_changes();
      },
      file: async (name) => new Uint8Array(model.get("data")[name].buffer),
      copy: (state) => copyText(`${ABOUT.python}(${names
        .filter((name) => !same(state[name], settings[name].default))
        .map((name) => `${name}=${JSON.stringify(state[name]).replace("true", "True").replace("false", "False")}`)
        .join(", ")})`),
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
