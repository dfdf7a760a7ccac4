import { createData, type DType } from "../../dtype.ts";
import { choice, defineOp, factOf, int } from "../define.ts";
import type { Failing } from "../shared/axes.ts";
import { mapAt, mapFact } from "./maps.ts";

const DTYPE_OF: Readonly<Record<string, DType>> = {
  TO_FLOAT: "float32",
  TO_STRING: "string",
  TO_INT64: "int64",
};
/** What onnxruntime puts where a sparse map of strings has no entry. */
const ABSENT_STRING = "0.f";

/** CastMap: a map's values by ascending key; where it is sparse, each at its key among `max_map`. https://onnx.ai/onnx/operators/onnx_aionnxml_CastMap.html */
export const castMap = defineOp({
  type: "CastMap",
  domain: "ai.onnx.ml",
  since: [1],
  inputs: ["X"],
  attributes: {
    castTo: choice("TO_FLOAT", "TO_STRING", "TO_INT64"),
    mapForm: choice("DENSE", "SPARSE"),
    maxMap: int(1),
  },

  infer(context) {
    const { castTo, mapForm, maxMap } = context.attributes;
    const { dtype } = mapFact(context, 0, "int64");
    if (dtype !== "float32" && dtype !== "string")
      context.failType(`the map's values must be float32 or string, got ${dtype}`);
    if (mapForm === "SPARSE" && maxMap < 1) context.fail(`max_map must be above 0, got ${maxMap}`);
    return [factOf(DTYPE_OF[castTo] as DType, [1, mapForm === "SPARSE" ? maxMap : "?"])];
  },

  evaluate(context) {
    const { castTo, mapForm, maxMap } = context.attributes;
    const dtype = DTYPE_OF[castTo] as DType;
    const entries = [...mapAt(context, 0).entries].sort(([a], [b]) => (a < b ? -1 : 1));
    const count = mapForm === "SPARSE" ? maxMap : entries.length;
    const data = createData(dtype, count) as (string | bigint | number)[];
    if (mapForm === "SPARSE") {
      const first = BigInt(entries[0]?.[0] ?? 0);
      if (first < 0n) context.fail(`the key ${first} is negative`);
      if (dtype === "string") data.fill(ABSENT_STRING);
    }
    entries.forEach(([key, value], i) => {
      const at = mapForm === "SPARSE" ? Number(key) : i;
      if (at < count) data[at] = cast(context, value as string | number, dtype);
    });
    return [{ dtype, dims: [1, count], data: data as never }];
  },
});

function cast(context: Failing, value: string | number, dtype: DType): string | bigint | number {
  if (dtype === "string") return typeof value === "string" ? value : sixDecimals(value);
  if (dtype === "float32") return Number.parseFloat(String(value));
  const whole = typeof value === "string" ? /^\s*[+-]?\d+/.exec(value)?.[0] : Math.trunc(value);
  if (whole === undefined || (typeof whole === "number" && !Number.isFinite(whole)))
    return context.fail(`${JSON.stringify(value)} is no integer`);
  return BigInt(typeof whole === "string" ? whole.trim().replace("+", "") : whole);
}

/** As C++ writes a float into a string. */
const sixDecimals = (value: number): string =>
  Math.abs(value) < 1e21
    ? value.toFixed(6)
    : Number.isFinite(value)
      ? `${BigInt(value)}.000000`
      : String(value).replace("Infinity", "inf").replace("NaN", "nan");
