import { toNumbers } from "../../ops/shared/elements.ts";
import { algebra } from "./algebra.ts";
import { defineGradient } from "./define.ts";

/** At rest dy itself; at work dy where the mask kept an element, scaled as that was. */
export const dropoutGradientRule = defineGradient({
  op: "Dropout",
  inputs(context) {
    const dy = context.dy() as string;
    const scalarOf = (i: number): number | undefined => {
      const data = context.constant(context.x(i));
      return data && Number(toNumbers(data)[0]);
    };
    if (context.x(2) === "" || scalarOf(2) === 0) return [dy];
    const a = algebra(context);
    const ratio = context.x(1) === "" ? (context.attributes.ratio as number) : scalarOf(1);
    if (context.y(1) === "" || ratio === undefined)
      return context.decline("in training it needs its mask as an output and a known ratio");
    return [a.where(context.y(1), a.mul(dy, 1 / (1 - ratio)), 0)];
  },
});
