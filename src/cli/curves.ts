/** A line of a chart: a value for each epoch, from the first. */
export interface Curve {
  readonly name: string;
  readonly values: readonly number[];
}

const WIDTH = 640;
const HEIGHT = 360;
const MARGIN = { left: 64, right: 16, top: 32, bottom: 40 };
const COLORS = ["#1f6feb", "#d1242f", "#1a7f37", "#9a6700"];

/** Curves over epochs as an SVG picture. */
export function curvesSvg(title: string, curves: readonly Curve[]): string {
  const values = curves.flatMap((curve) => curve.values).filter(Number.isFinite);
  const [low, high] = [Math.min(...values, 0), Math.max(...values, 1e-9)];
  const epochs = Math.max(2, ...curves.map((curve) => curve.values.length));
  const x = (epoch: number): number =>
    MARGIN.left + (epoch / (epochs - 1)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number): number =>
    HEIGHT - MARGIN.bottom - ((value - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const text = (at: readonly [number, number], anchor: string, content: string, color = "#57606a"): string =>
    `<text x="${at[0]}" y="${at[1]}" text-anchor="${anchor}" fill="${color}">${escaped(content)}</text>`;
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
    const value = low + share * (high - low);
    return [
      `<line x1="${MARGIN.left}" y1="${y(value)}" x2="${WIDTH - MARGIN.right}" y2="${y(value)}" stroke="#d0d7de"/>`,
      text([MARGIN.left - 8, y(value) + 4], "end", value.toPrecision(3)),
    ];
  });
  const lines = curves.map(({ values: points }, i) => {
    const path = points.map((value, epoch) => `${x(epoch).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    return `<polyline points="${path}" fill="none" stroke="${COLORS[i % COLORS.length]}" stroke-width="2"/>`;
  });
  const legend = curves.map(({ name }, i) =>
    text([MARGIN.left + 150 * i, HEIGHT - 8], "start", `— ${name}`, COLORS[i % COLORS.length]),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text([MARGIN.left, 20], "start", title, "#1f2328"),
    ...grid,
    ...lines,
    text([x(0), HEIGHT - MARGIN.bottom + 16], "middle", "1"),
    text([x(epochs - 1), HEIGHT - MARGIN.bottom + 16], "middle", `epoch ${epochs}`),
    ...legend,
    "</svg>",
    "",
  ].join("\n");
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[character] as string);
