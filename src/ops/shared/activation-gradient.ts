import { float32Operands, sameLayout } from "../../kernels/elementwise/rows.ts";
import { elementCount } from "../../tensor.ts";
import type { Lowering } from "../define.ts";
import { asFloat } from "../kernel-arguments.ts";
import type { UnaryCode } from "../kernel-contract.ts";

/**
 * How an element-wise gradient of (dy, t) runs, t being the activation's input or output: `f32_activation_gradient` with
 * the code, alpha and beta that the attributes give.
 */
export const activationGradient = <A>(
  codeOf: (attributes: A) => readonly [code: UnaryCode, alpha: number, beta: number],
): Lowering<A> => ({
  name: "f32_activation_gradient",
  when: (context) => {
    const [dy, t, dx] = [context.input(0), context.input(1), context.output()];
    return float32Operands(context) && sameLayout(dy, t) && sameLayout(dy, dx);
  },
  lower(context) {
    const [code, alpha, beta] = codeOf(context.attributes);
    const [dy, t, dx] = [context.input(0), context.input(1), context.output()];
    context.call(
      "f32_activation_gradient",
      code,
      asFloat(alpha),
      asFloat(beta),
      context.at(dy),
      context.at(t),
      context.at(dx),
      elementCount(dx.dims),
    );
  },
});
