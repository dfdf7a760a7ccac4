import type { DType } from "../../dtype.ts";
import { defineOp, factOf, int, type Op } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import { scalarOf } from "../shared/axes.ts";
import { fromNumbers } from "../shared/elements.ts";
import { dtypeOfOnnx } from "../shared/onnx-dtype.ts";

/** A window function of `size` samples as a sum of cosines: Σ (-1)^k·weights[k]·cos(2πkn / N). */
export function defineWindowOp(type: string, weights: readonly number[]): Op {
  return defineOp({
    type,
    since: [17],
    inputs: ["size"],
    attributes: { outputDatatype: int(1), periodic: int(1) },

    infer(context) {
      checkDType(context, "size", context.fact(0).dtype, ["int32", "int64"]);
      const dtype = dtypeOfOnnx(context, context.attributes.outputDatatype);
      checkDType(context, "output_datatype", dtype, NUMBERS);
      const size = context.data(0);
      return [factOf(dtype, [size === undefined ? "?" : scalarOf(context, size, "size")])];
    },

    evaluate(context) {
      const size = scalarOf(context, context.tensor(0), "size");
      if (size < 0) context.fail(`size must not be negative, got ${size}`);
      const period = context.attributes.periodic !== 0 ? size : size - 1;
      const dtype: DType = dtypeOfOnnx(context, context.attributes.outputDatatype);
      return [
        fromNumbers(
          dtype,
          [size],
          Float64Array.from({ length: size }, (_, n) => sample(weights, n, period)),
        ),
      ];
    },
  });
}

function sample(weights: readonly number[], n: number, period: number): number {
  let sum = 0;
  weights.forEach((weight, k) => {
    const angle = period === 0 ? 0 : (2 * Math.PI * k * n) / period;
    sum += (k % 2 === 0 ? weight : -weight) * Math.cos(angle);
  });
  return sum;
}
