import type { TensorData } from "../../tensor.ts";
import { defineOp, float, floats, int, ints, string, strings, tensor } from "../define.ts";
import type { Failing } from "../shared/axes.ts";
import { fromNumbers } from "../shared/elements.ts";

interface ConstantAttributes {
  readonly value: TensorData | undefined;
  readonly sparseValue: TensorData | undefined;
  readonly valueFloat: number | undefined;
  readonly valueFloats: readonly number[] | undefined;
  readonly valueInt: number | undefined;
  readonly valueInts: readonly number[] | undefined;
  readonly valueString: string | undefined;
  readonly valueStrings: readonly string[] | undefined;
}

/** Constant: the tensor that one of its attributes holds. https://onnx.ai/onnx/operators/onnx__Constant.html */
export const constant = defineOp({
  type: "Constant",
  since: [1, 9, 11, 12, 13, 19, 21, 23, 24, 25],
  inputs: [],
  attributes: {
    value: tensor(),
    /** Made dense by whoever reads the file. */
    sparseValue: tensor(),
    valueFloat: float(),
    valueFloats: floats(),
    valueInt: int(),
    valueInts: ints(),
    valueString: string(),
    valueStrings: strings(),
  },

  infer(context) {
    const data = held(context);
    return [{ dtype: data.dtype, dims: data.dims, data }];
  },

  evaluate(context) {
    return [held(context)];
  },
});

function held(context: Failing & { readonly attributes: ConstantAttributes }): TensorData {
  const { attributes } = context;
  const { valueFloat, valueFloats, valueInt, valueInts, valueString, valueStrings } = attributes;
  const value = attributes.value ?? attributes.sparseValue;
  if (value !== undefined) return value;
  if (valueFloat !== undefined) return fromNumbers("float32", [], [valueFloat]);
  if (valueFloats !== undefined) return fromNumbers("float32", [valueFloats.length], valueFloats);
  if (valueInt !== undefined) return int64([], [valueInt]);
  if (valueInts !== undefined) return int64([valueInts.length], valueInts);
  if (valueString !== undefined) return { dtype: "string", dims: [], data: [valueString] };
  if (valueStrings !== undefined)
    return { dtype: "string", dims: [valueStrings.length], data: [...valueStrings] };
  return context.fail("the node holds no value");
}

/** INT64_MAX reaches us as the double 2^63, which must not wrap. */
const int64 = (dims: readonly number[], values: readonly number[]): TensorData => ({
  dtype: "int64",
  dims,
  data: BigInt64Array.from(values, (value) => (value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value))),
});
