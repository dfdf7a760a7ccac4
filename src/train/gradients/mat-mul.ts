import { algebra } from "./algebra.ts";
import { defineGradient, type GradientContext } from "./define.ts";
import { sumTo } from "./sum-to.ts";

const transposed = (context: GradientContext, x: string): string => {
  const axes = context.dims(x).map((_, axis) => axis);
  return context.emit("Transpose", [x], { perm: [...axes.slice(0, -2), ...axes.slice(-2).reverse()] });
};

/** Y = A·B over stacks of matrices: dA = dY·Bᵀ, dB = Aᵀ·dY, summed over the batch dims that were repeated. */
export const matMulGradientRule = defineGradient({
  op: "MatMul",
  inputs(context) {
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
});
