// @ts-check
// Small pictures to choose from, and a large one with a frame: what a figure with many maps is made of.

import { clamp, h, moveBy } from "./controls.js";
import { greyColour, inkOn, numeral, signedColour } from "./state.js";

/** @import { Colour, Place } from "./types.js" */

/** @type {(signed: boolean, limit: number) => (value: number) => Colour} */
export const colourOf = (signed, limit) => (value) =>
  signed ? signedColour(value, limit) : greyColour(value, 0, limit);
const tables = [false, true].map((signed) =>
  Uint32Array.from({ length: 511 }, (_, n) => {
    const [r, g, b] = colourOf(signed, 1)(signed ? n / 255 - 1 : n / 510);
    return 0xff000000 + 65536 * b + 256 * g + r;
  }),
);
/** @type {(value: number) => string} */
const two = (value) => numeral(value, { signed: true });
/** @type {(value: number) => string} */
export const factor = (value) => (value < 0 ? `(${two(value)})` : numeral(value));

/**
 * Paint `side` x `side` values from `start` on, one pixel each; CSS enlarges them.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {number} side
 * @param {{ start?: number, signed?: boolean, limit?: number }} [options]
 */
export function paint(canvas, values, side, { start = 0, signed = false, limit = 1 } = {}) {
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const image = new ImageData(side, side);
  const dots = new Uint32Array(image.data.buffer);
  const [table, middle, scale] = signed ? [tables[1], 255, 255 / limit] : [tables[0], 0, 510 / limit];
  for (let n = 0; n < dots.length; n += 1)
    dots[n] = table[clamp(Math.round(middle + values[start + n] * scale), 0, 510)];
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

export const canvas = () => h("canvas", { "aria-hidden": "true" });
/** @type {(...children: Node[]) => any} */
export const option = (...children) => h("div.tile", { role: "option" }, ...children);

/**
 * Things to choose from, `across` in a line, with one tab stop: arrows choose, hover previews, click pins.
 * @param {string} label
 * @param {number} across
 * @param {{ onpick(n: number): void, onhover?(n: number): void, onleave?(): void, onescape?(): void }} events
 */
export function choice(label, across, { onpick, onhover, onleave, onescape }) {
  const element = h("div.choice", { role: "listbox", "aria-label": label });
  /** @type {(event: any) => number} */
  const at = (event) => list.items.indexOf(event.target.closest?.("[role=option]"));
  element.onpointerover = (/** @type {PointerEvent} */ event) =>
    event.pointerType === "mouse" && at(event) >= 0 && onhover?.(at(event));
  element.onpointerleave = () => onleave?.();
  element.onclick = (/** @type {MouseEvent} */ event) => at(event) >= 0 && onpick(at(event));
  element.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    const from = at(event);
    if (event.key === "Escape") onescape?.();
    if (event.key === "Enter") onpick(from);
    const to = moveBy(
      event.key,
      event.ctrlKey,
      [Math.floor(from / list.across), from % list.across],
      Math.ceil(list.items.length / list.across),
      list.across,
    );
    if (!to) return;
    event.preventDefault();
    const next = Math.min(to[0] * list.across + to[1], list.items.length - 1);
    list.items[next].focus();
    onpick(next);
  };
  const list = {
    element,
    across,
    items: /** @type {any[]} */ ([]),
    /** @type {(items: any[], children?: any[]) => void} */
    fill(items, children = items) {
      list.items = items;
      element.replaceChildren(...children);
    },
    /** @type {(chosen: number | null) => void} */
    update: (chosen) =>
      list.items.forEach((item, n) => {
        item.setAttribute("aria-selected", n === chosen);
        item.tabIndex = n === Math.max(0, chosen ?? 0) ? 0 : -1;
      }),
    /**
     * A square of numbers; from 4 x 4 on only their colours.
     * @param {number[][]} rows
     * @param {(value: number) => Colour} colour
     * @param {(n: number, value: number) => boolean} marked
     */
    write(rows, colour, marked) {
      const size = rows.length;
      if (list.items.length !== size * size) {
        list.across = size;
        const lines = rows.map((row) =>
          h("div.row", { role: "presentation" }, ...row.map(() => h("div.cell", { role: "option" }))),
        );
        list.fill(
          lines.flatMap((line) => [...line.children]),
          lines,
        );
      }
      rows.flat().forEach((value, n) => {
        const rgb = colour(value);
        list.items[n].textContent = size < 4 ? numeral(value) : "";
        list.items[n].style = `background: rgb(${rgb}); color: ${inkOn(rgb)}`;
        list.items[n].setAttribute("aria-label", `Row ${Math.floor(n / size)}, column ${n % size}: ${numeral(value)}`);
        list.items[n].classList.toggle("term", marked(n, value));
      });
    },
  };
  return list;
}

/**
 * A square picture with a frame around a part of it.
 * @param {string} role
 * @param {string} label
 * @param {Record<string, (event: any) => void>} events
 */
export function board(role, label, events) {
  const picture = canvas();
  const spot = h("div.frame", { "aria-hidden": "true" });
  /** @type {(part: number, side: number) => string} */
  const share = (part, side) => `${(100 * part) / side}%`;
  return {
    element: h(
      `div.board.${role}`,
      { role: "application", tabindex: 0, "aria-label": label, ...events },
      picture,
      spot,
    ),
    canvas: picture,
    /** @type {(event: PointerEvent, side: number) => Place} */
    place(event, side) {
      const box = picture.getBoundingClientRect();
      /** @type {(part: number) => number} */
      const cell = (part) => clamp(Math.floor(part * side), 0, side - 1);
      return [cell((event.clientY - box.top) / box.height), cell((event.clientX - box.left) / box.width)];
    },
    /** @type {(corners: { top: number, left: number, bottom?: number, right?: number }, side: number) => void} */
    frame: ({ top, left, bottom = top, right = left }, side) =>
      Object.assign(spot.style, {
        top: share(top, side),
        left: share(left, side),
        height: share(bottom - top + 1, side),
        width: share(right - left + 1, side),
      }),
  };
}
