import { arrayOf, COUNT, numberIn, numbersIn, objectOf, oneOf, stringOf } from "../arguments.ts";
import type { Histogram } from "./histograms.ts";
import { CLASS_COLORS, escaped, fitted, rectAt, short, shortNumber, svgOf, textAt } from "./svg.ts";

/** How `histogramChart` draws. */
export interface HistogramChartOptions {
  /** Histograms a row; 4 by default, fewer where there are fewer. */
  readonly columns?: number;
  /**
   * What a bar's height stands for: the logarithm of the count, by default, beside which rectifiers' zeros leave the rest to be
   * seen, or the count.
   */
  readonly scale?: "log" | "linear";
  /** Stands above; nothing by default. */
  readonly title?: string;
}

const CELL = { width: 220, height: 144 };
const PLOT = { left: 10, top: 40, width: 196, height: 76 };
const MARGIN = 8;

/**
 * Histograms side by side, layer after layer, as an SVG picture: name, mean ± deviation and share of zeros above the bars.
 *
 * @param histograms - What `activationHistograms` gave, a chart each.
 */
export function histogramChart(
  histograms: readonly Histogram[],
  options: HistogramChartOptions = {},
): string {
  for (const histogram of arrayOf("histogramChart: the histograms", histograms)) {
    const { name, op, counts, ...figures } = objectOf("histogramChart: a histogram", histogram);
    stringOf("a histogram's name", name);
    if (op !== undefined) stringOf("a histogram's op", op);
    numbersIn("a histogram's counts", counts);
    for (const figure of ["mean", "std", "zeros", "notFinite", "from", "to"] as const)
      numberIn(`a histogram's ${figure}`, figures[figure]);
  }
  const { columns = 4, scale = "log", title = "" } = objectOf("histogramChart: the options", options);
  numberIn("histogramChart: columns", columns, COUNT);
  oneOf("histogramChart: scale", scale, ["log", "linear"]);
  stringOf("histogramChart: title", title);
  const across = Math.max(1, Math.min(columns, histograms.length));
  const top = MARGIN + (title === "" ? 0 : 24);
  const cells = histograms.map((histogram, i) => {
    const [x, y] = [MARGIN + (i % across) * CELL.width, top + Math.floor(i / across) * CELL.height];
    return `<g transform="translate(${x} ${y})">\n${cellOf(histogram, scale).join("\n")}\n</g>`;
  });
  const rows = Math.ceil(histograms.length / across);
  return svgOf(2 * MARGIN + across * CELL.width, top + rows * CELL.height + MARGIN, [
    ...(title === "" ? [] : [textAt(MARGIN + PLOT.left, 22, title, { color: "#1f2328", size: 15 })]),
    ...cells,
  ]);
}

function cellOf(histogram: Histogram, scale: "log" | "linear"): readonly string[] {
  const { name, op, mean, std, zeros, notFinite, from, to, counts } = histogram;
  const { left, width, height } = PLOT;
  const bottom = PLOT.top + height;
  const heightOf = scale === "log" ? (count: number) => Math.log1p(count) : (count: number) => count;
  const most = Math.max(1e-9, ...counts.map(heightOf));
  const barWidth = width / counts.length;
  const bars = counts.flatMap((count, i) => {
    if (count === 0) return [];
    const tall = (heightOf(count) / most) * height;
    return rectAt(left + i * barWidth, bottom - tall, Math.max(barWidth - 0.5, 0.5), tall, CLASS_COLORS[0]);
  });
  const figures = [
    `${shortNumber(mean)} ± ${shortNumber(std)}`,
    ...(zeros > 0 ? [`${shortNumber(100 * zeros)} % zeros`] : []),
    ...(notFinite > 0 ? [`${notFinite} not finite`] : []),
  ];
  const zero = left + (-from / (to - from)) * width;
  const zeroLine = `<line x1="${short(zero)}" y1="${PLOT.top}" x2="${short(zero)}" y2="${bottom + 4}" stroke="#8c8c8c" stroke-dasharray="2 2"/>`;
  return [
    `<title>${escaped(op === undefined ? name : `${name} (${op})`)}</title>`,
    textAt(left, 14, fitted(name, 30), { color: "#1f2328" }),
    textAt(left, 30, figures.join(", "), { size: 11 }),
    ...bars,
    `<line x1="${left}" y1="${bottom}" x2="${left + width}" y2="${bottom}" stroke="#57606a"/>`,
    ...(from < 0 && to > 0 ? [zeroLine] : []),
    textAt(left, bottom + 15, shortNumber(from), { size: 11 }),
    textAt(left + width, bottom + 15, shortNumber(to), { size: 11, anchor: "end" }),
  ];
}
