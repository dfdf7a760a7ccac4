import { elementCount } from "../../tensor.ts";
import { asFloat } from "../arguments.ts";
import { type UnaryCode, unaryCode } from "../contract.ts";
import { float32Operands, sameSizes } from "../elementwise/rows.ts";
import { followTogether } from "../layouts.ts";
import type { Lowering } from "../lowering.ts";

/**
 * An element-wise gradient of (dy, t), t being the activation's input or output, with the code, alpha and beta that the
 * attributes give.
 */
const gradient = <A>(
  codeOf: (attributes: A) => readonly [code: UnaryCode, alpha: number, beta: number],
): Lowering<A, boolean> => ({
  name: "f32_activation_gradient",
  resolve: (site) => float32Operands(site) && sameSizes(site.input(0), site.input(1)),
  layouts: followTogether,
  inPlace: [0],
  emit(context) {
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

interface Activation {
  readonly kind: string;
  readonly alpha: number;
  readonly beta: number;
}

export const activationGradient = gradient(({ kind, alpha, beta }: Activation) => [
  unaryCode[kind as keyof typeof unaryCode],
  alpha,
  beta,
]);

export const reluGradient = gradient(() => [unaryCode.relu, 0, 0]);
