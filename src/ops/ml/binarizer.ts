import { defineOp, float, sameAs } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** Binarizer: 1 above the threshold, else 0. https://onnx.ai/onnx/operators/onnx_aionnxml_Binarizer.html */
export const binarizer = defineOp({
  type: "Binarizer",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x"],
  attributes: { threshold: float(0) },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    return [sameAs(context.fact(0))];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { threshold } = context.attributes;
    return [
      fromNumbers(
        x.dtype,
        x.dims,
        Float64Array.from(toNumbers(x), (value) => (value > threshold ? 1 : 0)),
      ),
    ];
  },
});
