/** What the figures' modules pass to each other. */

/** A figure's settings by name: plain JSON values. */
export type State = Record<string, any>;

/** Red, green, blue, 0 to 255. */
export type Colour = number[];

/** Row and column. */
export type Place = [number, number];

/** How a cell of a grid looks. */
export interface Cell {
  text: string;
  label: string;
  rgb?: Colour | false | null;
  classes?: string;
  selected?: boolean;
  fixed?: boolean;
}

/** What a grid shows; `at` is the cell with the tab stop. */
export interface GridContent {
  rows: number;
  columns: number;
  cell(row: number, column: number): Cell;
  at?: number[] | null;
  editable?: boolean;
}

/** What a grid reports: arrow keys, hover, click or tap or Enter, a typed number, Escape. */
export interface GridEvents {
  onmove?(row: number, column: number): void;
  onhover?(row: number, column: number): void;
  onleave?(): void;
  onpick?(row: number, column: number): void;
  onedit?(row: number, column: number, number: number): void;
  onescape?(): void;
}

export interface Grid {
  element: HTMLElement;
  body: HTMLElement;
  update(content: GridContent): void;
  focus(): void;
}

/** A figure on its page, as its `draw` sees it. */
export interface Figure {
  paper: HTMLElement;
  state(): State;
  /** Change the state and draw; commit as well unless more is to come (a drag, a hover). */
  set(patch: State, options?: { commit?: boolean }): void;
  /** Begin again from the defaults and the settings of a link. */
  load(settings: State): void;
  commit(): void;
  /** Tell readers of a screen reader. */
  say(text: string): void;
  /** The bytes of one of the figure's files. If it does not load, the figure says so and the promise stays open. */
  file(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Say that everything is there, once what waited for files is drawn: the page stops keeping the place free. */
  drawn(): void;
  /** Call `end` when the figure is taken away. */
  onend(end: () => void): void;
  reset(): void;
  /** The row of buttons under a figure: its own on the left, Reset and the copy button on the right. */
  bar(...own: Node[]): HTMLElement;
}

/** What `draw` returns: how the figure follows its state, its width, Reset and the space bar. */
export interface View {
  update(state: State): void;
  layout?(width: number): void;
  reset?(): void;
  play?(): void;
}

/** A figure's module: `normalise` makes every state one that can be computed. */
export interface Parts {
  normalise(state: State, before: State): State;
  draw(figure: Figure): View;
}

/** Where a figure's state comes from and goes to: the page's address, or the traits of a widget. */
export interface Surroundings {
  start: State;
  oncommit?(state: State): void;
  ondrawn?(): void;
  file(name: string): Promise<Uint8Array<ArrayBuffer>>;
  copy(state: State): Promise<void>;
  copyLabel: string;
}

/** A layer of a network: what Python's `layer_rules` says, and the shapes that follow from it. */
export interface Layer {
  name: string;
  kind: "conv" | "linear" | "pool" | "tanh" | "relu";
  /** Height and width of the kernel or window; 1 for an activation. */
  size: number;
  step: number;
  padding: number;
  /** What the layer reads. */
  from: { maps: number; side: number };
  /** What it returns. */
  maps: number;
  side: number;
  /** Whether its values can be negative. */
  signed: boolean;
  weight?: Float64Array | Float32Array;
  bias?: Float64Array | Float32Array;
}
