import { showDims } from "../../graph/dims.ts";
import { defineOp, factOf, float, int } from "../define.ts";
import { checkDType, FLOATS } from "../elementwise/dtypes.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { dtypeOfOnnx } from "../shared/onnx-dtype.ts";
import { randomFrom } from "./generator.ts";

/**
 * Multinomial: classes drawn by unnormalised log-probabilities, [batch, classes] to [batch, sample_size].
 * https://onnx.ai/onnx/operators/onnx__Multinomial.html
 */
export const multinomial = defineOp({
  type: "Multinomial",
  since: [7, 22],
  inputs: ["input"],
  attributes: { dtype: int(6), sampleSize: int(1), seed: float() },
  impure: true,

  infer(context) {
    const { dtype, dims } = context.fact(0);
    checkDType(context, "input", dtype, FLOATS);
    const output = dtypeOfOnnx(context, context.attributes.dtype);
    checkDType(context, "dtype", output, ["int32", "int64"]);
    if (dims !== undefined && dims.length !== 2)
      context.fail(`input must be [batch, classes], got ${showDims(dims)}`);
    return [factOf(output, [dims?.[0] ?? "?", context.attributes.sampleSize])];
  },

  evaluate(context) {
    const input = context.tensor(0);
    const [batch, classes] = input.dims as [number, number];
    const { sampleSize, seed } = context.attributes;
    const logits = Float64Array.from(toNumbers(input));
    const random = randomFrom(seed);
    const drawn = new Float64Array(batch * sampleSize);
    for (let n = 0; n < batch; n++) {
      const row = logits.subarray(n * classes, (n + 1) * classes);
      const peak = row.reduce((a, b) => Math.max(a, b), -Infinity);
      let total = 0;
      const cumulated = Float64Array.from(row, (logit) => {
        total += Math.exp(logit - peak);
        return total;
      });
      for (let i = 0; i < sampleSize; i++) {
        const target = random() * total;
        const found = cumulated.findIndex((sum) => sum > target);
        drawn[n * sampleSize + i] = found < 0 ? classes - 1 : found;
      }
    }
    return [fromNumbers(dtypeOfOnnx(context, context.attributes.dtype), [batch, sampleSize], drawn)];
  },
});
