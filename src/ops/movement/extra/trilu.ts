import { createData } from "../../../dtype.ts";
import { showDims } from "../../../graph/dims.ts";
import { elementCount } from "../../../tensor.ts";
import { defineOp, int, sameAs } from "../../define.ts";
import { checkList } from "../../elementwise/dtypes.ts";
import { scalarOf } from "../../shared/axes.ts";
import { like } from "../../shared/elements.ts";

/** Trilu: the upper or lower triangle of each matrix, zeros elsewhere. https://onnx.ai/onnx/operators/onnx__Trilu.html */
export const trilu = defineOp({
  type: "Trilu",
  since: [14],
  inputs: ["input", "k?"],
  attributes: { upper: int(1) },

  infer(context) {
    checkList(context, 1, "k");
    const fact = context.fact(0);
    if (fact.dims !== undefined && fact.dims.length < 2) {
      context.fail(`the input must have at least two axes, got ${showDims(fact.dims)}`);
    }
    return [sameAs(fact)];
  },

  evaluate(context) {
    const input = context.tensor(0);
    const diagonal = context.optional(1);
    const k = diagonal === undefined ? 0 : scalarOf(context, diagonal, "k");
    const [rows, cols] = input.dims.slice(-2) as [number, number];
    const matrices = elementCount(input.dims.slice(0, -2));
    const data = input.data.slice() as Float32Array;
    const [zero] = createData(input.dtype, 1) as Float32Array;
    const { upper } = context.attributes;
    for (let row = 0; row < matrices * rows; row++) {
      const edge = Math.max(0, Math.min(cols, (row % rows) + k + (upper ? 0 : 1)));
      const start = row * cols;
      if (upper) data.fill(zero as number, start, start + edge);
      else data.fill(zero as number, start + edge, start + cols);
    }
    return [like(input, input.dims, data)];
  },
});
