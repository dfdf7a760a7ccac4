import { arrayOf, booleanOf, objectOf, stringOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { checkedRows, type Point } from "./embed.ts";
import { checkLabels, classEllipses, type Ellipse, type EllipseOptions } from "./neighborhood.ts";
import { CLASS_COLORS, escaped, fitted, short, svgOf, textAt } from "./svg.ts";

/** How `scatterChart` draws. */
export interface ScatterOptions extends EllipseOptions {
  /** The classes' names; their numbers by default. */
  readonly names?: readonly string[];
  /** Whether each class has its ellipse; true by default. */
  readonly ellipses?: boolean;
  /** Stands above; nothing by default. */
  readonly title?: string;
}

const SIDE = 520;
const MARGIN = 16;
const LEGEND = { width: 150, most: 24 };
const DARK = "#1f2328";

/** Marks, so that classes that share a colour differ. */
const MARKS = [
  (x: string, y: string) => `M${x} ${y}m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`,
  (x: string, y: string) => `M${x} ${y}m-2.7 -2.7h5.4v5.4h-5.4z`,
  (x: string, y: string) => `M${x} ${y}m0 -3.6l3.4 6h-6.8z`,
  (x: string, y: string) => `M${x} ${y}m0 -3.8l3.8 3.8l-3.8 3.8l-3.8 -3.8z`,
] as const;

const colorOf = (label: number): string => CLASS_COLORS[label % CLASS_COLORS.length] as string;

const markOf = (label: number, x: number, y: number): string => {
  const mark = MARKS[Math.floor(label / CLASS_COLORS.length) % MARKS.length] as (typeof MARKS)[0];
  return mark(short(x), short(y));
};

/**
 * Points in the plane as an SVG picture: a colour and a mark for each class, its ellipse, and its name in the middle of it. The
 * axes have one scale; the second grows upwards.
 *
 * @param points - As `embed` gives them.
 * @param labels - The class of each.
 */
export function scatterChart(
  points: readonly Point[],
  labels: ArrayLike<number>,
  options: ScatterOptions = {},
): string {
  const { length } = checkedRows("scatterChart", points);
  checkLabels("scatterChart", labels, length);
  const { names, ellipses = true, title = "", deviations } = objectOf("scatterChart: the options", options);
  booleanOf("scatterChart: ellipses", ellipses);
  stringOf("scatterChart: title", title);
  const classes = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  const nameOf = namesOf(names, classes);
  const drawn = ellipses ? classEllipses(points, labels, deviations === undefined ? {} : { deviations }) : [];
  const top = MARGIN + (title === "" ? 0 : 20);
  const place = placing([...points, ...drawn.flatMap(corners)], top);
  const groups = classes.map((label) => {
    const marks = points.flatMap((point, i) =>
      labels[i] === label ? [markOf(label, ...place.of(point))] : [],
    );
    return `<path d="${marks.join("")}" fill="${colorOf(label)}" fill-opacity="0.6"><title>${escaped(nameOf(label))}</title></path>`;
  });
  const outlines = drawn.map(({ label, center, radii, angle }) => {
    const [x, y] = place.of(center);
    const [rx, ry] = radii.map((radius) => short(radius * place.scale));
    return `<ellipse cx="0" cy="0" rx="${rx}" ry="${ry}" transform="translate(${short(x)} ${short(y)}) rotate(${short((-angle * 180) / Math.PI)})" fill="none" stroke="${colorOf(label)}" stroke-width="2"/>`;
  });
  const captions = drawn.map(({ label, center }) => {
    const [x, y] = place.of(center);
    const style = { anchor: "middle", color: DARK, size: 14, halo: true } as const;
    return textAt(x, y + 5, fitted(nameOf(label), 16), style);
  });
  return svgOf(SIDE + LEGEND.width + 2 * MARGIN, top + SIDE + MARGIN, [
    ...(title === "" ? [] : [textAt(MARGIN, 22, title, { color: DARK, size: 15 })]),
    ...groups,
    ...outlines,
    ...captions,
    ...legendOf(classes, nameOf, top),
  ]);
}

function namesOf(
  names: readonly string[] | undefined,
  classes: readonly number[],
): (label: number) => string {
  if (names === undefined) return String;
  for (const name of arrayOf("scatterChart: names", names)) stringOf("scatterChart: a name", name);
  const last = classes.at(-1) as number;
  if (names.length <= last)
    throw new UsageError(`scatterChart: ${names.length} names, but there is a class ${last}`);
  return (label) => names[label] as string;
}

/** From the plane to the picture, such that all of these points lie in it. */
function placing(points: readonly Point[], top: number) {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [low, high] = [Math.min(low, y), Math.max(high, y)];
  }
  const extent = Math.max(right - left, high - low);
  const scale = extent > 0 ? (SIDE - 12) / extent : 1;
  const of = ([x, y]: Point): [number, number] => [
    MARGIN + SIDE / 2 + (x - (left + right) / 2) * scale,
    top + SIDE / 2 - (y - (low + high) / 2) * scale,
  ];
  return { of, scale };
}

/** Corners of the rectangle around an ellipse. */
function corners({ center: [x, y], radii: [longer, shorter], angle }: Ellipse): readonly Point[] {
  const across = Math.hypot(longer * Math.cos(angle), shorter * Math.sin(angle));
  const up = Math.hypot(longer * Math.sin(angle), shorter * Math.cos(angle));
  return [
    [x - across, y - up],
    [x + across, y + up],
  ];
}

function legendOf(
  classes: readonly number[],
  nameOf: (label: number) => string,
  top: number,
): readonly string[] {
  const [x, more] = [MARGIN + SIDE + 16, classes.length - LEGEND.most];
  return [
    ...classes.slice(0, LEGEND.most).flatMap((label, i) => {
      const y = top + 12 + i * 20;
      return [
        `<path d="${markOf(label, x, y)}" fill="${colorOf(label)}"/>`,
        textAt(x + 12, y + 4, fitted(nameOf(label), 18)),
      ];
    }),
    ...(more > 0 ? [textAt(x, top + 16 + LEGEND.most * 20, `and ${more} more`)] : []),
  ];
}
