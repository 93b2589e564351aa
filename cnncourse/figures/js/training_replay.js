// @ts-check
// Training replay: the curve of a recorded training to scrub along, what the network says about 24 images at that
// moment, and how it comes to say so: two images, their maps, both kernels.

import { ABOUT } from "./about.js";
import { chooser, clamp, grid, h, nextTask, player, stepper, toggle } from "./controls.js";
import { EACH, flatAnswers, isCircle, isRight, LAST, lookAt, readRecording, verdict } from "./recording.js";
import { greyColour, numeral, signedColour } from "./state.js";
import { svg } from "./svg.js";

/** @import { Figure, State, View } from "./types.js" */

export function normalise(state, before) {
  return ABOUT.seeds.includes(state.seed) ? state : { ...state, seed: before.seed };
}

const TOP = 0.8; // the loss at the upper end of the chart
const PLOT = { left: 34, right: 10, top: 8, bottom: 24, height: 206 };
const ROW = 8; // pixels between two marks on the line of decisions
const SIDES = { left: 16, right: 16, top: 24, bottom: 22, height: 24 + ABOUT.examples * ROW + 22 + 8 };
const LEARNED = 0.9; // accuracy

const signedText = (value) => numeral(value, { signed: true });
const percent = (share) => `${(100 * share).toFixed(1)}%`;

/** Paint square `values` one pixel each; CSS enlarges them. */
function paint(canvas, values, colour, words) {
  const side = Math.sqrt(values.length);
  canvas.width = canvas.height = side;
  const image = new ImageData(side, side);
  values.forEach((value, n) => image.data.set([...colour(value), 255], 4 * n));
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.setAttribute("aria-label", words);
}

/**
 * @param {Figure} figure
 * @returns {View}
 */
