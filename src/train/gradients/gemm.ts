import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";
import { sumTo } from "./sum-to.ts";

/** Y = alpha·A'·B' + beta·C, so that dA' = alpha·dY·B'ᵀ, dB' = alpha·A'ᵀ·dY, dC = beta·dY summed to C's dims. */
export const gemmGradientRule = defineGradient({
  op: "Gemm",
  inputs(context) {
    const { alpha, beta, transA, transB } = context.attributes as Record<string, number>;
    const [dy, a, b, c] = [context.dy() as string, context.x(0), context.x(1), context.x(2)];
    const product = (left: string, right: string, transLeft: number, transRight: number): string =>
      context.emit("Gemm", [left, right], { alpha, transA: transLeft, transB: transRight });
    const byA = () => (transA ? product(b, dy, transB as number, 1) : product(dy, b, 0, transB ? 0 : 1));
    const byB = () => (transB ? product(dy, a, 1, transA as number) : product(a, dy, transA ? 0 : 1, 0));
    const byC = () => {
      const sum = sumTo(context, dy, context.dims(c));
      return beta === 1 ? sum : algebra(context).mul(sum, beta as number);
    };
    return [
      context.wants(0) ? byA() : undefined,
      context.wants(1) ? byB() : undefined,
      c !== "" && context.wants(2) ? byC() : undefined,
    ];
  },
});
