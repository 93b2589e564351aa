// @ts-check
// A pad of 28 x 28 pixels to draw on by mouse, finger or keyboard, and what is drawn on it as text: "k90w8".

import { h, moveBy, toggle } from "./controls.js";
import { board } from "./tiles.js";

/** @import { Place } from "./types.js" */

/**
 * From "k3w2" to one letter per pixel: k keeps it, w makes it white, b black.
 * @param {string} ink
 */
export function unroll(ink, pixels = 784) {
  const letters = [...ink.matchAll(/([kbw])(\d+)/g)].flatMap(([, letter, count]) => Array(Number(count)).fill(letter));
  return letters.concat(Array(pixels - letters.length).fill("k"));
}

/**
 * From one letter per pixel to "k3w2".
 * @param {string[]} letters
 */
export function rollUp(letters) {
  const runs =
    letters
      .join("")
      .replace(/k+$/, "")
      .match(/(.)\1*/g) ?? [];
  return runs.map((run) => run[0] + run.length).join("");
}

/**
 * A picture of numbers from 0 to 1 with ink on it.
 * @param {Float64Array} base
 * @param {string} ink
 */
export function drawOver(base, ink) {
  return Float64Array.from(unroll(ink), (letter, n) => (letter === "k" ? base[n] : Number(letter === "w")));
}

/**
 * The pad: `change(drawing, done)` is called for every dab and when the pencil is lifted.
 * @param {() => string} ink - the present drawing
 * @param {(drawing: string, done: boolean) => void} change
 */
export function drawingPad(ink, change) {
  /** @type {Place} */
  let cursor = [13, 13];
  /** @type {Place | null} */
  let from = null; // the pointer's last pixel
  let down = false; // the keyboard's pencil
  let pen = "w";
  const tip = h("div.tip", { "aria-hidden": "true" });
  /**
   * A pencil of 2 x 2 pixels, in a line from one place to another.
   * @param {Place} start
   * @param {Place} end
   */
  function dab(start, end) {
    const letters = unroll(ink());
    const steps = Math.max(1, Math.abs(end[0] - start[0]), Math.abs(end[1] - start[1]));
    for (let step = 0; step <= steps; step += 1) {
      const [y, x] = start.map((place, axis) => Math.round(place + ((end[axis] - place) * step) / steps));
      for (const [i, j] of [
        [y, x],
        [y, x + 1],
        [y + 1, x],
        [y + 1, x + 1],
      ])
        if (i < 28 && j < 28) letters[28 * i + j] = pen;
    }
    change(rollUp(letters), false);
  }
  function lift() {
    const drew = from;
    from = null;
    if (drew) change(ink(), true);
  }
  /** @param {Place} to */
  function move(to) {
    if (down) dab(cursor, to);
    cursor = to;
    Object.assign(tip.style, { top: `${cursor[0] / 0.28}%`, left: `${cursor[1] / 0.28}%` });
    tip.classList.toggle("down", down);
    change(ink(), true);
  }
  const pad = board("pad", "Drawing pad. Arrow keys move the pencil, Enter puts it down and lifts it.", {
    onpointerdown(event) {
      pad.element.setPointerCapture(event.pointerId);
      from = pad.place(event, 28);
      dab(from, from);
    },
    onpointermove(event) {
      if (!from) return;
      const to = pad.place(event, 28);
      dab(from, to);
      from = to;
    },
    onpointerup: lift,
    onpointercancel: lift,
    onkeydown(event) {
      const to = moveBy(event.key, event.ctrlKey, cursor, 28, 28);
      if (event.key === "Enter" || event.key === " ") down = !down;
      else if (event.key === "Escape") down = false;
      else if (!to) return;
      event.preventDefault();
      move(to ?? cursor);
    },
    onblur: () => (down = false),
  });
  pad.element.append(tip);
  const tools = [
    ["w", "Pencil"],
    ["b", "Eraser"],
  ].map(([letter, label]) => {
    return { letter, ...toggle(label, () => take(letter)) };
  });
  /** @type {(letter: string) => void} */
  const take = (letter) => {
    pen = letter;
    for (const tool of tools) tool.update(tool.letter === pen);
  };
  take("w");
  return { ...pad, take, tools: tools.map(({ element }) => element), busy: () => from !== null };
}
