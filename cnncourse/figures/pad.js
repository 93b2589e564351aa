// A pad of 28 x 28 pixels to draw on by mouse, finger or keyboard, and what is drawn on it as text: "k90w8".

/** "k3w2" -> one letter a pixel: k keeps it, w makes it white, b black. */
export function unroll(ink, pixels = 784) {
  const letters = [...ink.matchAll(/([kbw])(\d+)/g)].flatMap(([, letter, count]) => Array(Number(count)).fill(letter));
  return letters.concat(Array(pixels - letters.length).fill("k"));
}

/** One letter a pixel -> "k3w2". */
export function rollUp(letters) {
  const runs = letters.join("").replace(/k+$/, "").match(/(.)\1*/g) ?? [];
  return runs.map((run) => run[0] + run.length).join("");
}

/** A picture of numbers from 0 to 1 with ink on it. */
export function drawOver(base, ink) {
  return Float64Array.from(unroll(ink), (letter, n) => (letter === "k" ? base[n] : Number(letter === "w")));
}

/** The pad: `change(drawing, done)` is called for every dab and when the pencil is lifted. */
function drawingPad(ink, change) {
  let cursor = [13, 13];
  let from = null; // the pointer's last pixel
  let down = false; // the keyboard's pencil
  let pen = "w";
  const tip = h("div.tip", { "aria-hidden": "true" });
  /** A pencil of 2 x 2 pixels, in a line from one place to another. */
  function dab(start, end) {
    const letters = unroll(ink());
    const steps = Math.max(1, Math.abs(end[0] - start[0]), Math.abs(end[1] - start[1]));
    for (let step = 0; step <= steps; step += 1) {
      const [y, x] = start.map((place, axis) => Math.round(place + ((end[axis] - place) * step) / steps));
      for (const [i, j] of [[y, x], [y, x + 1], [y + 1, x], [y + 1, x + 1]]) if (i < 28 && j < 28) letters[28 * i + j] = pen;
    }
    change(rollUp(letters), false);
  }
  function lift() {
    const drew = from;
    from = null;
    if (drew) change(ink(), true);
  }
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
  const tools = [["w", "Pencil"], ["b", "Eraser"]].map(([letter, label]) => {
    const tool = toggle(label, () => pad.take(letter));
    tool.letter = letter;
    return tool;
  });
  pad.tools = tools.map(({ element }) => element);
  pad.busy = () => from !== null;
  pad.take = (letter) => {
    pen = letter;
    for (const tool of tools) tool.update(tool.letter === pen);
  };
  pad.take("w");
  return pad;
}
