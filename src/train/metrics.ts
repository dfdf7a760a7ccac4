import { COUNT, numberIn, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { TensorData } from "../tensor.ts";

/** A number that says how good a network's outputs are, gathered over batches. */
export interface Metric {
  /** What it is called in scores. */
  readonly name: string;
  /** Whether more of it is better. */
  readonly higherIsBetter: boolean;
  /** Begins a pass over data. */
  start(): MetricRun;
}

/** A metric's pass over data. */
export interface MetricRun {
  /** Takes in a batch: outputs and labels, batch first. */
  add(output: TensorData, labels: TensorData): void;
  /** The value over all batches so far; NaN before the first. */
  value(): number;
}

/**
 * A mean over samples of what `score` says of each, but for those of which it says nothing; `labelDims` gives the dims of the
 * labels for those of an output.
 */
export function meanOver(
  name: string,
  higherIsBetter: boolean,
  labelDims: (output: readonly number[]) => readonly number[],
  score: (output: Float32Array, labels: TensorData, sample: number) => number | undefined,
): Metric {
  return {
    name,
    higherIsBetter,
    start() {
      let total = 0;
      let count = 0;
      return {
        add(output, labels) {
          const expected = labelDims(objectOf(`${name}: the output`, output).dims);
          if (objectOf(`${name}: the labels`, labels).dims.join() !== expected.join())
            throw new UsageError(
              `${name}: an output of [${output.dims}] needs labels [${expected}], got [${labels.dims}]`,
            );
          const batch = output.dims[0] as number;
          const size = output.data.length / batch;
          for (let n = 0; n < batch; n++) {
            const own = score((output.data as Float32Array).subarray(n * size, (n + 1) * size), labels, n);
            if (own === undefined) continue;
            total += own;
            count++;
          }
        },
        value: () => total / count,
      };
    },
  };
}

const sameDims = (output: readonly number[]): readonly number[] => output;

/**
 * The share of samples whose class is among the `top` largest scores, the first of equal ones counting as larger.
 * Scores that are no numbers are wrong. Labels are classes [N].
 *
 * @param options.top - 1 by default.
 */
export function accuracy(options: { readonly top?: number } = {}): Metric {
  const { top = 1 } = objectOf("accuracy: the options", options);
  numberIn("accuracy: top", top, COUNT);
  const name = top === 1 ? "accuracy" : `top-${top} accuracy`;
  const classes = (output: readonly number[]): readonly number[] => {
    if (output.length !== 2)
      throw new UsageError(`${name} needs scores [N, C], the network gives [${output}]`);
    return output.slice(0, 1);
  };
  return meanOver(name, true, classes, (scores, labels, sample) => {
    const label = Number(labels.data[sample]);
    const own = scores[label] as number;
    let above = 0;
    scores.forEach((score, at) => {
      if (at < label ? !(score < own) : !(score <= own)) above++;
    });
    return above < top ? 1 : 0;
  });
}

/**
 * The share of elements on the right side of `threshold`, for labels 0 and 1.
 *
 * @param options.threshold - 0 by default: the place of 0.5 before a sigmoid.
 */
export function binaryAccuracy(options: { readonly threshold?: number } = {}): Metric {
  const { threshold = 0 } = objectOf("binaryAccuracy: the options", options);
  numberIn("binaryAccuracy: threshold", threshold);
  return meanOver("binary accuracy", true, sameDims, (output, labels, sample) => {
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
  return meanOver("mean absolute error", false, sameDims, (output, labels, sample) => {
    const first = sample * output.length;
    return (
      output.reduce((sum, value, i) => sum + Math.abs(value - Number(labels.data[first + i])), 0) /
      output.length
    );
  });
}
