// @ts-check
// Pictures that are not grids of numbers: SVG for lines and layers.

/**
 * An SVG element: `svg("rect", { x: 0 })`.
 * @param {string} tag
 * @param {Record<string, any>} [attributes] - functions become properties
 * @param {...(Node | string)} children
 * @returns {any} any kind of element
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
