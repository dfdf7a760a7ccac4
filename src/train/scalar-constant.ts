import type { GraphBuilder } from "../nn/build.ts";

/** A float32 number as a constant of a graph. */
export const scalarConstant = (builder: GraphBuilder, base: string, value: number): string =>
  builder.constant(builder.freshName(base), { dtype: "float32", dims: [], data: Float32Array.of(value) });
