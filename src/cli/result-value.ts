import type { Tensor } from "../tensor.ts";
import type { MapData, RuntimeValue } from "../value.ts";

/** What a session gives, in the form that values have inside. */
export function resultValue(result: Tensor | undefined): RuntimeValue {
  const given = result as unknown;
  if (given instanceof Map) return mapValue(given);
  if (!Array.isArray(given)) return given as RuntimeValue;
  return { container: "sequence", held: "map", dtype: "float32", values: given.map(mapValue) };
}

const mapValue = (entries: MapData["entries"]): MapData => {
  const [first] = entries.keys();
  return {
    container: "map",
    keys: typeof first === "bigint" ? "int64" : "string",
    dtype: "float32",
    entries,
  };
};
