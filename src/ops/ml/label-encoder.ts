import { createData, type DType } from "../../dtype.ts";
import type { TensorData } from "../../tensor.ts";
import { defineOp, factOf, float, floats, int, ints, string, strings, tensor } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import type { Failing } from "../shared/axes.ts";

type Scalar = string | number | bigint;

interface LabelAttributes {
  readonly classesStrings: readonly string[] | undefined;
  readonly keysFloats: readonly number[] | undefined;
  readonly keysInt64s: readonly number[] | undefined;
  readonly keysStrings: readonly string[] | undefined;
  readonly keysTensor: TensorData | undefined;
  readonly valuesFloats: readonly number[] | undefined;
  readonly valuesInt64s: readonly number[] | undefined;
  readonly valuesStrings: readonly string[] | undefined;
  readonly valuesTensor: TensorData | undefined;
  readonly defaultFloat: number;
  readonly defaultInt64: number;
  readonly defaultString: string;
  readonly defaultTensor: TensorData | undefined;
}

/** LabelEncoder: each key to the value at its place in a list. https://onnx.ai/onnx/operators/onnx_aionnxml_LabelEncoder.html */
export const labelEncoder = defineOp({
  type: "LabelEncoder",
  domain: "ai.onnx.ml",
  since: [1, 2, 4],
  inputs: ["x"],
  attributes: {
    classesStrings: strings(),
    keysFloats: floats(),
    keysInt64s: ints(),
    keysStrings: strings(),
    keysTensor: tensor(),
    valuesFloats: floats(),
    valuesInt64s: ints(),
    valuesStrings: strings(),
    valuesTensor: tensor(),
    defaultFloat: float(-0),
    defaultInt64: int(-1),
    defaultString: string("_Unused"),
    defaultTensor: tensor(),
  },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, [...NUMBERS, "string"]);
    const { dtype, dims } = context.fact(0);
    return [factOf(codeOf(context, context.attributes, dtype).dtype, dims)];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { dtype, keys, values, fallback } = codeOf(context, context.attributes, x.dtype);
    const table = new Map(keys.map((key, i) => [key, values[i] as Scalar]));
    const data = createData(dtype, x.data.length) as Scalar[];
    for (let i = 0; i < data.length; i++) data[i] = table.get(x.data[i] as Scalar) ?? fallback;
    return [{ dtype, dims: x.dims, data: data as TensorData["data"] }];
  },
});

interface Code {
  readonly dtype: DType;
  readonly keys: readonly Scalar[];
  readonly values: readonly Scalar[];
  readonly fallback: Scalar;
}

/** The mapping, however the version spells it; keys and values as the dtypes' arrays hold them. */
function codeOf(context: Failing, attributes: LabelAttributes, input: DType): Code {
  const { classesStrings, defaultFloat, defaultInt64, defaultString, defaultTensor } = attributes;
  if (classesStrings !== undefined) {
    const numbers = classesStrings.map((_, i) => BigInt(i));
    return input === "string"
      ? { dtype: "int64", keys: classesStrings, values: numbers, fallback: BigInt(defaultInt64) }
      : { dtype: "string", keys: numbers, values: classesStrings, fallback: defaultString };
  }
  const keys = listOf(
    attributes.keysTensor,
    attributes.keysStrings,
    attributes.keysInt64s,
    attributes.keysFloats,
  );
  const values = listOf(
    attributes.valuesTensor,
    attributes.valuesStrings,
    attributes.valuesInt64s,
    attributes.valuesFloats,
  );
  if (keys === undefined || values === undefined) return context.fail("keys or values are missing");
  if (keys.list.length !== values.list.length) {
    context.fail(`${keys.list.length} keys stand beside ${values.list.length} values`);
  }
  const defaults: Partial<Record<DType, Scalar>> = {
    string: defaultString,
    int64: BigInt(defaultInt64),
    float32: defaultFloat,
  };
  const given = defaultTensor?.data[0];
  const fallback = given ?? defaults[values.dtype] ?? 0;
  return { dtype: values.dtype, keys: keys.list, values: values.list, fallback };
}

function listOf(
  given: TensorData | undefined,
  texts: readonly string[] | undefined,
  whole: readonly number[] | undefined,
  real: readonly number[] | undefined,
): { dtype: DType; list: readonly Scalar[] } | undefined {
  if (given !== undefined) return { dtype: given.dtype, list: Array.from(given.data as ArrayLike<Scalar>) };
  if (texts !== undefined) return { dtype: "string", list: texts };
  if (whole !== undefined) return { dtype: "int64", list: whole.map(BigInt) };
  // The file's floats are float32 already, so they equal the input's.
  if (real !== undefined) return { dtype: "float32", list: real };
  return undefined;
}
