import { normalizeAxis } from "../../graph/dims.ts";
import { fromNumbers } from "../../ops/shared/elements.ts";
import { elementCount } from "../../tensor.ts";
import { defineGradient } from "./define.ts";

export const splitGradientRule = defineGradient({
  op: "Split",
  inputs(context) {
    const axis = normalizeAxis(context.attributes.axis as number, context.dims(context.x()).length);
    const dtype = context.dtype(context.x());
    const pieces = context.node.outputs.map((name, i) => {
      if (name === "") return context.decline("an output in the middle is left out");
      const dims = context.dims(name);
      return context.dy(i) ?? context.tensor(fromNumbers(dtype, dims, new Float64Array(elementCount(dims))));
    });
    return [context.emit("Concat", pieces, { axis })];
  },
});
