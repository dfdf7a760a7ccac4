import { COUNT, numberIn, objectOf } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { TensorData } from "../tensor.ts";
import { labelMapDims } from "./losses.ts";

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
          checkLabelDims(name, output, labels, labelDims(objectOf(`${name}: the output`, output).dims));
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

function checkLabelDims(
  name: string,
  output: TensorData,
  labels: TensorData,
  expected: readonly number[],
): void {
  if (objectOf(`${name}: the labels`, labels).dims.join() !== expected.join())
    throw new UsageError(
      `${name}: an output of [${output.dims}] needs labels [${expected}], got [${labels.dims}]`,
    );
}

const sameDims = (output: readonly number[]): readonly number[] => output;

/**
 * The share of samples whose class is among the `top` largest scores, the first of equal ones counting as larger.
 * Scores that are no numbers are wrong. Labels are classes [N]; of scores [N, C, …], which are maps, label maps [N, …],
 * and the share is that of places.
 *
 * @param options.top - 1 by default.
 */
export function accuracy(options: { readonly top?: number } = {}): Metric {
  const { top = 1 } = objectOf("accuracy: the options", options);
  numberIn("accuracy: top", top, COUNT);
  const name = top === 1 ? "accuracy" : `top-${top} accuracy`;
  const classes = (output: readonly number[]): readonly number[] => labelMapDims(name, output);
  return meanOver(name, true, classes, (scores, labels, sample) => {
    const places = labels.data.length / (labels.dims[0] as number);
    const count = scores.length / places;
    let right = 0;
    for (let place = 0; place < places; place++) {
      const label = Number(labels.data[sample * places + place]);
      const own = scores[label * places + place] as number;
      let above = 0;
      for (let at = 0; at < count; at++) {
        const score = scores[at * places + place] as number;
        if (at < label ? !(score < own) : !(score <= own)) above++;
      }
      if (above < top) right++;
    }
    return right / places;
  });
}

/**
 * The mean over classes of intersection over union: of the places that are of a class or are taken for it, the share that
 * are both, counted over all batches together. A class that is nowhere and that nothing is taken for does not count.
 * Scores are maps [N, C, …], the first of the greatest counting; labels are maps of classes [N, …].
 */
export function meanIntersectionOverUnion(): Metric {
  const name = "mean IoU";
  return {
    name,
    higherIsBetter: true,
    start() {
      let counts: ClassCounts[] = [];
      return {
        add(output, labels) {
          checkLabelDims(
            name,
            output,
            labels,
            labelMapDims(name, objectOf(`${name}: the output`, output).dims),
          );
          const classes = output.dims[1] as number;
          if (counts.length === 0)
            counts = Array.from({ length: classes }, () => ({ both: 0, labelled: 0, taken: 0 }));
          countPlaces(output, labels, counts);
        },
        value() {
          const seen = counts.filter(({ labelled, taken }) => labelled + taken > 0);
          const shares = seen.map(({ both, labelled, taken }) => both / (labelled + taken - both));
          return shares.reduce((sum, share) => sum + share, 0) / shares.length;
        },
      };
    },
  };
}

/** How many places are of a class, are taken for it, and both. */
interface ClassCounts {
  both: number;
  labelled: number;
  taken: number;
}

function countPlaces(output: TensorData, labels: TensorData, counts: readonly ClassCounts[]): void {
  const scores = output.data as Float32Array;
  const classes = counts.length;
  const places = labels.data.length / (labels.dims[0] as number);
  for (let i = 0; i < labels.data.length; i++) {
    const from = Math.floor(i / places) * classes * places + (i % places);
    let best = 0;
    for (let c = 1; c < classes; c++)
      if ((scores[from + c * places] as number) > (scores[from + best * places] as number)) best = c;
    const label = Number(labels.data[i]);
    (counts[label] as ClassCounts).labelled++;
    (counts[best] as ClassCounts).taken++;
    if (best === label) (counts[best] as ClassCounts).both++;
  }
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
