import { toNumbers } from "../../ops/shared/elements.ts";
import { algebra } from "./algebra.ts";
import { defineGradient, type GradientContext } from "./define.ts";
import { sumTo } from "./sum-to.ts";

/** A bound by its name where it is an input of unknown value, else the number, as the dtype of x has it. */
function boundOf(context: GradientContext, index: number, key: string, absent: number): string | number {
  if (context.node.opset < 11) {
    const given = (context.attributes[key] as number | undefined) ?? absent;
    return context.dtype(context.x()) === "float64" ? given : Math.fround(given);
  }
  const name = context.x(index);
  if (name === "") return absent;
  const known = context.constant(name);
  return known === undefined ? name : (toNumbers(known)[0] as number);
}

/**
 * dy passes between the bounds and at them; what is cut to a bound goes to it. Where min exceeds max, all is cut to max,
 * as Clip has it.
 */
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
    const below = a.less(x, min);
    const above = a.less(max, context.emit("Max", [x, a.like(min, x)]));
    const cut = (slopes: string) => sumTo(context, slopes, []);
    return [
      a.where(below, 0, a.where(a.equal(x, context.y()), dy, 0)),
      context.wants(1)
        ? a.reshape(cut(a.where(above, 0, a.where(below, dy, 0))), context.dims(context.x(1)))
        : undefined,
      context.wants(2) ? a.reshape(cut(a.where(above, dy, 0)), context.dims(context.x(2))) : undefined,
    ];
  },
});
