// Drawings as SVG text.
import { encodePng } from "./png.mjs";

/** Colours that the colour-blind tell apart (Paul Tol's bright scheme). */
export const COLORS = ["#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377"];
export const INK = "#24292f";
export const PALE = "#d0d7de";

/** A drawing of elements on white. */
export const svg = (width, height, elements) =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${short(width)} ${short(height)}" width="${short(width)}" height="${short(height)}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    ...elements.flat(Infinity),
    "</svg>\n",
  ].join("\n");

export const short = (length) => String(Math.round(length * 100) / 100);

const escaped = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

/** What stands as by default in a drawing is not written. */
const unless = (standing, name, value) => (value === standing ? "" : ` ${name}="${value}"`);

export const text = (x, y, content, { anchor = "start", size = 12, color = INK, bold = false } = {}) =>
  `<text x="${short(x)}" y="${short(y)}"${unless("start", "text-anchor", anchor)}${unless(12, "font-size", size)}${unless(INK, "fill", color)}${bold ? ' font-weight="bold"' : ""}>${escaped(content)}</text>`;

export const rect = (x, y, width, height, { fill = "none", stroke = "none", thick = 1 } = {}) =>
  `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="${fill}"${unless("none", "stroke", stroke)}${unless(1, "stroke-width", thick)}/>`;

export const line = (x1, y1, x2, y2, { stroke = INK, thick = 1, dash = "" } = {}) =>
  `<line x1="${short(x1)}" y1="${short(y1)}" x2="${short(x2)}" y2="${short(y2)}" stroke="${stroke}" stroke-width="${thick}"${dash ? ` stroke-dasharray="${dash}"` : ""}/>`;

export const polyline = (points, { stroke = INK, thick = 2, fill = "none" } = {}) =>
  `<polyline points="${points.map(([x, y]) => `${short(x)},${short(y)}`).join(" ")}" fill="${fill}" stroke="${stroke}" stroke-width="${thick}" stroke-linejoin="round"/>`;

/** A line with a head at its end. */
export function arrow(x1, y1, x2, y2, { stroke = "#57606a", thick = 1.5 } = {}) {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const head = [-2.6, 2.6].map((turn) => [x2 + 8 * Math.cos(angle + turn), y2 + 8 * Math.sin(angle + turn)]);
  return [
    line(x1, y1, x2 - 5 * Math.cos(angle), y2 - 5 * Math.sin(angle), { stroke, thick }),
    polyline([head[0], [x2, y2], head[1]], { stroke: "none", fill: stroke }),
  ];
}

/** A picture of pixels within a drawing: whole pixels stay sharp however large it stands there. */
export const image = (x, y, width, height, picture) =>
  `<image x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" preserveAspectRatio="none" style="image-rendering:pixelated" href="data:image/png;base64,${encodePng(picture).toString("base64")}"/>`;

/**
 * Rows of numbers as a grid of cells. `fill(value, x, y)` gives a cell's colour, `mark(value, x, y)` the colour of a frame around
 * it, `show(value)` its text.
 */
export function grid(
  x,
  y,
  rows,
  { cell = 28, fill = () => "white", mark = () => undefined, show = numberText } = {},
) {
  const cells = rows.flatMap((row, j) =>
    row.map((value, i) => ({ value, i, j, left: x + i * cell, top: y + j * cell })),
  );
  const size = `width="${cell}" height="${cell}"`;
  const written = cells.map(({ value, i, j, left, top }) => {
    const content = escaped(show(value));
    const [middle, base] = [short(left + cell / 2), short(top + cell * 0.65)];
    const fillOf = inkOn(fill(value, i, j)) === INK ? "" : ' fill="white"';
    return content === "" ? [] : `<text x="${middle}" y="${base}"${fillOf}>${content}</text>`;
  });
  return [
    `<g stroke="#8c959f">`,
    cells.map(
      ({ value, i, j, left, top }) => `<rect x="${left}" y="${top}" ${size} fill="${fill(value, i, j)}"/>`,
    ),
    `</g><g text-anchor="middle" font-size="${Math.round(cell * 0.42)}">`,
    written,
    "</g>",
    cells.map(({ value, i, j, left, top }) => {
      const stroke = mark(value, i, j);
      return stroke === undefined ? [] : rect(left + 1, top + 1, cell - 2, cell - 2, { stroke, thick: 3 });
    }),
  ];
}

const numberText = (value) => (Number.isInteger(value) ? String(value) : String(Number(value.toFixed(2))));

/** Blue for what is below 0, red for what is above, white at 0; `far` is where they are deepest. */
export const signed = (far) => (value) => {
  const share = Math.min(1, Math.abs(value) / far);
  const mix = (to) => Math.round(255 + (to - 255) * share);
  const [red, green, blue] = value < 0 ? [67, 147, 195] : [214, 96, 77];
  return `rgb(${mix(red)},${mix(green)},${mix(blue)})`;
};

/** White text on what is dark. */
function inkOn(fill) {
  const parts = fill.match(/^rgb\((\d+),(\d+),(\d+)\)$/);
  return parts !== null && 0.3 * parts[1] + 0.59 * parts[2] + 0.11 * parts[3] < 120 ? "white" : INK;
}
