import { elementCount } from "../../tensor.ts";
import { defineOp, factOf } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";
import { advance } from "../shared/gemm-packing.ts";
import { float32Operands } from "../shared/unary-lowering.ts";

/** Elements of `f32_square_sums`' runs. */
const RUN = 4096;

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
        const runs = counts.map((count) => Math.ceil(count / RUN));
        const all = runs.reduce((a, b) => a + b, 0);
        const sums = context.scratch(all * 8);
        let at = 0;
        counts.forEach((count, i) => {
          context.call("f32_square_sums", context.at(context.input(i)), advance(sums, at * 2), count);
          at += runs[i] as number;
        });
        context.call("f32_root_of_sums", sums, all, context.at(context.output()));
      },
    },
  ],
});
