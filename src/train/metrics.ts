import { UsageError } from "../errors.ts";
import type { TensorData } from "../tensor.ts";

/** A number that says how good a network's outputs are, gathered over batches. */
export interface Metric {
  readonly name: string;
  /** Whether more of it is better. */
  readonly higherIsBetter: boolean;
  start(): MetricRun;
}

export interface MetricRun {
  /** Takes in a batch: outputs and labels, batch first. */
  add(output: TensorData, labels: TensorData): void;
  /** The value over all batches so far; NaN before the first. */
  value(): number;
}

/** A mean over samples of what `score` says of each. */
function meanOver(
  name: string,
  higherIsBetter: boolean,
  score: (output: Float32Array, labels: TensorData, sample: number) => number,
): Metric {
  return {
    name,
    higherIsBetter,
    start() {
      let total = 0;
      let count = 0;
      return {
        add(output, labels) {
          const batch = output.dims[0] as number;
          const size = output.data.length / batch;
          for (let n = 0; n < batch; n++)
            total += score((output.data as Float32Array).subarray(n * size, (n + 1) * size), labels, n);
          count += batch;
        },
        value: () => total / count,
      };
    },
  };
}

/**
 * The share of samples whose class is among the `top` largest scores, the first of equal ones counting as larger.
 * Scores that are no numbers are wrong. Labels are classes [N].
 */
export function accuracy({ top = 1 }: { readonly top?: number } = {}): Metric {
  if (!Number.isInteger(top) || top < 1)
    throw new UsageError(`top must be a whole number from 1, got ${top}`);
  return meanOver(top === 1 ? "accuracy" : `top-${top} accuracy`, true, (scores, labels, sample) => {
    const label = Number(labels.data[sample]);
    const own = scores[label] as number;
    let above = 0;
    scores.forEach((score, at) => {
      if (at < label ? !(score < own) : !(score <= own)) above++;
    });
    return above < top ? 1 : 0;
  });
}

/** The share of elements on the right side of `threshold`, for labels 0 and 1. */
export function binaryAccuracy({ threshold = 0 }: { readonly threshold?: number } = {}): Metric {
  return meanOver("binary accuracy", true, (output, labels, sample) => {
    const first = sample * output.length;
    let right = 0;
    output.forEach((value, i) => {
      if (value > threshold === Number(labels.data[first + i]) > 0.5) right++;
    });
    return right / output.length;
  });
}

/** The mean over all elements of |output − label|. */
export function meanAbsoluteError(): Metric {
  return meanOver("mean absolute error", false, (output, labels, sample) => {
    const first = sample * output.length;
    return (
      output.reduce((sum, value, i) => sum + Math.abs(value - Number(labels.data[first + i])), 0) /
      output.length
    );
  });
}
