// @ts-check
// Kernels on a photo: a kernel over a real picture, split before and after, and the sum under any pixel.

import { ABOUT } from "./about.js";
import { chooser, clamp, grid, h, moveBy } from "./controls.js";
import { greyColour, inkOn, isValid, numeral, same, signedColour } from "./state.js";

/** @import { Figure, Place, View } from "./types.js" */

// ---- Arithmetic, pure (equal to cnncourse.conv2d with repeated edges, tested) -------------------------------------

/** The pixels under the kernel at one place, edges repeated: rows of numbers. */
export function patch(pixels, width, height, size, row, column) {
  const half = (size - 1) / 2;
  return Array.from({ length: size }, (_, i) =>
    Array.from(
      { length: size },
      (_, j) => pixels[clamp(row + i - half, 0, height - 1) * width + clamp(column + j - half, 0, width - 1)],
    ),
  );
}

/** Cross-correlation of a whole picture with a square kernel of odd size, edges repeated. */
export function filterImage(pixels, width, height, kernel) {
  const half = (kernel.length - 1) / 2;
  const output = new Float64Array(width * height);
  for (const [i, j, weight] of kernel.flatMap((weights, row) => weights.map((each, column) => [row, column, each]))) {
    for (let y = 0; y < height; y += 1) {
      const from = clamp(y + i - half, 0, height - 1) * width;
      for (let x = 0; x < width; x += 1)
        output[y * width + x] += weight * pixels[from + clamp(x + j - half, 0, width - 1)];
    }
  }
  return output;
}

const sum = (kernel, of = (weight) => weight) => kernel.flat().reduce((all, weight) => all + of(weight), 0);

/** How an output is shown: signed (weights that sum to 0) with the value of full colour, or as grey. */
export function display(kernel) {
  return Math.abs(sum(kernel)) < 0.001
    ? { signed: true, limit: sum(kernel, Math.abs) / 4 || 1 }
    : { signed: false, limit: 1 };
}

/** The middle of a kernel, or the kernel with a ring of zeros. */
export function resized(kernel, size) {
  const shift = (kernel.length - size) / 2;
  return Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => kernel[i + shift]?.[j + shift] ?? 0),
  );
}

export function kernelWord(kernel) {
  return Object.keys(ABOUT.kernels).find((word) => same(ABOUT.kernels[word], kernel)) ?? "own";
}

export function normalise(state, before) {
  const { kernel } = state;
  const fits = kernel.length === kernel[0].length && (kernel.length === 3 || kernel.length === 5);
  return fits ? state : { ...state, kernel: before.kernel };
}

// ---- Drawing -----------------------------------------------------------------------------------------------------

/**
 * @param {Figure} figure
 * @returns {View}
 */
