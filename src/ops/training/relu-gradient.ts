import { defineOp, sameAs } from "../define.ts";
import { fromNumbers, toNumbers } from "../shared/elements.ts";

/** The gradient of Relu by its input: dy where the output y is positive, else 0. */
export const reluGradient = defineOp({
  type: "ReluGradient",
  domain: "lanewise",
  since: [1],
  inputs: ["dy", "y"],
  attributes: {},
  infer: (context) => [sameAs(context.fact(0))],
  evaluate(context) {
    const [dy, y] = [context.tensor(0), context.tensor(1)];
    const [slopes, values] = [toNumbers(dy), toNumbers(y)];
    const result = Float64Array.from(slopes, (slope, i) => ((values[i] as number) > 0 ? slope : 0));
    return [fromNumbers(dy.dtype, dy.dims, result)];
  },
});
