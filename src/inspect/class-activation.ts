import { numbersIn } from "../arguments.ts";
import { ShapeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { floatsOf } from "./float-tensor.ts";
import type { Heatmap } from "./heatmap.ts";

// Maps of where a class is seen, of the feature maps [1, C, H, W] of a layer and the class's gradients by them.

interface Maps {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** The elements of a channel's map. */
  readonly of: (channel: number) => Float32Array;
}

export function mapsOf(tensor: Tensor): Maps {
  const data = floatsOf(tensor);
  const [samples, channels = 0, height = 0, width = 0, ...others] = tensor.dims;
  if (samples !== 1 || others.length > 0 || tensor.dims.length !== 4)
    throw new ShapeError(undefined, `expected feature maps [1, C, H, W], got [${tensor.dims}]`);
  const size = width * height;
  return { width, height, channels, of: (channel) => data.subarray(channel * size, (channel + 1) * size) };
}

const sameSizes = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((size, i) => size === b[i]);

/** Maps and their gradients; a ShapeError where these are not of the same dims. */
function mapsAlike(features: Tensor, gradients: Tensor): readonly [Maps, Maps] {
  const [maps, slopes] = [mapsOf(features), mapsOf(gradients)];
  if (!sameSizes(features.dims, gradients.dims))
    throw new ShapeError(undefined, `maps [${features.dims}] need gradients alike, got [${gradients.dims}]`);
  return [maps, slopes];
}

/** The sum of the maps by a weight each. */
function weighted({ width, height, channels, of }: Maps, weightOf: (channel: number) => number): Heatmap {
  const data = new Float32Array(width * height);
  for (let channel = 0; channel < channels; channel++) {
    const weight = weightOf(channel);
    of(channel).forEach((value, i) => {
      data[i] = (data[i] as number) + weight * value;
    });
  }
  return { data, width, height };
}

/** What speaks against the class is cut to 0. */
const rectified = ({ data, ...size }: Heatmap): Heatmap => ({
  ...size,
  data: data.map((value) => Math.max(value, 0)),
});

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

/**
 * Class activation map: the maps by the weights that the class's row gives them behind a global average pool (Zhou et al. 2016,
 * https://arxiv.org/abs/1512.04150). Its mean is the score without the bias; what speaks against the class is below 0.
 */
export const camMap = (features: Tensor, weights: ArrayLike<number>): Heatmap => {
  const maps = mapsOf(features);
  numbersIn("camMap: the weights", weights);
  if (weights.length !== maps.channels)
    throw new ShapeError(undefined, `${maps.channels} maps need as many weights, got ${weights.length}`);
  return weighted(maps, (channel) => weights[channel] as number);
};

/** Grad-CAM: the maps by the mean of their gradients, rectified (Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391). */
export function gradCamMap(features: Tensor, gradients: Tensor): Heatmap {
  const [maps, slopes] = mapsAlike(features, gradients);
  return rectified(weighted(maps, (channel) => sum(slopes.of(channel)) / slopes.of(channel).length));
}

/**
 * Grad-CAM++: the positive gradients, each by how much its place alone accounts for the class, of the exponential of the
 * score, for which the higher derivatives are powers of the first (Chattopadhay et al. 2018,
 * https://arxiv.org/abs/1710.11063, equation 19).
 */
export function gradCamPlusPlusMap(features: Tensor, gradients: Tensor): Heatmap {
  const [maps, slopes] = mapsAlike(features, gradients);
  const weightOf = (channel: number): number => {
    const total = sum(maps.of(channel));
    return slopes.of(channel).reduce((weight, slope) => {
      const share = 2 * slope ** 2 + total * slope ** 3;
      return weight + (share === 0 ? 0 : slope ** 2 / share) * Math.max(slope, 0);
    }, 0);
  };
  return rectified(weighted(maps, weightOf));
}
