import { createData } from "../../dtype.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, int, type Op, sameAs } from "../define.ts";
import { checkDType, checkList, NUMBERS } from "../elementwise/dtypes.ts";
import { fromNumbers, like, toNumberArray, toNumbers } from "../shared/elements.ts";
import { isWideInteger } from "../shared/wide-integers.ts";
import { resolveAxes } from "./reducing.ts";

interface Cumulation {
  readonly type: string;
  readonly since: readonly number[];
  readonly start: 0 | 1;
  step(total: number, x: number): number;
  bigStep(total: bigint, x: bigint): bigint;
}

/** CumSum and CumProd: running totals along an axis, perhaps from its end, perhaps without the element itself. */
export function defineCumulationOp(cumulation: Cumulation): Op {
  const { type, since } = cumulation;
  return defineOp({
    type,
    since,
    inputs: ["x", "axis"],
    attributes: { exclusive: int(0), reverse: int(0) },

    infer(context) {
      checkList(context, 1, "axis");
      checkDType(context, "x", context.fact(0).dtype, NUMBERS);
      return [sameAs(context.fact(0))];
    },

    evaluate(context) {
      const x = context.tensor(0);
      const given = toNumberArray(context.tensor(1));
      if (given.length !== 1) context.fail(`axis must be one number, got ${given.length}`);
      const [axis] = resolveAxes(context, given, x.dims.length) as [number];
      return [
        cumulate(x, axis, context.attributes.exclusive !== 0, context.attributes.reverse !== 0, cumulation),
      ];
    },
  });
}

function cumulate(
  x: TensorData,
  axis: number,
  exclusive: boolean,
  reverse: boolean,
  { start, step, bigStep }: Cumulation,
): TensorData {
  const length = x.dims[axis] as number;
  const inner = elementCount(x.dims.slice(axis + 1));
  const lines = length === 0 ? 0 : elementCount(x.dims) / length;
  const walk = <T>(from: ArrayLike<T>, to: { [i: number]: T }, first: T, next: (total: T, x: T) => T) => {
    for (let line = 0; line < lines; line++) {
      const base = Math.floor(line / inner) * length * inner + (line % inner);
      let total = first;
      for (let i = 0; i < length; i++) {
        const at = base + (reverse ? length - 1 - i : i) * inner;
        const after = next(total, from[at] as T);
        to[at] = exclusive ? total : after;
        total = after;
      }
    }
  };
  if (isWideInteger(x)) {
    const data = createData(x.dtype, x.data.length);
    walk(x.data as ArrayLike<bigint>, data as { [i: number]: bigint }, BigInt(start), bigStep);
    return like(x, x.dims, data);
  }
  const result = new Float64Array(elementCount(x.dims));
  walk(toNumbers(x), result, start, step);
  return fromNumbers(x.dtype, x.dims, result);
}
