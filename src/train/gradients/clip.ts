import { toNumbers } from "../../ops/shared/elements.ts";
import { algebra } from "./algebra.ts";
import { defineGradient, type GradientContext } from "./define.ts";
import { sumTo } from "./sum-to.ts";

/** A bound by its name where it is an input of unknown value, else the number. */
function boundOf(context: GradientContext, index: number, key: string, absent: number): string | number {
  if (context.node.opset < 11) return (context.attributes[key] as number | undefined) ?? absent;
  const name = context.x(index);
  if (name === "") return absent;
  const known = context.constant(name);
  return known === undefined ? name : (toNumbers(known)[0] as number);
}

/** dy passes between the bounds; what is cut to a bound goes to it. */
export const clipGradientRule = defineGradient({
  op: "Clip",
  inputs(context) {
    const a = algebra(context);
    const [x, dy] = [context.x(), context.dy() as string];
    const min = boundOf(context, 1, "min", -Infinity);
    const max = boundOf(context, 2, "max", Infinity);
    if (typeof min === "number" && typeof max === "number") {
      const attributes = { kind: "clip", alpha: min, beta: max };
      return [context.emit("lanewise:ActivationGradient", [dy, x], attributes)];
    }
    const [below, above] = [a.less(x, min), a.less(max, x)];
    const cut = (condition: string) => sumTo(context, a.where(condition, dy, 0), []);
    return [
      a.where(below, 0, a.where(above, 0, dy)),
      context.wants(1) ? a.reshape(cut(below), context.dims(context.x(1))) : undefined,
      context.wants(2) ? a.reshape(cut(above), context.dims(context.x(2))) : undefined,
    ];
  },
});
