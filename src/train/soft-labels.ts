import { COUNT, numberIn, objectOf, SHARE } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Loss } from "./losses.ts";
import { type Metric, meanOver } from "./metrics.ts";
import { scalarConstant } from "./scalar-constant.ts";

/** A number for each class: labels like the scores [N, C]. */
function likeScores(by: string, output: readonly number[]): readonly number[] {
  if (output.length !== 2) throw new UsageError(`${by} needs scores [N, C], the network gives [${output}]`);
  return output;
}

/**
 * Cross-entropy between softmax(scores[N, C]) and given probabilities [N, C], as another network says them (Hinton et al. 2015,
 * arXiv:1503.02531): the mean over the batch of −Σ p·log softmax(scores).
 *
 * @param options.labelSmoothing - The share of each label that goes to all classes alike; 0 by default.
 * @param options.temperature - What scores are divided by; 1 by default. Slopes shrink with its square, as in the paper.
 */
export function softCrossEntropy(
  options: { readonly labelSmoothing?: number; readonly temperature?: number } = {},
): Loss {
  const { labelSmoothing = 0, temperature = 1 } = objectOf("softCrossEntropy: the options", options);
  numberIn("softCrossEntropy: labelSmoothing", labelSmoothing, SHARE);
  numberIn("softCrossEntropy: temperature", temperature, { above: 0 });
  return {
    name: "softCrossEntropy",
    labels: (output) => ({ dtype: "float32", dims: likeScores("softCrossEntropy", output) }),
    build(builder, output, labels) {
      const number = (base: string, value: number): string => scalarConstant(builder, base, value);
      const classes = builder.fact(output)?.dims?.[1] as number;
      const scores =
        temperature === 1 ? output : builder.node("Div", [output, number("temperature", temperature)]);
      const kept = builder.node("Mul", [labels, number("kept", 1 - labelSmoothing)]);
      const smoothed =
        labelSmoothing === 0
          ? labels
          : builder.node("Add", [kept, number("spread", labelSmoothing / classes)]);
      const logs = builder.node("LogSoftmax", [scores], { axis: 1 });
      const products = builder.node("Mul", [smoothed, logs]);
      // The mean over all elements is one over the classes too.
      const mean = builder.node("ReduceMean", [products], { keepdims: 0 });
      return builder.node("Mul", [mean, number("classes", -classes)]);
    },
  };
}

/** The class of the largest score, the first of equal ones. */
const largest = (scores: ArrayLike<number>): number => {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if ((scores[i] as number) > (scores[best] as number)) best = i;
  return best;
};

/** The share of samples whose largest score is that of the likeliest class. Labels are probabilities [N, C]. */
export const softAccuracy = (): Metric =>
  meanOver(
    "accuracy",
    true,
    (output) => likeScores("accuracy", output),
    (scores, labels, sample) => {
      const first = sample * scores.length;
      const own = (labels.data as Float32Array).subarray(first, first + scores.length);
      return Number(scores.every((score) => !Number.isNaN(score)) && largest(scores) === largest(own));
    },
  );

/**
 * The mean over samples of the share of right classes among the `at` largest scores: Precision@1, as ImageNet-ReaL is scored
 * (Beyer et al. 2020, arXiv:2006.07159), is the share of samples whose best class is one of their right ones. Labels [N, C] are 1
 * for each right class, else 0; samples without a right class do not count. Scores that are no numbers are wrong.
 *
 * @param options.at - How many of the largest scores are looked at; 1 by default.
 */
export function precision(options: { readonly at?: number } = {}): Metric {
  const { at = 1 } = objectOf("precision: the options", options);
  numberIn("precision: at", at, COUNT);
  const name = `precision@${at}`;
  return meanOver(
    name,
    true,
    (output) => likeScores(name, output),
    (scores, labels, sample) => {
      const first = sample * scores.length;
      const right = (labels.data as Float32Array).subarray(first, first + scores.length);
      if (!right.some((label) => label > 0)) return undefined;
      if (scores.some(Number.isNaN)) return 0;
      const order = Array.from(scores.keys()).sort(
        (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
      );
      return order.slice(0, at).filter((label) => (right[label] as number) > 0).length / at;
    },
  );
}
