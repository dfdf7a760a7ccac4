import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { pick, toNumberArray } from "../shared/elements.ts";

/** ArrayFeatureExtractor: the entries of the last axis that the second input names. https://onnx.ai/onnx/operators/onnx_aionnxml_ArrayFeatureExtractor.html */
export const arrayFeatureExtractor = defineOp({
  type: "ArrayFeatureExtractor",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x", "y"],
  outputs: ["z"],
  attributes: {},

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, [...NUMBERS, "string"]);
    const { dtype, dims } = context.fact(0);
    const indices = context.dims(1);
    const count = indices?.every((size) => typeof size === "number")
      ? elementCount(indices as number[])
      : "?";
    if (dims === undefined) return [factOf(dtype, undefined)];
    return [factOf(dtype, dims.length === 1 ? [1, count] : [...dims.slice(0, -1), count])];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const indices = toNumberArray(context.tensor(1));
    const size = x.dims.at(-1) ?? context.fail("the input must not be a scalar");
    const wrong = indices.find((index) => index < 0 || index >= size);
    if (wrong !== undefined) context.fail(`index ${wrong} is out of range for an axis of size ${size}`);
    const dims = x.dims.length === 1 ? [1, indices.length] : [...x.dims.slice(0, -1), indices.length];
    const at = (i: number) => Math.floor(i / indices.length) * size + (indices[i % indices.length] as number);
    return [pick(x, dims, at)];
  },
});
