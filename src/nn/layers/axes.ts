import { shown } from "../../arguments.ts";
import type { Dim } from "../../graph/graph.ts";
import { tensorData } from "../../tensor.ts";
import type { LayerScope } from "../layer.ts";

/** A value's dims, batch first. */
interface Shaped {
  readonly dims: readonly Dim[];
}

/** The place of an axis behind the batch; a negative one counts from the back. */
export function axisBehindBatch(scope: LayerScope, what: string, axis: number, { dims }: Shaped): number {
  const place = Number.isInteger(axis) && axis < 0 ? axis + dims.length : axis;
  if (!Number.isInteger(place) || place < 1 || place >= dims.length)
    scope.fail(`${what} ${shown(axis)} is none of [${dims}] behind the batch`);
  return place;
}

/** The size of an axis; a UsageError where it is open. */
export function knownSize(scope: LayerScope, { dims }: Shaped, axis: number): number {
  const size = dims[axis];
  return typeof size === "number"
    ? size
    : scope.fail(`the size of axis ${axis} must be known, got [${dims}]`);
}

/** The sizes behind the batch; a UsageError where one is open. */
export function knownSizes(scope: LayerScope, x: Shaped): number[] {
  return x.dims.slice(1).map((_, i) => knownSize(scope, x, i + 1));
}

/** A constant of int64, as operators take shapes, axes and places. */
export function integers(scope: LayerScope, role: string, values: readonly number[]): string {
  return scope.fixed(role, tensorData("int64", [values.length], BigInt64Array.from(values, BigInt)));
}
