import { algebra } from "./algebra.ts";
import type { GradientContext } from "./define.ts";
import { sumTo } from "./sum-to.ts";

/** The rule of Min and Max: dy goes to the operands that are y, in equal shares where several are. */
export function extremes(context: GradientContext): readonly (string | undefined)[] {
  const a = algebra(context);
  const dy = context.dy() as string;
  const names = context.node.inputs;
  const masks = names.map((name) => a.asNumber(a.equal(name, context.y()), dy));
  const share = masks.length === 1 ? dy : a.div(dy, masks.reduce(a.add));
  return names.map((name, i) =>
    context.wants(i) ? sumTo(context, a.mul(share, masks[i] as string), context.dims(name)) : undefined,
  );
}
