import { defineOp, factOf, int, ints, string, strings } from "../define.ts";
import { checkDType } from "../elementwise/dtypes.ts";

/** CategoryMapper: strings to integers or back, by two parallel lists. https://onnx.ai/onnx/operators/onnx_aionnxml_CategoryMapper.html */
export const categoryMapper = defineOp({
  type: "CategoryMapper",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x"],
  attributes: {
    catsInt64s: ints(),
    catsStrings: strings(),
    defaultInt64: int(-1),
    defaultString: string("_Unused"),
  },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, ["string", "int64"]);
    const { dtype, dims } = context.fact(0);
    return [factOf(dtype === "string" ? "int64" : "string", dims)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { catsInt64s = [], catsStrings = [], defaultInt64, defaultString } = context.attributes;
    if (catsInt64s.length !== catsStrings.length)
      context.fail("cats_int64s and cats_strings must be of one length");
    if (x.dtype === "string") {
      const numbers = new Map(catsStrings.map((name, i) => [name, catsInt64s[i] as number]));
      const data = BigInt64Array.from(x.data as string[], (name) =>
        BigInt(numbers.get(name) ?? defaultInt64),
      );
      return [{ dtype: "int64", dims: x.dims, data }];
    }
    const names = new Map(catsInt64s.map((number, i) => [number, catsStrings[i] as string]));
    const data = Array.from(x.data as BigInt64Array, (number) => names.get(Number(number)) ?? defaultString);
    return [{ dtype: "string", dims: x.dims, data }];
  },
});
