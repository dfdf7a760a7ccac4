import { numberIn, objectOf } from "../../arguments.ts";

/**
 * Elastic distortion (Simard, Steinkraus and Platt 2003, Best practices for convolutional neural networks): every pixel
 * moves by a random field, smoothed with a Gaussian of `sigma` pixels and scaled by `alpha`.
 */
export interface ElasticOptions {
  /** How smooth the field is: the deviation of a Gaussian, in pixels. */
  readonly sigma: number;
  /** How far it moves pixels: what the smoothed numbers in [-1, 1] are multiplied by. */
  readonly alpha: number;
}

/** Wider Gaussians than this are wider than pictures. */
const MAX_SIGMA = 1000;

/** A UsageError for bounds that make no sense. */
export function checkElastic(options: ElasticOptions): void {
  const { sigma, alpha } = objectOf("augment: elastic", options);
  numberIn("augment: elastic.sigma", sigma, { from: 0, to: MAX_SIGMA });
  numberIn("augment: elastic.alpha", alpha, { from: 0 });
}

/** How far each pixel moves, drawn anew for each sample. */
export interface Field {
  readonly x: Float32Array;
  readonly y: Float32Array;
  draw(draw: () => number): void;
}

export function elasticField({ sigma, alpha }: ElasticOptions, height: number, width: number): Field {
  const weights = gaussian(sigma);
  const noise = new Float32Array(height * width);
  const turned = new Float32Array(height * width);
  const fill = (target: Float32Array, draw: () => number): void => {
    for (let i = 0; i < noise.length; i++) noise[i] = 2 * draw() - 1;
    blurTransposed(noise, turned, weights, height, width, 1);
    blurTransposed(turned, target, weights, width, height, alpha);
  };
  const field: Field = {
    x: new Float32Array(height * width),
    y: new Float32Array(height * width),
    draw(draw) {
      fill(field.x, draw);
      fill(field.y, draw);
    },
  };
  return field;
}

/** Weights that sum to 1, three deviations to either side. */
function gaussian(sigma: number): Float32Array {
  const radius = Math.ceil(3 * sigma);
  const weights = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    sigma === 0 ? 1 : Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/** Smooths along rows and writes columns as rows, so that a second call smooths the columns and puts them back. */
function blurTransposed(
  from: Float32Array,
  to: Float32Array,
  weights: Float32Array,
  height: number,
  width: number,
  factor: number,
): void {
  const radius = (weights.length - 1) / 2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const begin = Math.max(0, radius - x);
      const end = Math.min(weights.length, width - x + radius);
      const row = y * width + x - radius;
      let sum = 0;
      for (let i = begin; i < end; i++) sum += (weights[i] as number) * (from[row + i] as number);
      to[x * height + y] = sum * factor;
    }
  }
}
