// Pictures that are not grids of numbers: SVG for lines and layers, canvases for maps.

/** svg("rect", { x: 0 }) -> SVGElement. */
function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Paint rows x columns values, one pixel each; `colour(value)` -> [r, g, b]. The style sheet makes it large and sharp. */
function paint(canvas, values, rows, columns, colour) {
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let n = 0; n < rows * columns; n += 1) image.data.set([...colour(values[n]), 255], 4 * n);
  context.putImageData(image, 0, 0);
}
