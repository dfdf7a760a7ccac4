import { defineOp, ints, type RuntimeValue, strings } from "../define.ts";
import { checkDType } from "../elementwise/dtypes.ts";
import { labelsOf } from "./labels.ts";

/** ZipMap: each row of scores as a map from the classes' labels. https://onnx.ai/onnx/operators/onnx_aionnxml_ZipMap.html */
export const zipMap = defineOp({
  type: "ZipMap",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["X"],
  outputs: ["Z"],
  attributes: { classlabelsInt64s: ints(), classlabelsStrings: strings() },

  infer(context) {
    checkDType(context, "X", context.fact(0).dtype, ["float32"]);
    const { classlabelsInt64s, classlabelsStrings } = context.attributes;
    const labels = labelsOf(classlabelsStrings, classlabelsInt64s);
    if (classlabelsStrings?.length && classlabelsInt64s?.length)
      context.fail("classlabels_strings and classlabels_int64s exclude each other");
    const dims = context.dims(0);
    if (dims !== undefined && dims.length !== 1 && dims.length !== 2)
      context.fail(`X must be [classes] or [batch, classes], got [${dims}]`);
    const columns = dims?.at(-1);
    if (typeof columns === "number" && columns !== labels.values.length)
      context.fail(`X has ${columns} columns for ${labels.values.length} labels`);
    return [{ dtype: "float32", container: "sequence", held: "map", keys: labels.dtype }];
  },

  evaluate(context) {
    const x = context.tensor(0);
    const { classlabelsInt64s, classlabelsStrings } = context.attributes;
    const { dtype: keys, values: labels } = labelsOf(classlabelsStrings, classlabelsInt64s);
    const names = labels.map((label) => (typeof label === "string" ? label : BigInt(label)));
    const scores = x.data as Float32Array;
    const rows = x.dims.length === 1 ? 1 : (x.dims[0] as number);
    const values = Array.from({ length: rows }, (_, row): RuntimeValue => {
      const entries = new Map(names.map((name, i) => [name, scores[row * names.length + i] as number]));
      return { container: "map", keys, dtype: "float32", entries };
    });
    return [{ container: "sequence", held: "map", dtype: "float32", values }];
  },
});
