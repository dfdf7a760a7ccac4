import { padsOf } from "../../ops/pad.ts";
import { axisMap } from "../../ops/shared/padding.ts";
import { algebra } from "./algebra.ts";
import { transposedAlong } from "./along-axis.ts";
import { defineGradient } from "./define.ts";
import { sumTo } from "./sum-to.ts";

type PadAttributes = Parameters<typeof padsOf>[0]["attributes"];

/** Of a constant pad the other way round, and for the constant what was put around; else each element to where it came from. */
export const padGradientRule = defineGradient({
  op: "Pad",
  inputs(context) {
    const a = algebra(context);
    const attributes = context.attributes as unknown as PadAttributes;
    const dims = context.dims(context.x());
    const dy = context.dy() as string;
    const data = (i: number) => (context.x(i) === "" ? undefined : context.constant(context.x(i)));
    const node = { attributes, opset: context.node.opset };
    const pads = padsOf(node, dims.length, data, context.x(3) !== "");
    if (pads === undefined || typeof pads === "string")
      return context.decline(pads ?? "its pads are not known");
    const { begins, ends } = pads;
    if (attributes.mode === "constant") {
      const back = [...begins, ...ends].map((size) => (size === 0 ? 0 : -size));
      const dx = context.emit("Pad", [dy, context.ints(back)]);
      if (!context.wants(2)) return [dx];
      const around = a.sub(sumTo(context, dy, []), sumTo(context, dx, []));
      return [dx, undefined, a.reshape(around, context.dims(context.x(2)))];
    }
    return [
      dims.reduce<string>((gradient, input, axis) => {
        const [begin, end] = [begins[axis] as number, ends[axis] as number];
        if (begin === 0 && end === 0) return gradient;
        const map = axisMap(attributes.mode, begin, input, input + begin + end);
        const matrix = new Float64Array(map.length * input);
        map.forEach((from, to) => {
          matrix[to * input + from] = 1;
        });
        return transposedAlong(context, gradient, axis, matrix, input);
      }, dy),
    ];
  },
});
