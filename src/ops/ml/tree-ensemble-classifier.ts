import { defineOp, factOf, floats, ints, string, strings, tensor } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { featureRows, labelsOf, labelTensor, matrixOf } from "./labels.ts";
import { binaryScores, type PostTransform, postTransformOf, transformScores } from "./post-transform.ts";
import { floatsOf, gatherVotes, treesOf } from "./trees.ts";

/** TreeEnsembleClassifier: the class with the greatest sum of the leaves' votes, and the sums. https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleClassifier.html */
export const treeEnsembleClassifier = defineOp({
  type: "TreeEnsembleClassifier",
  domain: "ai.onnx.ml",
  since: [1, 3, 5],
  inputs: ["x"],
  outputs: ["y", "z"],
  attributes: {
    baseValues: floats(),
    baseValuesAsTensor: tensor(),
    classIds: ints(),
    classNodeids: ints(),
    classTreeids: ints(),
    classWeights: floats(),
    classWeightsAsTensor: tensor(),
    classlabelsInt64s: ints(),
    classlabelsStrings: strings(),
    nodesFalsenodeids: ints(),
    nodesFeatureids: ints(),
    nodesHitrates: floats(),
    nodesHitratesAsTensor: tensor(),
    nodesMissingValueTracksTrue: ints(),
    nodesModes: strings(),
    nodesNodeids: ints(),
    nodesTreeids: ints(),
    nodesTruenodeids: ints(),
    nodesValues: floats(),
    nodesValuesAsTensor: tensor(),
    postTransform: string("NONE"),
  },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    const { classlabelsInt64s, classlabelsStrings } = context.attributes;
    const labels = labelsOf(classlabelsStrings, classlabelsInt64s);
    const dims = context.dims(0);
    const rows = dims === undefined ? "?" : dims.length === 1 ? 1 : (dims[0] ?? "?");
    return [factOf(labels.dtype, [rows]), factOf("float32", [rows, labels.values.length])];
  },

  evaluate(context) {
    const { attributes } = context;
    const labels = labelsOf(attributes.classlabelsStrings, attributes.classlabelsInt64s);
    const transform = postTransformOf(context, attributes.postTransform);
    const base = floatsOf(attributes.baseValues, attributes.baseValuesAsTensor);
    const targets = attributes.classIds ?? [];
    const weights = floatsOf(attributes.classWeights, attributes.classWeightsAsTensor);
    const roots = treesOf(context, attributes, {
      treeids: attributes.classTreeids ?? [],
      nodeids: attributes.classNodeids ?? [],
      targets,
      weights,
    });
    const binary: Binary = {
      oneSided: new Set(targets).size === 1,
      positive: weights.every((weight) => weight >= 0),
      transform,
    };
    const classes = labels.values.length;
    const decided = featureRows(context, context.tensor(0)).map((row) => {
      const votes = gatherVotes(context, roots, row, classes, "SUM");
      return classes === 2 ? decideTwo(votes, base, binary) : decideMany(votes, base, transform);
    });
    const picked = decided.map(({ label }) => labels.values[label] as string | number);
    return [
      labelTensor(labels, picked),
      matrixOf(
        decided.map(({ scores }) => scores),
        classes,
      ),
    ];
  },
});

interface Decision {
  readonly label: number;
  readonly scores: readonly number[];
}

interface Binary {
  /** All votes go to one class: one score stands for both. */
  readonly oneSided: boolean;
  /** No vote is negative: scores are probabilities. */
  readonly positive: boolean;
  readonly transform: PostTransform;
}

function decideMany(
  votes: readonly (number | undefined)[],
  base: readonly number[],
  transform: PostTransform,
): Decision {
  let label = -1;
  const scores = votes.map((vote, i) => (base[i] === undefined ? (vote ?? 0) : (vote ?? 0) + base[i]));
  scores.forEach((score, i) => {
    if (votes[i] === undefined && base[i] === undefined) return;
    if (label < 0 || score > (scores[label] as number)) label = i;
  });
  return { label: Math.max(label, 0), scores: transformScores(scores, transform) };
}

/** Two classes, with onnxruntime's conventions about scores and base values given for one of them. */
function decideTwo(
  votes: readonly (number | undefined)[],
  base: readonly number[],
  { oneSided, positive, transform }: Binary,
): Decision {
  let [first, second] = votes as [number | undefined, number | undefined];
  if (base.length === 2 && second !== undefined) {
    second = (base[1] as number) + (first ?? 0);
    first = first === undefined ? undefined : -second;
  } else if (base.length === 2) {
    second = base[1] as number;
    first = (first ?? 0) + (base[0] as number);
  } else if (base.length === 1 && first !== undefined) {
    first += base[0] as number;
  }
  const weight = (votes[1] === undefined ? first : second) ?? 0;
  const label = weight > (oneSided && positive ? 0.5 : 0) ? 1 : 0;
  if (second !== undefined) return { label, scores: transformScores([first ?? 0, second], transform) };
  if (!oneSided) return { label, scores: [...transformScores([first ?? 0], "NONE"), 0] };
  return { label, scores: binaryScores(first ?? 0, transform, !positive) };
}
