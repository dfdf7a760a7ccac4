import { defineOp, factOf, floats, int, ints, string, strings } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { argMaxOf, featureRows, labelsOf, labelTensor, matrixOf } from "./labels.ts";
import { linearScores } from "./linear.ts";
import { binaryScores, postTransformOf, transformScores } from "./post-transform.ts";

/** LinearClassifier: the class of the greatest linear score, and the scores. https://onnx.ai/onnx/operators/onnx_aionnxml_LinearClassifier.html */
export const linearClassifier = defineOp({
  type: "LinearClassifier",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x"],
  outputs: ["y", "z"],
  attributes: {
    classlabelsInts: ints(),
    classlabelsStrings: strings(),
    coefficients: floats(),
    intercepts: floats(),
    multiClass: int(0),
    postTransform: string("NONE"),
  },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    const { classlabelsInts, classlabelsStrings, intercepts = [] } = context.attributes;
    const labels = labelsOf(classlabelsStrings, classlabelsInts);
    const dims = context.dims(0);
    const rows = dims === undefined ? "?" : dims.length === 1 ? 1 : (dims[0] ?? "?");
    const width = intercepts.length === 1 && labels.values.length === 2 ? 2 : intercepts.length;
    return [factOf(labels.dtype, [rows]), factOf("float32", [rows, width])];
  },

  evaluate(context) {
    const { classlabelsInts, classlabelsStrings, coefficients = [], intercepts = [] } = context.attributes;
    const transform = postTransformOf(context, context.attributes.postTransform);
    const labels = labelsOf(classlabelsStrings, classlabelsInts);
    const count = intercepts.length;
    const pair = count === 1 && labels.values.length === 2;
    if (count > 1 && labels.values.length < count)
      context.fail(`${count} classes have the labels [${labels.values}]`);
    const picked: (string | number)[] = [];
    const scores = featureRows(context, context.tensor(0)).map((row) => {
      const raw = linearScores(row, coefficients, intercepts, count);
      const [first] = raw as [number];
      if (count === 1) picked.push((pair ? labels.values : ["0", "1"])[first > 0 ? 1 : 0] as string | number);
      else picked.push(labels.values[argMaxOf(raw)] as string | number);
      if (pair) return binaryScores(first, transform, false);
      return count > 1 || transform === "PROBIT" ? transformScores(raw, transform) : raw;
    });
    return [labelTensor(labels, picked), matrixOf(scores, pair ? 2 : count)];
  },
});
