import { type DType, is64Bit } from "../../dtype.ts";
import type { TensorData } from "../../tensor.ts";
import { defineOp, factOf, int } from "../define.ts";
import { checkDType, NUMBERS } from "../elementwise/dtypes.ts";
import type { Failing } from "../shared/axes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** Range: start, start + delta, … up to but without limit. https://onnx.ai/onnx/operators/onnx__Range.html */
export const range = defineOp({
  type: "Range",
  since: [11, 27],
  inputs: ["start", "limit", "delta"],
  attributes: { stashType: int(1) },

  infer(context) {
    const { start, limit, delta } = context.facts();
    const { dtype } = start;
    checkDType(context, "start", dtype, NUMBERS);
    checkDType(context, "limit", limit.dtype, [dtype]);
    checkDType(context, "delta", delta.dtype, [dtype]);
    if (start.data === undefined || limit.data === undefined || delta.data === undefined)
      return [factOf(dtype, ["?"])];
    return [factOf(dtype, [progression(context, start.data, limit.data, delta.data).count])];
  },

  evaluate(context) {
    const inputs = context.tensors();
    const { dtype } = inputs.start;
    const { start, delta, count } = progression(context, inputs.start, inputs.limit, inputs.delta);
    if (is64Bit(dtype)) {
      const [first, step] = [inputs.start.data[0], inputs.delta.data[0]] as [bigint, bigint];
      const data = BigInt64Array.from({ length: count }, (_, i) => first + BigInt(i) * step);
      return [{ dtype: "int64", dims: [count], data }];
    }
    return [
      fromNumbers(
        dtype as DType,
        [count],
        Float64Array.from({ length: count }, (_, i) => start + i * delta),
      ),
    ];
  },
});

function progression(context: Failing, ...inputs: [TensorData, TensorData, TensorData]) {
  const values = inputs.map((input) => {
    if (input.data.length !== 1) context.fail(`start, limit and delta must be scalars, got [${input.dims}]`);
    return toNumbers(input)[0] as number;
  });
  const [start, limit, delta] = values as [number, number, number];
  if (delta === 0) context.fail("delta must not be 0");
  return { start, delta, count: Math.max(0, Math.ceil((limit - start) / delta)) };
}
