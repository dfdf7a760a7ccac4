import { COUNT, numberIn, objectOf } from "../../arguments.ts";
import { keyOf } from "../../ops/random/counter-random.ts";
import { drawsUnder } from "./changed.ts";
import { type Dataset, fromGenerator } from "./dataset.ts";
import { DIGIT_STYLES, type Point, type Stroke } from "./digit-styles.ts";

const CLASSES = DIGIT_STYLES.length;
/** Smaller ones cannot be told apart; larger ones are no pictures of digits any more. */
const SIZE = { from: 8, to: 4096, whole: true };

/** Which digits are to be written. */
export interface DigitsOptions {
  /** How many. */
  readonly count: number;
  /** What they follow from; 0 by default. */
  readonly seed?: number;
  /** Height and width in pixels; default 28. */
  readonly size?: number;
}

/**
 * Digits written by a program: strokes of several styles under a random affine map, with joints, thickness and noise
 * drawn for each; as many of each class. Inputs are [1, size, size], ink 1 on 0. The same for the same seed, anywhere.
 */
export function digits(options: DigitsOptions): Dataset {
  const { count, seed = 0, size = 28 } = objectOf("digits: the options", options);
  numberIn("digits: count", count, COUNT);
  numberIn("digits: seed", seed, { whole: true });
  numberIn("digits: size", size, SIZE);
  return fromGenerator({
    name: "digits",
    length: count,
    inputDims: [1, size, size],
    classes: CLASSES,
    sample: (index) => ({ x: digit(index % CLASSES, keyOf(seed, index), size), y: index % CLASSES }),
  });
}

/**
 * One picture of a digit, [size, size] row by row, ink 1 on 0.
 *
 * @param value - The digit, 0 to 9.
 * @param key - What its form follows from.
 */
export function digit(value: number, key: number, size = 28): Float32Array {
  numberIn("digit: value", value, { from: 0, below: CLASSES, whole: true });
  numberIn("digit: key", key, { whole: true });
  numberIn("digit: size", size, SIZE);
  const draw = drawsUnder(key);
  const between = (low: number, high: number): number => low + (high - low) * draw();
  const styles = DIGIT_STYLES[value] as readonly (readonly Stroke[])[];
  const style = styles[Math.floor(draw() * styles.length)] as readonly Stroke[];
  const [angle, slant] = [between(-0.22, 0.22), between(-0.15, 0.35)];
  const [wide, high] = [between(0.62, 0.98), between(0.78, 1)];
  const [moveX, moveY] = [between(-0.06, 0.06), between(-0.06, 0.06)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const place = ([x, y]: Point): Point => {
    const [u, v] = [(x - 0.5 + between(-0.03, 0.03)) * wide, (y - 0.5 + between(-0.03, 0.03)) * high];
    const leaning = u - slant * v;
    return [0.5 + moveX + cos * leaning - sin * v, 0.5 + moveY + sin * leaning + cos * v];
  };
  const radius = between(0.03, 0.062);
  const segments = style.flatMap((stroke) => spline(joined(stroke, place)));
  const ink = between(0.8, 1);
  const noise = between(0, 0.06);
  const picture = new Float32Array(size * size);
  const soft = 0.75 / size;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const distance = nearest(segments, (x + 0.5) / size, (y + 0.5) / size);
      const cover = Math.min(1, Math.max(0, (radius - distance) / (2 * soft) + 0.5));
      const grain = cover > 0 ? 1 - noise * draw() * 2 : 0;
      picture[y * size + x] = Math.min(1, cover * ink * grain);
    }
  }
  return picture;
}

/** A stroke's points moved, those that stand twice by the same. */
function joined(stroke: Stroke, place: (point: Point) => Point): Point[] {
  const points: Point[] = [];
  stroke.forEach((point, i) => {
    const before = stroke[i - 1];
    const again = before !== undefined && before[0] === point[0] && before[1] === point[1];
    points.push(again ? (points[i - 1] as Point) : place(point));
  });
  return points;
}

type Segment = readonly [x0: number, y0: number, x1: number, y1: number];
const STEPS = 6;

/** A Catmull–Rom spline through the points, as short straight pieces. */
function spline(points: readonly Point[]): Segment[] {
  const segments: Segment[] = [];
  for (let i = 0; i + 1 < points.length; i++) {
    const [p1, p2] = [points[i], points[i + 1]] as [Point, Point];
    const [p0, p3] = [points[i - 1] ?? p1, points[i + 2] ?? p2];
    if (p1 === p2) continue;
    let [x, y] = p1;
    for (let step = 1; step <= STEPS; step++) {
      const t = step / STEPS;
      const along = (axis: 0 | 1): number =>
        0.5 *
        (2 * p1[axis] +
          (p2[axis] - p0[axis]) * t +
          (2 * p0[axis] - 5 * p1[axis] + 4 * p2[axis] - p3[axis]) * t * t +
          (3 * p1[axis] - p0[axis] - 3 * p2[axis] + p3[axis]) * t * t * t);
      const [nextX, nextY] = [along(0), along(1)];
      segments.push([x, y, nextX, nextY]);
      [x, y] = [nextX, nextY];
    }
  }
  return segments;
}

/** The distance of a point to the nearest segment. */
function nearest(segments: readonly Segment[], x: number, y: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (const [x0, y0, x1, y1] of segments) {
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length = dx * dx + dy * dy;
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
    const [ex, ey] = [x - x0 - t * dx, y - y0 - t * dy];
    best = Math.min(best, ex * ex + ey * ey);
  }
  return Math.sqrt(best);
}
