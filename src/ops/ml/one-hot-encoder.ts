import type { DType } from "../../dtype.ts";
import { defineOp, factOf, int, ints, strings } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";

/** OneHotEncoder: a new last axis with 1 at the element's category. https://onnx.ai/onnx/operators/onnx_aionnxml_OneHotEncoder.html */
export const oneHotEncoder = defineOp({
  type: "OneHotEncoder",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["x"],
  attributes: { catsInt64s: ints(), catsStrings: strings(), zeros: int(1) },

  infer(context) {
    const { dtype, dims } = context.fact(0);
    checkDType(context, "X", dtype, [...NUMBERS, "string"]);
    return [factOf("float32", dims && [...dims, categoriesOf(context.attributes, dtype).length])];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { zeros } = context.attributes;
    const categories = categoriesOf(context.attributes, x.dtype);
    const places = new Map(categories.map((category, i) => [category, i]));
    const data = new Float32Array(x.data.length * categories.length);
    for (let i = 0; i < x.data.length; i++) {
      const value = x.data[i];
      const place = places.get(typeof value === "string" ? value : Math.trunc(Number(value)));
      if (place !== undefined) data[i * categories.length + place] = 1;
      else if (!zeros) context.fail(`${JSON.stringify(String(value))} is none of the categories`);
    }
    return [{ dtype: "float32", dims: [...x.dims, categories.length], data }];
  },
});

/** The categories that elements of the dtype can be. */
const categoriesOf = (
  { catsInt64s = [], catsStrings = [] }: Categories,
  dtype: DType,
): readonly (string | number)[] => (dtype === "string" ? catsStrings : catsInt64s);

interface Categories {
  readonly catsInt64s: readonly number[] | undefined;
  readonly catsStrings: readonly string[] | undefined;
}
