import { numberIn, numbersIn, objectOf, oneOf } from "../arguments.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { type Numbers, numbersOf } from "./labels.ts";
import type { Placement } from "./pixels.ts";

/** Two corners; a corner and a size; the centre and a size. */
export type BoxFormat = "xyxy" | "xywh" | "cxcywh";

/** Left, top, right, bottom. */
export type Corners = [x1: number, y1: number, x2: number, y2: number];

/** A box of 4 numbers as its corners, left before right and top before bottom. */
export function toCorners(box: ArrayLike<number>, format: BoxFormat = "xyxy"): Corners {
  oneOf("box format", format, ["xyxy", "xywh", "cxcywh"]);
  if (numbersIn("box", box).length < 4) throw new UsageError(`a box has 4 numbers, got ${box.length}`);
  const [a, b, c, d] = [box[0] as number, box[1] as number, box[2] as number, box[3] as number];
  if (format === "xywh") return [a, b, a + c, b + d];
  if (format === "cxcywh") return [a - c / 2, b - d / 2, a + c / 2, b + d / 2];
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

const area = ([x1, y1, x2, y2]: Corners): number => Math.max(0, x2 - x1) * Math.max(0, y2 - y1);

function overlap(a: Corners, b: Corners): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  const common = Math.max(0, width) * Math.max(0, height);
  const union = area(a) + area(b) - common;
  return union > 0 ? common / union : 0;
}

/**
 * Intersection over union of two boxes, 0 to 1; 0 where both are empty.
 *
 * @param a - A box of 4 numbers.
 * @param b - Another, of the same format.
 */
export function iou(a: ArrayLike<number>, b: ArrayLike<number>, format: BoxFormat = "xyxy"): number {
  return overlap(toCorners(a, format), toCorners(b, format));
}

/** Which boxes `nonMaxSuppression` lets stay. */
export interface NonMaxSuppressionOptions {
  /** A box goes when it overlaps a better one by more than this; 0.5 by default. */
  readonly iouThreshold?: number;
  /** Boxes that score below this are left out; 0 by default. */
  readonly scoreThreshold?: number;
  /** How many boxes to keep at most; all by default. */
  readonly maxOutput?: number;
  /** How the four numbers of a box are meant; xyxy by default. */
  readonly format?: BoxFormat;
  /** The class of each box, N numbers: boxes of different classes leave each other alone. */
  readonly classes?: Numbers;
}

/**
 * Greedy non-maximum suppression: the indices of the boxes that stay, best score first. `boxes` holds N × 4 numbers
 * in any unit, `scores` N. Boxes of equal score keep their order; a score of NaN is left out.
 *
 * Source: torchvision.ops.nms and batched_nms.
 */
export function nonMaxSuppression(
  boxes: Numbers,
  scores: Numbers,
  options: NonMaxSuppressionOptions = {},
): number[] {
  const {
    iouThreshold = 0.5,
    scoreThreshold = 0,
    maxOutput = Infinity,
    format = "xyxy",
  } = objectOf("nonMaxSuppression: the options", options);
  const coordinates = numbersOf(boxes);
  const values = numbersOf(scores);
  const classes = options.classes === undefined ? undefined : numbersOf(options.classes);
  if (coordinates.length !== values.length * 4) {
    throw new ShapeError(
      undefined,
      `${values.length} scores need ${values.length * 4} box numbers, got ${coordinates.length}`,
    );
  }
  if (classes !== undefined && classes.length !== values.length) {
    throw new ShapeError(undefined, `${values.length} boxes, but ${classes.length} classes`);
  }
  numberIn("iouThreshold", iouThreshold, { from: 0, to: 1 });
  if (scoreThreshold !== -Infinity && scoreThreshold !== Infinity) numberIn("scoreThreshold", scoreThreshold);
  if (maxOutput !== Infinity) numberIn("maxOutput", maxOutput, { from: 0 });
  oneOf("box format", format, ["xyxy", "xywh", "cxcywh"]);
  const candidates: { index: number; score: number; corners: Corners }[] = [];
  for (let index = 0; index < values.length; index++) {
    const score = values[index] as number;
    if (!(score >= scoreThreshold)) continue;
    candidates.push({ index, score, corners: toCorners(boxAt(coordinates, index), format) });
  }
  candidates.sort((a, b) => b.score - a.score || a.index - b.index);
  const kept: typeof candidates = [];
  for (const candidate of candidates) {
    if (kept.length >= maxOutput) break;
    const covered = kept.some(
      (better) =>
        classes?.[better.index] === classes?.[candidate.index] &&
        overlap(better.corners, candidate.corners) > iouThreshold,
    );
    if (!covered) kept.push(candidate);
  }
  return kept.map(({ index }) => index);
}

/** The four numbers of box `index` among N × 4. */
export function boxAt(boxes: Numbers, index: number): [number, number, number, number] {
  const numbers = numbersOf(boxes);
  if (numberIn("box index", index, { from: 0, whole: true }) * 4 + 4 > numbers.length) {
    throw new UsageError(`box ${index} of ${Math.floor(numbers.length / 4)}`);
  }
  const at = (k: number): number => numbers[index * 4 + k] as number;
  return [at(0), at(1), at(2), at(3)];
}

/**
 * A box in pixels of the model's input as corners in pixels of the picture, by the placement that `letterbox` or
 * `preprocess` gave; cut to the picture where its size is given. For models that give 0…1, multiply by the input's
 * size first.
 *
 * @param options.format - How the box's numbers are meant; xyxy by default.
 * @param options.within - The picture's size, in pixels.
 */
export function toImage(
  box: ArrayLike<number>,
  placement: Placement,
  options: { format?: BoxFormat; within?: { readonly width: number; readonly height: number } } = {},
): Corners {
  const { format = "xyxy", within } = objectOf("toImage: the options", options);
  const { scaleX, scaleY, offsetX, offsetY } = objectOf("placement", placement);
  for (const scale of [scaleX, scaleY]) numberIn("placement: scale", scale);
  for (const offset of [offsetX, offsetY]) numberIn("placement: offset", offset);
  if (within !== undefined)
    for (const size of [objectOf("within", within).width, within.height]) numberIn("within: size", size);
  const [x1, y1, x2, y2] = toCorners(box, format);
  const x = (value: number): number => clamp((value - placement.offsetX) / placement.scaleX, within?.width);
  const y = (value: number): number => clamp((value - placement.offsetY) / placement.scaleY, within?.height);
  return [x(x1), y(y1), x(x2), y(y2)];
}

const clamp = (value: number, limit: number | undefined): number =>
  limit === undefined ? value : Math.min(limit, Math.max(0, value));