export function draw(figure) {
  /** @type {any} */
  let recording = null;
  /** @type {Record<string, number>} */
  let seen = {}; // by seed: the last epoch that the reader has come to
  /** @type {number | null} */
  let ghost = null; // the seed that was shown before
  /** @type {number | null} */
  let current = null;
  /** @type {Record<string, boolean>} */
  let guess = {}; // by seed: whether the reader said that it learns
  let pinned = [0, EACH]; // a square and a circle
  /** @type {number | null} */
  let preview = null;
  let focused = EACH; // the image that the keys are at
  let [chartWidth, sidesWidth] = [330, 330];
  /** @type {Record<string, number[]>} */
  const decided = {}; // decisions of all images, by seed and epoch

  const show = (change) => {
    change();
    update(figure.state());
  };
  const limit = (seed, { reveal }) => (reveal ? LAST : (seen[seed] ?? 0));
  /** @type {(state: State) => number[]} */
  const decisionsAt = ({ seed, epoch }) =>
    (decided[`${seed} ${epoch}`] ??= recording.images.map(
      (image) => lookAt(recording.moments[seed][epoch].parameters, image).says,
    ));

  // ---- Controls

  const seeds = chooser(
    "Seed",
    ABOUT.seeds.map((seed) => [seed, `Seed ${seed}`]),
    (seed) => {
      play.stop();
      figure.set({ seed: Number(seed), epoch: figure.state().reveal ? figure.state().epoch : 0 });
    },
  );
  const epochs = stepper("Epoch", (epoch) => figure.set({ epoch }));
  const all = toggle("Show all", (reveal) => figure.set({ reveal }));
  const play = player({
    step(by) {
      const epoch = figure.state().epoch + by;
      if (epoch < 0 || epoch > LAST) return false;
      figure.set({ epoch }, { commit: !play.playing() });
      return epoch < LAST || by < 0;
    },
    rewind: () => figure.state().epoch === LAST && figure.set({ epoch: 0 }, { commit: false }),
    onstop: figure.commit,
  });
  const slider = h("input", {
    type: "range",
    min: 0,
    max: LAST,
    "aria-label": "Scrub through the epochs",
    oninput: () => figure.set({ epoch: Number(slider.value) }, { commit: false }),
    onchange: figure.commit,
    onkeydown: (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      play.flip();
    },
  });

  // ---- The curve

  const chart = h("div.chart", { "aria-hidden": "true" });
  const legend = h("p.legend");
  const xOf = (epoch) => PLOT.left + ((chartWidth - PLOT.left - PLOT.right) * epoch) / LAST;
  const yOf = (loss) => PLOT.height - PLOT.bottom - ((PLOT.height - PLOT.top - PLOT.bottom) * loss) / TOP;
  /** @type {{ x: number, y: number, scrubs: boolean } | null} */
  let grip = null; // where the pointer took hold, and whether it scrubs: a finger that scrolls past does not
  /** @param {PointerEvent} event */
  function scrub(event) {
    if (grip) grip.scrubs = true;
    const part =
      (event.clientX - chart.getBoundingClientRect().left - PLOT.left) / (chartWidth - PLOT.left - PLOT.right);
    figure.set({ epoch: clamp(Math.round(part * LAST), 0, LAST) }, { commit: false });
  }
  function release() {
    if (grip?.scrubs) figure.commit();
    grip = null;
  }
  chart.onpointerdown = (event) => {
    play.stop();
    grip = { x: event.clientX, y: event.clientY, scrubs: false };
    chart.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") scrub(event);
  };
  chart.onpointermove = (event) => {
    if (!grip) return;
    const aside = Math.abs(event.clientX - grip.x);
    if (grip.scrubs || (aside > 6 && aside > Math.abs(event.clientY - grip.y))) scrub(event);
  };
  chart.onpointerup = (event) => {
    if (!grip?.scrubs) scrub(event);
    release();
  };
  chart.onpointercancel = release;

  const pathOf = (seed, quantity, last) =>
    recording.moments[seed]
      .slice(0, last + 1)
      .map((moment, epoch) => `${epoch ? "L" : "M"}${xOf(epoch)} ${yOf(moment[quantity])}`)
      .join("");

  function drawChart(state) {
    const { seed, epoch } = state;
    const last = limit(seed, state);
    const [x, right] = [xOf(epoch), xOf(LAST)];
    const text = (words, at, y, attributes) => svg("text", { x: at, y, ...attributes }, words);
    const line = (quantity, from, until) =>
      svg("path", {
        class: quantity,
        d: pathOf(from, quantity, until),
        stroke: ABOUT.series[quantity === "train" ? 0 : 1],
      });
    const ghostEnd = ghost === null ? 0 : limit(ghost, state);
    const moment = recording.moments[seed][epoch];
    chart.replaceChildren(
      svg(
        "svg",
        { width: chartWidth, height: PLOT.height, viewBox: `0 0 ${chartWidth} ${PLOT.height}` },
        ...[0, 0.2, 0.4, 0.6, 0.8].flatMap((loss) => [
          text(loss ? loss.toFixed(1) : "0", PLOT.left - 6, yOf(loss) + 4, { "text-anchor": "end" }),
          svg("path", { class: "rule", d: `M${PLOT.left} ${yOf(loss)}H${right}` }),
        ]),
        ...[0, 5, 10, 15].map((at) =>
          text(at === LAST ? `epoch ${at}` : String(at), xOf(at) + (at === LAST ? 8 : 0), PLOT.height - 6, {
            "text-anchor": at === LAST ? "end" : "middle",
          }),
        ),
        ...(last < LAST
          ? [
              svg("rect", {
                class: "unknown",
                x: xOf(last),
                y: yOf(TOP),
                width: right - xOf(last),
                height: yOf(0) - yOf(TOP),
              }),
              text("?", (xOf(last) + right) / 2, yOf(0.28), { class: "ask", "text-anchor": "middle" }),
            ]
          : []),
        svg("path", { class: "chance", d: `M${PLOT.left} ${yOf(Math.LN2)}H${right}` }),
        text("guessing: log 2", right, yOf(Math.LN2) - 5, { "text-anchor": "end" }),
        ...(ghostEnd
          ? [
              svg("path", { class: "ghost", d: pathOf(ghost, "train", ghostEnd) }),
              text(`seed ${ghost}`, xOf(ghostEnd) - 2, yOf(recording.moments[ghost ?? seed][ghostEnd].train) + 16, {
                "text-anchor": "end",
              }),
            ]
          : []),
        line("held", seed, last),
        line("train", seed, last),
        svg("path", { class: "cursor", d: `M${x} ${yOf(TOP)}V${yOf(0)}` }),
        svg("circle", { class: "dot", cx: x, cy: yOf(moment.train), r: 5, fill: ABOUT.series[0] }),
      ),
    );
    const key = (kind, colour, words) => [
      svg(
        "svg",
        { width: 26, height: 10, "aria-hidden": "true" },
        svg("path", { class: kind, d: "M0 5H26", stroke: colour }),
      ),
      words,
    ];
    legend.replaceChildren(
      h("b", {}, "Loss"),
      ...[
        key("train", ABOUT.series[0], `training ${moment.train.toFixed(3)}`),
        key("held", ABOUT.series[1], `validation ${moment.held.toFixed(3)}`),
      ].map((children) => h("span", {}, ...children)),
    );
  }

  // ---- The line of decisions

  const sides = h("div.sides", {
    role: "application",
    tabindex: 0,
    "aria-label":
      "What the network says about 24 images. Left and right choose an image, from the surest square to the surest circle.",
  });
  const marks = Array.from({ length: ABOUT.examples }, (_, index) => {
    const shape = isCircle(index) ? svg("circle", { r: 4.5 }) : svg("rect", { x: -4, y: -4, width: 8, height: 8 });
    return svg("g", {}, shape);
  });
  const ring = [0, 1].map(() => svg("circle", { class: "chosen", r: 9 }));
  const frame = svg("g");
  const plot = svg("svg", { height: SIDES.height, "aria-hidden": "true" }, frame, ...marks, ...ring);
  sides.append(plot);
  const across = (says) => sidesWidth / 2 + ((sidesWidth / 2 - SIDES.left) * says) / ABOUT.reach;
  const down = (index) => SIDES.top + ROW * (ABOUT.examples - 0.5 - index) + (isCircle(index) ? 0 : 8);
  const nearest = (event) => {
    const box = plot.getBoundingClientRect();
    const away = decisionsAt(figure.state()).map((says, index) =>
      Math.hypot(box.left + across(says) - event.clientX, box.top + down(index) - event.clientY),
    );
    const least = Math.min(...away);
    return least < 24 ? away.indexOf(least) : null;
  };
  function pin(index) {
    preview = null;
    focused = index;
    pinned = pinned.with(Number(isCircle(index)), index);
    update(figure.state());
    figure.say(describe(index));
  }
  sides.onpointermove = (event) => {
    if (event.pointerType === "mouse" && nearest(event) !== preview) show(() => (preview = nearest(event)));
  };
  sides.onpointerleave = () => preview !== null && show(() => (preview = null));
  sides.onclick = (event) => {
    const index = nearest(event);
    if (index !== null) pin(index);
  };
  sides.addEventListener("keydown", (event) => {
    const decisions = decisionsAt(figure.state());
    const order = decisions.map((_, index) => index).sort((a, b) => decisions[a] - decisions[b]);
    const place = order.indexOf(focused);
    const to = {
      ArrowLeft: place - 1,
      ArrowUp: place + 1,
      ArrowRight: place + 1,
      ArrowDown: place - 1,
      Home: 0,
      End: order.length - 1,
    }[event.key];
    if (event.key === "Escape") show(() => (pinned = [0, EACH]));
    if (to === undefined) return;
    event.preventDefault();
    pin(order[clamp(to, 0, order.length - 1)]);
  });

  function describe(index) {
    const says = decisionsAt(figure.state())[index];
    const right = isRight(says, index) ? "right" : "wrong";
    return `${ABOUT.classes[Number(isCircle(index))]} ${(index % EACH) + 1} of ${EACH}: ${signedText(says)}, says ${ABOUT.classes[Number(says > 0)]}, ${right}`;
  }

  function drawSides(decisions) {
    const middle = across(0);
    const end = SIDES.height - SIDES.bottom;
    const text = (words, x, y, attributes) => svg("text", { x, y, "text-anchor": "middle", ...attributes }, words);
    plot.setAttribute("width", sidesWidth);
    frame.replaceChildren(
      ...[-6, -4, -2, 2, 4, 6].flatMap((says) => [
        svg("path", { class: "rule", d: `M${across(says)} ${SIDES.top}V${end}` }),
        text(signedText(says), across(says), end + 15),
      ]),
      svg("path", { class: "boundary", d: `M${middle} ${SIDES.top - 4}V${end}` }),
      text("0", middle, end + 15),
      text("\u2190 says square", (SIDES.left + middle) / 2, 14, { class: "side" }),
      text("says circle \u2192", (middle + sidesWidth - SIDES.right) / 2, 14, { class: "side" }),
    );
    marks.forEach((mark, index) => {
      mark.style.transform = `translate(${across(decisions[index])}px, ${down(index)}px)`;
      mark.setAttribute("class", `mark-of ${isRight(decisions[index], index) ? "right" : "wrong"}`);
    });
    shownImages().forEach(
      (index, label) => (ring[label].style.transform = `translate(${across(decisions[index])}px, ${down(index)}px)`),
    );
  }

  const shownImages = () =>
    pinned.map((index, label) => (preview !== null && Number(isCircle(preview)) === label ? preview : index));

  // ---- The network

  const kernels = ["First", "Second"].map((word) => grid({ label: `${word} kernel.`, role: "kernel" }));
  const notes = kernels.map(() => h("p"));
  const rows = ABOUT.classes.map(() =>
    ["input", "output", "output"].map((role) => ({ canvas: h("canvas", { role: "img" }), note: h("p"), role })),
  );
  const cell = ({ canvas, note, role }, area, title) =>
    h(
      `div.panel.${role}`,
      { style: `grid-area: ${area}` },
      ...(title ? [h("div.title", {}, title)] : []),
      canvas,
      note,
    );
  const network = h(
    "div.network",
    {},
    ...rows.flatMap((row, label) =>
      row.map((each, n) => cell(each, `${"imo"[n]}${label}`, label ? "" : ["Images", "First maps", "Second maps"][n])),
    ),
    ...kernels.map((each, n) =>
      h(
        "div.panel.kernel",
        { style: `grid-area: k${n}` },
        h("div.title", {}, `${["First", "Second"][n]} kernel`),
        each.element,
        notes[n],
      ),
    ),
  );

  function drawNetwork({ parameters }) {
    [0, 10].forEach((start, n) => {
      kernels[n].update({
        rows: 3,
        columns: 3,
        cell(i, j) {
          const weight = parameters[start + 3 * i + j];
          return {
            text: signedText(weight),
            rgb: signedColour(weight, ABOUT.limit),
            label: `Weight row ${i}, column ${j}: ${signedText(weight)}`,
          };
        },
      });
      const sum = parameters.subarray(start, start + 9).reduce((total, weight) => total + weight, 0);
      notes[n].replaceChildren(`sum ${signedText(sum)}`, h("br"), `bias ${signedText(parameters[start + 9])}`);
    });
    shownImages().forEach((index, label) => {
      const { tanh1, tanh2, says } = lookAt(parameters, recording.images[index]);
      const name = `${ABOUT.classes[label]} ${(index % EACH) + 1}`;
      const [image, first, second] = rows[label];
      paint(image.canvas, recording.images[index], (value) => greyColour(value, 0, 1), name);
      paint(first.canvas, tanh1, (value) => signedColour(value, 1), `First map of ${name}`);
      paint(second.canvas, tanh2, (value) => signedColour(value, 1), `Second map of ${name}`);
      image.note.textContent = name;
      second.note.replaceChildren(h("b", {}, signedText(says)), ` says ${ABOUT.classes[Number(says > 0)]}`);
    });
  }

  // ---- Words

  const result = h("p.line");
  const seeing = h("p.line");
  const filter = h("p.line");
  const guesses = [true, false].map((learns) =>
    toggle(learns ? "Yes" : "No", () => show(() => (guess = { ...guess, [figure.state().seed]: learns }))),
  );
  const answer = h("span");
  const ask = h(
    "div.ask-line",
    { role: "group", "aria-label": "Your guess" },
    h("span", {}, "Will this start learn?"),
    ...guesses.map((each) => each.element),
    answer,
  );

  function write(state, moment, decisions) {
    const { seed, epoch } = state;
    const right = decisions.filter(isRight).length;
    const score = `${percent(moment.accuracy)} of ${ABOUT.held.toLocaleString("en")} validation images right, ${right} of these ${decisions.length}`;
    result.replaceChildren(
      h("b", {}, epoch ? `After epoch ${epoch}` : "Before training"),
      `: loss ${moment.train.toFixed(3)}, ${score}.`,
    );
    seeing.textContent = verdict(decisions);
    const { inside, outside } = flatAnswers(moment.parameters);
    const look = Math.abs(inside - outside) < 0.2 ? "shows borders" : "fills the shape";
    filter.replaceChildren(
      "The ",
      h("b.kernel", {}, "first kernel"),
      ` gives ${signedText(inside)} inside a shape, ${signedText(outside)} outside: its map ${look}.`,
    );
    const said = guess[seed];
    guesses.forEach((each, n) => each.update(said === (n === 0)));
    const final = recording.moments[seed][LAST].accuracy;
    const over = limit(seed, state) === LAST;
    answer.textContent = over
      ? `${said === undefined ? "" : said === final >= LEARNED ? "You saw it coming. " : "Not this time. "}It ends at ${percent(final)}.`
      : said === undefined
        ? ""
        : "Now play.";
    figure.say(
      `${epoch ? `Epoch ${epoch}` : "Before training"}: loss ${moment.train.toFixed(3)}, ${score}. ${seeing.textContent}`,
    );
  }

  figure.paper.append(
    h("div.controls", {}, seeds.element, epochs.element, all.element),
    h(
      "div.replay",
      {},
      h("div", {}, legend, chart, slider, h("div.bar", {}, ...play.buttons)),
      h(
        "div",
        {},
        h("p.legend", {}, h("b", {}, "Decision"), h("span", {}, "logit of circle \u2212 logit of square")),
        sides,
        h(
          "p.note",
          {},
          "Round: circles, square: squares. Hollow: wrong. Ringed: shown below. Point or tap for others.",
        ),
      ),
    ),
    ask,
    h("div.words", {}, result, seeing, filter),
    network,
    figure.bar(),
  );

  (async () => {
    recording = readRecording(await figure.file("recording"));
    await nextTask();
    decisionsAt(figure.state());
    await nextTask();
    update(figure.state());
    figure.drawn();
  })();

  function update(state) {
    const { seed, epoch, reveal } = state;
    if (current !== null && seed !== current) ghost = current;
    current = seed;
    seen[seed] = Math.max(seen[seed] ?? 0, epoch);
    seeds.update(seed);
    epochs.update(epoch, 0, LAST);
    all.update(reveal);
    slider.value = epoch;
    slider.setAttribute("aria-valuetext", `Epoch ${epoch}`);
    if (!recording) return;
    const moment = recording.moments[seed][epoch];
    const decisions = decisionsAt(state);
    drawChart(state);
    drawSides(decisions);
    drawNetwork(moment);
    write(state, moment, decisions);
  }

  figure.paper.style.setProperty("--beside", "40px");
  return {
    update,
    layout() {
      const [before, beside] = [chartWidth, sidesWidth];
      chartWidth = Math.max(240, chart.clientWidth);
      sidesWidth = Math.max(240, sides.clientWidth);
      slider.style.marginLeft = `${PLOT.left - 8}px`;
      slider.style.width = `${chartWidth - PLOT.left - PLOT.right + 16}px`;
      if (recording && (before !== chartWidth || beside !== sidesWidth)) update(figure.state());
    },
    play: play.flip,
    reset() {
      play.stop();
      seen = {};
      guess = {};
      ghost = current = preview = null;
      pinned = [0, EACH];
    },
  };
}
