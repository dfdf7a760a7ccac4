import { type DType, is64Bit } from "../../dtype.ts";
import type { Dim } from "../../graph/graph.ts";
import { elementCount, type TensorData } from "../../tensor.ts";
import { defineOp, factOf, ints, type Op } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { atOwnPlace } from "../shared/receptive-field.ts";
import { broadcastOf } from "./broadcast.ts";
import { combine, combineArrays, type Pairing } from "./combine.ts";
import { checkDType, NUMBERS } from "./dtypes.ts";

interface VariadicDefinition extends Pairing {
  /** Numbers unless told. */
  readonly dtypes?: readonly DType[];
  /** Divides the result by the number of inputs. */
  readonly mean?: boolean;
}

/** An operator that folds any number of tensors, broadcast together, pair by pair. */
export function variadic(
  type: string,
  since: readonly number[],
  { dtypes = NUMBERS, mean = false, ...pairing }: VariadicDefinition,
): Op {
  return defineOp({
    type,
    since,
    inputs: ["data*"],
    attributes: { consumedInputs: ints() },
    receptiveField: atOwnPlace,

    infer(context) {
      const first = context.fact(0);
      checkDType(context, "data", first.dtype, dtypes);
      const facts = Array.from({ length: context.inputCount }, (_, i) => context.fact(i));
      for (const { dtype } of facts) {
        if (dtype !== first.dtype)
          context.failType(`all inputs must be ${first.dtype} like the first, got ${dtype}`);
      }
      return [factOf(first.dtype, broadcastAll(context, facts))];
    },

    evaluate(context) {
      const tensors = Array.from({ length: context.inputCount }, (_, i) => context.tensor(i));
      const first = tensors[0] as TensorData;
      const dims = broadcastAll(context, tensors) as number[];
      if (is64Bit(first.dtype)) {
        const spread = combine({ number: keepFirst, wide: keepFirst }, first, first, first.dtype, first.dims);
        return [
          tensors
            .slice(1)
            .reduce(
              (y, x) => combine(pairing, y, x, y.dtype, broadcastOf(context, y.dims, x.dims) as number[]),
              spread,
            ),
        ];
      }
      const folded = new Float64Array(elementCount(dims));
      combineArrays(keepFirst, toNumbers(first), first.dims, folded, dims, folded, dims);
      for (const tensor of tensors.slice(1)) {
        combineArrays(pairing.number, folded, dims, toNumbers(tensor), tensor.dims, folded, dims);
      }
      if (mean) for (let i = 0; i < folded.length; i++) folded[i] = (folded[i] as number) / tensors.length;
      return [fromNumbers(first.dtype, dims, folded)];
    },
  });
}

type Shaped = { readonly dims?: readonly Dim[] };

/** Two by two: there may be more than a call takes arguments. */
const broadcastAll = (context: { fail(message: string): never }, values: readonly Shaped[]) =>
  values.map(({ dims }) => dims).reduce((a, b) => broadcastOf(context, a, b));

const keepFirst = <T>(a: T): T => a;
