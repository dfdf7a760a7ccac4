import { booleanOf, numberIn, objectOf, SHARE } from "../../arguments.ts";
import { elementCount } from "../../tensor.ts";
import { changed, pictureDims } from "./changed.ts";
import type { Dataset } from "./dataset.ts";
import { checkElastic, type ElasticOptions, elasticField, type Field } from "./elastic.ts";
import { resample } from "./resample.ts";

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
  const inputDims = pictureDims("augment", dataset);
  const { elastic } = objectOf("augment: the options", options);
  const { shift = 0, rotate = 0, scale = 0, shear = 0, flip = false, fill = 0, seed = 0 } = options;
  for (const [name, value] of Object.entries({ shift, rotate, shear }))
    numberIn(`augment: ${name}`, value, { from: 0 });
  numberIn("augment: scale", scale, SHARE);
  booleanOf("augment: flip", flip);
  numberIn("augment: fill", fill);
  numberIn("augment: seed", seed, { whole: true });
  if (elastic !== undefined) checkElastic(elastic);
  const [, height, width] = inputDims as [number, number, number];
  const source = new Float32Array(elementCount(inputDims));
  const field = elastic && elasticField(elastic, height, width);
  return changed(dataset, seed, (picture, draw) => {
    source.set(picture);
    distort(source, picture, inputDims, options, field, draw);
  });
}

function distort(
  source: Float32Array,
  target: Float32Array,
  dims: readonly number[],
  options: AugmentOptions,
  field: Field | undefined,
  draw: () => number,
): void {
  const { shift = 0, rotate = 0, scale = 0, shear = 0, flip = false, fill = 0 } = options;
  const between = (most: number): number => (2 * draw() - 1) * most;
  const angle = (between(rotate) * Math.PI) / 180;
  const [scaleX, scaleY] = [1 + between(scale), 1 + between(scale)];
  const slant = between(shear);
  const [moveX, moveY] = [between(shift), between(shift)];
  const mirror = draw() < 0.5 && flip ? -1 : 1;
  field?.draw(draw);
  // Unshear, turn back, unscale.
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const map = {
    xx: (mirror * cos) / scaleX,
    xy: (mirror * (sin - slant * cos)) / scaleX,
    yx: -sin / scaleY,
    yy: (cos + slant * sin) / scaleY,
    moveX,
    moveY,
  };
  resample(source, target, dims, map, fill, field);
}
