import { defineOp, factOf, floats, int, string } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { featureRows, matrixOf } from "./labels.ts";
import { postTransformOf, transformScores } from "./post-transform.ts";
import { checkVectors, kernelOf } from "./svm.ts";

/** SVMRegressor: Σ coefficient·kernel(x, support vector) + rho. https://onnx.ai/onnx/operators/onnx_aionnxml_SVMRegressor.html */
export const svmRegressor = defineOp({
  type: "SVMRegressor",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x"],
  attributes: {
    coefficients: floats(),
    kernelParams: floats(),
    kernelType: string("LINEAR"),
    nSupports: int(0),
    oneClass: int(0),
    postTransform: string("NONE"),
    rho: floats(),
    supportVectors: floats(),
  },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    const dims = context.dims(0);
    return [factOf("float32", [dims === undefined ? "?" : dims.length === 1 ? 1 : (dims[0] ?? "?"), 1])];
  },

  evaluate(context) {
    const { attributes } = context;
    const {
      coefficients = [],
      kernelParams = [],
      nSupports,
      oneClass,
      rho = [],
      supportVectors = [],
    } = attributes;
    const transform = postTransformOf(context, attributes.postTransform);
    // Without support vectors the coefficients are those of a linear machine.
    const kernel = kernelOf(context, nSupports > 0 ? attributes.kernelType : "LINEAR", kernelParams);
    const rows = featureRows(context, context.tensor(0)).map((row) => {
      checkVectors(context, row, nSupports, supportVectors);
      let sum = rho[0] ?? 0;
      if (nSupports === 0) sum += kernel(row, coefficients, 0);
      for (let i = 0; i < nSupports; i++)
        sum += (coefficients[i] as number) * kernel(row, supportVectors, i * row.length);
      if (oneClass) return [sum > 0 ? 1 : -1];
      return transform === "PROBIT" ? transformScores([sum], transform) : [sum];
    });
    return [matrixOf(rows, 1)];
  },
});
