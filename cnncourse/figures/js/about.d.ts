/** What Python knows about a figure; `Figure.module` writes this module in front of the others. */

/** A setting: its letter in links, its type, its default, and what it may be (`cnncourse.figures.settings`). */
export interface Rule {
  key: string;
  type: string;
  default: any;
  low: number;
  high: number;
  size: number;
  pixels: number;
  choices: string[];
}

export const ABOUT: {
  /** The custom element's name. */
  element: string;
  title: string;
  /** The name of the Python class. */
  python: string;
  /** Stops of the colour map for signed numbers. */
  signed: string[];
  settings: Record<string, Rule>;
  [constant: string]: any;
};

/** The figure's style sheet. */
export const STYLE: string;
