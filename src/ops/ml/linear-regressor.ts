import { defineOp, factOf, floats, int, string } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { featureRows, matrixOf } from "./labels.ts";
import { linearScores } from "./linear.ts";
import { postTransformOf, transformScores } from "./post-transform.ts";

/** LinearRegressor: x·coefficientsᵀ + intercepts. https://onnx.ai/onnx/operators/onnx_aionnxml_LinearRegressor.html */
export const linearRegressor = defineOp({
  type: "LinearRegressor",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x"],
  attributes: {
    coefficients: floats(),
    intercepts: floats(),
    postTransform: string("NONE"),
    targets: int(1),
  },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    const dims = context.dims(0);
    const rows = dims === undefined ? "?" : dims.length === 1 ? 1 : (dims[0] ?? "?");
    return [factOf("float32", [rows, context.attributes.targets])];
  },

  evaluate(context) {
    const { coefficients = [], intercepts = [], targets } = context.attributes;
    const transform = postTransformOf(context, context.attributes.postTransform);
    const rows = featureRows(context, context.tensor(0)).map((row) => {
      const scores = linearScores(row, coefficients, intercepts, targets);
      // A lone target is transformed by PROBIT only, as in onnxruntime.
      return targets > 1 || transform === "PROBIT" ? transformScores(scores, transform) : scores;
    });
    return [matrixOf(rows, targets)];
  },
});
