import { ShapeError } from "./errors.ts";
import { Tensor } from "./tensor.ts";
import { isTensor, type MapData, type RuntimeValue } from "./value.ts";

/** What comes out of a run, by name: tensors, but for what `inputMetadata` and `outputMetadata` say is none. */
export type Results = Record<string, Tensor>;

/**
 * A value as it comes out. Typed as a tensor, which nearly all are; a map is a Map, a sequence of maps an array of them,
 * other sequences and optionals `{ container, values }` and `{ container, value }`.
 */
export function resultOf(name: string, value: RuntimeValue | undefined): Tensor {
  if (value === undefined) throw new ShapeError(undefined, `no result for ${name}`);
  if (isTensor(value)) return new Tensor(value.dtype, value.data, value.dims);
  if (value.container === "map") return value.entries as never;
  if (value.container === "sequence" && value.held === "map")
    return value.values.map((entry) => (entry as MapData).entries) as never;
  return value as never;
}
