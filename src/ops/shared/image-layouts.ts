import type { Fact, Layout } from "../../graph/graph.ts";
import type { LayoutRule } from "../define.ts";

/** These layouts of inputs and outputs where input 0 is a float32 image of one or two spatial axes; else row-major. */
export const imageLayouts =
  (inputs: readonly Layout[], outputs: readonly Layout[]) =>
  (context: { readonly inputs: readonly (Fact | undefined)[] }): LayoutRule => {
    const fact = context.inputs[0];
    const rank = fact?.dims?.length;
    return fact?.dtype === "float32" && (rank === 3 || rank === 4) ? { inputs, outputs } : "rowMajor";
  };
