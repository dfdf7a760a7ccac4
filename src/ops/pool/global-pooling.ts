import { isFloat } from "../../dtype.ts";
import { showDims } from "../../graph/dims.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount } from "../../tensor.ts";
import { type AttributeSchema, type AttributesOf, defineOp, factOf, type Op } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

interface GlobalPool<S extends AttributeSchema> {
  readonly type: string;
  readonly since: readonly number[];
  readonly attributes: S;
  /** One plane, x[start … end), to one number. */
  reduce(attributes: AttributesOf<S>): (x: ArrayLike<number>, start: number, end: number) => number;
}

/** A pool whose window is the whole plane: x[N, C, …] to y[N, C, 1, …]. */
export function defineGlobalPoolOp<const S extends AttributeSchema>(pool: GlobalPool<S>): Op {
  const { type, since, attributes } = pool;
  return defineOp<S>({
    type,
    since,
    inputs: ["x"],
    attributes,

    infer(context) {
      const { dtype, dims } = context.fact(0);
      if (!isFloat(dtype)) context.failType(`x must be a float tensor, got ${dtype}`);
      if (dims === undefined) return [factOf(dtype, undefined)];
      if (dims.length < 2) context.fail(`x needs a batch and a channel axis, got ${showDims(dims)}`);
      return [factOf(dtype, [...dims.slice(0, 2), ...dims.slice(2).map((): Dim => 1)])];
    },

    evaluate(context) {
      const x = context.tensor(0);
      const dims = [...x.dims.slice(0, 2), ...x.dims.slice(2).map(() => 1)];
      const plane = elementCount(x.dims.slice(2));
      const source = toNumbers(x);
      const reduce = pool.reduce(context.attributes);
      const result = Float64Array.from({ length: elementCount(dims) }, (_, i) =>
        reduce(source, i * plane, (i + 1) * plane),
      );
      return [fromNumbers(x.dtype, dims, result)];
    },
  });
}
