import { defineOp, float, floats, int, ints, sameAs } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** Imputer: one value (or NaN) replaced, column by column. https://onnx.ai/onnx/operators/onnx_aionnxml_Imputer.html */
export const imputer = defineOp({
  type: "Imputer",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x"],
  attributes: {
    imputedValueFloats: floats(),
    imputedValueInt64s: ints(),
    replacedValueFloat: float(0),
    replacedValueInt64: int(0),
  },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, NUMBERS);
    return [sameAs(context.fact(0))];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { imputedValueFloats, imputedValueInt64s, replacedValueFloat, replacedValueInt64 } =
      context.attributes;
    const whole = x.dtype === "int64";
    const imputed =
      (whole ? imputedValueInt64s : imputedValueFloats) ?? context.fail("imputed values are missing");
    const replaced = whole ? replacedValueInt64 : replacedValueFloat;
    const columns = x.dims.at(-1) ?? 1;
    if (imputed.length !== 1 && imputed.length !== columns) {
      context.fail(`${imputed.length} imputed values do not fit ${columns} columns`);
    }
    const hit = Number.isNaN(replaced) ? Number.isNaN : (value: number) => value === replaced;
    const values = Float64Array.from(toNumbers(x), (value, i) =>
      hit(value) ? (imputed[imputed.length === 1 ? 0 : i % columns] as number) : value,
    );
    return [fromNumbers(x.dtype, x.dims, values)];
  },
});
