// @ts-check
// The way to paper, from the theme's button and from the browser's own command: light, with all pictures and code.

const FOLDS = ".hide, .cnn-mistakes"; // open on paper; hints and solutions stay closed

let theme = ""; // on the screen, while the page is set for paper
/** @type {HTMLDetailsElement[]} */
let opened = [];

/** Pictures that have not been loaded, since the reader has not come near. */
function pictures() {
  return /** @type {HTMLImageElement[]} */ ([...document.querySelectorAll("article img:not(.cnn-dark)")]);
}

function toPaper() {
  if (theme) return;
  theme = document.documentElement.dataset.theme ?? "light";
  document.documentElement.dataset.theme = "light";
  opened = [...document.querySelectorAll("details")].filter((fold) => fold.matches(FOLDS) && !fold.open);
  for (const fold of opened) fold.open = true;
  for (const picture of pictures()) picture.loading = "eager";
}

function toScreen() {
  document.documentElement.dataset.theme = theme;
  for (const fold of opened) fold.open = false;
  theme = "";
}

/** Print when all pictures are there. The theme's button calls this. */
async function printPage() {
  toPaper();
  await Promise.allSettled(pictures().map((picture) => picture.decode()));
  print();
}

addEventListener("beforeprint", toPaper);
addEventListener("afterprint", toScreen);
Object.assign(globalThis, { printPage });
