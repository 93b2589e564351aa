// @ts-check
// Receptive field: a stack of layers along one axis, and what one of its units sees of the image.

import { ABOUT } from "./about.js";
import { chooser, clamp, h, player, stepper, toggle } from "./controls.js";
import { same } from "./state.js";
import { svg } from "./svg.js";

/** @import { Figure, Place, View } from "./types.js" */

// ---- Arithmetic, pure (equal to cnncourse.geometry, tested) -------------------------------------------------------

const MOST = 64; // pixels of the largest image

/** Image and layers: [{ count, jump, offset, field }]; unit u is centred on pixel offset + u * jump. */
export function trace(layers, size) {
  const stack = [{ count: size, jump: 1, offset: 0, field: 1 }];
  for (const [kernel, stride, dilation] of layers) {
    const { count, jump, offset, field } = stack[stack.length - 1];
    const reach = dilation * (kernel - 1);
    stack.push({
      count: Math.floor((count - reach - 1) / stride) + 1,
      jump: jump * stride,
      offset: offset + (jump * reach) / 2,
      field: field + jump * reach,
    });
  }
  return stack;
}

/** By how many ways each unit below leads to one unit of layer `level`: [[...] for the image, ..., [...] for the layer]. */
export function waysTo(layers, size, level, unit) {
  const stack = trace(layers, size);
  const ways = [Array.from({ length: stack[level].count }, (_, u) => Number(u === unit))];
  for (let depth = level; depth > 0; depth -= 1) {
    const [kernel, stride, dilation] = layers[depth - 1];
    const below = Array(stack[depth - 1].count).fill(0);
    ways[0].forEach((number, u) => {
      for (let tap = 0; number && tap < kernel; tap += 1) below[u * stride + tap * dilation] += number;
    });
    ways.unshift(below);
  }
  return ways;
}

const fieldOf = (layers) => trace(layers, MOST)[layers.length].field;

const isStack = (layers) =>
  layers.every((layer) => layer.length === 3 && layer.every(Number.isInteger)) && fieldOf(layers) <= MOST;

const middle = (count) => Math.floor((count - 1) / 2);

/** Make every state one that can be computed: whole numbers, an image that the stack fits into, a unit of the last layer. */
export function normalise(state, before) {
  const layers = isStack(state.layers) ? state.layers : before.layers;
  const size = Math.max(state.size, fieldOf(layers));
  const { count } = trace(layers, size)[layers.length];
  return { layers, size, shift: clamp(state.shift, -middle(count), count - 1 - middle(count)) };
}

// ---- Drawing -----------------------------------------------------------------------------------------------------

const LETTERS = ["Kernel", "Stride", "Dilation"];

/**
 * @param {Figure} figure
 * @returns {View}
 */
