import { defineOp, factOf, floats, ints, string, strings } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { argMaxOf, featureRows, labelsOf, labelTensor, matrixOf } from "./labels.ts";
import { binaryScores, postTransformOf, transformScores } from "./post-transform.ts";
import { checkVectors, coupleProbabilities, kernelOf } from "./svm.ts";

interface Machine {
  readonly coefficients: readonly number[];
  readonly rho: readonly number[];
  readonly vectorsPerClass: readonly number[];
}

/** SVMClassifier: the class that wins most pairs (or the greatest linear score), and scores. https://onnx.ai/onnx/operators/onnx_aionnxml_SVMClassifier.html */
export const svmClassifier = defineOp({
  type: "SVMClassifier",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x"],
  outputs: ["y", "z"],
  attributes: {
    classlabelsInts: ints(),
    classlabelsStrings: strings(),
    coefficients: floats(),
    kernelParams: floats(),
    kernelType: string("LINEAR"),
    postTransform: string("NONE"),
    probA: floats(),
    probB: floats(),
    rho: floats(),
    supportVectors: floats(),
    vectorsPerClass: ints(),
  },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    const { classlabelsInts, classlabelsStrings, probA = [], vectorsPerClass = [] } = context.attributes;
    const labels = labelsOf(classlabelsStrings, classlabelsInts);
    const dims = context.dims(0);
    const rows = dims === undefined ? "?" : dims.length === 1 ? 1 : (dims[0] ?? "?");
    const classes = labels.values.length;
    const pairs = total(vectorsPerClass) > 0 && probA.length === 0 && classes > 2;
    return [
      factOf(labels.dtype, [rows]),
      factOf("float32", [rows, pairs ? (classes * (classes - 1)) / 2 : classes]),
    ];
  },

  evaluate(context) {
    const { attributes } = context;
    const {
      coefficients = [],
      probA = [],
      probB = [],
      rho = [],
      supportVectors = [],
      vectorsPerClass = [],
    } = attributes;
    const labels = labelsOf(attributes.classlabelsStrings, attributes.classlabelsInts);
    const classes = labels.values.length;
    const vectors = total(vectorsPerClass);
    if (vectorsPerClass.some((count) => count < 0) || (vectors > 0 && vectorsPerClass.length !== classes))
      context.fail(`vectors_per_class [${vectorsPerClass}] must count the vectors of ${classes} classes`);
    const transform = postTransformOf(context, attributes.postTransform);
    const kernel = kernelOf(
      context,
      vectors > 0 ? attributes.kernelType : "LINEAR",
      attributes.kernelParams ?? [],
    );
    const positive = coefficients.every((value) => value >= 0);
    const picked: (string | number)[] = [];
    const scores = featureRows(context, context.tensor(0)).map((row) => {
      if (vectors === 0) {
        const linear = Array.from(
          { length: classes },
          (_, i) => kernel(row, coefficients, i * row.length) + (rho[0] ?? 0),
        );
        const best = argMaxOf(linear);
        const margin = linear[best] as number;
        const second = classes === 2 && (positive ? margin >= 0.5 : margin > 0);
        picked.push(labels.values[second ? 1 : best] as string | number);
        return transformScores(linear, transform);
      }
      checkVectors(context, row, vectors, supportVectors);
      const kernels = Array.from({ length: vectors }, (_, i) => kernel(row, supportVectors, i * row.length));
      const { margins, votes } = compare(kernels, classes, { coefficients, rho, vectorsPerClass });
      picked.push(labels.values[argMaxOf(votes)] as string | number);
      if (probA.length > 0) return transformScores(probabilities(margins, classes, probA, probB), transform);
      if (classes > 2) return transformScores(margins, transform);
      return binaryScores(margins[0] as number, transform, transform === "NONE");
    });
    return [labelTensor(labels, picked), matrixOf(scores, scores[0]?.length ?? classes)];
  },
});

const total = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

/** The margin of each pair of classes, first against second, and how many pairs each class wins. */
function compare(kernels: readonly number[], classes: number, machine: Machine) {
  const { coefficients, rho, vectorsPerClass } = machine;
  const starts = vectorsPerClass.map((_, i) => total(vectorsPerClass.slice(0, i)));
  const votes = new Array<number>(classes).fill(0);
  const margins: number[] = [];
  const weigh = (kind: number, row: number): number => {
    const start = starts[kind] as number;
    let sum = 0;
    for (let k = start; k < start + (vectorsPerClass[kind] as number); k++) {
      sum += (coefficients[row * kernels.length + k] as number) * (kernels[k] as number);
    }
    return sum;
  };
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++) {
      const margin = weigh(i, j - 1) + weigh(j, i) + (rho[margins.length] as number);
      margins.push(margin);
      const winner = margin > 0 ? i : j;
      votes[winner] = (votes[winner] as number) + 1;
    }
  }
  return { margins, votes };
}

/** Platt's probability of each pair, coupled to one for each class. */
function probabilities(
  margins: readonly number[],
  classes: number,
  probA: readonly number[],
  probB: readonly number[],
): number[] {
  const pairs = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let at = 0;
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++, at++) {
      const raw = 1 / (1 + Math.exp((margins[at] as number) * (probA[at] as number) + (probB[at] as number)));
      const first = Math.min(Math.max(raw, 1e-7), 1 - 1e-7);
      (pairs[i] as number[])[j] = first;
      (pairs[j] as number[])[i] = 1 - first;
    }
  }
  return coupleProbabilities(pairs);
}
