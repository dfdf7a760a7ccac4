/** What a detector's grids of cells say, as boxes. */

import { numberIn, objectOf, SHARE } from "../src/arguments.ts";
import { UsageError } from "../src/errors.ts";
import type { TensorData } from "../src/tensor.ts";
import { type Corners, nonMaxSuppression, toCorners } from "../src/vision/boxes.ts";

/** Where a cell's channels stand: where the centre lies, how large the box is, whether there is one, and its classes. */
export const CELL = { x: 0, y: 1, width: 2, height: 3, object: 4, classes: 5 } as const;

/** An object that was found. */
export interface Detection {
  /** In pixels of the network's input. */
  readonly box: Corners;
  /** Of the classes, from 0. */
  readonly label: number;
  /** The probability that there is an object, times that of the class. */
  readonly score: number;
}

/** Which boxes are kept. */
export interface DetectionOptions {
  /** The side of the network's input, in pixels; 256 by default. */
  readonly size?: number;
  /** Boxes that score below this are left out; 0.25 by default. */
  readonly scoreThreshold?: number;
  /** A box goes where a better one of its class overlaps it by more than this; 0.45 by default. */
  readonly iouThreshold?: number;
  /** Which picture of the batch; the first, 0, by default. */
  readonly picture?: number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * The objects of one picture, best first: what all grids say, without what non-maximum suppression takes out class by
 * class. In a cell whose side is s pixels, at [row, column], the box is centred at (column + σ(x))·s, (row + σ(y))·s and
 * measures s·e^width by s·e^height; its score is σ(object)·σ(the best class).
 *
 * @param grids - Outputs of `gridDetector`, [N, 5 + classes, rows, columns] of float32.
 */
export function detections(grids: readonly TensorData[], options: DetectionOptions = {}): Detection[] {
  const {
    size = 256,
    scoreThreshold = 0.25,
    iouThreshold = 0.45,
    picture = 0,
  } = objectOf("detections: the options", options);
  numberIn("detections: size", size, { above: 0 });
  numberIn("detections: scoreThreshold", scoreThreshold, SHARE);
  const found = grids.flatMap((grid) =>
    cellsOf(grid, size, picture).filter(({ score }) => score >= scoreThreshold),
  );
  const kept = nonMaxSuppression(
    found.flatMap(({ box }) => box),
    found.map(({ score }) => score),
    { iouThreshold, classes: found.map(({ label }) => label) },
  );
  return kept.map((index) => found[index] as Detection);
}

/** What each cell of a grid says, however unlikely it holds it. */
function cellsOf({ dims, data }: TensorData, size: number, picture: number): Detection[] {
  const [pictures = 0, channels = 0, rows = 0, columns = 0] = dims;
  if (dims.length !== 4 || channels <= CELL.classes || !(data instanceof Float32Array))
    throw new UsageError(
      `detections: a grid must be float32 of [N, 5 + classes, rows, columns], got [${dims}]`,
    );
  numberIn("detections: picture", picture, { from: 0, below: pictures, whole: true });
  const [high, wide] = [size / rows, size / columns];
  return Array.from({ length: rows * columns }, (_, cell) => {
    const at = (channel: number): number =>
      data[(picture * channels + channel) * rows * columns + cell] as number;
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    let label = 0;
    for (let other = 1; other < channels - CELL.classes; other++)
      if (at(CELL.classes + other) > at(CELL.classes + label)) label = other;
    const box = toCorners(
      [
        (column + sigmoid(at(CELL.x))) * wide,
        (row + sigmoid(at(CELL.y))) * high,
        wide * Math.exp(at(CELL.width)),
        high * Math.exp(at(CELL.height)),
      ],
      "cxcywh",
    );
    return { box, label, score: sigmoid(at(CELL.object)) * sigmoid(at(CELL.classes + label)) };
  });
}