export function draw(figure) {
  const { width, height } = ABOUT;
  /** @type {any} */
  let pixels = null; // of the photograph that is shown, 0 to 1
  let output = new Float64Array(0);
  let drawn = ""; // the photograph and kernel that the canvases show
  let loaded = "";
  /** @type {Place | null} */
  let preview = null; // [row, column] under the mouse
  let pinned = false;

  const canvas = (role) => h(`canvas.${role}`, { width, height, "aria-hidden": "true" });
  const [before, after] = [canvas("before"), canvas("after")];
  const spot = h("div.spot", { "aria-hidden": "true" });
  const handle = h("div.handle", { "aria-hidden": "true" }, h("div.grip", {}, "\u2194"));
  const view = h(
    "div.photo",
    {
      role: "application",
      tabindex: 0,
      "aria-label": "Photograph. Arrow keys choose a pixel, with Shift ten at a time.",
    },
    before,
    after,
    h("span.tag.input", {}, "input"),
    h("span.tag.output", {}, "output"),
    spot,
    handle,
  );

  const show = (change) => {
    change();
    update(figure.state());
  };
  /** @type {(event: PointerEvent) => Place} */
  const place = (event) => {
    const box = view.getBoundingClientRect();
    /** @type {(part: number, count: number) => number} */
    const at = (part, count) => clamp(Math.floor(part * count), 0, count - 1);
    return [at((event.clientY - box.top) / box.height, height), at((event.clientX - box.left) / box.width, width)];
  };
  view.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" && !pinned && !held) show(() => (preview = place(event)));
  });
  view.addEventListener("pointerleave", () => show(() => (preview = null)));
  view.addEventListener("click", (event) => {
    if (handle.contains(event.target)) return;
    const [row, column] = place(event);
    preview = null;
    pinned = true;
    figure.set({ row, column });
  });
  view.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(() => (pinned = false));
    const { row, column } = figure.state();
    let to = moveBy(event.key, event.ctrlKey, [row, column], height, width);
    if (!to) return;
    if (event.shiftKey)
      to = [clamp(row + 10 * (to[0] - row), 0, height - 1), clamp(column + 10 * (to[1] - column), 0, width - 1)];
    event.preventDefault();
    preview = null;
    figure.set({ row: to[0], column: to[1] });
  });
  let held = false;
  handle.onpointerdown = (event) => {
    held = true;
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  handle.onpointermove = (event) => {
    if (!held) return;
    const box = view.getBoundingClientRect();
    figure.set({ split: clamp(Math.round(((event.clientX - box.left) / box.width) * 100), 0, 100) }, { commit: false });
  };
  handle.onpointerup = handle.onpointercancel = () => {
    held = false;
    figure.commit();
  };

  const photo = chooser(
    "Photo",
    Object.entries(ABOUT.photos).map(([name, { title }]) => [name, title]),
    (name) => figure.set({ photo: name }),
  );
  const words = [...Object.keys(ABOUT.kernels).map((word) => [word, word]), ["own", "Your own"]];
  const named = chooser("Kernel", words, (word) => figure.set(word === "own" ? {} : { kernel: ABOUT.kernels[word] }));
  const size = chooser(
    "Size",
    [
      [3, "3 \u00d7 3"],
      [5, "5 \u00d7 5"],
    ],
    (side) => figure.set({ kernel: resized(figure.state().kernel, Number(side)) }),
  );
  const slider = h("input", {
    type: "range",
    id: "split",
    min: 0,
    max: 100,
    oninput: () => figure.set({ split: Number(slider.value) }, { commit: false }),
    onchange: figure.commit,
  });
  named.element.classList.add("wide");
  const range = h("div.chooser", {}, h("label", { for: "split" }, "Output begins at"), slider);

  const under = grid({ label: "Pixels under the kernel.", role: "input" });
  const weights = grid({
    label: "Kernel. Type to change a weight.",
    role: "kernel",
    onedit(i, j, number) {
      const kernel = figure.state().kernel.map((row) => [...row]);
      kernel[i][j] = number;
      if (isValid(ABOUT.settings.kernel, kernel)) figure.set({ kernel });
      else figure.say("A number from \u22129 to 9, please");
    },
  });
  const panel = (role, title, body) => h(`div.panel.${role}`, {}, h("div.title", {}, title), body);
  const answer = h("div.answer");
  const ramp = h("div.ramp");
  const key = h("div.key", {}, h("span"), ramp, h("span"));
  const result = h("p.line");
  const credit = h("p.note");
  figure.paper.append(
    h("div.controls", {}, photo.element, named.element, size.element, range),
    view,
    h(
      "div.stage.sum-line",
      {},
      panel("input", "Pixels", under.element),
      h("div.sign", { "aria-hidden": "true" }, "\u22c6"),
      panel("kernel", "Kernel", weights.element),
      h("div.sign", { "aria-hidden": "true" }, "="),
      h("div.panel.output", {}, h("div.title", {}, "Output"), answer, key),
    ),
    h("div.words", {}, result, credit),
    figure.bar(),
  );

  async function load(name) {
    loaded = name;
    const bitmap = await createImageBitmap(new Blob([await figure.file(name)], { type: "image/jpeg" }));
    if (loaded !== name) return;
    const context = before.getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    pixels = Float64Array.from({ length: width * height }, (_, n) => data[4 * n] / 255);
    drawn = "";
    update(figure.state());
    figure.drawn();
  }

  function paint({ kernel }) {
    output = filterImage(pixels, width, height, kernel);
    const { signed, limit } = display(kernel);
    const steps = Array.from({ length: 512 }, (_, n) =>
      signed ? signedColour((n - 256) / 255, 1) : greyColour(n, 0, 511),
    );
    const image = new ImageData(width, height);
    output.forEach((value, n) => {
      const at = clamp(Math.round(signed ? 256 + (255 * value) / limit : 511 * value), 0, 511);
      image.data.set([...steps[at], 255], 4 * n);
    });
    after.getContext("2d").putImageData(image, 0, 0);
  }

  function update(state) {
    const { kernel, split, photo: name } = state;
    if (loaded !== name) load(name);
    photo.update(name);
    credit.textContent = ABOUT.photos[name].credit;
    named.update(kernelWord(kernel));
    size.update(kernel.length);
    slider.value = split;
    after.style.clipPath = `inset(0 0 0 ${split}%)`;
    handle.style.left = `${split}%`;
    const limit = Math.max(...kernel.flat().map(Math.abs));
    weights.update({
      rows: kernel.length,
      columns: kernel.length,
      editable: true,
      cell: (i, j) => ({
        text: numeral(kernel[i][j], { signed: true, fraction: true }),
        rgb: signedColour(kernel[i][j], limit),
        label: `Weight row ${i}, column ${j}`,
      }),
    });
    if (!pixels) return;
    const now = `${loaded} ${JSON.stringify(kernel)}`;
    if (drawn !== now) paint(state);
    drawn = now;

    const [row, column] = preview ?? [state.row, state.column];
    const part = patch(pixels, width, height, kernel.length, row, column);
    under.update({
      rows: kernel.length,
      columns: kernel.length,
      cell: (i, j) => ({
        text: part[i][j].toFixed(2),
        rgb: greyColour(part[i][j], 0, 1),
        label: `Pixel row ${i}, column ${j}: ${part[i][j].toFixed(2)}`,
      }),
    });
    const value = output[row * width + column];
    const { signed, limit: full } = display(kernel);
    const rgb = signed ? signedColour(value, full) : greyColour(value, 0, 1);
    answer.textContent = numeral(value, { signed });
    answer.style.background = `rgb(${rgb})`;
    answer.style.color = inkOn(rgb);
    ramp.style.background = `linear-gradient(90deg, ${signed ? ABOUT.signed : "#000, #fff"})`;
    key.firstChild.textContent = signed ? numeral(-full) : "0";
    key.lastChild.textContent = signed ? numeral(full, { signed }) : "1";
    spot.style.left = `${((column + 0.5) / width) * 100}%`;
    spot.style.top = `${((row + 0.5) / height) * 100}%`;
    const total = sum(kernel);
    result.replaceChildren(
      "Pixel in row ",
      String(row),
      ", column ",
      String(column),
      ": ",
      h("b.output", {}, `output = ${numeral(value, { signed })}`),
      pinned ? " (pinned, Esc lets go). " : ". ",
      "The weights sum to ",
      h("b.kernel", {}, numeral(total)),
      signed
        ? ": flat areas give 0, red is negative and blue positive."
        : Math.abs(total - 1) < 0.001
          ? ": flat areas keep their brightness."
          : ": flat areas change their brightness.",
    );
    figure.say(`Row ${row}, column ${column}: output ${numeral(value)}.`);
  }

  figure.paper.style.setProperty("--cell", "44px");
  figure.paper.style.setProperty("--beside", "44px");
  return {
    update,
    reset() {
      preview = null;
      pinned = false;
    },
  };
}
