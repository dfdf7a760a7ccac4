import { allNumbers } from "../../graph/dims.ts";
import { defineOp, factOf, int } from "../define.ts";
import { fromNumbers } from "../shared/elements.ts";

/** Shape: the input's dims, or those from start to end, as int64. https://onnx.ai/onnx/operators/onnx__Shape.html */
export const shape = defineOp({
  type: "Shape",
  since: [1, 13, 15, 19, 21, 23, 24, 25],
  inputs: ["data"],
  outputs: ["shape"],
  attributes: { start: int(0), end: int() },

  infer(context) {
    const dims = context.dims(0);
    if (dims === undefined) return [factOf("int64", ["?"])];
    const part = range(dims, context.attributes);
    const fact = factOf("int64", [part.length]);
    return [allNumbers(part) ? { ...fact, data: fromNumbers("int64", [part.length], part) } : fact];
  },

  evaluate(context) {
    const part = range(context.tensor(0).dims, context.attributes);
    return [fromNumbers("int64", [part.length], part)];
  },
});

/** ONNX clamps start and end as `Array.prototype.slice` does. */
const range = <T>(
  dims: readonly T[],
  bounds: { readonly start: number; readonly end: number | undefined },
): T[] => dims.slice(bounds.start, bounds.end);
