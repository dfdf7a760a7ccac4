/**
 * Colours for classes that the colour-blind tell apart, too: Paul Tol's muted scheme, https://personal.sron.nl/~pault, and black, so
 * that ten digits have one each.
 */
export const CLASS_COLORS = [
  "#332288",
  "#cc6677",
  "#117733",
  "#88ccee",
  "#ddcc77",
  "#aa4499",
  "#44aa99",
  "#882255",
  "#999933",
  "#000000",
] as const;

/** A picture of SVG elements on white. */
export const svgOf = (width: number, height: number, elements: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...elements,
    "</svg>",
    "",
  ].join("\n");

/** How a text stands. */
interface TextStyle {
  readonly anchor?: "start" | "middle" | "end";
  readonly color?: string;
  readonly size?: number;
  /** Reads from below to above. */
  readonly upright?: boolean;
  /** White around the letters, over what else is drawn. */
  readonly halo?: boolean;
}

export function textAt(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = "start", color = "#57606a", size, upright = false, halo = false } = style;
  const at = upright
    ? `transform="translate(${short(x)} ${short(y)}) rotate(-90)"`
    : `x="${short(x)}" y="${short(y)}"`;
  const sized = size === undefined ? "" : ` font-size="${size}"`;
  const around = halo ? ` stroke="white" stroke-width="3" paint-order="stroke"` : "";
  return `<text ${at} text-anchor="${anchor}" fill="${color}"${sized}${around}>${escaped(content)}</text>`;
}

export const rectAt = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="${fill}"/>`;

/** A length to a tenth of a pixel's tenth. */
export const short = (length: number): string => String(Math.round(length * 100) / 100);

/** A text of at most so many characters, its middle left out where it is longer. */
export function fitted(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const head = Math.floor((most - 1) / 2);
  return `${characters.slice(0, head).join("")}…${characters.slice(characters.length - (most - 1 - head)).join("")}`;
}

/** A number in a few characters. */
export const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A text that XML takes, names from models' files among them: control characters, which it does not, become boxes. */
export const escaped = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (character) => ENTITIES[character] as string);