export function draw(figure) {
  let chosen = Infinity; // the layer, from 1, that the steppers change
  /** @type {Place | null} */
  let preview = null; // [level, unit] under the mouse
  /** @type {Place | null} */
  let held = null; // the same, while stepping through the layers or after a tap on a lower layer
  let width = 640;
  const show = (change) => {
    change();
    update(figure.state());
  };
  const last = () => figure.state().layers.length;
  const layer = () => Math.min(chosen, last());
  /** @type {() => Place} */
  const top = () => {
    const { layers, size, shift } = figure.state();
    return [last(), middle(trace(layers, size)[last()].count) + shift];
  };
  /** @type {() => Place} */
  const at = () => {
    const place = preview ?? held;
    if (!place || place[0] > last()) return top();
    const { layers, size } = figure.state();
    return [place[0], Math.min(place[1], trace(layers, size)[place[0]].count - 1)];
  };
  function choose(level, unit) {
    const { layers, size } = figure.state();
    const { count } = trace(layers, size)[level];
    const to = clamp(unit, 0, count - 1);
    preview = null;
    held = level === last() ? null : [level, to];
    if (held) show(() => {});
    else figure.set({ shift: to - middle(count) });
  }
  /** The unit of another layer that is nearest to where the present one is. */
  function nearest(level) {
    const { layers, size } = figure.state();
    const stack = trace(layers, size);
    const [from, unit] = at();
    const pixel = stack[from].offset + unit * stack[from].jump;
    return clamp(Math.round((pixel - stack[level].offset) / stack[level].jump), 0, stack[level].count - 1);
  }

  const named = chooser(
    "Network",
    [...Object.keys(ABOUT.stacks), "Your own"].map((word) => [word, word]),
    (word) => {
      held = null;
      chosen = Infinity;
      figure.set(ABOUT.stacks[word] ? { layers: ABOUT.stacks[word], shift: 0, size: ABOUT.settings.size.default } : {});
    },
  );
  named.element.classList.add("wide");
  const depth = stepper("Layers", (count) => {
    const { layers } = figure.state();
    held = null;
    chosen = Infinity;
    figure.set({
      layers:
        count < layers.length ? layers.slice(0, count) : [...layers, ...Array(count - layers.length).fill([3, 1, 1])],
    });
  });
  const size = stepper("Image", (value) => figure.set({ size: value }));
  const withNumber = (which, value) =>
    figure.state().layers.map((each, n) => (n === layer() - 1 ? each.with(which, value) : each));
  const steppers = LETTERS.map((label, which) =>
    stepper(label, (value) => figure.set({ layers: withNumber(which, value) })),
  );

  const view = h("div.stack", {
    role: "application",
    tabindex: 0,
    "aria-label": "The layers. Left and right choose a unit, up and down a layer.",
  });
  const body = h("tbody");
  const table = h(
    "table",
    {},
    h(
      "thead",
      {},
      h("tr", {}, ...["Layer", ...LETTERS, "Jump", "Sees"].map((word) => h("th", { scope: "col" }, word))),
    ),
    body,
  );
  const square = h("div.square", { "aria-hidden": "true" }, h("div"));
  const result = h("p.line");
  const formula = h("p.line.formula");
  const code = h("code");
  const changes = h("div.label");
  const play = player({
    step(by) {
      const to = at()[0] + by;
      if (to < 0 || to > last()) return false;
      show(() => (held = to === last() ? null : [to, nearest(to)]));
      return true;
    },
    rewind: () => at()[0] === last() && show(() => (held = [0, nearest(0)])),
  });
  figure.paper.append(
    h("div.controls", {}, named.element, depth.element, size.element),
    figure.bar(...play.buttons),
    view,
    h("div.words", {}, result, formula, h("p.line", {}, code)),
    h("div.stage", {}, h("div.table", {}, table), square),
    h("div", {}, changes, h("div.controls", {}, ...steppers.map((each) => each.element))),
  );

  const place = (event) => event.target.closest?.("[data-at]")?.dataset.at.split(",").map(Number);
  view.addEventListener(
    "pointerover",
    (event) => event.pointerType === "mouse" && !play.playing() && show(() => (preview = place(event) ?? null)),
  );
  view.addEventListener("pointerleave", () => show(() => (preview = null)));
  view.addEventListener("click", (event) => {
    const to = place(event);
    play.stop();
    if (to) choose(...to);
  });
  view.addEventListener("keydown", (event) => {
    const [level, unit] = at();
    const { layers, size: pixels } = figure.state();
    const most = trace(layers, pixels)[level].count - 1;
    const aside = { ArrowLeft: unit - 1, ArrowRight: unit + 1, Home: 0, End: most }[event.key];
    const up = clamp(level + ({ ArrowUp: 1, ArrowDown: -1 }[event.key] ?? 0), 0, last());
    if (event.key === "Escape") show(() => (held = preview = null));
    if (aside === undefined && !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (aside !== undefined) choose(level, aside);
    else choose(up, up === last() ? top()[1] : nearest(up));
  });

  function drawStack({ layers, size: pixels }, stack, ways, level) {
    const pitch = width / pixels;
    const side = clamp(pitch * 0.8, 3, 18);
    const row = 46;
    const bars = 44;
    const height = row * layers.length + side + bars + 8;
    const x = (depth, unit) => (stack[depth].offset + unit * stack[depth].jump + 0.5) * pitch;
    const y = (depth) => 4 + side / 2 + row * (layers.length - depth);
    const most = Math.max(...ways[0]);
    const lines = [];
    const units = [];
    for (let depth = 1; depth <= level; depth += 1) {
      const [kernel, stride, dilation] = layers[depth - 1];
      ways[depth].forEach((number, unit) => {
        for (let tap = 0; number && tap < kernel; tap += 1)
          lines.push(`M${x(depth, unit)} ${y(depth)}L${x(depth - 1, unit * stride + tap * dilation)} ${y(depth - 1)}`);
      });
    }
    stack.forEach(({ count, jump }, depth) => {
      for (let unit = 0; unit < count; unit += 1) {
        const seen = ways[depth]?.[unit];
        const role = depth === 0 ? "input" : depth === level && seen ? "output" : "kernel";
        const reach = Math.min(jump * pitch, 44);
        units.push(
          svg("rect", {
            class: `hit ${depth === 0 ? "input" : ""}`,
            "data-at": `${depth},${unit}`,
            x: x(depth, unit) - reach / 2,
            y: y(depth) - 12,
            width: reach,
            height: 24,
          }),
          svg("rect", {
            class: `unit ${role} ${seen ? "seen" : ""}`,
            x: x(depth, unit) - side / 2,
            y: y(depth) - side / 2,
            width: side,
            height: side,
          }),
        );
      }
    });
    const base = y(0) + side / 2 + 6;
    const columns = ways[0]
      .map(
        (number, pixel) =>
          number &&
          svg("rect", {
            class: "ways",
            x: x(0, pixel) - side / 2,
            y: base,
            width: side,
            height: (number / most) * (bars - 10),
          }),
      )
      .filter(Boolean);
    view.replaceChildren(
      svg(
        "svg",
        { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
        svg("path", { class: "lines", d: lines.join("") }),
        ...units,
        ...columns,
      ),
    );
  }

  function update(state) {
    const { layers } = state;
    const stack = trace(layers, state.size);
    const [level, unit] = at();
    const ways = waysTo(layers, state.size, level, unit);
    drawStack(state, stack, ways, level);

    const seen = ways[0].flatMap((number, pixel) => (number ? [pixel] : []));
    const [first, end] = [seen[0], seen[seen.length - 1]];
    const { field } = stack[level];
    const name = level ? `layer ${level}` : "the image";
    const holes = field - seen.length;
    result.replaceChildren(
      `Unit ${unit} of ${name} sees `,
      h("b.input", {}, `${field} pixel${field > 1 ? "s" : ""}`),
      field > 1 ? `, ${first} to ${end}` : `, number ${first}`,
      holes ? `, but skips ${holes} of them` : "",
      level ? `. Bars: by how many ways. At most ${Math.max(...ways[0])}, at the ends ${ways[0][first]}.` : ".",
    );
    const parts = layers
      .slice(0, level)
      .flatMap(([kernel, , dilation], n) => [
        " + (",
        h("b.kernel", {}, String(kernel)),
        ` \u2212 1)\u00b7${dilation > 1 ? `${dilation}\u00b7` : ""}${stack[n].jump}`,
      ]);
    formula.replaceChildren("sees = 1", ...parts, ...(level ? [" = ", h("b.input", {}, String(field))] : []));
    const tuples = layers
      .slice(0, level)
      .map(([kernel, stride, dilation]) => `(${kernel}, ${stride}${dilation > 1 ? `, ${dilation}` : ""})`);
    code.textContent = `receptive_field([${tuples.join(", ")}]) == ${field}`;

    while (body.children.length > layers.length) body.lastChild.remove();
    while (body.children.length < layers.length) {
      const number = body.children.length + 1;
      const pick = toggle(String(number), () => show(() => (chosen = number)));
      pick.element.setAttribute("aria-label", `Change layer ${number}`);
      body.append(h("tr", {}, h("th", { scope: "row" }, pick.element), ...Array.from({ length: 5 }, () => h("td"))));
    }
    [...body.children].forEach((line, n) => {
      line.classList.toggle("now", n + 1 === level);
      line.querySelector("button").setAttribute("aria-pressed", n + 1 === layer());
      const numbers = [...layers[n], stack[n + 1].jump, stack[n + 1].field];
      line.querySelectorAll("td").forEach((cell, which) => (cell.textContent = numbers[which]));
    });
    const share = (value) => `${(100 * value) / state.size}%`;
    Object.assign(square.firstChild.style, {
      left: share(first),
      top: share(first),
      width: share(field),
      height: share(field),
    });
    square.firstChild.textContent = field > state.size / 4 ? `${field} \u00d7 ${field}` : "";

    named.update(Object.keys(ABOUT.stacks).find((word) => same(ABOUT.stacks[word], layers)) ?? "Your own");
    depth.update(layers.length, 1, layers.length < 8 && fieldOf([...layers, [3, 1, 1]]) <= MOST ? 8 : layers.length);
    size.update(state.size, Math.max(ABOUT.settings.size.low, fieldOf(layers)), MOST);
    changes.textContent = `Change layer ${layer()}`;
    steppers.forEach((each, which) => {
      let most = 8;
      while (most > 1 && fieldOf(withNumber(which, most)) > MOST) most -= 1;
      each.update(layers[layer() - 1][which], 1, most);
    });
    figure.say(`Unit ${unit} of ${name} sees ${field} by ${field} pixels, ${first} to ${end}.`);
  }

  return {
    update,
    layout(total) {
      const before = width;
      width = Math.max(240, total - 34);
      if (body.children.length && before !== width) update(figure.state());
    },
    play: play.flip,
    reset() {
      play.stop();
      preview = held = null;
      chosen = Infinity;
    },
  };
}
