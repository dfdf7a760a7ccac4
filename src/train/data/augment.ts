import { booleanOf, numberIn, objectOf, SHARE } from "../../arguments.ts";
import { UsageError } from "../../errors.ts";
import { keyOf, uniformAt } from "../../ops/random/counter-random.ts";
import { elementCount } from "../../tensor.ts";
import { datasetOf } from "./check-dataset.ts";
import type { Batch, Dataset } from "./dataset.ts";
import { checkElastic, type ElasticOptions, elasticField, type Field } from "./elastic.ts";

/** How pictures are distorted; what is not given is not done. */
export interface AugmentOptions {
  /** Pixels to either side and up or down, at most. */
  readonly shift?: number;
  /** Degrees to either side, at most. */
  readonly rotate?: number;
  /** Sizes from 1 − scale to 1 + scale, both axes apart. */
  readonly scale?: number;
  /** Pixels that a row moves for each row it is away from the middle, at most. */
  readonly shear?: number;
  /** Left and right change places in every other sample. */
  readonly flip?: boolean;
  /** Moves pixels by a smooth random field. */
  readonly elastic?: ElasticOptions;
  /** What lies outside the picture; default 0. */
  readonly fill?: number;
  /** Draws follow from it, the epoch and the sample's number alone; default 0. */
  readonly seed?: number;
}

/**
 * A data set of pictures [C, height, width], each distorted anew in every epoch, in one pass of bilinear sampling.
 * Throws a UsageError for bounds that make no sense and for samples that are no pictures.
 */
export function augment(dataset: Dataset, options: AugmentOptions): Dataset {
  const { inputDims } = datasetOf("augment", dataset);
  if (inputDims.length !== 3)
    throw new UsageError(
      `augmentation needs pictures [C, height, width], ${dataset.name} has [${inputDims}]`,
    );
  const { elastic } = objectOf("augment: the options", options);
  const { shift = 0, rotate = 0, scale = 0, shear = 0, flip = false, fill = 0, seed = 0 } = options;
  for (const [name, value] of Object.entries({ shift, rotate, shear }))
    numberIn(`augment: ${name}`, value, { from: 0 });
  numberIn("augment: scale", scale, SHARE);
  booleanOf("augment: flip", flip);
  numberIn("augment: fill", fill);
  numberIn("augment: seed", seed, { whole: true });
  if (elastic !== undefined) checkElastic(elastic);
  const size = elementCount(inputDims);
  const [, height, width] = inputDims as [number, number, number];
  const source = new Float32Array(size);
  const field = elastic && elasticField(elastic, height, width);
  const distortPlace = (into: Batch, slot: number, index: number, epoch: number): void => {
    const target = into.x.subarray(slot * size, (slot + 1) * size);
    source.set(target);
    distort(source, target, inputDims, options, field, drawsUnder(keyOf(seed, epoch, index)));
  };
  return {
    ...dataset,
    read(index, into, slot, epoch) {
      const done = dataset.read(index, into, slot, epoch);
      if (done !== undefined) return done.then(() => distortPlace(into, slot, index, epoch));
      distortPlace(into, slot, index, epoch);
    },
  };
}

/** Numbers in [0, 1), one after the other. */
export function drawsUnder(key: number): () => number {
  let position = 0;
  return () => uniformAt(key, position++);
}

function distort(
  source: Float32Array,
  target: Float32Array,
  [, height, width]: readonly number[],
  options: AugmentOptions,
  field: Field | undefined,
  draw: () => number,
): void {
  const { shift = 0, rotate = 0, scale = 0, shear = 0, flip = false, fill = 0 } = options;
  const [rows, columns] = [height as number, width as number];
  const between = (most: number): number => (2 * draw() - 1) * most;
  const angle = (between(rotate) * Math.PI) / 180;
  const [scaleX, scaleY] = [1 + between(scale), 1 + between(scale)];
  const slant = between(shear);
  const [moveX, moveY] = [between(shift), between(shift)];
  const mirror = draw() < 0.5 && flip ? -1 : 1;
  field?.draw(draw);
  // From a pixel of the result to where it comes from, both as seen from the middle: unshear, turn back, unscale.
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const xx = (mirror * cos) / scaleX;
  const xy = (mirror * (sin - slant * cos)) / scaleX;
  const yx = -sin / scaleY;
  const yy = (cos + slant * sin) / scaleY;
  const [midX, midY] = [(columns - 1) / 2, (rows - 1) / 2];
  const plane = rows * columns;
  for (let y = 0; y < rows; y++) {
    const dy = y - midY - moveY;
    for (let x = 0; x < columns; x++) {
      const at = y * columns + x;
      const dx = x - midX - moveX;
      let fromX = xx * dx + xy * dy + midX;
      let fromY = yx * dx + yy * dy + midY;
      if (field !== undefined) {
        fromX += field.x[at] as number;
        fromY += field.y[at] as number;
      }
      const left = Math.floor(fromX);
      const top = Math.floor(fromY);
      const right = fromX - left;
      const bottom = fromY - top;
      const inside = left >= 0 && top >= 0 && left + 1 < columns && top + 1 < rows;
      for (let first = 0; first < source.length; first += plane) {
        const corner = first + top * columns + left;
        let a = fill;
        let b = fill;
        let d = fill;
        let e = fill;
        if (inside) {
          a = source[corner] as number;
          b = source[corner + 1] as number;
          d = source[corner + columns] as number;
          e = source[corner + columns + 1] as number;
        } else if (left >= -1 && top >= -1 && left < columns && top < rows) {
          if (left >= 0 && top >= 0) a = source[corner] as number;
          if (left + 1 < columns && top >= 0) b = source[corner + 1] as number;
          if (left >= 0 && top + 1 < rows) d = source[corner + columns] as number;
          if (left + 1 < columns && top + 1 < rows) e = source[corner + columns + 1] as number;
        }
        const upper = a + (b - a) * right;
        const lower = d + (e - d) * right;
        target[first + at] = upper + (lower - upper) * bottom;
      }
    }
  }
}
