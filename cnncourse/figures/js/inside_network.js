// @ts-check
// Look inside a CNN: a pad to draw on, the network's answer, every map of every layer, and the sum behind every cell.

import { ABOUT } from "./about.js";
import { chooser, h, moveBy, nextTask } from "./controls.js";
import { buildNetwork, patchOf, readHalves, run, seenBy, softmax, sumsOf } from "./network.js";
import { drawingPad, drawOver } from "./pad.js";
import { numeral, signedColour } from "./state.js";
import { board, canvas, choice, colourOf, factor, option, paint } from "./tiles.js";

/** @import { Figure, Layer, View } from "./types.js" */

const outlines = Object.fromEntries(
  Object.entries(ABOUT.networks).map(([name, { layers }]) => [name, buildNetwork(layers)]),
);

/** Make every state one that can be shown: a layer, a map, a cell and a picture that this network has. */
export function normalise(state) {
  const layers = outlines[state.network];
  const number =
    Object.values(outlines)
      .map((each) => each.findIndex(({ name }) => name === state.layer))
      .find((n) => n >= 0) ?? 0;
  const { name, maps, side } = layers.find((layer) => layer.name === state.layer) ?? layers[number];
  return {
    ...state,
    layer: name,
    image: Math.min(state.image, ABOUT.networks[state.network].pictures.length),
    map: Math.min(state.map, maps - 1),
    row: Math.min(state.row, side - 1),
    column: Math.min(state.column, side - 1),
  };
}

/** The cell of a map of side `to` that lies where a cell of a map of side `from` lies. */
export const rescale = (place, from, to) => Math.floor(((place + 0.5) * to) / from);

/** The magnitude at which a layer's colours end: its or 1 where tanh keeps all below it. */
export function limitsOf(layers, outputs) {
  let squashed = false;
  return layers.map(({ kind }, n) => {
    squashed = kind === "tanh" || (squashed && kind === "pool");
    return squashed ? 1 : outputs[n].reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  });
}

export function percent(share) {
  if (share > 0.999) return "> 99.9\u00a0%";
  return share < 0.001 ? "< 0.1\u00a0%" : `${(100 * share).toFixed(1)}\u00a0%`;
}

// ---- Drawing -----------------------------------------------------------------------------------------------------

const DOES = {
  conv: ({ maps, size }) => `${maps} kernels of ${size} \u00d7 ${size}`,
  tanh: () => "squashed between \u22121 and 1",
  relu: () => "negative becomes 0",
  pool: ({ size }) => `largest of ${size} \u00d7 ${size}`,
};
const TRY = {
  shapes: "It has only ever seen filled shapes. What does it say to an outline, or to your initials?",
  fashion: "Draw over a garment, or erase a part: which few pixels change the answer?",
};

/**
 * @param {Figure} figure
 * @returns {View}
 */
