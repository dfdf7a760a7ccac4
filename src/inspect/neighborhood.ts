import { COUNT, listOf, numberIn, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { checkedRows, type Point } from "./embed.ts";

/** How `neighborhoodHit` counts. */
export interface NeighborhoodOptions {
  /** How many nearest neighbours of each row count; 6 by default. */
  readonly neighbors?: number;
}

/**
 * The neighbourhood hit: of the nearest neighbours of a row, the share that is of its class, on average over the rows (Paulovich et
 * al. 2008, as Rauber et al. 2017 apply it to what networks learn). Distances are Euclidean; of equal ones, the earlier row counts
 * as nearer.
 *
 * @param rows - In the plane, or as they were before.
 * @param labels - The class of each.
 */
export function neighborhoodHit(
  rows: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
  options: NeighborhoodOptions = {},
): number {
  const { length, width } = checkedRows("neighborhoodHit", rows, 2);
  checkLabels("neighborhoodHit", labels, length);
  const { neighbors = 6 } = objectOf("neighborhoodHit: the options", options);
  numberIn("neighborhoodHit: neighbors", neighbors, { ...COUNT, to: length - 1 });
  const indices = Array.from({ length }, (_, i) => i);
  let hits = 0;
  rows.forEach((row, i) => {
    const distances = rows.map((other) => {
      let sum = 0;
      for (let at = 0; at < width; at++) sum += ((row[at] as number) - (other[at] as number)) ** 2;
      return sum;
    });
    const nearest = indices
      .filter((other) => other !== i)
      .sort((a, b) => (distances[a] as number) - (distances[b] as number) || a - b)
      .slice(0, neighbors);
    hits += nearest.filter((other) => labels[other] === labels[i]).length;
  });
  return hits / (length * neighbors);
}

/** Throws a UsageError for labels that are no classes, or not one for each row. */
export function checkLabels(by: string, labels: ArrayLike<number>, rows: number): void {
  if (listOf(`${by}: labels`, labels).length !== rows)
    throw new UsageError(`${by}: ${labels.length} labels for ${rows} rows`);
  for (let i = 0; i < rows; i++) numberIn(`${by}: a label`, labels[i], { from: 0, whole: true });
}

/** How `classEllipses` are drawn. */
export interface EllipseOptions {
  /** Standard deviations from the middle to the edge; 2 by default, within which lie 86 % of a normal distribution. */
  readonly deviations?: number;
}

/** Where the points of a class lie. */
export interface Ellipse {
  /** The class. */
  readonly label: number;
  /** The mean of its points. */
  readonly center: Point;
  /** Half of the longer axis, and of the shorter one. */
  readonly radii: readonly [longer: number, shorter: number];
  /** The longer axis's angle in radians, from the first axis to the second; between −π/2 and π/2. */
  readonly angle: number;
}

/**
 * For each class of at least two points, by its number, the ellipse of their covariance.
 *
 * @param labels - The class of each point.
 */
export function classEllipses(
  points: readonly Point[],
  labels: ArrayLike<number>,
  options: EllipseOptions = {},
): readonly Ellipse[] {
  const { length } = checkedRows("classEllipses", points);
  checkLabels("classEllipses", labels, length);
  const { deviations = 2 } = objectOf("classEllipses: the options", options);
  numberIn("classEllipses: deviations", deviations, { above: 0 });
  const classes = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  return classes.flatMap((label) => {
    const own = points.filter((_, i) => labels[i] === label);
    return own.length < 2 ? [] : ellipseOf(label, own, deviations);
  });
}

function ellipseOf(label: number, points: readonly Point[], deviations: number): Ellipse {
  const mean = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const center: Point = [mean(([x]) => x), mean(([, y]) => y)];
  const unbiased = points.length / (points.length - 1);
  const covariance = (a: 0 | 1, b: 0 | 1): number =>
    unbiased * mean((point) => (point[a] - center[a]) * (point[b] - center[b]));
  const [xx, xy, yy] = [covariance(0, 0), covariance(0, 1), covariance(1, 1)];
  // The eigenvalues of a symmetric 2×2 matrix are its middle ± its spread.
  const [middle, spread] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
  const radius = (variance: number): number => deviations * Math.sqrt(Math.max(variance, 0));
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  return { label, center, radii: [radius(middle + spread), radius(middle - spread)], angle };
}
