import { defineOp, factOf, string } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** Normalizer: each row divided by its greatest value, its sum of magnitudes or its length. https://onnx.ai/onnx/operators/onnx_aionnxml_Normalizer.html */
export const normalizer = defineOp({
  type: "Normalizer",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x"],
  attributes: { norm: string("MAX") },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    const { norm } = context.attributes;
    if (!["MAX", "L1", "L2"].includes(norm))
      context.fail(`norm must be MAX, L1 or L2, got ${JSON.stringify(norm)}`);
    return [factOf("float32", context.dims(0))];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { norm } = context.attributes;
    const columns = x.dims.at(-1) ?? 1;
    const values = Float64Array.from(toNumbers(x));
    for (let start = 0; start < values.length; start += columns) {
      const row = values.subarray(start, start + columns);
      const size =
        norm === "MAX"
          ? row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
          : norm === "L1"
            ? row.reduce((sum, value) => sum + Math.abs(value), 0)
            : Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
      if (size !== 0) for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) / size;
    }
    return [fromNumbers("float32", x.dims, values)];
  },
});