export function draw(figure) {
  /** @type {Record<string, any>} */
  const networks = {}; // by name: layers with weights, and the pictures to pick
  let shown = ""; // the network whose choices are on the page
  let computed = ""; // what `pixels`, `outputs` and `limits` belong to
  let pixels = new Float64Array(0);
  /** @type {Float64Array[]} */
  let outputs = [];
  /** @type {number[]} */
  let limits = [];
  /** @type {[Layer, number][]} */
  let tiles = []; // layer and map of every small picture
  /** @type {any} */
  let preview = null; // what the mouse points at, as a part of the state
  let pinned = ""; // "map" or "cell"
  /** @type {number | null} */
  let channel = null; // the map below whose products are written out
  /** @type {number | null} */
  let term = null;

  const now = () => networks[figure.state().network];
  const layerOf = (name) => now().layers.find((layer) => layer.name === name);
  const show = (change) => {
    change();
    update(figure.state());
  };
  /** Another layer and map, at the same place of the picture. */
  function moved(layer, map) {
    const { row, column, layer: name } = figure.state();
    const { side } = layerOf(name);
    return { layer: layer.name, map, row: rescale(row, side, layer.side), column: rescale(column, side, layer.side) };
  }
  const leave = () => preview && show(() => (preview = null));
  const unpin = () => show(() => (pinned = ""));
  /** Callbacks of a list whose items are maps: `mapOf(n)` is [layer, map]. */
  const choosing = (mapOf) => ({
    onhover: (n) => pinned || show(() => (preview = moved(...mapOf(n)))),
    onleave: leave,
    onescape: unpin,
    onpick(n) {
      const patch = moved(...mapOf(n));
      const line = (mapOf === tileOf ? maps : bars).items[n];
      const before = line.getBoundingClientRect().top;
      [preview, pinned, channel] = [null, "map", null];
      figure.set(patch);
      scrollBy(0, line.getBoundingClientRect().top - before); // on phones the explanation opens under its layer
    },
  });
  const tileOf = (n) => tiles[n];

  const pad = drawingPad(
    () => figure.state().drawing,
    (drawing, commit) => figure.set({ drawing }, { commit }),
  );
  const clear = h("button", { type: "button", onclick: () => figure.set({ image: 0, drawing: "" }) }, "Clear");
  const named = chooser(
    "Network",
    [
      ["shapes", "Squares and circles"],
      ["fashion", "Garments"],
    ],
    (network) => {
      [preview, pinned, channel] = [null, "", null];
      figure.set({ network, image: 1, drawing: "" });
    },
  );
  const picks = choice("Pictures to pick", 10, { onpick: (n) => figure.set({ image: n + 1, drawing: "" }) });
  const bars = choice(
    "The answer, class by class",
    1,
    choosing((n) => [now().layers[now().layers.length - 1], n]),
  );
  const maps = choice("The maps, layer by layer", 8, choosing(tileOf));

  function pinCell([row, column]) {
    [preview, pinned] = [null, "cell"];
    figure.set({ row, column });
  }
  const sideNow = () => layerOf(figure.state().layer).side;
  const big = board("big", "The map. Arrow keys choose a cell.", {
    onpointermove(event) {
      if (event.pointerType !== "mouse" || pinned === "cell") return;
      const [row, column] = big.place(event, sideNow());
      if (preview?.row !== row || preview?.column !== column) show(() => (preview = { row, column }));
    },
    onpointerleave: leave,
    onclick: (event) => pinCell(big.place(event, sideNow())),
    onkeydown(event) {
      if (event.key === "Escape") unpin();
      const { row, column } = figure.state();
      const to = moveBy(event.key, event.ctrlKey, [row, column], sideNow(), sideNow());
      if (!to) return;
      event.preventDefault();
      pinCell(to);
    },
  });
  const channels = choice("The kernels, one for every map below", 8, { onpick: (n) => show(() => (channel = n)) });
  const point = (n) => show(() => (term = n));
  const away = () => term !== null && point(null);
  const cells = (label) => choice(label, 3, { onhover: point, onpick: point, onleave: away, onescape: away });
  const [patch, kernel] = [cells("The numbers below"), cells("The kernel")];

  const [verdict, hint, facts, note, result, sum, under] = [
    "p.line.verdict",
    "p",
    "p",
    "p",
    "p.line",
    "p.line",
    "div.title",
  ].map((each) => h(each));
  const panel = (role, title, ...children) =>
    h(`div.panel.${role}`, {}, typeof title === "string" ? h("div.title", {}, title) : title, ...children);
  const title = h("div.title");
  const weights = h(
    "div.weights",
    {},
    h("div.sign", { "aria-hidden": "true" }, "\u22c6"),
    panel("kernel", "kernel", kernel.element),
  );
  for (const { element } of [patch, kernel]) element.classList.add("cells");
  const detail = panel(
    "detail",
    title,
    note,
    big.element,
    result,
    channels.element,
    h("div.sum-line", {}, panel("input", under, patch.element), weights),
    sum,
  );
  const inside = h("div.inside", {}, maps.element, detail);
  figure.paper.append(
    h(
      "div.controls",
      {},
      named.element,
      h("div.picks", {}, h("div.label", {}, "Pick a picture, or draw your own"), picks.element),
    ),
    h(
      "div.stage",
      {},
      panel("input", "Input: draw here", pad.element, h("div.bar", {}, ...pad.tools, clear)),
      h(
        "div.panel.words.answers",
        {},
        h("div.title", {}, "Answer"),
        verdict,
        h(
          "div.bar-line.label",
          { "aria-hidden": "true" },
          h("span"),
          h("span", {}, "logit"),
          h("span"),
          h("span", {}, "softmax"),
        ),
        bars.element,
        hint,
        facts,
      ),
    ),
    panel(
      "between",
      "In between: what every layer makes of it",
      h(
        "p",
        {},
        "Point at a map to see how its numbers are made; a click keeps it. The frame on the input is all that the chosen cell sees.",
      ),
    ),
    inside,
    figure.bar(),
  );

  async function load(name) {
    networks[name] = null; // on its way
    const [numbers, bytes] = await Promise.all([figure.file(name), figure.file(`${name}-pictures`)]);
    networks[name] = {
      layers: buildNetwork(ABOUT.networks[name].layers, readHalves(numbers)),
      pictures: ABOUT.networks[name].pictures.map((_, n) =>
        Float64Array.from(bytes.subarray(784 * n, 784 * (n + 1)), (level) => level / 255),
      ),
    };
    await nextTask();
    if (figure.state().network === name) build({ network: name });
    await nextTask();
    update(figure.state());
    figure.drawn();
  }

  /** The choices of another network. */
  function build({ network }) {
    const { layers, pictures } = now();
    const { classes, pictures: words, parameters, test_images: tests, test_accuracy: right } = ABOUT.networks[network];
    shown = network;
    picks.fill(
      words.map((word, n) => {
        const item = option(canvas());
        item.setAttribute("aria-label", word);
        paint(item.firstChild, pictures[n], 28);
        return item;
      }),
    );
    bars.fill(
      classes.map((word) =>
        h(
          "div.bar-line",
          { role: "option" },
          h("span", {}, word),
          h("div.logit", {}, h("div")),
          h("span"),
          h("div.share", {}, h("div")),
          h("span"),
        ),
      ),
    );
    const drawn = layers.slice(0, -1);
    tiles = drawn.flatMap((layer) => Array.from({ length: layer.maps }, (_, map) => [layer, map]));
    const items = tiles.map(() => option(canvas()));
    maps.fill(
      items,
      drawn.map((layer, index) => {
        const ramp = h("div.ramp", {
          style: `background: linear-gradient(90deg, ${layer.signed ? ABOUT.signed : "#000, #fff"})`,
        });
        return h(
          "div.layer",
          {
            role: "group",
            style: `order: ${2 * index}`,
            "aria-label": `${layer.name}, ${layer.maps} maps of ${layer.side} by ${layer.side}`,
          },
          h(
            "div.head",
            { role: "presentation" },
            h("b", {}, layer.name),
            DOES[layer.kind](layer),
            h("span.key", {}, h("span"), ramp, h("span")),
          ),
          h("div.tiles", { role: "presentation" }, ...items.filter((_, n) => tiles[n][0] === layer)),
        );
      }),
    );
    hint.textContent = TRY[network];
    facts.textContent = `The network has ${parameters.toLocaleString("en")} learned numbers and gets ${(100 * right).toFixed(1)}\u00a0% of ${tests.toLocaleString("en")} test images right.`;
  }

  /** Run the network and show the answer and all maps. */
  function compute({ network, image, drawing }) {
    const { layers, pictures } = now();
    const { classes, pictures: words } = ABOUT.networks[network];
    pixels = drawOver(pictures[image - 1] ?? new Float64Array(784), drawing);
    outputs = run(layers, pixels);
    limits = limitsOf(layers, outputs);
    paint(pad.canvas, pixels, 28);
    maps.items.forEach((item, n) => {
      const [layer, map] = tiles[n];
      const index = layers.indexOf(layer);
      const part = outputs[index].subarray(map * layer.side ** 2, (map + 1) * layer.side ** 2);
      paint(item.firstChild, part, layer.side, { signed: layer.signed, limit: limits[index] });
      item.setAttribute(
        "aria-label",
        `${layer.name}, map ${map}: from ${numeral(Math.min(...part))} to ${numeral(Math.max(...part))}`,
      );
    });
    maps.element.querySelectorAll(".key").forEach(({ firstChild, lastChild }, index) => {
      firstChild.textContent = layers[index].signed ? numeral(-limits[index], { digits: 1 }) : "0";
      lastChild.textContent = numeral(limits[index], { digits: 1 });
    });
    const logits = outputs[outputs.length - 1];
    const shares = softmax(logits);
    const most = Math.max(...logits.map(Math.abs));
    bars.items.forEach((item, n) => {
      const [, logit, number, share, part] = item.children;
      const width = (50 * Math.abs(logits[n])) / most;
      logit.firstChild.style = `width: ${width}%; left: ${logits[n] < 0 ? 50 - width : 50}%; background: rgb(${signedColour(Math.sign(logits[n]), 4 / 3)})`;
      number.textContent = numeral(logits[n], { digits: 1 });
      share.firstChild.style.width = `${100 * shares[n]}%`;
      part.textContent = percent(shares[n]);
      item.setAttribute("aria-label", `${classes[n]}: logit ${numeral(logits[n])}, softmax ${part.textContent}`);
    });
    const best = shares.indexOf(Math.max(...shares));
    const label = network === "fashion" && image && !drawing && words[image - 1];
    verdict.replaceChildren(
      h("b.output", {}, classes[best]),
      `, probability ${percent(shares[best])}`,
      label ? (label === classes[best] ? ": right" : `: wrong, it is labelled ${label}`) : "",
    );
  }

  /** How one cell is made; -> the cell in words. */
  function explain({ layer: name, map, row, column }) {
    const { layers } = now();
    const layer = layerOf(name);
    const index = layers.indexOf(layer);
    const { kind, size, side, signed } = layer;
    const last = kind === "linear";
    const learned = kind === "conv" || last;
    const input = outputs[index - 1] ?? pixels;
    const below = layers[index - 1] ?? { name: "input", signed: false };
    const value = outputs[index][(map * side + row) * side + column];

    pad.frame(seenBy(layers, index, row, column), 28);
    big.element.hidden = last;
    paint(big.canvas, outputs[index], side, { start: map * side * side, signed, limit: limits[index] });
    big.frame({ top: row, left: column }, side);
    detail.style.setProperty("--order", last ? -1 : 2 * index + 1);
    const what = last ? `the logit of \u201c${ABOUT.networks[shown].classes[map]}\u201d` : `${name}, map ${map}`;
    const place = `${name}[${last ? map : `${map}, ${row}, ${column}`}]`;
    title.textContent = `How ${what} is made`;
    result.replaceChildren(h("b.output", {}, `${place} = ${numeral(value)}`));

    const sums = learned ? sumsOf(layer, input, map, row, column) : [];
    const strongest = sums.reduce(
      (most, { sum: part }, n) => (Math.abs(part) > Math.abs(sums[most].sum) ? n : most),
      0,
    );
    const chosen = learned ? Math.min(channel ?? strongest, sums.length - 1) : map;
    const numbers = learned ? sums[chosen].patch : patchOf(layer, input, map, row, column);
    const most = Math.max(...sums.flatMap((part) => part.kernel.flat().map(Math.abs)));
    channels.element.hidden = sums.length < 2;
    weights.hidden = !learned;
    if (channels.items.length !== sums.length) channels.fill(sums.map(() => option(canvas(), h("span"))));
    channels.items.forEach((item, n) => {
      paint(item.firstChild, sums[n].kernel.flat(), size, { signed: true, limit: most });
      item.lastChild.textContent = numeral(sums[n].sum);
      item.setAttribute("aria-label", `Kernel over ${below.name}, map ${n}: sum ${numeral(sums[n].sum)}`);
    });
    channels.update(chosen);
    figure.paper.style.setProperty("--cell", size < 4 ? "40px" : "24px");
    under.textContent = index ? `${below.name}[${chosen}]` : "input";
    const at = term === null ? null : Math.min(term, size * size - 1);
    const best = Math.max(...numbers.flat());
    patch.write(numbers, colourOf(below.signed, limits[index - 1] ?? 1), (n, number) =>
      learned ? n === at : kind === "pool" && number === best,
    );
    patch.update(at);
    if (learned) {
      const [read, taps] = [numbers.flat(), sums[chosen].kernel.flat()];
      kernel.write(sums[chosen].kernel, colourOf(true, most), (n) => n === at);
      kernel.update(at);
      const products = read
        .map((number, n) => `${numeral(number)} \u00d7 ${factor(taps[n])}`)
        .filter((_, n) => read[n]);
      sum.textContent =
        at !== null
          ? `${numeral(read[at])} \u00d7 ${factor(taps[at])} = ${numeral(read[at] * taps[at])}`
          : products.length > 9
            ? `Point at a number to see its product. All ${products.length} add up to ${numeral(sums[chosen].sum)}.`
            : `${products.join(" + ") || "Only zeros"} = ${numeral(sums[chosen].sum)}`;
      note.textContent = `${sums.length > 1 ? `${sums.length} kernels of ${size} \u00d7 ${size}, one for each map of ${below.name},` : `One kernel of ${size} \u00d7 ${size}`} and a bias.`;
      const total = sums.reduce((all, part) => all + part.sum, 0);
      result.append(
        ` = ${sums.length > 1 ? `${sums.length} sums:` : "sum"} ${factor(total)} + bias ${factor(layer.bias[map])}`,
      );
    } else {
      const listed = numbers
        .flat()
        .map((number) => numeral(number))
        .join(", ");
      note.textContent =
        kind === "pool"
          ? `The largest of ${size} \u00d7 ${size} neighbours; nothing is learned here.`
          : "Number by number; nothing is learned here.";
      sum.textContent = `${{ tanh: "tanh(", relu: "max(0, ", pool: "max(" }[kind]}${listed}) = ${numeral(value)}`;
    }
    if (pinned) result.append(" (pinned, Esc lets go)");
    return `${what}: ${place} is ${numeral(value)}.`;
  }

  function update(state) {
    named.update(state.network);
    if (now() === undefined) load(state.network);
    inside.inert = bars.element.inert = !now();
    if (!now()) return;
    if (shown !== state.network) build(state);
    const what = `${state.network} ${state.image} ${state.drawing}`;
    if (computed !== what) compute(state);
    computed = what;
    const at = { ...state, ...preview };
    const words = explain(at);
    picks.update(state.drawing ? -1 : state.image - 1);
    maps.update(tiles.findIndex(([layer, map]) => layer.name === at.layer && map === at.map));
    bars.update(at.layer === "linear" ? at.map : -1);
    if (!pad.busy()) figure.say(`Answer: ${verdict.textContent}. ${words}`);
  }

  return {
    update,
    layout: (width) => inside.classList.toggle("narrow", width < 660),
    reset() {
      [preview, pinned, channel, term] = [null, "", null, null];
      pad.take("w");
    },
  };
}
