import { arrayOf, objectOf, stringOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { type ConfusionMatrix, checkMatrix } from "./scores.ts";
import { escaped, fitted, rectAt, short, shortNumber, svgOf, textAt } from "./svg.ts";

/** How `confusionChart` draws. */
export interface ConfusionChartOptions {
  /** The classes' names; their numbers by default. */
  readonly names?: readonly string[];
  /** Stands above; nothing by default. */
  readonly title?: string;
}

const LONGEST_NAME = 16;
const DARK = "#1f2328";
/** The colour of a whole row in one cell; less is paler. */
const MOST = [8, 48, 107];

/**
 * A confusion matrix as an SVG picture: a row a label, a column a prediction, each cell in the colour of its share of the row,
 * with its count where there is room. Cells of no sample are left out.
 */
export function confusionChart(matrix: ConfusionMatrix, options: ConfusionChartOptions = {}): string {
  const { classes, counts } = checkMatrix("confusionChart", matrix);
  const { names: given, title = "" } = objectOf("confusionChart: the options", options);
  stringOf("confusionChart: title", title);
  const names = given ?? counts.map((_, i) => String(i));
  for (const name of arrayOf("confusionChart: names", names)) stringOf("confusionChart: a name", name);
  if (names.length !== classes)
    throw new UsageError(`confusionChart: ${names.length} names for ${classes} classes`);
  const cell = Math.min(44, Math.max(4, 480 / classes));
  const longest = Math.max(...names.map((name) => Math.min([...name].length, LONGEST_NAME)));
  const [left, top] = [36 + 7 * longest, (title === "" ? 0 : 24) + 36 + (longest > 3 ? 7 * longest : 12)];
  const side = cell * classes;
  const cells = counts.flatMap((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, prediction) => {
      if (count === 0) return [];
      const share = count / total;
      const says = `${names[label]} taken for ${names[prediction]}: ${count} of ${total} (${shortNumber(100 * share)} %)`;
      return cellAt(left + prediction * cell, top + label * cell, cell, count, share, says);
    });
  });
  const upright = longest > 3;
  // Names stand at every line that leaves room for them.
  const [rows, columns] = [12, upright ? 12 : 7 * longest + 6].map((room) => Math.ceil(room / cell));
  const labels = names.flatMap((name, i) => {
    const [middle, text] = [(i + 0.5) * cell, fitted(name, LONGEST_NAME)];
    const above = upright
      ? textAt(left + middle + 4, top - 6, text, { upright })
      : textAt(left + middle, top - 6, text, { anchor: "middle" });
    return [
      ...(i % (rows as number) === 0 ? [textAt(left - 6, top + middle + 4, text, { anchor: "end" })] : []),
      ...(i % (columns as number) === 0 ? [above] : []),
    ];
  });
  return svgOf(Math.ceil(left + side + 12), Math.ceil(top + side + 12), [
    ...(title === "" ? [] : [textAt(12, 22, title, { color: DARK, size: 15 })]),
    textAt(left + side / 2, title === "" ? 18 : 42, "taken for", { anchor: "middle", color: DARK }),
    textAt(18, top + side / 2, "is", { anchor: "middle", color: DARK, upright: true }),
    ...labels,
    ...cells,
    `<rect x="${left}" y="${short(top)}" width="${short(side)}" height="${short(side)}" fill="none" stroke="#57606a"/>`,
  ]);
}

function cellAt(x: number, y: number, size: number, count: number, share: number, says: string): string {
  const color = MOST.map((value) => 255 + (value - 255) * share);
  const text = String(count);
  const fits = size >= 16 && text.length * 7 <= size;
  const ink = share < 0.5 ? DARK : "#ffffff";
  return [
    `<g><title>${escaped(says)}</title>`,
    rectAt(x, y, size, size, `rgb(${color.map(Math.round)})`),
    ...(fits ? [textAt(x + size / 2, y + size / 2 + 4, text, { anchor: "middle", color: ink })] : []),
    "</g>",
  ].join("");
}
