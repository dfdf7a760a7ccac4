import { defineOp, factOf, floats } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** Scaler: (x - offset)·scale, one for all columns or each its own. https://onnx.ai/onnx/operators/onnx_aionnxml_Scaler.html */
export const scaler = defineOp({
  type: "Scaler",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x"],
  attributes: { offset: floats(), scale: floats() },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    return [factOf("float32", context.dims(0))];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { offset = [0], scale = [1] } = context.attributes;
    const columns = x.dims.at(-1) ?? 1;
    for (const list of [offset, scale]) {
      if (list.length !== 1 && list.length !== columns) {
        context.fail(`offset and scale must have 1 or ${columns} values, got ${list.length}`);
      }
    }
    const of = (list: readonly number[], i: number) => list[list.length === 1 ? 0 : i % columns] as number;
    const values = Float64Array.from(toNumbers(x), (value, i) => (value - of(offset, i)) * of(scale, i));
    return [fromNumbers("float32", x.dims, values)];
  },
});
