import { algebra } from "./algebra.ts";
import { sumTo } from "./broadcasting.ts";
import type { GradientContext, GradientRules } from "./define.ts";

export const matrixGradients: GradientRules = {
  /** Y = alpha·A'·B' + beta·C, so that dA' = alpha·dY·B'ᵀ, dB' = alpha·A'ᵀ·dY, dC = beta·dY summed to C's dims. */
  Gemm(context) {
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

  /** Y = A·B over stacks of matrices: dA = dY·Bᵀ, dB = Aᵀ·dY, summed over the batch dims that were repeated. */
  MatMul(context) {
    const alg = algebra(context);
    const [dimsA, dimsB] = [context.dims(context.x(0)), context.dims(context.x(1))];
    const matrixA = dimsA.length === 1 ? [1, ...dimsA] : dimsA;
    const matrixB = dimsB.length === 1 ? [...dimsB, 1] : dimsB;
    const dyDims = context.dims(context.y());
    const batch = dyDims.slice(0, dyDims.length - (dimsA.length > 1 ? 1 : 0) - (dimsB.length > 1 ? 1 : 0));
    const dy = alg.reshape(context.dy() as string, [
      ...batch,
      matrixA.at(-2) as number,
      matrixB.at(-1) as number,
    ]);
    const [a, b] = [alg.reshape(context.x(0), matrixA), alg.reshape(context.x(1), matrixB)];
    const plain = matrixA.length === 2 && matrixB.length === 2;
    const byA = (): string =>
      plain
        ? context.emit("Gemm", [dy, b], { transB: 1 })
        : context.emit("MatMul", [dy, transposed(context, b)]);
    const byB = (): string => {
      if (plain) return context.emit("Gemm", [a, dy], { transA: 1 });
      if (matrixB.length > 2) return context.emit("MatMul", [transposed(context, a), dy]);
      // One B for the whole stack: its rows are one long matrix.
      const rows = (x: string): string => alg.reshape(x, [-1, context.dims(x).at(-1) as number]);
      return context.emit("Gemm", [rows(a), rows(dy)], { transA: 1 });
    };
    return [
      context.wants(0) ? alg.reshape(sumTo(context, byA(), matrixA), dimsA) : undefined,
      context.wants(1) ? alg.reshape(sumTo(context, byB(), matrixB), dimsB) : undefined,
    ];
  },
};

function transposed(context: GradientContext, x: string): string {
  const axes = context.dims(x).map((_, axis) => axis);
  return context.emit("Transpose", [x], { perm: [...axes.slice(0, -2), ...axes.slice(-2).reverse()] });
}
