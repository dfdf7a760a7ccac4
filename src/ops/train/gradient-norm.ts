import { float32Operands } from "../../kernels/elementwise/rows.ts";
import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { squareSumsScratchBytes } from "../kernel-contract.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** Of a sum. */
const FLOAT64_BYTES = 8;

/** The Euclidean norm of any number of tensors together, by which gradients are clipped (Pascanu et al. 2013). */
export const gradientNorm = defineOp({
  type: "GradientNorm",
  domain: "lanewise",
  since: [1],
  inputs: ["gradients*"],
  outputs: ["norm"],
  attributes: {},
  layout: "rowMajor",
  infer: (context) => [factOf(context.fact(0).dtype, [])],
  evaluate(context) {
    let sum = 0;
    for (let i = 0; i < context.inputCount; i++) {
      for (const value of toNumbers(context.tensor(i)) as Float64Array) sum += value * value;
    }
    return [fromNumbers(context.tensor(0).dtype, [], [Math.sqrt(sum)])];
  },
  lower: [
    {
      name: "f32_square_sums",
      when: (context) => float32Operands(context),
      lower(context) {
        const counts = context.inputs.map((operand) => elementCount(operand?.dims ?? [0]));
        const room = counts.map(squareSumsScratchBytes);
        const all = room.reduce((a, b) => a + b, 0);
        const sums = context.scratch(all);
        let offsetBytes = 0;
        counts.forEach((count, i) => {
          context.call("f32_square_sums", context.at(context.input(i)), { ...sums, offsetBytes }, count);
          offsetBytes += room[i] as number;
        });
        context.call("f32_root_of_sums", sums, all / FLOAT64_BYTES, context.at(context.output()));
      },
    },
  ],
});
